"""Messages that a case threw or was to get, and that could not be handed over: kept until someone tries again.

A row stands beside an incident of its case, under the same task. It is handed over once, whoever tries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Table, Text, bindparam, select, update

from store.columns import Instant, Json, as_row, metadata, new_id
from store.database import Reader, Transaction

undelivered = Table(
    "undelivered_messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("key", Text),
    Column("subscription", Text),
    Column("payload", Json, nullable=False),
    Column("kept_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    Column("delivered_by", Text),
    Index(None, "case_id", "task"),
)


@dataclass(frozen=True, slots=True)
class Undelivered:
    id: str
    case_id: str
    """Who threw it; or who was to get it, when `subscription` says where."""
    task: str
    """As the incident's."""
    kind: str
    """`message` or `signal`."""
    name: str
    element: str
    key: str | None
    subscription: str | None
    """The core's task key of whoever waits; None for a message on its way out."""
    payload: Mapping[str, Any]
    kept_at: datetime
    delivered_at: datetime | None = None
    delivered_by: str | None = None


_LEFT = (
    select(undelivered)
    .where(
        undelivered.c.case_id == bindparam("case"),
        undelivered.c.task == bindparam("under"),
        undelivered.c.delivered_at.is_(None),
    )
    .order_by(undelivered.c.kept_at, undelivered.c.id)
)
_DELIVERED = (
    update(undelivered)
    .where(undelivered.c.id == bindparam("message"), undelivered.c.delivered_at.is_(None))
    .values(delivered_at=bindparam("now"), delivered_by=bindparam("by"))
)


def keep(
    tx: Transaction,
    case_id: str,
    task: str,
    kind: str,
    name: str,
    payload: Mapping[str, Any],
    *,
    element: str,
    key: str | None = None,
    subscription: str | None = None,
) -> None:
    """It could not be handed over now."""
    row = Undelivered(new_id(), case_id, task, kind, name, element, key, subscription, dict(payload), tx.now)
    tx.insert(undelivered, as_row(row))


def left(reader: Reader, case_id: str, task: str) -> list[Undelivered]:
    """What is still to be handed over, oldest first. Whoever hands it over holds the case's lock."""
    return reader.all(_LEFT, Undelivered, {"case": case_id, "under": task})


def delivered(tx: Transaction, id: str, by: str | None) -> None:
    """It has been handed over, and is not again."""
    tx.execute(_DELIVERED, {"message": id, "now": tx.now, "by": by})
