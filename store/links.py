"""Linked cases: separate cases that know of each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Table, Text, bindparam, or_, select

from store.columns import Instant, as_row, metadata
from store.database import Reader, Transaction

links = Table(
    "case_links",
    metadata,
    Column("from_case", ForeignKey("cases.id"), primary_key=True),
    Column("to_case", ForeignKey("cases.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", Text),
    Index(None, "to_case"),
)


@dataclass(frozen=True, slots=True)
class Link:
    from_case: str
    to_case: str
    kind: str
    """`started` (from started to), `related`."""
    at: datetime
    by: str | None


_OF_CASE = (
    select(links)
    .where(or_(links.c.from_case == bindparam("case"), links.c.to_case == bindparam("case")))
    .order_by(links.c.at, links.c.from_case, links.c.to_case)
)


def add(tx: Transaction, from_case: str, to_case: str, kind: str = "related", by: str | None = None) -> bool:
    """False when they are linked so already."""
    return tx.insert_new(links, as_row(Link(from_case, to_case, kind, tx.now, by)))


def of_case(reader: Reader, case_id: str) -> list[Link]:
    """Links from and to a case, oldest first."""
    return reader.all(_OF_CASE, Link, {"case": case_id})
