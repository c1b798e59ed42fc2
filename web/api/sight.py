"""One thing by its id, for whoever may see it: everyone else hears that it is not there."""

from __future__ import annotations

from engine import access
from engine.errors import NotFound
from store import cases, tasks
from store.cases import Case
from store.database import Reader
from store.tasks import Task
from web.api import caller


def case(reader: Reader, id: str) -> Case:
    """Raises `NotFound`."""
    found = cases.find(reader, id)
    if found is None:
        raise NotFound("Ärendet", id)
    require(reader, "case.see", case=found)
    return found


def task(reader: Reader, id: str) -> tuple[Task, Case]:
    """A task and its case. Raises `NotFound`."""
    found, of = task_of_anyone(reader, id)
    require(reader, "task.see", case=of, task=found)
    return found, of


def task_of_anyone(reader: Reader, id: str) -> tuple[Task, Case]:
    """A task and its case, for what has been asked or will be asked elsewhere. Raises `NotFound`."""
    found = tasks.find(reader, id)
    of = cases.find(reader, found.case_id) if found else None
    if found is None or of is None:
        raise NotFound("Uppgiften", id)
    return found, of


def require(reader: Reader, act: str, *, case: Case | None = None, task: Task | None = None) -> None:
    """The person may do this in their region. Raises `NotFound` or `Forbidden`."""
    who = caller.current()
    access.require(reader, who.by, act, region=who.region.id, timezone=who.region.timezone, case=case, task=task)
