"""`case.start` and `case.link`: separate cases that know of each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine import recusals
from engine.effects.reach import Reach
from engine.errors import EffectRefused, MoveError
from store import cases, links
from store.cases import Case

LINK_INPUTS = frozenset(("case", "process", "key", "kind", "recall"))


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
    """Link the case with another of the region, as `kind` (`related` unless given).

    The other is named by `case`, its id or number; else it is the one that `process` has for the start key `key`, and
    where there is none there is nothing to link. Cases that are linked already stay as they are. A case that has not
    said what it is about is then about what the other is (`coiTags`).

    `recall` names variables of the other. Gives `recalled`, name -> value: the other's own, else that of a case it is
    linked with, the newest first; None where none of them has one.
    """
    by_key = inputs.get("process") and not inputs.get("case")
    other = _with_key(reach, inputs) if by_key else _named(reach, inputs)
    if other is not None and not links.are_linked(reach.tx, reach.case.id, other.id):
        links.add(reach.tx, reach.case.id, other.id, str(inputs.get("kind") or "related"), reach.by.performer)
        recusals.follow_link(reach.tx, reach.case, other, reach.deployed)
    return {"recalled": _recalled(reach, other, inputs.get("recall") or ())}


def _named(reach: Reach, inputs: Mapping[str, Any]) -> Case:
    other = cases.find_any(reach.tx, str(inputs.get("case") or ""), reach.case.region)
    if other is None or other.region != reach.case.region:
        raise EffectRefused(f"Ärendet {inputs.get('case')} finns inte.")
    return other


def _with_key(reach: Reach, inputs: Mapping[str, Any]) -> Case | None:
    key = str(inputs.get("key") or "")
    return cases.by_start_key(reach.tx, reach.case.region, str(inputs["process"]), key) if key else None


def _recalled(reach: Reach, other: Case | None, names: Iterable[str]) -> dict[str, Any]:
    beside = links.cases_of(reach.tx, other.id) if other is not None else []
    known = [each for each in (other, *beside) if each is not None and each.id != reach.case.id]
    return {name: next(filter(None, (each.variables.get(name) for each in known)), None) for name in names}
