"""Reminders and escalations of a task: when the clock is to send them, and to whom they go.

A task says both in properties, not in drawn timers, and the words follow its due day when that moves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from engine import access, calendar, definitions, events, journal, mails
from engine.access import CLOCK, COORDINATOR
from engine.connectors import webhook
from engine.mails import About
from store import people, reminders, standing, tasks
from store.cases import Case
from store.database import Transaction
from store.reminders import Reminder
from store.roles import split_scope
from store.tasks import Task

_ESCALATION = re.compile(r"\+?(\d{1,3})\s+(\S+)")


def schedule(tx: Transaction, task: Task, timezone: str) -> None:
    """Note when the clock should remind and escalate: 08:00 on working days counted from the due day; and when it
    should end the wait for another system.
    """
    if webhook.waits(task.properties):
        until = webhook.until(task)
        reminders.schedule(tx, task.case_id, task.id, webhook.LATE, until.isoformat(), until)
    if task.due is None:
        return
    for kind, offset, recipient in plan(task.properties):
        due = _opening(task.due, offset, timezone)
        if due is not None and due > tx.now:
            occurrence = f"{offset:+d} {task.due.isoformat()} {recipient or ''}".strip()
            reminders.schedule(tx, task.case_id, task.id, kind, occurrence, due, recipient)


def reschedule(tx: Transaction, task: Task, timezone: str) -> None:
    """As `schedule`, instead of all that was noted of the task and has not been sent."""
    reminders.withdraw(tx, task.id)
    schedule(tx, task, timezone)


def send(tx: Transaction, case: Case, task: Task, reminder: Reminder) -> None:
    """Remind whoever has the task, or tell of it further up."""
    deployed = definitions.of_case(tx, case)
    about = About(tx, case, deployed, task)
    today = calendar.local_day(tx.now, deployed.region.timezone)
    journal.note(tx, case, f"{reminder.kind}.sent", CLOCK, {"recipient": reminder.recipient}, task)
    if reminder.kind == "reminder":
        mails.reminder(about, access.holders(tx, task, today))
        events.of_task(tx, case, task, "task.due_soon")
    else:
        _escalate(about, reminder.recipient or "", today)
        events.of_task(tx, case, task, "task.overdue")


def _escalate(about: About, recipient: str, today: date) -> None:
    """Tell a person, or a role, which may then do it too. For one that nobody holds the coordinator hears it."""
    tx, region = about.tx, about.case.region
    if people.find(tx, recipient) is not None:
        mails.escalation(about, [recipient])
        return
    held = _holders(tx, region, recipient, today)
    tasks.add_candidates(tx, about.task.id, [recipient] if held else [recipient, COORDINATOR])
    mails.escalation(about, held or _holders(tx, region, COORDINATOR, today))


def _holders(tx: Transaction, region: str, scoped: str, today: date) -> list[str]:
    return [held.person for held in standing.holders(tx, region, *split_scope(scoped), today)]


def _opening(day: date, offset: int, timezone: str) -> datetime | None:
    """08:00 so many working days from a day; None where that is beyond the calendar."""
    try:
        return calendar.opening(calendar.workday(day, offset), timezone)
    except calendar.OutsideCalendar:
        return None


def plan(properties: Mapping[str, Any]) -> Iterator[tuple[str, int, str | None]]:
    """What a task's `reminder` and `escalation` say: kind, working days from the due day, recipient.

    `reminder` is `-5,-1`; `escalation` is `+1 programOwner@LUNG; +2 coordinator`.
    """
    for part in _parts(properties.get("reminder"), ","):
        if re.fullmatch(r"[+-]?\d{1,3}", part):
            yield "reminder", int(part), None
    for part in _parts(properties.get("escalation"), ";"):
        match = _ESCALATION.fullmatch(part)
        if match:
            yield "escalation", int(match.group(1)), match.group(2)


def _parts(text: Any, separator: str) -> Iterable[str]:
    return (part.strip() for part in str(text or "").split(separator) if part.strip())
