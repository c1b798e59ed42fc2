"""Where the cases of a process wait: counted in the database for each place of a diagram, however many cases there are.

A case waits for tasks, for timers and messages in its way, and where a fault has stopped it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    Select,
    Table,
    and_,
    case,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from store import incidents, tasks
from store.cases import OPEN, Ids, cases
from store.columns import Instant, constant
from store.database import Reader
from store.history import history
from store.incidents import incidents as stops
from store.subscriptions import subscriptions
from store.tasks import tasks as jobs
from store.timers import timers

BESIDE = ("clock", "message", "document")
"""Rules of incidents that do not stop the case where they happened: something beside it failed."""
NO, YES = literal_column("0", Integer), literal_column("1", Integer)
"""To be added up."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process with open cases."""

    process_key: str
    cases: int
    late: int
    """Of them: how many have a task whose day has passed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The open cases of a process, seen on one of its diagrams."""

    region: str
    process_key: str
    ids: Sequence[str] | None
    """The cases that count; None counts all."""
    now: datetime
    today: date
    process: str
    """The process whose diagram it is: the case's own, or one that it calls."""
    catches: Mapping[str, str]
    """Events and receive tasks that a case may come to and wait at -> the process that they stand in."""
    calls: Mapping[str, Sequence[str]]
    """A process called from there, also through others -> the call activities of the diagram that lead to it."""


@dataclass(frozen=True, slots=True)
class Waits:
    """How it stands at one place of the diagram, counted in cases."""

    element: str
    cases: int
    late: int
    """Cases whose day has passed there."""
    stopped: int
    """Cases that a fault has stopped there."""
    since: datetime
    """When the case in the middle came there: half of them have waited at least as long."""


def processes(reader: Reader, region: str, ids: Sequence[str] | None, today: date) -> list[Running]:
    """The processes that have open cases, the one with most first; `ids` keeps to the cases one may see."""
    overdue = select(jobs.c.case_id).where(jobs.c.region == region, tasks.IS_OPEN, jobs.c.sort < today.isoformat())
    query = (
        select(
            cases.c.process_key,
            func.count().label("cases"),
            func.sum(case((cases.c.id.in_(overdue), YES), else_=NO)).label("late"),
        )
        .where(*_open(region, ids))
        .group_by(cases.c.process_key)
        .order_by(func.count().desc(), cases.c.process_key)
    )
    return reader.all(query, Running)


def versions(reader: Reader, region: str, process_key: str, ids: Sequence[str] | None) -> dict[str, int]:
    """Version -> how many open cases of the process stand on it."""
    kept = (*_open(region, ids), cases.c.process_key == process_key)
    return reader.pairs(select(cases.c.version, func.count()).where(*kept).group_by(cases.c.version))


