"""Linked cases: separate cases that know of each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Table, Text, bindparam, or_, select

from store.cases import OPEN, Case, cases
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
    """`started` (from started to), `follows` (from goes on from to), `renews` (from does to over again), `related`."""
    at: datetime
    by: str | None


_OF_CASE = (
    select(links)
    .where(or_(links.c.from_case == bindparam("case"), links.c.to_case == bindparam("case")))
    .order_by(links.c.at, links.c.from_case, links.c.to_case)
)
_ENDS = select(links.c.to_case).where(links.c.from_case == bindparam("case"))
_STARTS = select(links.c.from_case).where(links.c.to_case == bindparam("case"))
_TO_OPEN = (
    select(links.c.from_case, links.c.to_case, cases.c.id, cases.c.number)
    .join(cases, or_(cases.c.id == links.c.from_case, cases.c.id == links.c.to_case))
    .where(cases.c.region == bindparam("region"), cases.c.status.in_(OPEN))
    .order_by(cases.c.number)
)
_CASES_OF = select(cases).where(cases.c.id.in_(_ENDS.union(_STARTS))).order_by(cases.c.started_at.desc(), cases.c.id)


def add(tx: Transaction, from_case: str, to_case: str, kind: str = "related", by: str | None = None) -> bool:
    """False when they are linked so already."""
    return tx.insert_new(links, as_row(Link(from_case, to_case, kind, tx.now, by)))


def of_case(reader: Reader, case_id: str) -> list[Link]:
    """Links from and to a case, oldest first."""
    return reader.all(_OF_CASE, Link, {"case": case_id})


def are_linked(reader: Reader, one: str, other: str) -> bool:
    """Whether two cases are linked, from whichever end and as whatever kind."""
    return any(other in (each.from_case, each.to_case) for each in of_case(reader, one))


def cases_of(reader: Reader, case_id: str) -> list[Case]:
    """The cases that a case is linked with, the newest first."""
    return reader.all(_CASES_OF, Case, {"case": case_id})


def to_open(reader: Reader, region: str) -> list[tuple[str, str]]:
    """Cases that are linked with one that goes on: the id of the one, and the number of the other."""
    found = reader.execute(_TO_OPEN, {"region": region})
    return [(one if other == id else other, number) for one, other, id, number in found]
