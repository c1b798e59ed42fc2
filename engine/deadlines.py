"""Deadlines: named days of a case. Set or moved once, everything that reads them follows.

The national calendar rules: a day from the message comes before the national calendar, which comes before a region's
own text. Where the region's text gives another day, that is told once and shown, never used for the outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engine import access, calendar, definitions, journal, steps
from engine.access import Actor
from engine.core.deliveries import Reschedule
from engine.errors import Invalid, NeedsConfirming, NotFound
from engine.regions import Region
from store import cases, deadlines, history, tasks, timers
from store.cases import Case
from store.database import Database, Reader, Transaction
from store.deadlines import Deadline
from store.history import Note

EXTERNAL = "externalDue"
MESSAGE, NATIONAL, REGION, DIAGRAM, PERSON = "message", "national", "region", "diagram", "person"


@dataclass(frozen=True)
class Consequence:
    """What follows when a deadline is moved: a task or a timer that has this day now and would follow it."""

    kind: str
    """`task`, `timer` or `past`: the new day has passed, so what waits for it happens at once."""
    name: str
    day: date


def preview(db: Database, case_id: str, key: str, day: date, *, by: Actor) -> list[Consequence]:
    """What moving a deadline would touch; nothing is changed. Raises `NotFound` or `Forbidden`."""
    with db.read() as reader:
        case, before = _found(reader, case_id, key, by)
        return _consequences(reader, case, before, day)


def move(
    db: Database, case_id: str, key: str, day: date, *, reason: str, by: Actor, confirmed: bool = False
) -> Deadline:
    """Move a deadline: task dates, timers and reminders follow in the same step.

    Raises `NotFound`, `Forbidden`, `Invalid` without a reason, and `NeedsConfirming` when the day has passed.
    """
    with db.transaction() as tx:
        case = cases.lock(tx, case_id)
        if case is None:
            raise NotFound("Ärendet", case_id)
        _, before = _found(tx, case_id, key, by)
        region = definitions.of_case(tx, case).region
        if not reason.strip():
            raise Invalid("Skriv varför sista dagen flyttas.")
        if day < calendar.local_day(tx.now, region.timezone) and not confirmed:
            raise NeedsConfirming(f"{calendar.long_date(day)} har passerat: det som väntar på dagen händer genast.")
        move_in(tx, case, {key: day}, reason, by)
        return deadlines.find(tx, case_id, key) or before


def move_in(tx: Transaction, case: Case, days: Mapping[str, date], reason: str, by: Actor) -> None:
    """Move deadlines inside a move that has the case locked; one reschedule for all."""
    changed = {key: day for key, day in days.items() if _set(tx, case, key, day, PERSON, reason, by)}
    if changed:
        details = {"deadlines": {key: day.isoformat() for key, day in changed.items()}, "reason": reason}
        journal.note(tx, case, "deadline.moved", by, details)
        steps.take(tx, case, Reschedule(), by)


def set_by_diagram(tx: Transaction, case: Case, region: Region, days: Mapping[str, date]) -> None:
    """The case's diagram names its deadlines. A person's later change is kept by the next reading of the row."""
    for key, day in days.items():
        if key == EXTERNAL:
            _set_external(tx, case, region, day)
        else:
            deadlines.set_day(tx, case.id, key, day, source=DIAGRAM)


def _set(tx: Transaction, case: Case, key: str, day: date, source: str, reason: str, by: Actor) -> bool:
    return deadlines.set_day(tx, case.id, key, day, source=source, reason=reason, by=by.performer) != day


def _set_external(tx: Transaction, case: Case, region: Region, day: date) -> None:
    source = MESSAGE if case.variables.get("closesAt") == day.isoformat() else NATIONAL
    stated = _stated(tx, case, region, day)
    deadlines.set_day(tx, case.id, EXTERNAL, day, source=source, rule_day=stated)
    if stated is not None and stated != day:
        details = {"regionRuleDate": stated.isoformat(), "externalDue": day.isoformat()}
        severity = "WARN" if stated > day else "INFO"
        note = Note("deadline.conflict", name="DEADLINE_CONFLICT", details=details | {"severity": severity})
        if not _already_told(tx, case, details):
            history.append(tx, case.id, case.region, [note])


def _stated(reader: Reader, case: Case, region: Region, day: date) -> date | None:
    kind = "feedback" if case.process_key.startswith("feedback") else "consultation"
    opens = case.variables.get("opensAt")
    first = (
        date.fromisoformat(opens[:10]) if isinstance(opens, str) else calendar.local_day(reader.now, region.timezone)
    )
    return region.stated_close(kind, region.window(kind, min(first, day)))


def _already_told(reader: Reader, case: Case, details: Mapping[str, str]) -> bool:
    told = (row.details or {} for row in history.read(reader, case.id) if row.what == "deadline.conflict")
    return any(details.items() <= dict(each).items() for each in told)


def _found(reader: Reader, case_id: str, key: str, by: Actor) -> tuple[Case, Deadline]:
    case = cases.find(reader, case_id)
    if case is None:
        raise NotFound("Ärendet", case_id)
    region = definitions.of_case(reader, case).region
    access.require(reader, by, "deadline.move", region=case.region, timezone=region.timezone, case=case)
    before = deadlines.find(reader, case_id, key)
    if before is None or case.status not in cases.OPEN:
        raise NotFound("Sista dagen", key)
    return case, before


def _consequences(reader: Reader, case: Case, before: Deadline, day: date) -> list[Consequence]:
    zone = definitions.of_case(reader, case).region.timezone
    shift = day - before.day
    found = [
        Consequence("task", task.name, task.due + shift)
        for task in tasks.open_of_case(reader, case.id)
        if task.due == before.day
    ]
    for timer in timers.of_case(reader, case.id):
        if calendar.local_day(timer.due, zone) == before.day:
            found.append(Consequence("timer", timer.element, day))
    if day < calendar.local_day(reader.now, zone):
        found.append(Consequence("past", before.key, day))
    return found
