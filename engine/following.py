"""Which cases a case may go on from when it is started by hand.

A field of a start form with the property `follows` (`implementation, gap-analysis`) holds the number of a case of one
of those processes. Such a case offers the start; the form then has what is known from it, and the cases are linked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import access, definitions, recusals
from engine.access import Actor
from engine.core.model import Field, Node
from engine.definitions import Deployed
from engine.errors import FormErrors
from engine.regions import Region
from engine.starting import plain_start, starters
from store import cases, links
from store import definitions as versions
from store.cases import Case
from store.database import Reader, Transaction

FOLLOWS = "follows"
PLAIN = (str, bool, int, float)
"""What is written in a start form without rows, files or lists."""


@dataclass(frozen=True)
class Offer:
    """A process that can be started to go on from a case."""

    deployed: Deployed
    case: Case
    """What it goes on from: the case itself, or what has come of it since."""
    again: bool
    """It has been done before, and would be done over again."""


def offered(reader: Reader, region: Region, case: Case, by: Actor) -> Iterator[Offer]:
    """What the person may go on with from a case that has come to its end. What has begun after it is not offered."""
    for newest in versions.all_latest(reader, region.id) if case.status == "completed" else ():
        deployed = definitions.of_version(reader, newest.version)
        start = plain_start(deployed.process)
        field = _field_for(start, case) if start is not None else None
        if field is not None and _may_start(reader, region, deployed, by):
            yield from _offer(reader, region, deployed, field, case, by)


def _may_start(reader: Reader, region: Region, deployed: Deployed, by: Actor) -> bool:
    roles = starters(deployed.process)
    return access.may(reader, by, "case.start", region=region.id, timezone=region.timezone, starters=roles)


def _offer(reader: Reader, region: Region, deployed: Deployed, field: Field, case: Case, by: Actor) -> Iterator[Offer]:
    key, others = deployed.process.id, links.cases_of(reader, case.id)
    since = [each for each in others if each.started_at > case.started_at and each.status != "cancelled"]
    onward = [each for each in since if each.process_key in _processes(field) and each.process_key != key]
    if onward and key in _processes(field):  # what is done over and over goes on from the last that came of it
        yield from _offer(reader, region, deployed, field, onward[0], by)
    elif key not in {each.process_key for each in since} and _is_open_to(reader, region, case, by):
        yield Offer(deployed, case, key in {each.process_key for each in (case, *others)})


def answers_from(reader: Reader, region: Region, deployed: Deployed, case: Case, by: Actor) -> dict[str, Any]:
    """What the start form has from the case: its number, and each field that the case has a variable for, or that was
    answered the last time this was done."""
    start = plain_start(deployed.process)
    field = _field_for(start, case) if start is not None else None
    if start is None or field is None:
        return {}
    last = [each for each in links.cases_of(reader, case.id) if each.process_key == deployed.process.id]
    sources = [case.variables, *(each.variables for each in last if _may_see(reader, region, each, by))]
    plain = (each.id for each in start.form if not each.rows and not {"file", FOLLOWS} & each.properties.keys())
    known = {id: next((each[id] for each in sources if each.get(id) is not None), None) for id in plain}
    return {id: value for id, value in known.items() if isinstance(value, PLAIN)} | {field.id: case.number}


def require(reader: Reader, region: Region, form: Sequence[Field], values: Mapping[str, Any], by: Actor) -> list[Case]:
    """The cases that a start form names. Raises `FormErrors` for one that is not there for this person."""
    found: list[Case] = []
    errors: dict[str, str] = {}
    for field in (each for each in form if values.get(each.id) and FOLLOWS in each.properties):
        case = _seen(reader, region, field, str(values[field.id]), by)
        if case is None:
            errors[field.id] = "Det finns inget sådant ärende med det numret. Ta bort det eller rätta det."
        else:
            found.append(case)
    if errors:
        raise FormErrors(errors)
    return found


def join(tx: Transaction, case: Case, deployed: Deployed, others: Sequence[Case], by: Actor) -> None:
    """Link a case with those it goes on from, unless its diagram has."""
    for other in others:
        if other.id != case.id and not links.are_linked(tx, case.id, other.id):
            links.add(tx, case.id, other.id, "follows", by.performer)
            recusals.follow_link(tx, case, other, deployed)


def _field_for(start: Node, case: Case) -> Field | None:
    return next((each for each in start.form if case.process_key in _processes(each)), None)


def _processes(field: Field) -> list[str]:
    return [key.strip() for key in field.properties.get(FOLLOWS, "").split(",")]


def _seen(reader: Reader, region: Region, field: Field, number: str, by: Actor) -> Case | None:
    case = cases.find_any(reader, number, region.id)
    fits = case is not None and case.process_key in _processes(field) and _may_see(reader, region, case, by)
    return case if fits else None


def _is_open_to(reader: Reader, region: Region, case: Case, by: Actor) -> bool:
    return case.status == "completed" and _may_see(reader, region, case, by)


def _may_see(reader: Reader, region: Region, case: Case, by: Actor) -> bool:
    return access.may(reader, by, "case.see", region=region.id, timezone=region.timezone, case=case)
