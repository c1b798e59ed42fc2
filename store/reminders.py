"""Reminders and escalations of tasks: properties of the task, sent by the clock, each occurrence once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, ForeignKey, Index, Table, Text, bindparam, delete, func, select, update

from store import cases
from store.columns import Instant, as_row, metadata, new_id, partial_index
from store.database import Reader, Transaction

reminders = Table(
    "reminders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("task_id", ForeignKey("tasks.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("occurrence", Text, nullable=False),
    Column("recipient", Text),
    Column("due", Instant, nullable=False),
    Column("wake", Instant),
    Column("fired_at", Instant),
    Index(None, "task_id", "kind", "occurrence", unique=True),
    partial_index("ix_reminders_wake", "wake", where="wake IS NOT NULL"),
    Index(None, "case_id"),
)


@dataclass(frozen=True, slots=True)
class Reminder:
    id: str
    case_id: str
    task_id: str
    kind: str
    """`reminder` or `escalation`."""
    occurrence: str
    """What makes it one of a kind: the offset and the day it counts from, `-5 2026-03-27`."""
    recipient: str | None
    """Role with scope that an escalation goes to; None for whoever has the task."""
    due: datetime
    wake: datetime | None
    """When the clock should look; None when fired, or held with its case."""
    fired_at: datetime | None = None


_now = bindparam("now", type_=Instant)
_DUE_CASES = select(reminders.c.case_id, reminders.c.wake).where(reminders.c.wake <= _now).order_by(reminders.c.wake)
_DUE = (
    select(reminders)
    .where(reminders.c.case_id.in_(bindparam("cases", expanding=True)), reminders.c.wake <= _now)
    .order_by(reminders.c.due, reminders.c.id)
)
_FIRED = (
    update(reminders)
    .where(reminders.c.id == bindparam("reminder"), reminders.c.fired_at.is_(None))
    .values(fired_at=bindparam("now"), wake=None)
)
_NEXT = select(func.min(reminders.c.wake)).where(reminders.c.wake.is_not(None))
_WITHDRAW = delete(reminders).where(reminders.c.task_id == bindparam("task"), reminders.c.fired_at.is_(None))
_OF_CASE = (reminders.c.case_id == bindparam("case")) & reminders.c.fired_at.is_(None)
_HOLD = update(reminders).where(_OF_CASE).values(wake=None)
_RELEASE = update(reminders).where(_OF_CASE).values(wake=reminders.c.due)


def schedule(
    tx: Transaction,
    case_id: str,
    task_id: str,
    kind: str,
    occurrence: str,
    due: datetime,
    recipient: str | None = None,
) -> bool:
    """False when this occurrence is scheduled, or has fired, already."""
    row = Reminder(new_id(), case_id, task_id, kind, occurrence, recipient, due, due)
    return tx.insert_new(reminders, as_row(row))


def claim_due(tx: Transaction, limit: int = 1) -> dict[str, list[Reminder]]:
    """Lock at most `limit` active cases with something due; case id -> its due reminders. As `timers.claim_due`."""
    due = _DUE_CASES.params(now=tx.now).limit(max(limit * 4, 16))
    locked = cases.claim(tx, due, limit)
    found: dict[str, list[Reminder]] = {}
    if locked:
        for reminder in tx.all(_DUE, Reminder, {"cases": locked, "now": tx.now}):
            found.setdefault(reminder.case_id, []).append(reminder)
    return found


def next_wake(reader: Reader) -> datetime | None:
    """When the clock has something to send next; None when nothing waits."""
    moment: datetime | None = reader.scalar(_NEXT)
    return moment


def fired(tx: Transaction, id: str) -> bool:
    """Note that it was sent. False when it had been."""
    return tx.execute(_FIRED, {"reminder": id, "now": tx.now}).rowcount == 1


def postpone(tx: Transaction, id: str, until: datetime) -> None:
    """Sending failed: look again later."""
    tx.execute(update(reminders).where(reminders.c.id == id).values(wake=until))


def withdraw(tx: Transaction, task_id: str) -> None:
    """The task is closed or has other dates: what has not fired is gone; what has fired stays."""
    tx.execute(_WITHDRAW, {"task": task_id})


def hold(tx: Transaction, case_id: str) -> None:
    """The case is suspended: nothing is sent."""
    tx.execute(_HOLD, {"case": case_id})


def release(tx: Transaction, case_id: str, shift: timedelta = timedelta(0)) -> None:
    """The case goes on; every reminder is due as before, or `shift` later."""
    tx.execute(_RELEASE, {"case": case_id})
    if shift:
        for one in tx.all(select(reminders).where(_OF_CASE), Reminder, {"case": case_id}):
            later = one.due + shift
            tx.execute(update(reminders).where(reminders.c.id == one.id).values(due=later, wake=later))
