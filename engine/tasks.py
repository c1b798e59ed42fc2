"""Moves of one task: claim, release, assign, complete, take back, forward; and the form that goes with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import (
    access,
    calendar,
    completions,
    context,
    definitions,
    directory,
    events,
    forms,
    journal,
    mails,
)
from engine.access import Actor
from engine.completions import FORWARD
from engine.core.model import Field
from engine.errors import AlreadyDone, Conflict, Invalid, NotFound, NotRunning
from engine.work import Work, checked, fields_of
from store import cases, drafts, history, people, readings, rounds, tasks
from store.cases import Case
from store.database import Database, Reader, Transaction
from store.tasks import Task


@dataclass(frozen=True)
class FormView:
    """A task's form as it is shown: the fields, what each shows, and which are visible with that."""

    fields: tuple[Field, ...]
    values: Mapping[str, Any]
    visible: frozenset[str]


# Moves ---------------------------------------------------------------------------------------------------------------


def complete(db: Database, task_id: str, answers: Mapping[str, Any], *, by: Actor) -> Case:
    """Complete a task with its answers; answers with the case as it stands after all that followed.

    A task with `undo` is `answered` until that time is out, and the case stands as it did: see `completions`.
    Raises `NotFound`, `Forbidden`, `AlreadyDone`, `NotRunning`, `FormErrors`.
    """
    with db.transaction() as tx:
        work = _open(tx, task_id, "task.complete", by)
        by = work.require("task.complete", by)
        work.require_impartial(by, by.performer, by.on_behalf_of)
        _require_unclaimed(work, by)
        values = checked(work, answers, by)
        if tasks.UNDO in work.task.properties:
            completions.hold(work, values, by)
            return work.case
        return completions.finish(work, values, by)


def take_back(db: Database, task_id: str, *, by: Actor) -> Task:
    """Take back an answer before it counts: the task is open again, with what was answered as a draft.

    Raises `NotFound`, `Forbidden` for all but who answered, `NotRunning`, and `Conflict` (`AlreadyDone` when it has
    come to count) when there is nothing to take back.
    """
    with db.transaction() as tx:
        work = _open(tx, task_id, "task.complete", by, status=tasks.ANSWERED)
        completions.take_back(work, by)
        return _reloaded(tx, task_id)


def claim(db: Database, task_id: str, *, by: Actor) -> Task:
    """Take a task that nobody has. Raises `NotFound`, `Forbidden`, `AlreadyDone` (also when someone was faster)."""
    with db.transaction() as tx:
        work = _open(tx, task_id, "task.claim", by)
        by = work.require("task.claim", by)
        person = _person(by)
        work.require_impartial(by, person, by.on_behalf_of)
        if work.task.assignee != person and not tasks.claim(tx, task_id, person):
            raise _taken(work)
        journal.note(tx, work.case, "claimed", by, task=work.task)
        events.of_task(tx, work.case, work.task, "task.claimed")
        return _reloaded(tx, task_id)


def take_over(db: Database, task_id: str, *, by: Actor) -> Task:
    """Take a task that someone else has, as one of those who may do it; what they had written follows along.

    They are told. Raises `NotFound`, `Forbidden`, `AlreadyDone`.
    """
    with db.transaction() as tx:
        work = _open(tx, task_id, "task.claim", by)
        by = work.require("task.claim", by)
        person, before = _person(by), work.task.assignee
        work.require_impartial(by, person, by.on_behalf_of)
        tasks.assign(tx, task_id, person, person)
        if before is not None and before != person:
            drafts.hand_over(tx, task_id, before, person)
            mails.taken_over(mails.About(tx, work.case, work.deployed, work.task), before, person)
        journal.note(tx, work.case, "taken-over", by, {"from": before}, work.task)
        return _reloaded(tx, task_id)


def release(db: Database, task_id: str, *, by: Actor) -> Task:
    """Give a task back to its candidates. Raises `NotFound`, `Forbidden`, `Conflict` when it was given to the person
    by the case itself.
    """
    with db.transaction() as tx:
        work = _open(tx, task_id, "task.release", by)
        by = work.require("task.release", by)
        if not tasks.roles_of(tx, task_id):
            raise Conflict("Uppgiften är din enligt ärendet och har ingen annan att gå tillbaka till.")
        tasks.release(tx, task_id)
        journal.note(tx, work.case, "released", by, task=work.task)
        return _reloaded(tx, task_id)


def assign(db: Database, task_id: str, person: str, *, by: Actor, reason: str = "") -> Task:
    """Give a task to a person, whoever has it. Raises `NotFound`, `Forbidden`, `Invalid`."""
    with db.transaction() as tx:
        work = _open(tx, task_id, "task.assign", by)
        by = work.require("task.assign", by)
        given = people.find(tx, person)
        if given is None or given.region != work.case.region or not given.active:
            raise Invalid("Välj en person som finns i regionen.")
        work.require_impartial(by, person)
        tasks.assign(tx, task_id, person, by.performer)
        journal.note(tx, work.case, "assigned", by, {"to": person, "reason": reason}, work.task)
        if person != by.performer:
            mails.task_opened(mails.About(tx, work.case, work.deployed, work.task), [person])
        return _reloaded(tx, task_id)


