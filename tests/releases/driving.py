"""Whatever a house holds, driven to its end by the moves of today: tasks answered, messages sent, the clock moved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine import access, calendar, cases, clock, deployments, incidents, live, messages, regions, tasks
from engine.access import SYSTEM, Actor
from engine.core.deliveries import ReceiveSignal
from engine.core.model import Field
from engine.steps import take
from store import cases as case_rows
from store import held_answers, history, subscriptions, timers
from store import incidents as incident_rows
from store import tasks as task_rows
from store.cases import Case
from store.database import Database, SteppedClock
from store.tasks import Task
from tests.engine.town import REGION
from tests.releases.stations import later

ROUNDS = 60
"""More than any house needs: each moves the clock or answers something."""

LEFT_TO_THE_CLOCK = "bounded"
"""The process whose task nobody answers: its boundary timer ends it."""

Ends = dict[str, dict[str, Any]]
"""Number of a case -> its `process`, `status` and what history says of it."""


def drive(db: Database, clock_of_db: SteppedClock) -> Ends:
    """Bring every case that is there to its end; answers with how each ended."""
    live.forget()
    found = _open_cases(db)
    deployments.deploy(db, regions.load(REGION), {"later.bpmn": later()}, by=SYSTEM)
    for _ in range(ROUNDS):
        if not (left := [each for each in _open_cases(db) if each.number in {one.number for one in found}]):
            return {each.number: _end(db, each) for each in found}
        moved = [_move(db, each) for each in left]
        if not any(moved):
            _pass_time(db, clock_of_db)
    raise AssertionError(f"these never end: {[(each.number, each.process_key) for each in left]}")


def _open_cases(db: Database) -> list[Case]:
    with db.read() as reader:
        every = case_rows.listed(reader, REGION, limit=1_000)
    return sorted((each for each in every if each.status in case_rows.OPEN), key=lambda each: each.number)


def _move(db: Database, case: Case) -> bool:
    """One thing that a case waits for, if it is not the clock."""
    if case.status == "suspended":
        cases.resume(db, case.id, choice="fire", by=SYSTEM)
        return True
    return _mended(db, case) or _answered(db, case) or _told(db, case)


def _mended(db: Database, case: Case) -> bool:
    with db.read() as reader:
        stopped = incident_rows.open_of_case(reader, case.id)
    for each in stopped:
        incidents.retry(db, each.id, by=SYSTEM)
    return bool(stopped)


def _answered(db: Database, case: Case) -> bool:
    with db.read() as reader:
        unclosed = (task for task in task_rows.open_of_case(reader, case.id) if task.status == "open")
        open_tasks = sorted(unclosed, key=lambda task: int(task.key))
        if not open_tasks or case.process_key == LEFT_TO_THE_CLOCK:
            return False
        task = open_tasks[0]
        today = calendar.local_day(reader.now, "Europe/Stockholm")
        asked = [field for field in tasks.form(reader, task).fields if "rows" not in field.properties]
        answers = {field.id: _value(field, today.isoformat()) for field in asked}
        able = [held.person for held in access.candidates(reader, task, today)]
    tasks.complete(db, task.id, answers, by=Actor(_whoever(task, able)))
    return True


def _whoever(task: Task, able: list[str]) -> str:
    return task.assignee or sorted(able)[0]


def _value(field: Field, today: str) -> Any:
    if field.type == "enum":
        return field.choices[0].id
    return {"date": today, "boolean": True, "long": 1, "double": 1.0}.get(field.type, "svar")


def _told(db: Database, case: Case) -> bool:
    with db.read() as reader:
        waiting = [each for each in subscriptions.of_case(reader, case.id) if each.element != "Aside"]
    for each in waiting[:1]:
        if each.kind == "signal":
            with db.transaction() as tx:
                locked = case_rows.lock(tx, case.id)
                assert locked is not None
                take(tx, locked, ReceiveSignal(each.name), SYSTEM)
        else:
            messages.correlate(db, REGION, each.name, each.message_key, {"answer": "ja"}, by=SYSTEM)
    return bool(waiting)


def _pass_time(db: Database, clock_of_db: SteppedClock) -> None:
    with db.read() as reader:
        wakes = [wake for noun in (timers, held_answers) if (wake := noun.next_wake(reader)) is not None]
    assert wakes, "something waits for neither a person, a message nor the clock"
    clock_of_db.set(max(min(wakes), clock_of_db.moment) + timedelta(seconds=1))
    clock.tick(db)


def _end(db: Database, case: Case) -> dict[str, Any]:
    with db.read() as reader:
        now = case_rows.find(reader, case.id)
        assert now is not None
        told = [f"{row.what} {row.element}".strip() for row in history.read(reader, case.id)]
    return {"process": case.process_key, "status": now.status, "told": told}
