"""Conversation about a case or one of its tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Table, Text, bindparam, select

from store.columns import Instant, as_row, metadata, new_id
from store.database import Reader, Transaction

comments = Table(
    "comments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("task_id", ForeignKey("tasks.id")),
    Column("person", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "case_id", "at"),
    Index(None, "task_id"),
)


@dataclass(frozen=True, slots=True)
class Comment:
    id: str
    case_id: str
    task_id: str | None
    person: str
    text: str
    at: datetime


_OF_CASE = select(comments).where(comments.c.case_id == bindparam("case")).order_by(comments.c.at, comments.c.id)


def add(tx: Transaction, case_id: str, person: str, text: str, task_id: str | None = None) -> Comment:
    comment = Comment(new_id(), case_id, task_id, person, text, tx.now)
    tx.insert(comments, as_row(comment))
    return comment


def of_case(reader: Reader, case_id: str) -> list[Comment]:
    """Oldest first, those about its tasks among them."""
    return reader.all(_OF_CASE, Comment, {"case": case_id})
