"""`mandate.begin`, `.end`, `.rest` and `.wake`: what a case has settled about who holds a role, in our own mandates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from engine import people, relief
from engine.effects.reach import Reach, day
from engine.errors import EffectRefused, Invalid
from store import mandates
from store.mandates import Mandate
from store.people import Person

BEGIN_INPUTS: frozenset[str] = frozenset(("person", "role", "fromDate", "toDate", "kind", "group"))
END_INPUTS: frozenset[str] = frozenset(("person", "role", "lastDay", "group"))
GROUP_INPUTS: frozenset[str] = frozenset(("person", "group"))


def begin(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give `person` the role `role` (`lpoChair@LUNG`) from `fromDate`, today unless given, to `toDate`.

    Whoever holds it already goes on, and gets a further mandate where `toDate` is later than theirs ends. `group` is
    noted with the mandate, and tells apart the same role in several groups. Gives `mandateId`.
    """
    person = reach.person(inputs, "uppdraget")
    first, last = day(inputs, "fromDate") or reach.today, day(inputs, "toDate")
    kind = str(inputs.get("kind") or people.ORDINARY)
    for each in _held(reach, person, inputs):
        if each.kind == kind and each.starts <= first <= (each.ends or date.max):
            if each.ends is None or (last is not None and last <= each.ends):
                return {"mandateId": each.id}
            first = each.ends + timedelta(days=1)
    note = str(inputs.get("group") or "")
    scoped = str(inputs.get("role") or "")
    try:
        region = reach.deployed.region
        given = people.give_in(
            reach.tx, region, person, scoped, starts=first, ends=last, kind=kind, note=note, by=reach.by
        )
    except Invalid as error:
        raise EffectRefused(str(error)) from error
    return {"mandateId": given.id}


def end(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let `person` hold `role` no longer than `lastDay`, today unless given. Gives `ended`, how many mandates."""
    person = reach.person(inputs, "uppdraget")
    last = day(inputs, "lastDay") or reach.today
    longer = [each for each in _held(reach, person, inputs) if each.ends is None or each.ends > last]
    people.end_in(reach.tx, longer, last, reach.by)
    return {"ended": len(longer)}


def rest(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let what `person` holds for `group` rest from today: no tasks, and nobody can choose them for it.

    What they have by it goes back to the others. Gives `rested`, how many mandates.
    """
    person = reach.person(inputs, "uppdraget")
    resting = people.rest_in(reach.tx, person, str(inputs.get("group") or ""), reach.today, reach.by)
    roles = [(each.role, each.area) for each in resting]
    relief.hand_back(reach.tx, person.region, person.key, roles, reach.today)
    return {"rested": len(resting)}


def wake(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let what rests of what `person` holds for `group` hold again. Gives `woken`, how many mandates."""
    woken = people.wake_in(reach.tx, reach.person(inputs, "uppdraget"), str(inputs.get("group") or ""), reach.by)
    return {"woken": len(woken)}


def _held(reach: Reach, person: Person, inputs: Mapping[str, Any]) -> Iterator[Mandate]:
    """Their mandates of the role, by first day; of the named group where both name one."""
    scoped, group = str(inputs.get("role") or ""), str(inputs.get("group") or "")
    for each in mandates.of(reach.tx, region=person.region, person=person.key):
        if each.scope == scoped and (not group or each.note in ("", group)):
            yield each
