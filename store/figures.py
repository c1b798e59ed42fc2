"""The state of the house in figures, for whoever watches over it: counts and ages, and nothing about anyone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from store import outbox, settings
from store.cases import cases
from store.columns import Instant
from store.database import Reader
from store.incidents import incidents
from store.outbox import LEASE
from store.tasks import IS_OPEN, tasks
from store.timers import timers

HEARTBEAT = "clock.heartbeat"
"""Key of the setting that holds when the clock last looked."""
BACKUP = "backup.last"
"""Key of the setting that holds when the last back-up was taken."""


@dataclass(frozen=True)
class Figures:
    """Ages in seconds; None where there is nothing to have one."""

    cases: Mapping[str, int]
    """Status -> how many."""
    open_tasks: int
    overdue_tasks: int
    open_incidents: int
    due_timers: int
    timer_lateness: float
    """Of the timer that has been due the longest; 0 when none is."""
    outbox: Mapping[tuple[str, str], int]
    """Kind (`mail`, `event`) and status -> how many."""
    outbox_lateness: float
    """Of what should have left the longest ago; 0 when nothing is due."""
    claimed_age: float
    """Since the oldest of what is being sent was taken by its sender."""
    held: bool
    heartbeat_age: float | None
    backup_age: float | None


_now = bindparam("now", type_=Instant)
_CASES = select(cases.c.status, func.count()).group_by(cases.c.status)
_TASKS = select(func.count()).select_from(tasks).where(IS_OPEN)
_OVERDUE = _TASKS.where(tasks.c.due < bindparam("today"))
_INCIDENTS = select(func.count()).select_from(incidents).where(incidents.c.status == "open")
_TIMERS = select(func.count(), func.min(timers.c.wake)).where(timers.c.wake <= _now)
_OUTBOX = select(outbox.outbox.c.kind, outbox.outbox.c.status, func.count()).group_by("kind", "status")
_OUTBOX_DUE = select(func.min(outbox.outbox.c.next_at)).where(outbox.outbox.c.next_at <= _now)
_LEASED = select(func.min(outbox.outbox.c.next_at)).where(outbox.outbox.c.status == "sending")


def read(reader: Reader) -> Figures:
    """All of them, of one moment."""
    now = {"now": reader.now}
    ((due, oldest),) = reader.execute(_TIMERS, now)
    leased: datetime | None = reader.scalar(_LEASED)
    return Figures(
        cases=reader.pairs(_CASES),
        open_tasks=reader.scalar(_TASKS),
        overdue_tasks=reader.scalar(_OVERDUE, {"today": reader.now.date()}),
        open_incidents=reader.scalar(_INCIDENTS),
        due_timers=due,
        timer_lateness=_age(reader, oldest) or 0.0,
        outbox={(kind, status): count for kind, status, count in reader.execute(_OUTBOX)},
        outbox_lateness=_age(reader, reader.scalar(_OUTBOX_DUE, now)) or 0.0,
        claimed_age=(_age(reader, leased - LEASE) or 0.0) if leased else 0.0,
        held=outbox.is_held(reader),
        heartbeat_age=age(reader, HEARTBEAT),
        backup_age=age(reader, BACKUP),
    )


def age(reader: Reader, key: str) -> float | None:
    """Seconds since the moment that a setting holds; None when it was never set."""
    said = settings.get(reader, key)
    return None if said is None else _age(reader, datetime.fromisoformat(said))


def _age(reader: Reader, moment: datetime | None) -> float | None:
    return None if moment is None else (reader.now - moment).total_seconds()
