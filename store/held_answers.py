"""Answers that whoever gave them may still take back: one per task, until the clock completes the task with it.

What was answered, when and by whom stands in the task itself, whose status is `answered`; here is what else the clock
needs to complete it as that person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Table, Text, bindparam, delete, func, select, update

from store import cases
from store.columns import Instant, as_row, metadata
from store.database import Reader, Transaction

held_answers = Table(
    "held_answers",
    metadata,
    Column("task_id", ForeignKey("tasks.id"), primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("person", Text),
    Column("on_behalf_of", Text),
    Column("mandate", Text),
    Column("reason", Text),
    Column("until", Instant, nullable=False),
    Column("wake", Instant, nullable=False),
    Index(None, "case_id"),
    Index(None, "wake"),
)


@dataclass(frozen=True, slots=True)
class HeldAnswer:
    task_id: str
    case_id: str
    person: str | None
    """As `engine.access.Actor` has it, with the three that follow."""
    on_behalf_of: str | None
    mandate: str | None
    reason: str | None
    until: datetime
    """When the answer counts, and the case moves on."""
    wake: datetime
    """When the clock should look: `until`, later after a failed try."""

    @property
    def performer(self) -> str | None:
        """Who answered, and alone may take it back."""
        return self.person or self.on_behalf_of

    def may_be_taken_back(self, now: datetime) -> bool:
        """In time; or the clock has tried and could not complete the task, which must not lock anyone out."""
        return now < self.until or self.wake > self.until


_now = bindparam("now", type_=Instant)
_DUE_CASES = (
    select(held_answers.c.case_id, held_answers.c.wake).where(held_answers.c.wake <= _now).order_by(held_answers.c.wake)
)
_OF_CASE = (
    select(held_answers)
    .where(held_answers.c.case_id == bindparam("case"))
    .order_by(held_answers.c.until, held_answers.c.task_id)
)
_DUE = _OF_CASE.where(held_answers.c.wake <= _now).limit(1)
_NEXT = (
    select(func.min(held_answers.c.wake))
    .join(cases.cases, cases.cases.c.id == held_answers.c.case_id)
    .where(cases.cases.c.status == "active")
)
_FIND = select(held_answers).where(held_answers.c.task_id == bindparam("task"))
_DROP = delete(held_answers).where(held_answers.c.task_id == bindparam("task"))
_POSTPONE = update(held_answers).where(held_answers.c.task_id == bindparam("task")).values(wake=bindparam("to"))
_RELEASE = update(held_answers).where(held_answers.c.case_id == bindparam("case")).values(wake=held_answers.c.until)


def hold(tx: Transaction, held: HeldAnswer) -> None:
    tx.insert(held_answers, as_row(held))


def drop(tx: Transaction, task_id: str) -> None:
    """It counts now, or was taken back, or the task is gone."""
    tx.execute(_DROP, {"task": task_id})


def postpone(tx: Transaction, task_id: str, until: datetime) -> None:
    """Completing the task failed: look again later."""
    tx.execute(_POSTPONE, {"task": task_id, "to": until})


def release(tx: Transaction, case_id: str) -> None:
    """An operator wants another try at once."""
    tx.execute(_RELEASE, {"case": case_id})


def find(reader: Reader, task_id: str) -> HeldAnswer | None:
    return reader.find(_FIND, HeldAnswer, {"task": task_id})


def of_tasks(reader: Reader, task_ids: list[str]) -> dict[str, HeldAnswer]:
    """By task."""
    query = select(held_answers).where(held_answers.c.task_id.in_(task_ids))
    return {each.task_id: each for each in reader.all(query, HeldAnswer)}


def of_case(reader: Reader, case_id: str) -> list[HeldAnswer]:
    """In the order in which they come to count."""
    return reader.all(_OF_CASE, HeldAnswer, {"case": case_id})


def claim_due(tx: Transaction) -> HeldAnswer | None:
    """Lock the active case with the answer that has been due longest, and give that one. As `timers.claim_due`."""
    locked = cases.claim(tx, _DUE_CASES.params(now=tx.now).limit(16), 1)
    return tx.find(_DUE, HeldAnswer, {"case": locked[0], "now": tx.now}) if locked else None


def next_wake(reader: Reader) -> datetime | None:
    """When the clock has an answer to take next; None when none is held, or their cases are suspended."""
    moment: datetime | None = reader.scalar(_NEXT)
    return moment
