"""Who has opened which task: `Ny` becomes `Läst`. One row per task and person, from the first time."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Column, ForeignKey, Table, Text, select

from store.columns import Instant, metadata
from store.database import Reader, Transaction

readings = Table(
    "task_readings",
    metadata,
    Column("task_id", ForeignKey("tasks.id"), primary_key=True),
    Column("person", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)


def note(tx: Transaction, task_id: str, person: str) -> bool:
    """Someone has opened a task; False when they had already."""
    return tx.insert_new(readings, {"task_id": task_id, "person": person, "at": tx.now})


def of_person(reader: Reader, person: str, task_ids: Iterable[str]) -> set[str]:
    """Those of the tasks that the person has opened."""
    query = select(readings.c.task_id).where(readings.c.person == person, readings.c.task_id.in_(list(task_ids)))
    return set(reader.execute(query).scalars())
