"""`recusal.set` and `recusal.lift`: what a person may have no part in, as an assessment of interests decided it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import recusals
from engine.effects.reach import Reach, day
from engine.errors import EffectRefused

SET_INPUTS = frozenset(("person", "about", "tags", "from", "to"))
LIFT_INPUTS = frozenset(("person", "about"))


def set(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Recuse `person` from what has one of the `tags`, from `from` (today) to `to` (until further notice).

    It replaces what was decided before of the person for the same group, `about`. Gives `recusalTags` as they are kept.
    """
    tags = recusals.tags_in(inputs.get("tags"))
    if not tags:
        raise EffectRefused("Ange minst en fråga som personen är jävig i.")
    whom, starts = reach.person(inputs, "jävet").key, day(inputs, "from") or reach.today
    recusals.decide(reach.tx, reach.case, whom, _about(inputs), tags, starts, day(inputs, "to"), reach.by)
    return {"recusalTags": tags}


def lift(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Nothing that was decided before of `person` for the group `about` holds any more."""
    whom = reach.person(inputs, "jävet").key
    recusals.decide(reach.tx, reach.case, whom, _about(inputs), [], reach.today, None, reach.by)
    return {}


def _about(inputs: Mapping[str, Any]) -> str:
    return str(inputs.get("about") or "").strip()
