"""What operations switch or the machinery notes about itself: `outbound.held`, `clock.heartbeat` ..."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Table, Text, bindparam, select

from store.columns import Instant, Json, metadata
from store.database import Reader, Transaction

settings = Table(
    "settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Json),
    Column("set_at", Instant, nullable=False),
)

_GET = select(settings.c.value).where(settings.c.key == bindparam("named"))


def get(reader: Reader, key: str, default: Any = None) -> Any:
    """The JSON value, or the default when it was never set."""
    value = reader.scalar(_GET, {"named": key})
    return default if value is None else value


def put(tx: Transaction, key: str, value: Any) -> None:
    tx.put(settings, {"key": key, "value": value, "set_at": tx.now})
