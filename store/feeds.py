"""Lists for other systems, page by page: only what the one who asks may see, in an order that stands still.

`after` is the sort key of the last row of the page before. Every list answers with at most `limit` rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select, true, tuple_

from store.cases import Case, cases, of_areas
from store.columns import Instant
from store.database import Reader
from store.definitions import Deployment, deployments, versions
from store.history import Entry, history, of_region
from store.incidents import Incident, incidents
from store.outbox import Outgoing, outbox
from store.tasks import Task, candidates, tasks
from store.webhooks import Attempt
from store.webhooks import attempts as tried

Key = Sequence[Any]


@dataclass(frozen=True)
class Sight:
    """What someone may see of lists."""

    region: str
    person: str
    people: tuple[str, ...]
    """The person, and those they stand in for."""
    roles: tuple[tuple[str, str], ...]
    """Role and area; area "" is the whole region."""
    chaired: tuple[str, ...]
    """The programme areas that the person chairs."""
    all_cases: bool
    all_tasks: bool
    all_incidents: bool


@dataclass(frozen=True)
class TaskFilters:
    """What to keep of the tasks; None keeps all."""

    status: str | None = None
    assignee: str | None = None
    candidate: tuple[str, str] | None = None
    """Role and area."""
    case_id: str | None = None
    process_key: str | None = None
    element: str | None = None
    due_before: date | None = None
    due_after: date | None = None


@dataclass(frozen=True)
class CaseFilters:
    """What to keep of the cases; None keeps all."""

    status: str | None = None
    process_key: str | None = None
    start_key: str | None = None
    number: str | None = None
    started_after: datetime | None = None
    started_before: datetime | None = None


@dataclass(frozen=True)
class HistoryFilters:
    """What to keep of history; None keeps all."""

    case_id: str | None = None
    element: str | None = None
    person: str | None = None
    what: str | None = None
    since: datetime | None = None
    before: datetime | None = None


# Cases and tasks ---------------------------------------------------------------------------------------------------


def cases_of(reader: Reader, sight: Sight, filters: CaseFilters, *, after: Key | None = None, limit: int) -> list[Case]:
    """Newest first; the key is `started_at` and `id`."""
    kept = [cases.c.region == sight.region, _sees_case(reader, sight, cases.c.id)]
    equal = {
        cases.c.status: filters.status,
        cases.c.process_key: filters.process_key,
        cases.c.start_key: filters.start_key,
        cases.c.number: filters.number,
    }
    kept += [column == value for column, value in equal.items() if value is not None]
    kept += _between(cases.c.started_at, filters.started_after, filters.started_before)
    query = select(cases).where(*kept).order_by(cases.c.started_at.desc(), cases.c.id.desc())
    return reader.all(_beyond(query, (cases.c.started_at, cases.c.id), after, down=True).limit(limit), Case)


def tasks_of(reader: Reader, sight: Sight, filters: TaskFilters, *, after: Key | None = None, limit: int) -> list[Task]:
    """The most urgent first; the key is `sort`."""
    query = _tasks(sight, filters).order_by(tasks.c.sort)
    return reader.all(_beyond(query, (tasks.c.sort,), after).limit(limit), Task)


def past_tasks(
    reader: Reader, sight: Sight, filters: TaskFilters, *, after: Key | None = None, limit: int
) -> list[Task]:
    """Newest first; the key is `opened_at` and `id`."""
    query = _tasks(sight, filters).order_by(tasks.c.opened_at.desc(), tasks.c.id.desc())
    return reader.all(_beyond(query, (tasks.c.opened_at, tasks.c.id), after, down=True).limit(limit), Task)


def roles_of(reader: Reader, ids: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Task id -> its candidates: role and area."""
    query = select(candidates.c.task_id, candidates.c.role, candidates.c.area).where(candidates.c.task_id.in_(ids))
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in reader.execute(query.order_by(candidates.c.role, candidates.c.area)):
        found[row.task_id].append((row.role, row.area))
    return found


def cases_by_id(reader: Reader, ids: Iterable[str]) -> dict[str, Case]:
    """Several cases at once, for a page that shows many."""
    query = select(cases).where(cases.c.id.in_(set(ids)))
    return {each.id: each for each in reader.all(query, Case)}


