"""Tasks: what waits for someone, and what was done. The inbox's own queries are in `inbox.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    or_,
    select,
    tuple_,
    update,
)

from store.cases import Case, cases
from store.columns import Instant, Json, as_row, constant, instant_text, metadata, new_id, partial_index
from store.database import Reader, Transaction
from store.quick import quick
from store.roles import split_scope

tasks = Table(
    "tasks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("assignee", Text),
    Column("due", Date),
    Column("follow_up", Date),
    Column("priority", Integer, nullable=False),
    Column("sort", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("claimed_at", Instant),
    Column("claimed_by", Text),
    Column("closed_at", Instant),
    Column("completed_by", Text),
    Column("on_behalf_of", Text),
    Column("reason", Text),
    Column("topic", Text),
    Column("loop_counter", Integer),
    Column("multi_instance", Text),
    Column("element_value", Json),
    Column("form", Text),
    Column("inputs", Json, nullable=False),
    Column("variables", Json, nullable=False),
    Column("properties", Json, nullable=False),
    Column("values", Json),
    Index(None, "case_id", "key", unique=True),
    # Only of rows that they are for: every index that a completion touches is a page of its commit.
    partial_index("ix_tasks_mine", "assignee", "sort", where="status = 'open' AND assignee IS NOT NULL"),
    partial_index("ix_tasks_region", "region", "sort", where="status = 'open'"),
    partial_index("ix_tasks_done", "completed_by", "closed_at", where="completed_by IS NOT NULL"),
    partial_index("ix_tasks_on_behalf_of_closed_at", "on_behalf_of", "closed_at", where="on_behalf_of IS NOT NULL"),
)

candidates = Table(
    "task_candidates",
    metadata,
    Column("task_id", ForeignKey("tasks.id"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("area", Text, primary_key=True),
    Column("region", Text, nullable=False),
    # NULL where there is nothing to take: the task is someone's, or closed.
    Column("sort", Text),
    # The most urgent of a role, of one area or of all, are the first rows of an index: however many tasks there are.
    partial_index("ix_task_candidates_area", "region", "role", "area", "sort", where="sort IS NOT NULL"),
    partial_index("ix_task_candidates_role", "region", "role", "sort", where="sort IS NOT NULL"),
    sqlite_with_rowid=False,
)

exclusions = Table(
    "task_exclusions",
    metadata,
    Column("task_id", ForeignKey("tasks.id"), primary_key=True),
    Column("person", Text, primary_key=True),
    Column("reason", Text, nullable=False),
)


@quick(frozen=True, slots=True)
class Task:
    id: str
    case_id: str
    key: str
    """The core's task key: stable, and unique within the case."""
    region: str
    process: str
    element: str
    kind: str
    """`person`, `connector`, or `vacancy` when nobody holds the role."""
    name: str
    status: str
    """`open`, `answered` (and may still be taken back: `held_answers`), `completed` or `cancelled`."""
    assignee: str | None
    due: date | None
    follow_up: date | None
    priority: int
    sort: str
    """Sorts by due day (none last), then priority (high first), then age; also the place to go on from in a list."""
    opened_at: datetime
    claimed_at: datetime | None = None
    claimed_by: str | None = None
    closed_at: datetime | None = None
    completed_by: str | None = None
    on_behalf_of: str | None = None
    reason: str | None = None
    topic: str | None = None
    loop_counter: int | None = None
    multi_instance: str | None = None
    element_value: Any = None
    form: str | None = None
    """What the form was when the task opened: `<version hash>/<process>/<element>`."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    """What the element sees: for form defaults and rules."""
    properties: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] | None = None
    """The answers, once completed. They, `closed_at` and who it was are here also of a task that is `answered`."""


UNDO = "undo"
"""Property of a task: how long whoever answers it may take the answer back."""
ANSWERED = "answered"
UNCLOSED = frozenset(("open", ANSWERED))
"""Of a task that the case still waits for."""

IS_OPEN = tasks.c.status == constant("open")
IS_ANSWERED = tasks.c.status == constant(ANSWERED)
IS_UNCLOSED = or_(IS_OPEN, IS_ANSWERED)


NO_DUE_DAY = "9999-12-31"
"""Where tasks without a due day begin in `sort`."""


def sort_key(due: date | None, priority: int, opened_at: datetime, id: str) -> str:
    """Due day (none last), priority (high first), age, id: one text, so that one index serves."""
    urgency = 999 - min(max(priority, 0), 999)
    return f"{due.isoformat() if due else NO_DUE_DAY} {urgency:03d} {instant_text(opened_at)} {id}"


# Opening and closing -----------------------------------------------------------------------------------------------

_CLOSE = (
    update(tasks)
    .where(tasks.c.id == bindparam("task"), IS_UNCLOSED)
    .values(
        status=bindparam("to"),
        closed_at=bindparam("at"),
        completed_by=bindparam("by"),
        on_behalf_of=bindparam("behalf"),
        reason=bindparam("why"),
        values=bindparam("answers"),
    )
)
_REOPEN = (
    update(tasks)
    .where(tasks.c.id == bindparam("task"), IS_ANSWERED)
    .values(status="open", closed_at=None, completed_by=None, on_behalf_of=None, reason=None, values=None)
)
_TAKEN = update(candidates).where(candidates.c.task_id == bindparam("task")).values(sort=None)
_OFFERED = (
    update(candidates)
    .where(candidates.c.task_id == bindparam("task"))
    .values(sort=select(tasks.c.sort).where(tasks.c.id == candidates.c.task_id, IS_OPEN).scalar_subquery())
)


def open(
    tx: Transaction,
    *,
    case_id: str,
    key: str,
    region: str,
    process: str,
    element: str,
    kind: str,
    name: str,
    candidates: Iterable[str] = (),
    assignee: str | None = None,
    due: date | None = None,
    follow_up: date | None = None,
    priority: int = 0,
    **more: Any,
) -> Task:
    """A new open task. `candidates` are roles with scope (`lpoChair@LUNG`); `more` are the other fields of Task."""
    id = new_id()
    task = Task(
        id=id,
        case_id=case_id,
        key=key,
        region=region,
        process=process,
        element=element,
        kind=kind,
        name=name,
        status="open",
        assignee=assignee,
        due=due,
        follow_up=follow_up,
        priority=priority,
        sort=sort_key(due, priority, tx.now, id),
        opened_at=tx.now,
        **more,
    )
    tx.insert(tasks, as_row(task))
    _add_candidates(tx, task, candidates)
    return task


def close(
    tx: Transaction,
    id: str,
    status: str,
    *,
    by: str | None = None,
    on_behalf_of: str | None = None,
    reason: str | None = None,
    values: Mapping[str, Any] | None = None,
) -> bool:
    """`status` is `completed`, `cancelled` or `answered`. False when the task is closed already: someone was faster."""
    row = {"task": id, "to": status, "at": tx.now, "by": by, "behalf": on_behalf_of, "why": reason, "answers": values}
    if tx.execute(_CLOSE, row).rowcount == 0:
        return False
    tx.execute(_TAKEN, {"task": id})
    return True


def reopen(tx: Transaction, task: Task) -> bool:
    """The answer was taken back: the task is as before. False when it is not `answered` any more."""
    reopened = tx.execute(_REOPEN, {"task": task.id}).rowcount == 1
    if reopened and task.assignee is None:
        tx.execute(_OFFERED, {"task": task.id})
    return reopened


# Who has it --------------------------------------------------------------------------------------------------------

_CLAIM = (
    update(tasks)
    .where(tasks.c.id == bindparam("task"), IS_OPEN, tasks.c.assignee.is_(None))
    .values(assignee=bindparam("person"), claimed_by=bindparam("person"), claimed_at=bindparam("at"))
)
_RENAME = (
    update(tasks)
    .where(tasks.c.case_id == bindparam("case"), tasks.c.key == bindparam("at"))
    .values(element=bindparam("to"))
)
_ASSIGN = (
    update(tasks)
    .where(tasks.c.id == bindparam("task"), IS_OPEN)
    .values(assignee=bindparam("person"), claimed_by=bindparam("by"), claimed_at=bindparam("at"))
)


def claim(tx: Transaction, id: str, person: str) -> bool:
    """Take a task that nobody has. False when someone was faster, or it is closed."""
    taken = tx.execute(_CLAIM, {"task": id, "person": person, "at": tx.now}).rowcount == 1
    if taken:
        tx.execute(_TAKEN, {"task": id})
    return taken


def release(tx: Transaction, id: str) -> bool:
    """Give a task back to its candidates. False when it is not open."""
    given = tx.execute(_ASSIGN, {"task": id, "person": None, "by": None, "at": None}).rowcount == 1
    if given:
        tx.execute(_OFFERED, {"task": id})
    return given


def assign(tx: Transaction, id: str, person: str, by: str | None) -> bool:
    """Give a task to a person, whoever has it. False when it is not open."""
    given = tx.execute(_ASSIGN, {"task": id, "person": person, "by": by, "at": tx.now}).rowcount == 1
    if given:
        tx.execute(_TAKEN, {"task": id})
    return given


def add_candidates(tx: Transaction, id: str, roles: Iterable[str]) -> None:
    """More roles may do it: an escalation, or the coordinator where a role is vacant."""
    task = find(tx, id)
    if task is not None:
        _add_candidates(tx, task, roles)


def exclude(tx: Transaction, id: str, person: str, reason: str) -> None:
    """This person may not do it, because of what they have done: `four-eyes`. Recusals are in `recusals`."""
    tx.insert_new(exclusions, {"task_id": id, "person": person, "reason": reason})


def redate(
    tx: Transaction,
    task: Task,
    *,
    due: date | None,
    follow_up: date | None,
    candidates: Iterable[str] | None = None,
    properties: Mapping[str, Any] | None = None,
) -> None:
    """Other dates, and other candidates unless None, for an open task."""
    sort = sort_key(due, task.priority, task.opened_at, task.id)
    change: dict[str, Any] = {"due": due, "follow_up": follow_up, "sort": sort}
    if properties is not None:
        change["properties"] = dict(properties)
    tx.execute(update(tasks).where(tasks.c.id == task.id).values(**change))
    if candidates is None:
        tx.execute(_OFFERED if task.assignee is None else _TAKEN, {"task": task.id})
        return
    tx.execute(delete(_CANDIDATES).where(_CANDIDATES.c.task_id == task.id))
    _add_candidates(tx, task, candidates, sort)


def refit(
    tx: Transaction,
    task: Task,
    *,
    name: str,
    element: str,
    priority: int,
    form: str,
    inputs: Mapping[str, Any],
    variables: Mapping[str, Any],
) -> Task:
    """What an open task is, as another version of its process says; `redate` then says when and for whom."""
    change: dict[str, Any] = {"name": name, "element": element, "priority": priority, "form": form}
    change |= {"inputs": dict(inputs), "variables": dict(variables)}
    tx.execute(update(tasks).where(tasks.c.id == task.id).values(**change))
    return replace(task, **change)


def rename(tx: Transaction, case_id: str, elements: Mapping[str, str]) -> None:
    """The case's version calls the elements otherwise: task key -> element. So four eyes know who did what."""
    if elements:
        tx.execute(_RENAME, [{"case": case_id, "at": key, "to": element} for key, element in elements.items()])


