"""Deadlines of a case: named days, and every change of them. Everything that has a date reads it here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Column, Date, ForeignKey, Index, Table, Text, bindparam, select

from store.cases import cases
from store.columns import Instant, as_row, metadata, new_id
from store.database import Reader, Transaction

deadlines = Table(
    "deadlines",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("day", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_by", Text),
    Column("set_at", Instant, nullable=False),
    Column("rule_day", Date),
    Index(None, "day"),
)

changes = Table(
    "deadline_changes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("previous", Date),
    Column("day", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_by", Text),
    Column("set_at", Instant, nullable=False),
    Index(None, "case_id", "set_at"),
)


@dataclass(frozen=True, slots=True)
class Deadline:
    case_id: str
    key: str
    """`externalDue`, `internalDue` ..."""
    day: date
    """It ends at 23:59:59 local time on this day."""
    source: str
    """`message`, `national`, `region`, `person`, `diagram`."""
    reason: str
    set_by: str | None
    """Person key; None for the diagram or the clock."""
    set_at: datetime
    rule_day: date | None
    """What the region's own rule gave, where another source won."""


@dataclass(frozen=True, slots=True)
class Change:
    id: str
    case_id: str
    key: str
    previous: date | None
    day: date
    source: str
    reason: str
    set_by: str | None
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Coming:
    """A deadline of a running case, with what a list says of the case."""

    case_id: str
    number: str
    title: str
    key: str
    day: date


_OF_CASE = select(deadlines).where(deadlines.c.case_id == bindparam("case")).order_by(deadlines.c.day, deadlines.c.key)
_ONE = _OF_CASE.where(deadlines.c.key == bindparam("named"))


def set_day(
    tx: Transaction,
    case_id: str,
    key: str,
    day: date,
    *,
    source: str,
    reason: str = "",
    by: str | None = None,
    rule_day: date | None = None,
) -> date | None:
    """Set a deadline and note the change; answers with the day it had before. The same day again changes nothing."""
    before = find(tx, case_id, key)
    if before is not None and before.day == day:
        return day
    previous = before.day if before else None
    tx.put(deadlines, as_row(Deadline(case_id, key, day, source, reason, by, tx.now, rule_day)))
    tx.insert(changes, as_row(Change(new_id(), case_id, key, previous, day, source, reason, by, tx.now)))
    return previous


def find(reader: Reader, case_id: str, key: str) -> Deadline | None:
    return reader.find(_ONE, Deadline, {"case": case_id, "named": key})


def of_case(reader: Reader, case_id: str) -> list[Deadline]:
    """Soonest first."""
    return reader.all(_OF_CASE, Deadline, {"case": case_id})


def days(reader: Reader, case_id: str) -> dict[str, date]:
    """Deadline key -> day, as a step wants them."""
    return {each.key: each.day for each in of_case(reader, case_id)}


def moves(reader: Reader, case_ids: Iterable[str]) -> dict[str, list[datetime]]:
    """Case id -> when its deadlines were set or moved, oldest first."""
    query = select(changes.c.case_id, changes.c.set_at).where(changes.c.case_id.in_(set(case_ids)))
    found: dict[str, list[datetime]] = defaultdict(list)
    for row in reader.execute(query.order_by(changes.c.set_at)):
        found[row.case_id].append(row.set_at)
    return found


def coming(reader: Reader, region: str, first: date, last: date, ids: Collection[str] | None = None) -> list[Coming]:
    """The deadlines of a region's running cases between two days, both included, soonest first; of `ids` when given."""
    columns = (deadlines.c.case_id, cases.c.number, cases.c.title, deadlines.c.key, deadlines.c.day)
    query = (
        select(*columns)
        .join(cases, cases.c.id == deadlines.c.case_id)
        .where(cases.c.region == region, cases.c.status == "active", deadlines.c.day.between(first, last))
        .order_by(deadlines.c.day, cases.c.title, deadlines.c.key)
    )
    return reader.all(query if ids is None else query.where(deadlines.c.case_id.in_(ids)), Coming)
