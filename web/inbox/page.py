"""What the page of a task shows, beside the list or on its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from engine import access
from engine import tasks as moves
from engine.errors import NotFound
from store import cases, drafts, held_answers, people, readings, rounds, tasks
from store.cases import Case
from store.database import Reader
from store.held_answers import HeldAnswer
from store.tasks import Task
from web import about, here, words
from web.cases import papers
from web.inbox import earlier, facts, handover, sheet
from web.visitor import Visitor


def found(reader: Reader, visitor: Visitor, id: str) -> tuple[Task, Case]:
    """A task that the visitor may see, with its case. Raises `NotFound`."""
    task = tasks.find(reader, id)
    case = cases.find(reader, task.case_id) if task else None
    if task is None or case is None:
        raise NotFound("Uppgiften", id)
    access.require(reader, visitor.by, "task.see", **here.place(), case=case, task=task)
    return task, case


def note_opened(visitor: Visitor, id: str) -> None:
    """The visitor has opened a task of theirs. Not asked for is not opened: a browser that fetches ahead says so."""
    if request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        with here.db().read() as reader:
            known = readings.of_person(reader, visitor.person, [id])
        if not known:
            moves.seen(here.db(), id, by=visitor.by)


def of_task(
    reader: Reader,
    visitor: Visitor,
    id: str,
    *,
    answers: Mapping[str, Any] | None = None,
    faults: Mapping[str, str] | None = None,
    removed: tuple[str, str, str] | None = None,
) -> dict[str, Any]:
    """Everything the templates of a task want. Raises `NotFound`."""
    task, case = found(reader, visitor, id)
    draft = drafts.find(reader, task.id, visitor.person)
    held = held_answers.find(reader, task.id) if task.status == tasks.ANSWERED else None
    if held is not None:
        draft = None  # what was sent is what counts
    written = answers if answers is not None else (draft.values if draft else task.values)
    form = sheet.of_task(reader, case, task, written, faults)
    other = drafts.others(reader, task.id, visitor.person)
    may = acts(reader, visitor, task, case, held)
    may["forward"] &= not (may["write"] and form.asks_who_else)
    concerned = {task.assignee, task.completed_by, other.person if other else None} - {None}
    return {
        "task": about.named(reader, [task])[0],
        "case": case,
        "facts": facts.of(reader, task, case, visitor, form.asked),
        "sheet": form,
        "may": may,
        "held": held,
        "draft_saved": words.clock(draft.saved_at) if draft else "",
        "other_draft": other,
        "names": people.names(reader, {each for each in concerned if each}),
        "papers": _papers(reader, task, case),
        "handover": handover.of(reader, task, case),
        "earlier": earlier.of(reader, visitor, task, case) if may["write"] else [],
        "removed": removed,
        "round": _round(reader, task, case),
        "own": task.assignee in visitor.people,
        "today": here.today(reader),
    }


def _papers(reader: Reader, task: Task, case: Case) -> list[papers.Paper]:
    """The documents of the case to work from, without the task's own attachments."""
    newest = papers.newest(papers.of_case(reader, case, here.today(reader)))
    return [each for each in newest if each.first.task_id != task.id]


def _round(reader: Reader, task: Task, case: Case) -> dict[str, Any] | None:
    """What the latest round of the case has given, for whoever works on with it; not for those who still answer it."""
    latest = next(iter(rounds.of_case(reader, case.id)), None)
    if latest is None or task.multi_instance is not None:
        return None
    return {
        "round": latest,
        "comments": rounds.comments_of(reader, latest.id),
        "counts": rounds.counts(reader, latest.id),
    }


def _in_round(reader: Reader, task: Task, case: Case) -> bool:
    """Whether the task is one answer among several: only then may more be asked."""
    asked = task.multi_instance is not None
    return asked and any(each.status == "open" for each in rounds.of_case(reader, case.id))


def acts(reader: Reader, visitor: Visitor, task: Task, case: Case, held: HeldAnswer | None = None) -> dict[str, bool]:
    """What the visitor may do with the task now: `write`, `undo`, `claim`, `release`, `forward`, `assign`.

    `held` is its answer, while that may be taken back.
    """

    def may(act: str) -> bool:
        return access.may(reader, visitor.by, act, **here.place(), case=case, task=task)

    open_now = task.status == "open" and case.status == "active"
    free = task.assignee is None or task.assignee in visitor.people
    return {
        "write": open_now and free and may("task.complete"),
        "undo": held is not None
        and case.status == "active"
        and held.performer == visitor.person
        and held.may_be_taken_back(reader.now),
        "claim": open_now and task.assignee is None and may("task.claim"),
        "take_over": open_now and not free and may("task.claim"),
        "release": open_now
        and task.assignee is not None
        and bool(tasks.roles_of(reader, task.id))
        and may("task.release"),
        "forward": open_now and free and _in_round(reader, task, case) and may("task.forward"),
        "assign": open_now and may("task.assign"),
    }