# The functions above call their argument what people call it; the table keeps another name beside it.
_CANDIDATES = candidates


def _add_candidates(tx: Transaction, task: Task, roles: Iterable[str], sort: str | None = None) -> None:
    offered = (sort or task.sort) if task.assignee is None and task.status == "open" else None
    wanted = sorted({split_scope(each) for each in roles})
    same = {"task_id": task.id, "region": task.region, "sort": offered}
    tx.insert_missing(_CANDIDATES, [same | {"role": role, "area": area} for role, area in wanted])


# Reading -----------------------------------------------------------------------------------------------------------

_FIND = select(tasks).where(tasks.c.id == bindparam("task"))
_LOCK_CASE = (
    select(cases)
    .join(tasks, tasks.c.case_id == cases.c.id)
    .where(tasks.c.id == bindparam("task"))
    .with_for_update(of=cases)
)
_BY_KEY = select(tasks).where(tasks.c.case_id == bindparam("case"), tasks.c.key == bindparam("key"))
_OF_CASE = select(tasks).where(tasks.c.case_id == bindparam("case")).order_by(tasks.c.opened_at, tasks.c.id)
_OPEN_OF_CASE = _OF_CASE.where(IS_UNCLOSED)
_OPEN_OF_CASES = (
    select(tasks)
    .where(tasks.c.case_id.in_(bindparam("cases", expanding=True)), IS_UNCLOSED)
    .order_by(tasks.c.opened_at, tasks.c.id)
)
_ASSIGNED = (
    select(tasks)
    .where(tasks.c.region == bindparam("region"), tasks.c.assignee == bindparam("person"), IS_OPEN)
    .order_by(tasks.c.sort)
)
_ROLES = (
    select(candidates.c.role, candidates.c.area)
    .where(candidates.c.task_id == bindparam("task"))
    .order_by(candidates.c.role, candidates.c.area)
)
_EXCLUDED = select(exclusions.c.person, exclusions.c.reason).where(exclusions.c.task_id == bindparam("task"))
_PERFORMERS = select(tasks.c.completed_by).where(
    tasks.c.case_id == bindparam("case"),
    tasks.c.element.in_(bindparam("elements", expanding=True)),
    or_(tasks.c.status == constant("completed"), IS_ANSWERED),
    tasks.c.completed_by.is_not(None),
)


