"""How far the clock has been moved: one row, so that every process sees the same time. Never moved in production."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Column, Integer, Table, bindparam, select, update

from store.columns import metadata
from store.errors import ClockNotMovable

if TYPE_CHECKING:
    from store.database import Reader, Transaction

clock = Table(
    "clock",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("offset_us", BigInteger, nullable=False),
)

OFFSET = select(clock.c.offset_us).where(clock.c.id == 1)
_MOVE = update(clock).where(clock.c.id == 1).values(offset_us=bindparam("to"))
_MICROSECOND = timedelta(microseconds=1)


def offset(reader: Reader) -> timedelta:
    """How far ahead of the real time the clock stands."""
    return timedelta(microseconds=reader.scalar(OFFSET, {}) or 0)


def set_to(tx: Transaction, moment: datetime) -> datetime:
    """Move the clock to an aware moment, also backwards; it goes on from there. Raises ClockNotMovable."""
    return advance(tx, moment - tx.now)


def advance(tx: Transaction, by: timedelta) -> datetime:
    """Move the clock and answer with the new time. This transaction's own `now` stays. Raises ClockNotMovable."""
    if not tx.clock.movable:
        raise ClockNotMovable
    microseconds = (offset(tx) + by) // _MICROSECOND
    if not tx.execute(_MOVE, {"to": microseconds}).rowcount:
        tx.insert(clock, {"id": 1, "offset_us": microseconds})
    return tx.now + by