def _tasks(sight: Sight, filters: TaskFilters) -> Select[Any]:
    seen = true() if sight.all_tasks else tasks.c.case_id.in_(_took_part(sight))
    kept = [tasks.c.region == sight.region, seen]
    equal = {
        tasks.c.status: filters.status,
        tasks.c.assignee: filters.assignee,
        tasks.c.case_id: filters.case_id,
        tasks.c.element: filters.element,
    }
    kept += [column == value for column, value in equal.items() if value is not None]
    if filters.candidate is not None:
        role, area = filters.candidate
        offered = select(candidates.c.task_id).where(candidates.c.role == role, candidates.c.area == area)
        kept.append(tasks.c.id.in_(offered))
    if filters.process_key is not None:
        kept.append(tasks.c.case_id.in_(select(cases.c.id).where(cases.c.process_key == filters.process_key)))
    if filters.due_before is not None:
        kept.append(tasks.c.due < filters.due_before)
    if filters.due_after is not None:
        kept.append(tasks.c.due > filters.due_after)
    return select(tasks).where(*kept)


# History -----------------------------------------------------------------------------------------------------------

ENDS = ("completed", "cancelled")
"""What closes an activity."""


def activities(
    reader: Reader, sight: Sight, filters: HistoryFilters, *, after: Key | None = None, limit: int
) -> list[Entry]:
    """The first row of every activity of the cases, oldest first; the key is `at`, `chain` and `seq`."""
    earlier = history.alias("earlier")
    begun_before = (
        select(earlier.c.seq)
        .where(
            earlier.c.chain == history.c.chain,
            earlier.c.task == history.c.task,
            earlier.c.element == history.c.element,
            earlier.c.seq < history.c.seq,
        )
        .exists()
    )
    an_activity = and_(history.c.task.is_not(None), history.c.element_kind.not_in(("sequenceFlow", "")))
    query = _history(reader, sight, filters).where(an_activity, ~begun_before)
    return reader.all(_in_time(query, after).limit(limit), Entry)


def endings(reader: Reader, begun: Sequence[Entry]) -> dict[tuple[str, str, str], Entry]:
    """How activities ended, by chain, task and element; without those that go on."""
    wanted = {(each.chain, each.task) for each in begun}
    if not wanted:
        return {}
    query = select(history).where(tuple_(history.c.chain, history.c.task).in_(wanted), history.c.what.in_(ENDS))
    return {(each.chain, each.task or "", each.element): each for each in reader.all(query, Entry)}


def operations(
    reader: Reader, sight: Sight, filters: HistoryFilters, *, after: Key | None = None, limit: int
) -> list[Entry]:
    """What people have done, oldest first; the key is `at`, `chain` and `seq`."""
    by_people = or_(history.c.person.is_not(None), history.c.on_behalf_of.is_not(None))
    return reader.all(_in_time(_history(reader, sight, filters).where(by_people), after).limit(limit), Entry)


def _history(reader: Reader, sight: Sight, filters: HistoryFilters) -> Select[Any]:
    kept = [history.c.region == sight.region, _sees_chain(reader, sight)]
    equal = {
        history.c.chain: filters.case_id,
        history.c.element: filters.element,
        history.c.person: filters.person,
        history.c.what: filters.what,
    }
    kept += [column == value for column, value in equal.items() if value is not None]
    return select(history).where(*kept, *_between(history.c.at, filters.since, filters.before))


def _in_time(query: Select[Any], after: Key | None) -> Select[Any]:
    columns = (history.c.at, history.c.chain, history.c.seq)
    return _beyond(query.order_by(*columns), columns, after)


def _sees_chain(reader: Reader, sight: Sight) -> ColumnElement[bool]:
    """Everyone the chains of their cases; that of the region those who see all."""
    if sight.all_cases:
        return true()
    return and_(history.c.chain != of_region(sight.region), _sees_case(reader, sight, history.c.chain))


# Processes and incidents -------------------------------------------------------------------------------------------


