"""Tasks: what waits for people, its form, and the moves with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Response
from marshmallow import fields, validate

from engine import definitions
from engine import tasks as moves
from engine.core.model import Field
from engine.work import fields_of
from store import cases, documents, feeds, held_answers, tasks
from store.cases import Case
from store.database import Reader, Transaction
from store.feeds import TaskFilters
from store.held_answers import HeldAnswer
from store.roles import scope as scoped
from store.roles import split_scope
from store.tasks import ANSWERED, Task
from web import here
from web.api import caller, conditions, cursors, forms, sight
from web.api.conditions import Ask
from web.api.cursors import Paged, page_of
from web.api.problems import Unfit
from web.api.reading import Line, Nothing, Shape
from web.api.room import Room, guarded

room = Room("tasks", "What waits for people.")

STATES = ("open", "answered", "completed", "cancelled")


class UserTask(Shape):
    id = fields.String(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": list(STATES)})
    kind = fields.String(required=True, metadata={"enum": ["person", "connector", "vacancy"]})
    task_definition_key = fields.String(required=True)
    process_instance_id = fields.String(required=True)
    process_definition_id = fields.String(required=True)
    process_definition_key = fields.String(required=True)
    number = fields.String(required=True, metadata={"description": "The case's number."})
    title = fields.String(required=True, metadata={"description": "The case's title."})
    suspended = fields.Boolean(required=True)
    assignee = fields.String(required=True, allow_none=True)
    candidate_groups = fields.List(fields.String(), required=True)
    due = fields.Date(required=True, allow_none=True)
    follow_up = fields.Date(required=True, allow_none=True)
    priority = fields.Integer(required=True)
    topic = fields.String(required=True, allow_none=True)
    created = fields.AwareDateTime(required=True)
    claimed_at = fields.AwareDateTime(required=True, allow_none=True)
    end_time = fields.AwareDateTime(required=True, allow_none=True)
    completed_by = fields.String(required=True, allow_none=True)
    on_behalf_of = fields.String(required=True, allow_none=True)
    undo_until = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "While `answered`: when the answer comes to count."}
    )


USER_TASK = UserTask()
"""One for all answers: a shape copies each of its fields when it is made."""


class TaskFiltering(Paged):
    state = Line(load_default="open", validate=validate.OneOf(STATES), metadata={"enum": list(STATES)})
    assignee = Line(load_default=None, metadata={"description": "Person key."})
    candidate_group = Line(load_default=None, metadata={"description": "`lpoChair@LUNG`, or `coordinator`."})
    process_instance_id = Line(load_default=None)
    process_definition_key = Line(load_default=None)
    task_definition_key = Line(load_default=None)
    due_before = fields.Date(load_default=None)
    due_after = fields.Date(load_default=None)


class OnBehalf(Shape):
    on_behalf_of = Line(
        load_default=None, metadata={"description": "Person key: for the coordinator, who also says why."}
    )
    reason = Line(load_default=None)


class Assignment(Shape):
    assignee = Line(required=True, metadata={"description": "Person key."})
    reason = Line(load_default="")


class Completion(OnBehalf):
    variables = fields.Dict(
        keys=fields.String(),
        load_default=dict,
        metadata={"description": "Answers by field id; rows as a list of objects. What is left out keeps its value."},
    )


Page = page_of(UserTask)


@room.get("/tasks", scope="tasks:read", query=TaskFiltering, answers=Page)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """The tasks that one may see, the most urgent first"""
    after = cursors.read(query["cursor"], str)
    with here.db().read() as reader:
        rows = feeds.tasks_of(reader, caller.current().sight, filters(query), after=after, limit=query["limit"] + 1)
        page = cursors.page(rows, query["limit"], lambda each: (each.sort,))
        return page | {"items": told(reader, page["items"])}


@room.get("/tasks/<id>", scope="tasks:read", answers=UserTask)
def show(id: str) -> Response:
    """One task"""
    with here.db().read() as reader:
        return conditions.answered(USER_TASK, _told_alone(reader, *sight.task(reader, id)))


@room.get("/tasks/<id>/form", scope="tasks:read", answers=forms.Form)
def form(id: str) -> dict[str, Any]:
    """The questions of a task"""
    with here.db().read() as reader:
        task, case = sight.task(reader, id)
        node = definitions.of_case(reader, case).node(task.process, task.element)
        view = moves.form(reader, task)
        return forms.form(view.fields, view.values, view.visible, node.documentation)


@room.post("/tasks/<id>/claim", scope="tasks:write", takes=OnBehalf, answers=UserTask, conditional=True)
def claim(body: dict[str, Any], id: str) -> Response:
    """Take a task that nobody has"""
    moves.claim(_guarded(id), id, by=_by(body))
    return _answered(id)


@room.post("/tasks/<id>/unclaim", scope="tasks:write", takes=Nothing, answers=UserTask, conditional=True)
def unclaim(body: dict[str, Any], id: str) -> Response:
    """Give a task back to its candidates"""
    moves.release(_guarded(id), id, by=caller.current().by)
    return _answered(id)


@room.post("/tasks/<id>/assign", scope="tasks:write", takes=Assignment, answers=UserTask, conditional=True)
def assign(body: dict[str, Any], id: str) -> Response:
    """Give a task to a person"""
    moves.assign(_guarded(id), id, body["assignee"], by=caller.current().by, reason=body["reason"])
    return _answered(id)


@room.post("/tasks/<id>/complete", scope="tasks:write", takes=Completion, answers=UserTask, conditional=True)
def complete(body: dict[str, Any], id: str) -> Response:
    """Complete a task with its answers; one that may be undone is `answered` until `undoUntil`"""
    answers = body["variables"]

    def ask(tx: Transaction) -> None:
        _unchanged(id)(tx)
        _require_own_files(tx, id, answers)

    moves.complete(guarded(ask), id, answers, by=_by(body))
    return _answered(id)


@room.post("/tasks/<id>/undo", scope="tasks:write", takes=Nothing, answers=UserTask, conditional=True)
def undo(body: dict[str, Any], id: str) -> Response:
    """Take back one's own answer before it counts"""
    moves.take_back(_guarded(id), id, by=caller.current().by)
    return _answered(id)


