"""Timers of cases: when something is due, and when the clock should next look at it.

`due` is the true moment. `wake` is the indexed column the clock walks: usually `due`, later after a failed try, and
NULL while the case is suspended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    update,
)

from store import cases
from store.columns import Instant, as_row, metadata, partial_index
from store.database import Reader, Transaction

timers = Table(
    "timers",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("element", Text, nullable=False),
    Column("due", Instant, nullable=False),
    Column("wake", Instant),
    Column("attempts", Integer, nullable=False),
    partial_index("ix_timers_wake", "wake", where="wake IS NOT NULL"),
    Index(None, "due"),
)


@dataclass(frozen=True, slots=True)
class Timer:
    case_id: str
    key: str
    """The core's task key."""
    element: str
    due: datetime
    wake: datetime | None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Coming:
    """A timer as the page of coming timers shows it."""

    case_id: str
    key: str
    element: str
    due: datetime
    wake: datetime | None
    attempts: int
    case_title: str
    case_number: str
    case_status: str
    process_key: str
    version: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the region's timers are asked for; None wants all."""

    region: str
    case_id: str | None = None
    status: str | None = None
    """Of their cases."""
    before: datetime | None = None
    """Due before a moment."""


_now = bindparam("now", type_=Instant)
_DUE_CASES = select(timers.c.case_id, timers.c.wake).where(timers.c.wake <= _now).order_by(timers.c.wake)
_DUE = (
    select(timers)
    .where(timers.c.case_id.in_(bindparam("cases", expanding=True)), timers.c.wake <= _now)
    .order_by(timers.c.due, timers.c.key)
)
_RENAME = (
    update(timers)
    .where(timers.c.case_id == bindparam("case"), timers.c.key == bindparam("at"))
    .values(element=bindparam("to"))
)
_OF_CASE = select(timers).where(timers.c.case_id == bindparam("case")).order_by(timers.c.due, timers.c.key)
_DISARM = delete(timers).where(timers.c.case_id == bindparam("case"), timers.c.key == bindparam("gone"))
_OF = timers.c.case_id == bindparam("case")
_HOLD = update(timers).where(_OF).values(wake=None)
_RELEASE = update(timers).where(_OF).values(wake=timers.c.due)
_POSTPONE = (
    update(timers).where(_OF, timers.c.wake <= _now).values(wake=bindparam("until"), attempts=timers.c.attempts + 1)
)
# Not NULL, as the index says: SQLite would read every row for the least of a column otherwise.
_NEXT = select(func.min(timers.c.wake)).where(timers.c.wake.is_not(None))
_COMING = (
    select(
        timers,
        cases.cases.c.title.label("case_title"),
        cases.cases.c.number.label("case_number"),
        cases.cases.c.status.label("case_status"),
        cases.cases.c.process_key,
        cases.cases.c.version,
    )
    .join(cases.cases, cases.cases.c.id == timers.c.case_id)
    .order_by(timers.c.due, timers.c.case_id, timers.c.key)
)
_ONE_COMING = _COMING.where(_OF, timers.c.key == bindparam("at"), cases.cases.c.region == bindparam("region"))


def arm(tx: Transaction, case_id: str, key: str, element: str, due: datetime) -> None:
    """A timer that waits, in place of the one with the same key."""
    tx.put(timers, as_row(Timer(case_id, key, element, due, due)))


def disarm(tx: Transaction, case_id: str, key: str) -> None:
    tx.execute(_DISARM, {"case": case_id, "gone": key})


def claim_due(tx: Transaction, limit: int = 1) -> dict[str, list[Timer]]:
    """Lock at most `limit` active cases with something due; case id -> its due timers in due order.

    Cases that another transaction holds are passed over. What is due is asked again under the lock, so that a clock
    that comes second finds nothing.
    """
    due = _DUE_CASES.params(now=tx.now).limit(max(limit * 4, 16))
    locked = cases.claim(tx, due, limit)
    found: dict[str, list[Timer]] = {}
    if locked:
        for timer in tx.all(_DUE, Timer, {"cases": locked, "now": tx.now}):
            found.setdefault(timer.case_id, []).append(timer)
    return found


def hold(tx: Transaction, case_id: str) -> None:
    """The case is suspended: nothing fires."""
    tx.execute(_HOLD, {"case": case_id})


def release(tx: Transaction, case_id: str, shift: timedelta = timedelta(0)) -> None:
    """The case goes on; every timer is due as before, or `shift` later."""
    tx.execute(_RELEASE, {"case": case_id})
    if shift:
        for timer in of_case(tx, case_id):
            arm(tx, case_id, timer.key, timer.element, timer.due + shift)


def postpone(tx: Transaction, case_id: str, until: datetime) -> None:
    """Firing what is due failed: look again later, one attempt more."""
    tx.execute(_POSTPONE, {"case": case_id, "now": tx.now, "until": until})


def rename(tx: Transaction, case_id: str, elements: Mapping[str, str]) -> None:
    """The case's version calls the elements otherwise: task key -> element."""
    if elements:
        tx.execute(_RENAME, [{"case": case_id, "at": key, "to": element} for key, element in elements.items()])


def of_case(reader: Reader, case_id: str) -> list[Timer]:
    return reader.all(_OF_CASE, Timer, {"case": case_id})


def next_wake(reader: Reader) -> datetime | None:
    """When the clock has something to do next; None when nothing waits."""
    moment: datetime | None = reader.scalar(_NEXT)
    return moment


def coming(reader: Reader, wanted: Wanted, limit: int = 100, offset: int = 0) -> list[Coming]:
    """What fires next, also what is held, soonest first."""
    return reader.all(_COMING.where(*_chosen(wanted)).limit(limit).offset(offset), Coming)


def number_coming(reader: Reader, wanted: Wanted) -> int:
    """How many `coming` would find in all."""
    joined = timers.join(cases.cases, cases.cases.c.id == timers.c.case_id)
    return int(reader.scalar(select(func.count()).select_from(joined).where(*_chosen(wanted))))


def find_coming(reader: Reader, region: str, case_id: str, key: str) -> Coming | None:
    """One timer of the region, by its case and the core's task key."""
    return reader.find(_ONE_COMING, Coming, {"region": region, "case": case_id, "at": key})


def _chosen(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [cases.cases.c.region == wanted.region]
    found += [timers.c.case_id == wanted.case_id] if wanted.case_id is not None else []
    found += [cases.cases.c.status == wanted.status] if wanted.status is not None else []
    return found + ([timers.c.due < wanted.before] if wanted.before is not None else [])