def forward(db: Database, task_id: str, to: Sequence[Any], *, by: Actor) -> Case:
    """Ask those who were missed as well: each gets a task of their own in the running round.

    `to` are answers of a person-or-role picker. Raises `NotFound`, `Forbidden`, `Invalid`, `FormErrors`.
    """
    with db.transaction() as tx:
        work = _open(tx, task_id, "task.forward", by)
        by = work.require("task.forward", by)
        known = directory.of_region(tx, work.deployed.region, work.case.id)
        picker = Field(FORWARD, "Sänd vidare till", "string", properties={"picker": "personOrRole", "multiple": "true"})
        chosen = forms.check([picker], {FORWARD: list(to)}, {}, forms.nothing_to_evaluate, known)[FORWARD]
        if not chosen:
            raise Invalid("Välj vem som också ska få frågan.")
        case = work.case
        for element in chosen:
            case = completions.add_instance(work, case, element, by)
        return case


def seen(db: Database, task_id: str, *, by: Actor) -> None:
    """Someone who may answer the task opened its page: their inbox shows it as read, and the round that it was opened.

    Whoever only looks on, and whoever comes when it is closed, changes nothing.
    """
    with db.transaction() as tx:
        task = tasks.find(tx, task_id)
        if task is None or task.status != "open" or not _may_answer(tx, task, by):
            return
        readings.note(tx, task_id, _person(by))
        rounds.seen(tx, task_id)


# Forms ---------------------------------------------------------------------------------------------------------------


def form(reader: Reader, task: Task) -> FormView:
    """The form of a task, with defaults as it stands now. Who may see it is asked before."""
    case = cases.find(reader, task.case_id)
    assert case is not None, "a task has a case"
    deployed = definitions.of_case(reader, case)
    declared = fields_of(deployed, task)
    with context.session(context.of_case(reader, case, deployed.region)) as session:
        values = forms.shown(declared, task.variables, session.evaluate)
        visible = forms.visible(declared, {**task.variables, **values}, session.evaluate)
    return FormView(declared, values, frozenset(visible))


# Inside --------------------------------------------------------------------------------------------------------------


def _open(tx: Transaction, task_id: str, act: str, by: Actor, *, status: str = "open") -> Work:
    """The task, still open, and its case, locked and running. Whoever may not see it hears that it is not there."""
    case = tasks.lock_case(tx, task_id)
    task = tasks.find(tx, task_id)
    if task is None or case is None:
        raise NotFound("Uppgiften", task_id)
    work = Work.of(tx, task, case)
    if task.status != status:
        work.require("task.see", by)
        raise _done(tx, task, work.timezone)
    if case.status != "active":
        work.require(act, by)
        raise NotRunning(case.number, case.status)
    return work


_FATES = {
    tasks.ANSWERED: "är redan besvarad",
    "completed": "är redan klar",
    "cancelled": "finns inte längre: den är borttagen",
}


def _done(reader: Reader, task: Task, timezone: str) -> Conflict:
    """The task is not as the move needs it: done by someone, or withdrawn by the diagram or with the whole case."""
    if task.status == "open":
        return Conflict(f"Uppgiften ”{task.name}” har inget svar att ta tillbaka.")
    person = task.completed_by or (_who_cancelled(reader, task) if task.status == "cancelled" else None)
    fate = _FATES[task.status]
    return _late(reader, task, fate, person, task.closed_at, timezone)


def _who_cancelled(reader: Reader, task: Task) -> str | None:
    rows = (row for row in reversed(history.read(reader, task.case_id)) if row.what == "cancelled" and not row.element)
    return next((row.person or row.on_behalf_of for row in rows), None)


def _taken(work: Work) -> AlreadyDone:
    task = work.task
    return _late(work.tx, task, "är redan tagen", task.assignee, task.claimed_at, work.timezone)


def _late(
    reader: Reader, task: Task, fate: str, person: str | None, moment: datetime | None, timezone: str
) -> AlreadyDone:
    who = people.names(reader, {person}).get(person) if person else None
    when = calendar.long_date(calendar.local_day(moment, timezone)) if moment else None
    return AlreadyDone(f"Uppgiften ”{task.name}” {fate}", who, when)


def _may_answer(reader: Reader, task: Task, by: Actor) -> bool:
    """The task is theirs, or their absent colleague's, or free for their role to take."""
    case = cases.find(reader, task.case_id)
    assert case is not None, "a task has a case"
    region = definitions.of_case(reader, case).region
    act = "task.claim" if task.assignee is None else "task.own"
    return access.may(reader, by, act, region=region.id, timezone=region.timezone, case=case, task=task)


def _require_unclaimed(work: Work, by: Actor) -> None:
    """A task that someone has is theirs: others wait until it is released, or the coordinator answers for them."""
    assignee = work.task.assignee
    allowed = {None, by.performer, by.on_behalf_of}
    if assignee not in allowed and not by.is_product:
        raise _taken(work)


def _person(by: Actor) -> str:
    if by.performer is None:
        raise Invalid("Bara en person kan ta en uppgift.")
    return by.performer


def _reloaded(tx: Transaction, task_id: str) -> Task:
    task = tasks.find(tx, task_id)
    assert task is not None, "an open task exists"
    return task
