"""Cases (ärenden): one running diagram each. The row is what every step locks first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, Select, Table, Text, bindparam, func, or_, select, update

from store.columns import Instant, Json, as_row, canonical, metadata, new_id
from store.database import Reader, Transaction
from store.quick import quick

OPEN = ("active", "suspended")
"""Statuses of a case that can still move; the others are `completed` and `cancelled`."""
Ids = Select[tuple[str]]
"""The question that finds the ids of some cases."""

cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("process_key", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("outcome", Text),
    Column("reason", Text),
    Column("owner", Text),
    Column("start_key", Text),
    Column("started_at", Instant, nullable=False),
    Column("started_by", Text),
    Column("suspended_at", Instant),
    Column("ended_at", Instant),
    Column("revision", Integer, nullable=False),
    Column("variables", Json, nullable=False),
    Index(None, "region", "number", unique=True),
    Index("uq_cases_start_key", "region", "process_key", "start_key", unique=True),
    Index(None, "region", "status", "started_at"),
    Index(None, "version", "status"),
)

numbers = Table(
    "case_numbers",
    metadata,
    Column("region", Text, primary_key=True),
    Column("series", Text, primary_key=True),
    Column("last", Integer, nullable=False),
)


@quick(frozen=True, slots=True)
class Case:
    id: str
    number: str
    """For people: `REM-2026-001`."""
    region: str
    process_key: str
    version: str
    """Closure hash of its definition."""
    title: str
    status: str
    """`active`, `suspended`, `completed` or `cancelled`."""
    outcome: str | None
    reason: str | None
    """Why it was suspended or cancelled."""
    owner: str | None
    """Person key."""
    start_key: str | None
    started_at: datetime
    started_by: str | None
    suspended_at: datetime | None
    ended_at: datetime | None
    revision: int
    """Counts steps: a cached state is valid for exactly one revision."""
    variables: Mapping[str, Any]


_FIND = select(cases).where(cases.c.id == bindparam("case"))
_BY_NUMBER = select(cases).where(cases.c.region == bindparam("region"), cases.c.number == bindparam("number"))
_ANY_NUMBER = select(cases).where(cases.c.number == bindparam("number")).order_by(cases.c.started_at.desc())
_LOCK = _FIND.with_for_update()
_BY_START_KEY = select(cases).where(
    cases.c.region == bindparam("region"),
    cases.c.process_key == bindparam("process_key"),
    cases.c.start_key == bindparam("start_key"),
)
_STEP = (
    update(cases)
    .where(cases.c.id == bindparam("case"))
    .values(revision=bindparam("to"), variables=bindparam("variables"), title=bindparam("called"))
)
_END = (
    update(cases)
    .where(cases.c.id == bindparam("case"))
    .values(status=bindparam("to"), outcome=bindparam("with"), reason=bindparam("why"), ended_at=bindparam("at"))
)
_SUSPEND = (
    update(cases)
    .where(cases.c.id == bindparam("case"), cases.c.status == "active")
    .values(status="suspended", reason=bindparam("why"), suspended_at=bindparam("at"))
)
_RESUME = (
    update(cases)
    .where(cases.c.id == bindparam("case"), cases.c.status == "suspended")
    .values(status="active", reason=None, suspended_at=None)
)
_COUNTS = select(cases.c.status, func.count()).where(cases.c.region == bindparam("region")).group_by(cases.c.status)
_LOCK_SERIES = (
    select(numbers.c.last)
    .where(numbers.c.region == bindparam("of"), numbers.c.series == bindparam("in"))
    .with_for_update()
)
_NEXT = (
    update(numbers)
    .where(numbers.c.region == bindparam("of"), numbers.c.series == bindparam("in"))
    .values(last=numbers.c.last + 1)
    .returning(numbers.c.last)
)


def create(
    tx: Transaction,
    *,
    region: str,
    process_key: str,
    version: str,
    title: str,
    series: str,
    owner: str | None = None,
    start_key: str | None = None,
    by: str | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Case | None:
    """A new active case numbered in its series (`REM-2026` gives `REM-2026-001`).

    None when the process already has a case with this start key: `by_start_key` finds it.
    """
    _lock_series(tx, region, series)
    if start_key is not None and by_start_key(tx, region, process_key, start_key) is not None:
        return None
    row: dict[str, Any] = {
        "id": new_id(),
        "number": _next_number(tx, region, series),
        "region": region,
        "process_key": process_key,
        "version": version,
        "title": title,
        "status": "active",
        "outcome": None,
        "reason": None,
        "owner": owner,
        "start_key": start_key,
        "started_at": tx.now,
        "started_by": by,
        "suspended_at": None,
        "ended_at": None,
        "revision": 0,
        "variables": dict(variables or {}),
    }
    return Case(**row) if tx.insert_new(cases, row) else None


def find(reader: Reader, id: str) -> Case | None:
    return reader.find(_FIND, Case, {"case": id})


def find_any(reader: Reader, id_or_number: str, region: str | None = None) -> Case | None:
    """By id, or by number: for the command line and search. Without a region the newest with that number."""
    found = find(reader, id_or_number)
    if found is not None:
        return found
    number = id_or_number.upper()
    if region is None:
        return reader.find(_ANY_NUMBER, Case, {"number": number})
    return reader.find(_BY_NUMBER, Case, {"region": region, "number": number})


def lock(tx: Transaction, id: str) -> Case | None:
    """The case, held against every other transaction until this one ends. Lock it before anything else of the case."""
    return tx.find(_LOCK, Case, {"case": id})


def claim(tx: Transaction, due: Select[tuple[str, datetime]], limit: int) -> list[str]:
    """Lock active cases among `due` (case and moment), the longest due first; ids of those that were locked.

    Cases that another transaction holds are passed over.
    """
    rows = due.subquery()
    case_id, moment = rows.c
    first = select(case_id.label("id"), func.min(moment).label("moment")).group_by(case_id).subquery()
    query = (
        select(cases.c.id)
        .join(first, first.c.id == cases.c.id)
        .where(cases.c.status == "active")
        .order_by(first.c.moment, cases.c.id)
        .limit(limit)
    )
    return list(tx.execute(query.with_for_update(skip_locked=True, of=cases)).scalars())


def by_start_key(reader: Reader, region: str, process_key: str, start_key: str) -> Case | None:
    return reader.find(_BY_START_KEY, Case, {"region": region, "process_key": process_key, "start_key": start_key})


def step(tx: Transaction, case: Case, variables: Mapping[str, Any], title: str | None = None) -> Case:
    """A step was taken with the locked case: one revision more, its variables as they are now, perhaps a new title."""
    now = {"revision": case.revision + 1, "variables": dict(variables), "title": title or case.title}
    tx.execute(_STEP, {"case": case.id, "to": now["revision"], "variables": now["variables"], "called": now["title"]})
    return Case(**as_row(case) | now)


def end(tx: Transaction, case: Case, *, status: str, outcome: str | None = None, reason: str | None = None) -> Case:
    """`status` is `completed` or `cancelled`."""
    tx.execute(_END, {"case": case.id, "to": status, "with": outcome, "why": reason, "at": tx.now})
    return replace(case, status=status, outcome=outcome, reason=reason, ended_at=tx.now)


def suspend(tx: Transaction, id: str, reason: str) -> bool:
    """False when the case is not active. Timers and reminders are held by their own files."""
    return tx.execute(_SUSPEND, {"case": id, "why": reason, "at": tx.now}).rowcount == 1


def resume(tx: Transaction, id: str) -> bool:
    return tx.execute(_RESUME, {"case": id}).rowcount == 1


def change(tx: Transaction, id: str, **columns: Any) -> None:
    """Set `title`, `owner` or `version`."""
    tx.execute(update(cases).where(cases.c.id == id).values(**columns))


def listed(
    reader: Reader,
    region: str,
    *,
    status: tuple[str, ...] = (),
    process_key: str | None = None,
    text: str = "",
    ids: list[str] | None = None,
    within: Ids | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[Case]:
    """Cases of a region, newest first. `text` is looked for in title and number; `ids` keeps to those one may see, and
    `within` to those that another question finds.
    """
    query = select(cases).where(cases.c.region == region).order_by(cases.c.started_at.desc(), cases.c.id)
    if status:
        query = query.where(cases.c.status.in_(status))
    if process_key:
        query = query.where(cases.c.process_key == process_key)
    if ids is not None:
        query = query.where(cases.c.id.in_(ids))
    if within is not None:
        query = query.where(cases.c.id.in_(within))
    if text:
        query = query.where(or_(cases.c.title.icontains(text, autoescape=True), cases.c.number == text.upper()))
    return reader.all(query.limit(limit).offset(offset), Case)


def active(reader: Reader) -> Iterator[Case]:
    """Every case of every region that goes on, in order of its id, however many there are."""
    for id in reader.execute(select(cases.c.id).where(cases.c.status == "active").order_by(cases.c.id)).scalars().all():
        found = find(reader, id)
        if found is not None:
            yield found


def owned(reader: Reader, region: str, person: str) -> list[str]:
    """Ids of the cases that a person owns."""
    return list(reader.execute(select(cases.c.id).where(cases.c.region == region, cases.c.owner == person)).scalars())


def of_areas(reader: Reader, region: str, areas: Iterable[str]) -> list[str]:
    """Ids of the cases whose `programAreaIds` names one of these areas."""
    wanted = {each for each in areas if each}
    if not wanted:
        return []
    mentioned = or_(*(cases.c.variables.cast(Text).contains(canonical(each), autoescape=True) for each in wanted))
    found = reader.execute(select(cases.c.id, cases.c.variables).where(cases.c.region == region, mentioned))
    return [row.id for row in found if wanted & set(row.variables.get("programAreaIds") or [])]


def stream(reader: Reader, region: str, process_key: str | None = None, version: str | None = None) -> Iterator[Case]:
    """Every case of a region, or of one of its processes or versions, by number: for exports."""
    return reader.stream(_chosen(select(cases), region, process_key, version).order_by(cases.c.number), Case)


def number_of(reader: Reader, region: str, process_key: str | None = None, version: str | None = None) -> int:
    """How many `stream` gives."""
    return int(reader.scalar(_chosen(select(func.count()).select_from(cases), region, process_key, version)))


def _chosen(query: Select[Any], region: str, process_key: str | None, version: str | None) -> Select[Any]:
    chosen = {cases.c.region: region, cases.c.process_key: process_key, cases.c.version: version}
    return query.where(*(column == value for column, value in chosen.items() if value is not None))


def counts(reader: Reader, region: str) -> dict[str, int]:
    """Status -> number of cases."""
    return reader.pairs(_COUNTS, {"region": region})


def _lock_series(tx: Transaction, region: str, series: str) -> None:
    """One new case at a time in a series, so that whoever comes second sees the first and leaves no gap."""
    if tx.execute(_LOCK_SERIES, {"of": region, "in": series}).first() is None:
        tx.insert_new(numbers, {"region": region, "series": series, "last": 0})
        tx.execute(_LOCK_SERIES, {"of": region, "in": series})


def _next_number(tx: Transaction, region: str, series: str) -> str:
    last: int = tx.scalar(_NEXT, {"of": region, "in": series})
    return f"{series}-{last:03d}"
