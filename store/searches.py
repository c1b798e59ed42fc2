"""History searched by an auditor: by case, person, act and time, latest first, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, or_, select, tuple_

from store.columns import Instant
from store.database import Reader
from store.history import Entry, history

Place = tuple[datetime, str, int]
"""Where a page ended: moment, chain and number of its last row."""


@dataclass(frozen=True)
class Wanted:
    """Which rows of a region; None or nothing is all."""

    region: str
    chain: str | None = None
    persons: tuple[str, ...] | None = None
    """Who did it, or for whom it was done."""
    acts: tuple[str, ...] = ()
    by_people: bool = False
    """Only what people did, not what the diagram did by itself."""
    since: datetime | None = None
    before: datetime | None = None


def find(reader: Reader, wanted: Wanted, *, after: Place | None = None, limit: int = 50) -> list[Entry]:
    """Latest first."""
    query = select(history).where(history.c.region == wanted.region)
    if wanted.chain is not None:
        query = query.where(history.c.chain == wanted.chain)
    if wanted.persons is not None:
        query = query.where(or_(history.c.person.in_(wanted.persons), history.c.on_behalf_of.in_(wanted.persons)))
    if wanted.acts:
        query = query.where(history.c.what.in_(wanted.acts))
    if wanted.by_people:
        query = query.where(history.c.person.is_not(None))
    if wanted.since is not None:
        query = query.where(history.c.at >= wanted.since)
    if wanted.before is not None:
        query = query.where(history.c.at < wanted.before)
    columns = (history.c.at, history.c.chain, history.c.seq)
    if after is not None:
        query = query.where(tuple_(*columns) < tuple_(*_typed(after)))
    return reader.all(query.order_by(*(each.desc() for each in columns)).limit(limit), Entry)


def row(reader: Reader, chain: str, seq: int) -> Entry | None:
    """One row by its place in its chain."""
    return reader.find(select(history).where(history.c.chain == chain, history.c.seq == seq), Entry)


def acts(reader: Reader, region: str) -> list[str]:
    """Every kind of row that the region has."""
    query = select(history.c.what).where(history.c.region == region).group_by(history.c.what)
    return sorted(reader.execute(query).scalars())


def _typed(after: Place) -> tuple[object, ...]:
    return (literal(after[0], Instant), literal(after[1]), literal(after[2]))