def find(reader: Reader, id: str) -> Task | None:
    return reader.find(_FIND, Task, {"task": id})


def lock_case(tx: Transaction, id: str) -> Case | None:
    """The case of a task, locked as by `cases.lock`."""
    return tx.find(_LOCK_CASE, Case, {"task": id})


def by_key(reader: Reader, case_id: str, key: str) -> Task | None:
    return reader.find(_BY_KEY, Task, {"case": case_id, "key": key})


def of_case(reader: Reader, case_id: str) -> list[Task]:
    """Every task that the case ever had, oldest first."""
    return reader.all(_OF_CASE, Task, {"case": case_id})


def open_of_case(reader: Reader, case_id: str) -> list[Task]:
    """Those that the case waits for: also what is answered but may still be taken back."""
    return reader.all(_OPEN_OF_CASE, Task, {"case": case_id})


def open_of_cases(reader: Reader, case_ids: Iterable[str]) -> dict[str, list[Task]]:
    """As `open_of_case`, for several at once; a case that waits for nothing is left out."""
    found: dict[str, list[Task]] = {}
    for task in reader.all(_OPEN_OF_CASES, Task, {"cases": list(case_ids)}):
        found.setdefault(task.case_id, []).append(task)
    return found


def assigned(reader: Reader, region: str, person: str) -> list[Task]:
    """The open tasks that a person has in a region, the most urgent first."""
    return reader.all(_ASSIGNED, Task, {"region": region, "person": person})


