"""Deadlines: named days of a case. Set or moved once, everything that reads them follows.

A diagram names them by the effect `deadline.set`; here they are moved by people. When the last day moves, the days that
were counted back from it move with it, by the rules in `engine.due_days`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engine import access, calendar, definitions, due_days, journal, steps
from engine.access import Actor
from engine.core.deliveries import ReceiveMessage, Reschedule
from engine.due_days import EXTERNAL, PERSON
from engine.errors import Invalid, NeedsConfirming, NotFound
from engine.regions import Region
from store import cases, deadlines, subscriptions, tasks, timers
from store.cases import Case
from store.database import Database, Reader, Transaction
from store.deadlines import Deadline

MOVED = "DeadlineMoved"
"""The message that a case gets when one of its days is moved; its key is the case's id, a colon and the deadline."""


@dataclass(frozen=True)
class Consequence:
    """What follows when a deadline is moved: a deadline counted from it, a task or a timer that would go with it."""

    kind: str
    """`deadline`, `task`, `timer` or `past`: the new day has passed, so what waits for it happens at once."""
    name: str
    day: date


def preview(db: Database, case_id: str, key: str, day: date, *, by: Actor) -> list[Consequence]:
    """What moving a deadline would touch; nothing is changed. Raises `NotFound` or `Forbidden`."""
    with db.read() as reader:
        case, before = _found(reader, case_id, key, by)
        region = definitions.of_case(reader, case).region
        follows = _following(reader, case, region, before, day)
        found = [Consequence("deadline", each, followed) for each, followed in follows.items()]
        moved = [(deadlines.find(reader, case_id, each), followed) for each, followed in follows.items()]
        for row, followed in [(before, day), *moved]:
            found += _consequences(reader, case, region, row, followed) if row else []
        return found


def move(
    db: Database, case_id: str, key: str, day: date, *, reason: str, by: Actor, confirmed: bool = False
) -> Deadline:
    """Move a deadline: the days counted from it, task dates, timers and reminders follow in the same step.

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
        move_in(tx, case, {key: day} | _following(tx, case, region, before, day), reason, by)
        return deadlines.find(tx, case_id, key) or before


def move_in(tx: Transaction, case: Case, days: Mapping[str, date], reason: str, by: Actor) -> None:
    """Move deadlines inside a move that has the case locked; one reschedule for all."""
    changed = {key: day for key, day in days.items() if _set(tx, case, key, day, PERSON, reason, by)}
    if changed:
        details = {"deadlines": {key: day.isoformat() for key, day in changed.items()}, "reason": reason}
        journal.note(tx, case, "deadline.moved", by, details)
        _tell(tx, steps.take(tx, case, Reschedule(), by), changed, reason, by)


def _tell(tx: Transaction, case: Case, changed: Mapping[str, date], reason: str, by: Actor) -> None:
    """A diagram that waits for a day to be moved hears of it, with the new day and why."""
    for key, day in changed.items():
        told = f"{case.id}:{key}"
        waits = next(
            (each for each in subscriptions.of_case(tx, case.id) if (each.name, each.message_key) == (MOVED, told)),
            None,
        )
        if waits is not None and case.status == "active":
            payload = {"movedTo": day.isoformat(), "movedWhy": reason}
            case = steps.take(tx, case, ReceiveMessage(MOVED, told, payload, waits.key), by)


def _set(tx: Transaction, case: Case, key: str, day: date, source: str, reason: str, by: Actor) -> bool:
    return deadlines.set_day(tx, case.id, key, day, source=source, reason=reason, by=by.performer) != day


def _following(reader: Reader, case: Case, region: Region, before: Deadline, day: date) -> dict[str, date]:
    if before.key != EXTERNAL:
        return {}
    kind, today = due_days.round_kind(case.process_key), calendar.local_day(reader.now, region.timezone)
    return due_days.following(region, kind, deadlines.of_case(reader, case.id), before.day, day, today)


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


def _consequences(reader: Reader, case: Case, region: Region, before: Deadline, day: date) -> list[Consequence]:
    shift = day - before.day
    found = [
        Consequence("task", task.name, task.due + shift)
        for task in tasks.open_of_case(reader, case.id)
        if task.due == before.day
    ]
    for timer in timers.of_case(reader, case.id):
        if calendar.local_day(timer.due, region.timezone) == before.day:
            found.append(Consequence("timer", timer.element, day))
    if day < calendar.local_day(reader.now, region.timezone):
        found.append(Consequence("past", before.key, day))
    return found
