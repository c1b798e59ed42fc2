"""Half-written answers: one per task and person, gone when the task is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Table, Text, bindparam, delete, select

from store.columns import Instant, Json, as_row, metadata
from store.database import Reader, Transaction

drafts = Table(
    "drafts",
    metadata,
    Column("task_id", ForeignKey("tasks.id"), primary_key=True),
    Column("person", Text, primary_key=True),
    Column("values", Json, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Index(None, "person"),
)


@dataclass(frozen=True, slots=True)
class Draft:
    task_id: str
    person: str
    values: Mapping[str, Any]
    """As typed: nothing is checked."""
    saved_at: datetime


_FIND = select(drafts).where(drafts.c.task_id == bindparam("task"), drafts.c.person == bindparam("by"))
_DROP = delete(drafts).where(drafts.c.task_id == bindparam("task"))


def save(tx: Transaction, task_id: str, person: str, values: Mapping[str, Any]) -> None:
    tx.put(drafts, as_row(Draft(task_id, person, dict(values), tx.now)))


def find(reader: Reader, task_id: str, person: str) -> Draft | None:
    return reader.find(_FIND, Draft, {"task": task_id, "by": person})


def of_person(reader: Reader, person: str, task_ids: list[str]) -> dict[str, Draft]:
    """Those of the tasks in which the person has begun to write, with the draft."""
    query = select(drafts).where(drafts.c.person == person, drafts.c.task_id.in_(task_ids))
    return {each.task_id: each for each in reader.all(query, Draft)}


def others(reader: Reader, task_id: str, person: str) -> Draft | None:
    """What somebody else has begun to write in the task, the latest."""
    query = select(drafts).where(drafts.c.task_id == task_id, drafts.c.person != person)
    return reader.find(query.order_by(drafts.c.saved_at.desc()), Draft)


def hand_over(tx: Transaction, task_id: str, giver: str, taker: str) -> None:
    """What one has written goes to another, who has written nothing of their own yet."""
    given = find(tx, task_id, giver)
    if given is not None and find(tx, task_id, taker) is None:
        save(tx, task_id, taker, given.values)


def erase(tx: Transaction, person: str) -> None:
    """Forget all that a person has begun to write."""
    tx.execute(delete(drafts).where(drafts.c.person == person))


def drop(tx: Transaction, task_id: str) -> None:
    """The task is closed."""
    tx.execute(_DROP, {"task": task_id})
