"""Holds (bevara): cases that someone has said are not to be disposed of, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Table, Text, bindparam, delete, select

from store.columns import Instant, as_row, metadata
from store.database import Reader, Transaction

holds = Table(
    "holds",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("region", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text),
    Column("at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Hold:
    case_id: str
    region: str
    reason: str
    by: str | None
    """Person key."""
    at: datetime


_OF_REGION = select(holds).where(holds.c.region == bindparam("region")).order_by(holds.c.at, holds.c.case_id)


def put(tx: Transaction, case_id: str, region: str, reason: str, by: str | None) -> None:
    """Hold a case; on one that is held already the reason becomes this one."""
    tx.put(holds, as_row(Hold(case_id, region, reason, by, tx.now)))


def lift(tx: Transaction, case_id: str) -> bool:
    """False when the case is not held."""
    return tx.execute(delete(holds).where(holds.c.case_id == case_id)).rowcount == 1


def of_region(reader: Reader, region: str) -> list[Hold]:
    """Oldest first."""
    return reader.all(_OF_REGION, Hold, {"region": region})
