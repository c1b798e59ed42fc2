"""The inbox: what is mine, what I can take, what I have done. Sorted by due day, priority, age; no due day last.

Each list costs as much as it shows, not as much as there is: every role a person holds is one walk along an index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, literal, or_, select, union
from sqlalchemy.sql.elements import ColumnElement

from store.cases import cases
from store.database import Reader
from store.drafts import drafts
from store.recusals import case_tags, tags_of_person
from store.roles import Held
from store.tasks import ANSWERED, IS_OPEN, NO_DUE_DAY, candidates, exclusions, tasks

COUNT_CAP = 100
"""Counting stops here: the page shows `99+`."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the inbox."""

    id: str
    case_id: str
    key: str
    process: str
    element: str
    kind: str
    name: str
    status: str
    assignee: str | None
    due: date | None
    follow_up: date | None
    priority: int
    sort: str
    opened_at: datetime
    claimed_at: datetime | None
    closed_at: datetime | None
    completed_by: str | None
    on_behalf_of: str | None
    loop_counter: int | None
    properties: dict[str, Any]
    case_title: str
    case_number: str
    case_status: str
    process_key: str
    variables: dict[str, Any]
    """The case's variables."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What to keep. `text` is looked for in task name, case title and number."""

    text: str = ""
    process_key: str | None = None
    due_from: date | None = None
    due_to: date | None = None
    without_due: bool = False
    unowned: bool = False
    """Only what nobody has taken."""
    with_hidden: bool = False
    """Also tasks whose follow-up day has not come."""


@dataclass(frozen=True, slots=True)
class Count:
    open: int
    overdue: int


_listed = select(
    *(tasks.c[name] for name in Listed.__slots__ if name in tasks.c and name != "variables"),
    cases.c.title.label("case_title"),
    cases.c.number.label("case_number"),
    cases.c.status.label("case_status"),
    cases.c.process_key,
    cases.c.variables,
).join(cases, cases.c.id == tasks.c.case_id)


def mine(
    reader: Reader, people: list[str], today: date, filters: Filters = Filters(), *, after: str = "", limit: int = 50
) -> list[Listed]:
    """Open tasks assigned to me, or to those I stand in for. `after` is the `sort` of the last line seen."""
    query = _listed.where(_assigned(people), tasks.c.sort > after, *_kept(filters, today))
    return reader.all(query.order_by(tasks.c.sort).limit(limit), Listed)


def can_take(
    reader: Reader,
    person: str,
    region: str,
    roles: Iterable[Held],
    today: date,
    filters: Filters = Filters(),
    *,
    after: str = "",
    limit: int = 50,
) -> list[Listed]:
    """Open tasks that nobody has and that one of the person's roles may do; never those they are excluded from."""
    barred = tags_of_person(reader, person, today)
    walks = [_offered(each, person, region, today, filters, after, limit, barred) for each in _distinct(roles)]
    if not walks:
        return []
    wanted = union(*(select(walk.subquery()) for walk in walks)).subquery()
    query = _listed.join(wanted, wanted.c.id == tasks.c.id).order_by(tasks.c.sort).limit(limit)
    return reader.all(query, Listed)


def done(reader: Reader, person: str, *, limit: int = 50) -> list[Listed]:
    """Tasks that I have answered, or that were answered on my behalf, latest first."""
    query = _listed.where(
        or_(tasks.c.completed_by == person, tasks.c.on_behalf_of == person),
        tasks.c.status.in_(("completed", ANSWERED)),
    )
    return reader.all(query.order_by(tasks.c.closed_at.desc(), tasks.c.id).limit(limit), Listed)


def ended(reader: Reader, person: str, since: datetime, limit: int = 500) -> list[Listed]:
    """Tasks of mine that were done or withdrawn after a moment, latest first."""
    mine = or_(tasks.c.completed_by == person, and_(tasks.c.assignee == person, tasks.c.status == "cancelled"))
    query = _listed.where(mine, tasks.c.closed_at > since, tasks.c.status != ANSWERED)
    return reader.all(query.order_by(tasks.c.closed_at.desc(), tasks.c.id).limit(limit), Listed)


def all_open(
    reader: Reader, region: str, today: date, filters: Filters = Filters(), *, after: str = "", limit: int = 50
) -> list[Listed]:
    """Every open task of the region: for the coordinator."""
    query = _listed.where(tasks.c.region == region, IS_OPEN, tasks.c.sort > after, *_kept(filters, today))
    return reader.all(query.order_by(tasks.c.sort).limit(limit), Listed)


def drafted(
    reader: Reader, person: str, today: date, filters: Filters = Filters(), *, after: str = "", limit: int = 50
) -> list[Listed]:
    """Open tasks in which I have begun to write, whoever has them now."""
    query = _listed.where(_begun(person), tasks.c.sort > after, *_kept(filters, today))
    return reader.all(query.order_by(tasks.c.sort).limit(limit), Listed)