# Inside ------------------------------------------------------------------------------------------------------------


def filters(query: Mapping[str, Any]) -> TaskFilters:
    """The filters of a list of tasks, present or past."""
    group = query["candidate_group"]
    return TaskFilters(
        status=query["state"],
        assignee=query["assignee"],
        candidate=split_scope(group) if group else None,
        case_id=query["process_instance_id"],
        process_key=query["process_definition_key"],
        element=query["task_definition_key"],
        due_before=query["due_before"],
        due_after=query["due_after"],
    )


def told(reader: Reader, found: Sequence[Task]) -> list[dict[str, Any]]:
    """Tasks as `UserTask` writes them, for a page that shows many."""
    groups = feeds.roles_of(reader, [each.id for each in found])
    of = feeds.cases_by_id(reader, [each.case_id for each in found])
    answered = [each.id for each in found if each.status == ANSWERED]
    held = held_answers.of_tasks(reader, answered) if answered else {}
    return [_told(each, of[each.case_id], groups.get(each.id, []), held.get(each.id)) for each in found]


def _told(task: Task, case: Case, groups: Iterable[tuple[str, str]], held: HeldAnswer | None) -> dict[str, Any]:
    return {
        "id": task.id,
        "name": task.name,
        "state": task.status,
        "kind": task.kind,
        "task_definition_key": task.element,
        "process_instance_id": case.id,
        "process_definition_id": case.version,
        "process_definition_key": case.process_key,
        "number": case.number,
        "title": case.title,
        "suspended": case.status == "suspended",
        "assignee": task.assignee,
        "candidate_groups": [scoped(role, area) for role, area in groups],
        "due": task.due,
        "follow_up": task.follow_up,
        "priority": task.priority,
        "topic": task.topic,
        "created": task.opened_at,
        "claimed_at": task.claimed_at,
        "end_time": None if held else task.closed_at,
        "completed_by": task.completed_by,
        "on_behalf_of": task.on_behalf_of,
        "undo_until": held.until if held else None,
    }


def _answered(id: str) -> Response:
    """The task after a move. Whoever made the move hears how it went, also when they may not see the task any more."""
    with here.db().read() as reader:
        return conditions.answered(USER_TASK, _told_alone(reader, *sight.task_of_anyone(reader, id)))


def _told_alone(reader: Reader, task: Task, case: Case) -> dict[str, Any]:
    held = held_answers.find(reader, task.id) if task.status == ANSWERED else None
    return _told(task, case, tasks.roles_of(reader, task.id), held)


def _by(body: Mapping[str, Any]) -> Any:
    return replace(caller.current().by, on_behalf_of=body["on_behalf_of"], reason=body["reason"])


def _guarded(id: str) -> conditions.Guarded:
    return guarded(_unchanged(id))


def _unchanged(id: str) -> Ask:
    def document(tx: Transaction) -> Any:
        _, case = sight.task(tx, id)
        # Held from here on, so that nobody changes the task between the question and the move.
        cases.lock(tx, case.id)
        return USER_TASK.dump(_told_alone(tx, *sight.task_of_anyone(tx, id)))

    return conditions.unchanged(document)


def _require_own_files(reader: Reader, id: str, answers: Mapping[str, Any]) -> None:
    """File fields name attachments of this very task. Raises `NotFound`, `Unfit`."""
    task, case = sight.task_of_anyone(reader, id)
    asked = [each for each in fields_of(definitions.of_case(reader, case), task) if each.properties.get("file")]
    if not asked:
        return
    sight.require(reader, "task.see", case=case, task=task)
    own = {each.id for each in documents.of_case(reader, case.id) if each.task_id == task.id}
    for field, place, value in _files(asked, answers):
        given = value if isinstance(value, list) else [value]
        if any(each not in (None, "") and each not in own for each in given if not isinstance(each, dict | list)):
            raise Unfit({f"variables.{place}": f"”{field.label}” ska vara en bilaga som hör till uppgiften."})


def _files(asked: Sequence[Field], answers: Mapping[str, Any]) -> Iterable[tuple[Field, str, Any]]:
    """What is answered to each question for files, with its place among the answers."""
    for field in asked:
        if not field.rows:
            yield field, field.id, answers.get(field.id)
            continue
        rows = answers.get(field.rows)
        for number, row in enumerate(rows if isinstance(rows, list) else []):
            if isinstance(row, dict):
                yield field, f"{field.rows}.{number}.{field.column}", row.get(field.column)