def deployed(
    reader: Reader,
    region: str,
    *,
    process_key: str | None = None,
    only: Iterable[str] | None = None,
    after: Key | None = None,
    limit: int,
) -> list[Deployment]:
    """Every version of every process of a region, or only those; the key is `process_key` and `number`."""
    query = select(deployments, versions.c.name).join(versions, versions.c.hash == deployments.c.version)
    query = query.where(deployments.c.region == region).order_by(deployments.c.process_key, deployments.c.number)
    if process_key is not None:
        query = query.where(deployments.c.process_key == process_key)
    if only is not None:
        query = query.where(deployments.c.id.in_(set(only)))
    return reader.all(_beyond(query, (deployments.c.process_key, deployments.c.number), after).limit(limit), Deployment)


def incidents_of(
    reader: Reader,
    sight: Sight,
    *,
    status: str | None = None,
    case_id: str | None = None,
    id: str | None = None,
    after: Key | None = None,
    limit: int,
) -> list[Incident]:
    """Newest first; the key is `first_at` and `id`."""
    seen = true() if sight.all_incidents else _sees_case(reader, sight, incidents.c.case_id)
    kept = [incidents.c.region == sight.region, seen]
    equal = {incidents.c.status: status, incidents.c.case_id: case_id, incidents.c.id: id}
    kept += [column == value for column, value in equal.items() if value is not None]
    query = select(incidents).where(*kept).order_by(incidents.c.first_at.desc(), incidents.c.id.desc())
    return reader.all(_beyond(query, (incidents.c.first_at, incidents.c.id), after, down=True).limit(limit), Incident)


# Deliveries --------------------------------------------------------------------------------------------------------


def deliveries(
    reader: Reader, endpoint: str, *, status: str | None = None, after: Key | None = None, limit: int
) -> list[Outgoing]:
    """What has been sent or waits to be sent to an endpoint, newest first; the key is `created_at` and `id`."""
    query = select(outbox).where(outbox.c.kind == "event", outbox.c.recipient == endpoint)
    if status is not None:
        query = query.where(outbox.c.status == status)
    query = query.order_by(outbox.c.created_at.desc(), outbox.c.id.desc())
    return reader.all(_beyond(query, (outbox.c.created_at, outbox.c.id), after, down=True).limit(limit), Outgoing)


def attempts(reader: Reader, ids: Iterable[str]) -> dict[str, Attempt]:
    """Delivery id -> the latest attempt."""
    query = select(tried).where(tried.c.delivery.in_(set(ids))).order_by(tried.c.attempt, tried.c.at)
    return {each.delivery: each for each in reader.all(query, Attempt)}


# Who sees what, and where a page begins ----------------------------------------------------------------------------


def _sees_case(reader: Reader, sight: Sight, id: ColumnElement[Any]) -> ColumnElement[bool]:
    if sight.all_cases:
        return true()
    owned = select(cases.c.id).where(cases.c.region == sight.region, cases.c.owner == sight.person)
    seen = or_(id.in_(_took_part(sight)), id.in_(owned))
    return or_(seen, id.in_(of_areas(reader, sight.region, sight.chaired))) if sight.chaired else seen


def _took_part(sight: Sight) -> Select[Any]:
    """The cases in which the person, or a role of theirs, has or had a task."""
    keys = list(sight.people)
    took = or_(tasks.c.assignee.in_(keys), tasks.c.completed_by.in_(keys), tasks.c.on_behalf_of.in_(keys))
    held = [
        and_(candidates.c.role == role, candidates.c.area == area if area else true()) for role, area in sight.roles
    ]
    offered = select(candidates.c.task_id).where(candidates.c.region == sight.region, or_(*held)) if held else None
    mine = took if offered is None else or_(took, tasks.c.id.in_(offered))
    return select(tasks.c.case_id).where(tasks.c.region == sight.region, mine)


def _between(column: ColumnElement[Any], since: Any, before: Any) -> list[ColumnElement[bool]]:
    kept = [] if since is None else [column >= since]
    return kept if before is None else [*kept, column < before]


def _beyond(query: Select[Any], columns: Sequence[Any], after: Key | None, *, down: bool = False) -> Select[Any]:
    if after is None:
        return query
    values = tuple_(*(literal(each, Instant()) if isinstance(each, datetime) else literal(each) for each in after))
    return query.where(tuple_(*columns) < values if down else tuple_(*columns) > values)