def counts(
    reader: Reader,
    person: str,
    people: list[str],
    region: str,
    roles: Iterable[Held],
    today: date,
    *,
    whole_region: bool = False,
) -> dict[str, Count]:
    """Open tasks in each view, up to COUNT_CAP, in one grouped query; the same tasks as the lists show.

    `mine`, `can_take`, `drafts`, and for the coordinator (`whole_region`) also `unowned` and `late`.
    """
    views = {"mine": (_assigned(people), Filters()), "drafts": (_begun(person), Filters())}
    if whole_region:
        all_of_region = and_(tasks.c.region == region, IS_OPEN)
        views["unowned"] = all_of_region, Filters(unowned=True)
        views["late"] = all_of_region, Filters(due_to=today - timedelta(days=1))
    own = [_counted(view, condition, filters, today) for view, (condition, filters) in views.items()]
    barred = tags_of_person(reader, person, today)
    offers = [_offered(each, person, region, today, Filters(), "", COUNT_CAP, barred) for each in _distinct(roles)]
    walks = [each.subquery() for each in offers]
    offered = [select(literal("can_take").label("view"), walk.c.id, walk.c.due) for walk in walks]
    rows = union(*(select(each.subquery()) for each in own), *offered).subquery()
    overdue = func.sum(case((rows.c.due < today, 1), else_=0)).label("overdue")
    found = reader.execute(select(rows.c.view, func.count().label("open"), overdue).group_by(rows.c.view))
    counted = {row["view"]: Count(min(row["open"], COUNT_CAP), row["overdue"]) for row in found.mappings()}
    return {view: counted.get(view, Count(0, 0)) for view in (*views, "can_take")}


def _counted(view: str, condition: ColumnElement[bool], filters: Filters, today: date) -> Select[Any]:
    return (
        select(literal(view).label("view"), tasks.c.id, tasks.c.due)
        .join(cases, cases.c.id == tasks.c.case_id)
        .where(condition, *_kept(filters, today))
        .order_by(tasks.c.sort)
        .limit(COUNT_CAP)
    )


def _distinct(roles: Iterable[Held]) -> list[tuple[str, str]]:
    return sorted({(each.role, each.area) for each in roles})


def _begun(person: str) -> ColumnElement[bool]:
    return and_(tasks.c.id.in_(select(drafts.c.task_id).where(drafts.c.person == person)), IS_OPEN)


def _assigned(people: list[str]) -> ColumnElement[bool]:
    return and_(tasks.c.assignee.in_(people), IS_OPEN)


def _offered(
    scope: tuple[str, str],
    person: str,
    region: str,
    today: date,
    filters: Filters,
    after: str,
    limit: int,
    barred: Sequence[str] = (),
) -> Select[Any]:
    """The most urgent tasks that one role may take; a role for the whole region may take those of every area.

    `barred` are the tags of cases that the person may have no part in.
    """
    role, area = scope
    places = [candidates.c.region == region, candidates.c.role == role]
    if area:
        places.append(candidates.c.area == area)
    excluded = exists().where(exclusions.c.task_id == candidates.c.task_id, exclusions.c.person == person)
    recused = [~tasks.c.case_id.in_(select(case_tags.c.case_id).where(case_tags.c.tag.in_(barred)))] if barred else []
    return (
        select(tasks.c.id, tasks.c.due)
        .select_from(candidates)
        .join(tasks, tasks.c.id == candidates.c.task_id)
        .join(cases, cases.c.id == tasks.c.case_id)
        .where(*places, candidates.c.sort > after, ~excluded, *recused, *_kept(filters, today))
        .order_by(candidates.c.sort)
        .limit(limit)
    )


def _kept(filters: Filters, today: date) -> list[ColumnElement[bool]]:
    """Days are looked for in `sort`, which begins with the due day: then an index bounds the walk."""
    kept: list[ColumnElement[bool]] = []
    if not filters.with_hidden:
        kept.append(or_(tasks.c.follow_up.is_(None), tasks.c.follow_up <= today))
    if filters.process_key:
        kept.append(cases.c.process_key == filters.process_key)
    if filters.due_from:
        kept.append(tasks.c.sort.between(filters.due_from.isoformat(), NO_DUE_DAY))
    if filters.due_to:
        kept.append(tasks.c.sort < (filters.due_to + timedelta(days=1)).isoformat())
    if filters.without_due:
        kept.append(tasks.c.due.is_(None))
        kept.append(tasks.c.sort >= NO_DUE_DAY)
    if filters.unowned:
        kept.append(tasks.c.assignee.is_(None))
    if filters.text:
        kept.append(_mentions(filters.text))
    return kept


def _mentions(words: str) -> ColumnElement[bool]:
    looked_in = (tasks.c.name, cases.c.title, cases.c.number)
    return or_(*(column.icontains(words, autoescape=True) for column in looked_in))
