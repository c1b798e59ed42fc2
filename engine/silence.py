"""The promise that no case ever stands still in silence, as a check of what is stored.

Each case has ended, or is suspended, or has a task that someone may take, or an answer that the clock will take, or
waits for a timer or a message, or has an incident.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from engine import access
from store import cases, held_answers, incidents, people, subscriptions, tasks, timers
from store.cases import Case
from store.database import Database, Reader
from store.tasks import Task


def silent_cases(db: Database) -> list[Case]:
    """The cases that stand still and say nothing: should be empty."""
    with db.read() as reader:
        return [case for case in cases.active(reader) if not _is_alive(reader, case)]


def _is_alive(reader: Reader, case: Case) -> bool:
    return any(each for each in _signs(reader, case))


def _signs(reader: Reader, case: Case) -> Iterator[object]:
    """What a case may wait for, the likeliest first."""
    today = reader.now.date()
    yield any(_may_be_taken(reader, task, today) for task in tasks.open_of_case(reader, case.id))
    yield timers.of_case(reader, case.id)
    yield subscriptions.of_case(reader, case.id)
    yield incidents.open_of_case(reader, case.id)


def _may_be_taken(reader: Reader, task: Task, today: date) -> bool:
    if task.status == tasks.ANSWERED:
        return held_answers.find(reader, task.id) is not None
    if task.assignee is not None:
        person = people.find(reader, task.assignee)
        return person is not None and person.active
    barred = access.barred(reader, task, today)
    able = [held for held in access.candidates(reader, task, today) if held.person not in barred]
    return bool(able) or (access.COORDINATOR, "") in tasks.roles_of(reader, task.id)