def counts(reader: Reader, wanted: Wanted) -> list[Waits]:
    """Every place of the diagram where cases wait, those with most late ones first."""
    placed = _placed(wanted)
    arrived = (
        select(
            placed.c.element,
            func.min(placed.c.since).label("since"),
            func.max(placed.c.late).label("late"),
            func.max(placed.c.stopped).label("stopped"),
        )
        .group_by(placed.c.case_id, placed.c.element)
        .subquery()
    )
    ranked = select(
        arrived,
        func.row_number().over(partition_by=arrived.c.element, order_by=arrived.c.since).label("rank"),
        func.count().over(partition_by=arrived.c.element).label("of"),
    ).subquery()
    late, number = func.sum(ranked.c.late), func.count()
    in_the_middle = case((ranked.c.rank == (ranked.c.of + 1) // 2, ranked.c.since))
    query = (
        select(
            ranked.c.element,
            number.label("cases"),
            late.label("late"),
            func.sum(ranked.c.stopped).label("stopped"),
            func.max(in_the_middle).label("since"),
        )
        .group_by(ranked.c.element)
        .order_by(late.desc(), number.desc(), ranked.c.element)
    )
    return reader.all(query, Waits)


def cases_at(wanted: Wanted, element: str) -> Ids:
    """The ids of the cases that `counts` counts at one place."""
    placed = _placed(wanted)
    there = select(placed.c.case_id).where(placed.c.element == element).cte("there")
    # Found once: PostgreSQL takes them for few, and would look for them anew for every case.
    return select(there.prefix_with("MATERIALIZED", dialect="postgresql").c.case_id)


def _placed(wanted: Wanted) -> FromClause:
    """All that open cases wait for, at the place of the diagram where it is seen: in it, or inside what it calls."""
    each = _waiting(wanted).subquery()
    inside = [(each.c.process == called, _entered(each, wanted, by)) for called, by in wanted.calls.items()]
    place = case((each.c.process == wanted.process, each.c.element), *inside)
    shown = each.c.process.in_((wanted.process, *wanted.calls))
    return (
        select(each.c.case_id, place.label("element"), each.c.since, each.c.late, each.c.stopped)
        .where(shown)
        .subquery()
    )


def _entered(each: FromClause, wanted: Wanted, calls: Sequence[str]) -> ColumnElement[str]:
    """The call activity that the case is in: where several lead to the same process, the one it came to last."""
    if len(calls) == 1:
        return literal(calls[0])
    return (
        select(history.c.element)
        .where(history.c.chain == each.c.case_id, history.c.what == constant("ready"))
        .where(history.c.process == wanted.process, history.c.element.in_(calls))
        .order_by(history.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )


def _waiting(wanted: Wanted) -> CompoundSelect[Any]:
    """A row for each thing that an open case waits for: case, process, element, since when, late, stopped."""
    is_task = (jobs.c.region == wanted.region, tasks.IS_OPEN)
    is_stop = (stops.c.region == wanted.region, incidents.IS_OPEN, stops.c.rule.not_in(BESIDE))
    found = [
        _rows(wanted, jobs, jobs.c.opened_at, late=case((jobs.c.due < wanted.today, YES), else_=NO)).where(*is_task),
        _rows(wanted, stops, stops.c.first_at, stopped=YES).where(*is_stop),
    ]
    if wanted.catches:
        overdue = case((and_(timers.c.due < wanted.now, cases.c.status == "active"), YES), else_=NO)
        found += [
            _rows(wanted, timers, _armed_at(), late=overdue).where(timers.c.element.in_(wanted.catches)),
            _rows(wanted, subscriptions, subscriptions.c.since).where(subscriptions.c.element.in_(wanted.catches)),
        ]
    return union_all(*found)


def _rows(
    wanted: Wanted,
    table: Table,
    since: ColumnElement[datetime],
    late: ColumnElement[int] = NO,
    stopped: ColumnElement[int] = NO,
) -> Select[Any]:
    process = table.c.process if "process" in table.c else case(dict(wanted.catches), value=table.c.element)
    return (
        select(
            table.c.case_id,
            process.label("process"),
            table.c.element,
            since.label("since"),
            late.label("late"),
            stopped.label("stopped"),
        )
        .join(cases, cases.c.id == table.c.case_id)
        .where(*_open(wanted.region, wanted.ids), cases.c.process_key == wanted.process_key)
    )


def _armed_at() -> ColumnElement[datetime]:
    """When the case came to a timer. After an event-based gateway, which tells of none of its events, it is known from
    a message that is awaited with it.
    """
    came = (
        select(history.c.at)
        .where(history.c.chain == timers.c.case_id, history.c.task == timers.c.key, history.c.what == constant("ready"))
        .order_by(history.c.seq.desc())
        .limit(1)
    )
    beside = select(func.max(subscriptions.c.since)).where(subscriptions.c.case_id == timers.c.case_id)
    return func.coalesce(came.scalar_subquery(), beside.scalar_subquery(), cases.c.started_at, type_=Instant)


def _open(region: str, ids: Sequence[str] | None) -> tuple[ColumnElement[bool], ...]:
    open_ones = (cases.c.region == region, cases.c.status.in_(OPEN))
    return open_ones if ids is None else (*open_ones, cases.c.id.in_(ids))
