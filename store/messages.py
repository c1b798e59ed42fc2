"""Messages that came before anyone waited, kept 90 days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Index, Table, Text, bindparam, delete, select, update

from store.columns import Instant, Json, as_row, metadata, new_id, partial_index
from store.database import Transaction

KEPT = timedelta(days=90)
"""How long an early message waits for its case."""

early = Table(
    "early_messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("key", Text),
    Column("payload", Json, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("taken_at", Instant),
    Column("taken_by", Text),
    partial_index("ix_early_messages_waiting", "region", "name", "key", where="taken_at IS NULL"),
    Index(None, "expires_at"),
)


@dataclass(frozen=True, slots=True)
class Early:
    id: str
    region: str
    name: str
    key: str | None
    payload: Mapping[str, Any]
    received_at: datetime
    expires_at: datetime
    taken_at: datetime | None = None
    taken_by: str | None = None
    """Id of the case that took it."""


_TAKEABLE = (
    select(early)
    .where(
        early.c.region == bindparam("region"),
        early.c.name == bindparam("name"),
        early.c.taken_at.is_(None),
        early.c.expires_at > bindparam("now", type_=Instant),
    )
    .order_by(early.c.received_at, early.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TAKEABLE_KEY = _TAKEABLE.where(early.c.key == bindparam("key"))
_TAKE = (
    update(early).where(early.c.id == bindparam("message")).values(taken_at=bindparam("now"), taken_by=bindparam("by"))
)


def keep(tx: Transaction, region: str, name: str, key: str | None, payload: Mapping[str, Any]) -> Early:
    """Nobody waits for it yet: keep it for 90 days."""
    message = Early(new_id(), region, name, key, dict(payload), tx.now, tx.now + KEPT)
    tx.insert(early, as_row(message))
    return message


def take(tx: Transaction, region: str, name: str, key: str | None, case_id: str) -> Early | None:
    """The oldest kept message that a case which now waits may have; nobody else gets it. A None key takes any."""
    where = {"region": region, "name": name, "now": tx.now}
    found = tx.find(_TAKEABLE, Early, where) if key is None else tx.find(_TAKEABLE_KEY, Early, where | {"key": key})
    if found is not None:
        tx.execute(_TAKE, {"message": found.id, "now": tx.now, "by": case_id})
    return found


def sweep(tx: Transaction) -> int:
    """Remove messages whose time is out, also those that a case has taken; answers how many."""
    return tx.execute(delete(early).where(early.c.expires_at <= tx.now)).rowcount
