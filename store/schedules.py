"""Start timers of deployed processes: when a region's process next starts by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Table, Text, bindparam, delete, func, select

from store.columns import Instant, as_row, metadata, partial_index
from store.database import Reader, Transaction

schedules = Table(
    "schedules",
    metadata,
    Column("region", Text, primary_key=True),
    Column("process_key", Text, primary_key=True),
    Column("element", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("expression", Text, nullable=False),
    Column("due", Instant),
    partial_index("ix_schedules_due", "due", where="due IS NOT NULL"),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    region: str
    process_key: str
    element: str
    """The start event."""
    version: str
    expression: str
    """What the diagram says; a cycle counts its rounds here: `R3/...` becomes `R2/...`."""
    due: datetime | None
    """None when it will not start again."""


_DUE = (
    select(schedules)
    .where(schedules.c.due <= bindparam("now", type_=Instant))
    .order_by(schedules.c.due)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_NEXT = select(func.min(schedules.c.due)).where(schedules.c.due.is_not(None))
_OF_REGION = select(schedules).where(schedules.c.region == bindparam("region")).order_by(schedules.c.due)
_REMOVE = delete(schedules).where(
    schedules.c.region == bindparam("of"), schedules.c.process_key == bindparam("process")
)


def put(tx: Transaction, schedule: Schedule) -> None:
    """Set when a start event is due next, in place of what was."""
    tx.put(schedules, as_row(schedule))


def remove(tx: Transaction, region: str, process_key: str) -> None:
    """Another version is deployed: its own start timers replace these."""
    tx.execute(_REMOVE, {"of": region, "process": process_key})


def claim_due(tx: Transaction, limit: int = 1) -> list[Schedule]:
    """Lock what is due; `put` the next moment in the same transaction."""
    return tx.all(_DUE, Schedule, {"now": tx.now, "most": limit})


def next_due(reader: Reader) -> datetime | None:
    """When the calendar starts something next; None when it never does."""
    moment: datetime | None = reader.scalar(_NEXT)
    return moment


def of_region(reader: Reader, region: str) -> list[Schedule]:
    return reader.all(_OF_REGION, Schedule, {"region": region})
