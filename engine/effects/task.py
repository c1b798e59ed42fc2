"""`task.list` and `task.reassign`: what someone has on their table in one programme area, and who takes it over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine import access, journal, mails
from engine.effects.reach import Reach
from engine.errors import EffectRefused, Forbidden
from engine.record import documents
from store import cases, standing, tasks
from store.cases import Case
from store.roles import split_scope
from store.tasks import Task

LIST_INPUTS = frozenset(("person", "area"))
REASSIGN_INPUTS = LIST_INPUTS | {"openTasks", "fallback"}


def listed(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Gives `openTasks`: a row `{task, due, successor}` for each open task of `person` in cases of `area`."""
    rows = [
        {"task": _called(task, case), "due": task.due.isoformat() if task.due else None, "successor": None}
        for task, case in _theirs(reach, inputs)
    ]
    return {"openTasks": rows}


def reassign(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let others take over every open task of `person` in cases of `area`. Gives `reassigned`, how many.

    A task goes to the successor that its row of `openTasks` names; else back to its role; else, where no role may do
    it, to a holder of `fallback`. Whoever is excluded from a task is passed over.
    """
    chosen = {row.get("task"): row.get("successor") for row in documents.rows(inputs.get("openTasks"))}
    theirs = list(_theirs(reach, inputs))
    for task, case in theirs:
        _move(reach, task, case, chosen.get(_called(task, case)), str(inputs.get("fallback") or ""))
    return {"reassigned": len(theirs)}


def _theirs(reach: Reach, inputs: Mapping[str, Any]) -> Iterator[tuple[Task, Case]]:
    person, area = str(inputs.get("person") or ""), inputs.get("area")
    if not person:
        raise EffectRefused("Det framgår inte vems uppgifter som ska lämnas över.")
    for task in tasks.assigned(reach.tx, reach.case.region, person):
        case = cases.find(reach.tx, task.case_id)
        if case is not None and case.id != reach.case.id and (not area or area in _areas(case)):
            yield task, case


def _areas(case: Case) -> list[Any]:
    return [case.variables.get("programAreaId"), *(case.variables.get("programAreaIds") or ())]


def _called(task: Task, case: Case) -> str:
    """What a person calls the task: `Utse sammanhållande, REM-2026-001`."""
    return f"{task.name}, {case.number}"


def _move(reach: Reach, task: Task, case: Case, successor: Any, fallback: str) -> None:
    tx, by = reach.tx, reach.by
    to = next((each for each in _takers(reach, task, successor, fallback) if _may_take(reach, task, each)), None)
    cases.lock(tx, case.id)
    if to is None:
        if tasks.release(tx, task.id):
            journal.note(tx, case, "released", by, task=task)
    elif tasks.assign(tx, task.id, to, by.performer):
        journal.note(tx, case, "assigned", by, {"to": to, "reason": reach.case.title}, task)
        mails.task_opened(mails.About(tx, case, reach.deployed, task), [to])


def _takers(reach: Reach, task: Task, successor: Any, fallback: str) -> list[str]:
    """In the order in which they are asked; nobody where the task has a role to go back to."""
    if successor:
        return [str(successor)]
    if tasks.roles_of(reach.tx, task.id) or not fallback:
        return []
    role, area = split_scope(fallback)
    held = standing.holders(reach.tx, reach.case.region, role, area, reach.today)
    return [each.person for each in held if each.person != task.assignee]


def _may_take(reach: Reach, task: Task, person: str) -> bool:
    try:
        access.require_impartial(reach.tx, task, person, by=reach.by, timezone=reach.deployed.region.timezone)
    except Forbidden:
        return False
    return True
