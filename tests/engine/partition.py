"""The oracle of every test: no case ever stands still in silence.

Each case has ended, or is suspended, or has a task that someone may take, or waits for a timer or a message, or has an
incident.
"""

from __future__ import annotations

from datetime import date

from engine import access
from store import cases, incidents, people, subscriptions, tasks, timers
from store.cases import Case
from store.database import Database, Reader
from store.tasks import Task


def silent_cases(db: Database) -> list[str]:
    """The numbers of cases that stand still and say nothing: must be empty."""
    with db.read() as reader:
        return [each.number for each in _all_cases(reader) if not _is_alive(reader, each)]


def _all_cases(reader: Reader) -> list[Case]:
    regions = [
        row[0] for row in reader.execute(cases.cases.select().with_only_columns(cases.cases.c.region).distinct())
    ]
    return [case for region in regions for case in cases.listed(reader, region, limit=100_000)]


def _is_alive(reader: Reader, case: Case) -> bool:
    if case.status not in cases.OPEN or case.status == "suspended":
        return True
    today = reader.now.date()
    return bool(
        any(_may_be_taken(reader, task, today) for task in tasks.open_of_case(reader, case.id))
        or timers.of_case(reader, case.id)
        or subscriptions.of_case(reader, case.id)
        or incidents.open_of_case(reader, case.id)
    )


def _may_be_taken(reader: Reader, task: Task, today: date) -> bool:
    if task.assignee is not None:
        person = people.find(reader, task.assignee)
        return person is not None and person.active
    excluded = tasks.excluded(reader, task.id)
    able = [held for held in access.candidates(reader, task, today) if held.person not in excluded]
    return bool(able) or ("coordinator", "") in tasks.roles_of(reader, task.id)