def roles_of(reader: Reader, id: str) -> list[tuple[str, str]]:
    """The candidates: role and area."""
    return [(role, area) for role, area in reader.execute(_ROLES, {"task": id})]


def excluded(reader: Reader, id: str) -> dict[str, str]:
    """Person key -> why they may not do it."""
    return reader.pairs(_EXCLUDED, {"task": id})


def performers(reader: Reader, case_id: str, elements: Iterable[str]) -> set[str]:
    """Who has done tasks at these elements of the case: for four eyes."""
    return set(reader.execute(_PERFORMERS, {"case": case_id, "elements": list(elements)}).scalars())


def cases_of(reader: Reader, region: str, people: Iterable[str], roles: Iterable[tuple[str, str]]) -> list[str]:
    """Ids of the region's cases in which these people, or these roles, have or had a task; area "" is every area."""
    keys = list(people)
    took = or_(tasks.c.assignee.in_(keys), tasks.c.completed_by.in_(keys), tasks.c.on_behalf_of.in_(keys))
    offered = select(candidates.c.task_id).where(_offered_to(region, roles))
    query = select(tasks.c.case_id).where(tasks.c.region == region, or_(took, tasks.c.id.in_(offered))).distinct()
    return list(reader.execute(query).scalars())


def offered(reader: Reader, region: str, roles: Iterable[tuple[str, str]]) -> list[Task]:
    """The open tasks that nobody has and that these roles may take; area "" is every area."""
    waiting = select(candidates.c.task_id).where(_offered_to(region, roles), candidates.c.sort.is_not(None))
    return reader.all(select(tasks).where(tasks.c.id.in_(waiting)).order_by(tasks.c.sort), Task)


def _offered_to(region: str, roles: Iterable[tuple[str, str]]) -> ColumnElement[bool]:
    held = list(roles)
    everywhere = candidates.c.role.in_([role for role, area in held if not area])
    return and_(candidates.c.region == region, or_(tuple_(candidates.c.role, candidates.c.area).in_(held), everywhere))
