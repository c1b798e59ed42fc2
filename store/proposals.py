"""Versions that a designer has proposed, waiting for someone else to put them in service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Table, Text, bindparam, select, update

from store.columns import Instant, as_row, metadata, new_id
from store.database import Reader, Transaction

proposals = Table(
    "proposals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("process_key", Text, nullable=False),
    Column("version", ForeignKey("versions.hash"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("approved_at", Instant),
    Column("approved_by", Text),
    Index(None, "region", "approved_at"),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    id: str
    region: str
    process_key: str
    version: str
    at: datetime
    by: str
    """Person key of the designer."""
    note: str
    approved_at: datetime | None = None
    approved_by: str | None = None


_OPEN = (
    select(proposals)
    .where(proposals.c.region == bindparam("region"), proposals.c.approved_at.is_(None))
    .order_by(proposals.c.at, proposals.c.id)
)


def add(tx: Transaction, region: str, process_key: str, version: str, *, by: str, note: str = "") -> bool:
    """Propose a kept version; False when it is proposed already. A newer one takes the older's place."""
    same_process = [each for each in open_of_region(tx, region) if each.process_key == process_key]
    if any(each.version == version for each in same_process):
        return False
    for each in same_process:
        tx.execute(proposals.delete().where(proposals.c.id == each.id))
    tx.insert(proposals, as_row(Proposal(new_id(), region, process_key, version, tx.now, by, note)))
    return True


def open_of_region(reader: Reader, region: str) -> list[Proposal]:
    """What waits to be approved, oldest first."""
    return reader.all(_OPEN, Proposal, {"region": region})


def approve(tx: Transaction, id: str, by: str | None) -> None:
    tx.execute(update(proposals).where(proposals.c.id == id).values(approved_at=tx.now, approved_by=by))
