"""`case.start` and `case.link`: separate cases that know of each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.effects.reach import Reach
from engine.errors import EffectRefused, MoveError
from store import cases, links

LINK_INPUTS = frozenset(("case", "kind"))


def start(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Start a case of `process` with all other inputs as its variables, and link it. Gives `startedCaseId`."""
    variables = {name: value for name, value in inputs.items() if name != "process"}
    try:
        started = reach.start_case(str(inputs.get("process") or ""), variables)
    except MoveError as error:
        raise EffectRefused(str(error)) from error
    links.add(reach.tx, reach.case.id, started.id, "started", reach.by.performer)
    return {"startedCaseId": started.id}


def link(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Link the case with another of the region, by `case`: its id or number. `kind` is `related` unless given."""
    other = cases.find_any(reach.tx, str(inputs.get("case") or ""), reach.case.region)
    if other is None or other.region != reach.case.region:
        raise EffectRefused(f"Ärendet {inputs.get('case')} finns inte.")
    links.add(reach.tx, reach.case.id, other.id, str(inputs.get("kind") or "related"), reach.by.performer)
    return {}
