"""`deadline.set`: a diagram names days; they become rows of the case.

Which source settles the last day is told in `engine.due_days`. Where sources disagree, history says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine import calendar, due_days
from engine.due_days import DIAGRAM, EXTERNAL, INTERNAL, Conflict, Settled
from engine.effects.reach import Reach, day
from engine.regions import Region
from store import deadlines, history
from store.cases import Case
from store.database import Reader, Transaction
from store.history import Note

SAID = {due_days.MESSAGE: "messageDate", due_days.NATIONAL: "nationalDate", due_days.REGION: "regionRuleDate"}
"""What history calls the day that a source gave."""


def set_days(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Inputs: deadline key -> day. A key without a day is left as it is."""
    tx, case, region = reach.tx, reach.case, reach.deployed.region
    days = {key: found for key in inputs if (found := day(inputs, key))}
    if EXTERNAL in days:
        _set_external(tx, case, region, days[EXTERNAL])
    for key, named in days.items():
        if key != EXTERNAL:
            wanted = _internal(tx, case, region, named) if key == INTERNAL else named
            deadlines.set_day(tx, case.id, key, wanted, source=DIAGRAM)
    return {}


def _set_external(tx: Transaction, case: Case, region: Region, day: date) -> None:
    settled = due_days.settle(day, _stated(tx, case, region, day))
    deadlines.set_day(tx, case.id, EXTERNAL, day, source=settled.source, rule_day=settled.rule_day)
    for conflict in settled.conflicts:
        _tell(tx, case, settled, conflict)


def _internal(reader: Reader, case: Case, region: Region, day: date) -> date:
    external = deadlines.find(reader, case.id, EXTERNAL)
    return due_days.internal_target(region, day, external.rule_day if external else None)


def _tell(tx: Transaction, case: Case, settled: Settled, conflict: Conflict) -> None:
    """Note in history that a source says another day; the same thing is told once."""
    details = {SAID[conflict.source]: conflict.day.isoformat(), EXTERNAL: settled.day.isoformat()}
    if not _already_told(tx, case, details):
        told = details | {"severity": conflict.severity}
        history.append(tx, case.id, case.region, [Note("deadline.conflict", name="DEADLINE_CONFLICT", details=told)])


def _stated(reader: Reader, case: Case, region: Region, day: date) -> dict[str, date | None]:
    """What the message, the national calendar and the region's own rule say of the last day."""
    kind, message, opens = due_days.round_kind(case.process_key), _written(case, "closesAt"), _written(case, "opensAt")
    if kind is None:
        return {due_days.MESSAGE: message}
    first = min(opens or calendar.local_day(reader.now, region.timezone), day)
    return due_days.stated(region, kind, first, message, published=opens is not None)


def _written(case: Case, name: str) -> date | None:
    text = case.variables.get(name)
    return date.fromisoformat(text[:10]) if isinstance(text, str) and text else None


def _already_told(reader: Reader, case: Case, details: Mapping[str, str]) -> bool:
    told = (row.details or {} for row in history.read(reader, case.id) if row.what == "deadline.conflict")
    return any(details.items() <= dict(each).items() for each in told)
