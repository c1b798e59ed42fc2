"""Tasks of whoever may have them no more: recused, with a role that rests or has ended. They are the others' again.

Where nobody else is left, they are the coordinator's.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from engine import access, calendar, definitions, journal, mails
from engine.access import COORDINATOR, SYSTEM
from engine.connectors import webhook
from engine.definitions import Deployed
from engine.mails import About
from store import cases, recusals, standing, tasks
from store.cases import Case
from store.database import Transaction
from store.roles import scope
from store.tasks import Task


def relieve(tx: Transaction, case: Case, deployed: Deployed) -> None:
    """Open tasks of whoever is recused go back to their roles, and to the coordinator where nobody else is left."""
    today = calendar.local_day(tx.now, deployed.region.timezone)
    recused = recusals.of_case(tx, case.id, today)
    if not recused:
        return
    for task in tasks.open_of_case(tx, case.id):
        is_theirs = task.status == "open" and not webhook.waits(task.properties)
        if is_theirs and (task.assignee in recused or (task.assignee is None and not access.holders(tx, task, today))):
            _offer_to_others(tx, case, deployed, task, today, "recused")


def hand_back(tx: Transaction, region: str, person: str, roles: Iterable[tuple[str, str]], today: date) -> int:
    """Someone's roles (role, area) rest: what they have by them is the others' again. How many tasks that was."""
    back = 0
    resting = set(roles)
    for task in tasks.assigned(tx, region, person):
        case = cases.lock(tx, task.case_id) if resting & set(tasks.roles_of(tx, task.id)) else None
        if case is not None:
            _offer_to_others(tx, case, definitions.of_case(tx, case), task, today, "rested")
            back += 1
    cover(tx, region, resting, today)
    return back


def _offer_to_others(tx: Transaction, case: Case, deployed: Deployed, task: Task, today: date, why: str) -> None:
    tasks.release(tx, task.id)
    given_back = tasks.find(tx, task.id)
    assert given_back is not None, "an open task exists"
    if not access.holders(tx, given_back, today):
        tasks.add_candidates(tx, task.id, [COORDINATOR])
    journal.note(tx, case, why, SYSTEM, {"from": task.assignee}, task)
    mails.task_opened(About(tx, case, deployed, given_back), access.holders(tx, given_back, today))


def cover(tx: Transaction, region: str, roles: Iterable[tuple[str, str]], day: date) -> None:
    """Someone holds these roles (role, area) no more: what nobody else may take on the day, the coordinator may."""
    for task in tasks.offered(tx, region, roles):
        if not webhook.waits(task.properties) and not access.holders(tx, task, day):
            _offer_to_coordinator(tx, task, day)


def _offer_to_coordinator(tx: Transaction, task: Task, day: date) -> None:
    vacant = [scope(role, area) for role, area in tasks.roles_of(tx, task.id)]
    case = cases.find(tx, task.case_id)
    if case is not None and COORDINATOR not in vacant:
        tasks.add_candidates(tx, task.id, [COORDINATOR])
        told = [held.person for held in standing.holders(tx, task.region, COORDINATOR, "", day)]
        mails.task_opened(About(tx, case, definitions.of_case(tx, case), task), told, vacant)
