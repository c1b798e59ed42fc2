"""What a step does to the inbox: tasks open, close, and get other dates or another version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine import access, arrangement, calendar, events, journal, mails, reminding, rounds
from engine.access import COORDINATOR, Actor
from engine.arrangement import CONSEQUENCE, VACANT, Arrangement
from engine.connectors import webhook
from engine.core.deliveries import ClosedTask, OpenedTask, RedatedTask
from engine.definitions import Deployed
from engine.mails import About
from store import held_answers, reminders, tasks
from store.cases import Case
from store.database import Reader, Transaction
from store.held_answers import HeldAnswer
from store.tasks import Task

REGISTER = "registerInDiary"
"""Topic of the hand-over that gives a document its number."""


def open_task(tx: Transaction, case: Case, deployed: Deployed, opened: OpenedTask, by: Actor) -> Task:
    """A piece of work waits: put it in the inbox, tell who may take it, and schedule what the clock will say."""
    today = calendar.local_day(tx.now, deployed.region.timezone)
    arranged = arrangement.arrange(tx, case, deployed, opened, today)
    task = tasks.open(
        tx,
        case_id=case.id,
        key=opened.task,
        region=case.region,
        process=opened.process,
        kind=opened.kind,
        candidates=arranged.candidates,
        assignee=arranged.assignee,
        due=arranged.due,
        follow_up=opened.follow_up,
        topic=opened.topic,
        loop_counter=opened.loop_counter,
        multi_instance=opened.multi_instance,
        element_value=opened.element_value,
        properties=_properties(deployed, opened, arranged),
        **_described(deployed, opened),
    )
    if webhook.waits(task.properties):
        task = webhook.ask(tx, case, deployed, task)
    excluded = _exclude_performers(tx, task)
    if excluded and not access.holders(tx, task, today):
        tasks.add_candidates(tx, task.id, [COORDINATOR])
        arranged = replace(arranged, holders=tuple(access.holders(tx, task, today)))
    reminding.schedule(tx, task, deployed.region.timezone)
    others = [each for each in arranged.holders if each != by.performer and each not in excluded]
    mails.task_opened(About(tx, case, deployed, task), others, arranged.vacant)
    events.of_task(tx, case, task, "task.created")
    return task


def close_task(
    tx: Transaction, case: Case, task: Task, closed: ClosedTask, by: Actor, values: Mapping[str, Any] | None = None
) -> None:
    """Work that no longer waits: done, or withdrawn by the diagram."""
    if closed.how == "completed":
        close_as(tx, task, closed.how, by, values)
        rounds.answered(tx, task, values or {}, by)
    elif task.status == tasks.ANSWERED:
        _withdraw_answer(tx, case, task)
    else:
        tasks.close(tx, task.id, closed.how)
    waited = webhook.waits(task.properties)
    if waited:
        webhook.withdraw(tx, case, task, closed.how)
    if task.due is not None or waited:
        reminders.withdraw(tx, task.id)
    events.of_task(tx, case, task, f"task.{closed.how}")
    if closed.how == "completed" and task.topic == REGISTER:
        events.registered(tx, case, task, values or {})


def close_as(tx: Transaction, task: Task, status: str, by: Actor, values: Mapping[str, Any] | None) -> None:
    """`completed` or `answered`, by whoever made the move; on someone's behalf where that is another person."""
    behalf = by.on_behalf_of if by.on_behalf_of != by.performer else None
    tasks.close(tx, task.id, status, by=by.performer, on_behalf_of=behalf, reason=by.reason, values=values)


def _withdraw_answer(tx: Transaction, case: Case, task: Task) -> None:
    """What was answered stays in the task, to be read; history says whose it was."""
    held = answer_to(tx, task)
    held_answers.drop(tx, task.id)
    tasks.close(tx, task.id, "cancelled", values=task.values)
    journal.note(tx, case, "answer.withdrawn", actor_of(held), task=task)


def answer_to(reader: Reader, task: Task) -> HeldAnswer:
    """What has been answered to a task, and may be taken back still."""
    held = held_answers.find(reader, task.id)
    assert held is not None, "an answered task has its answer"
    return held


def actor_of(held: HeldAnswer) -> Actor:
    """Whoever gave an answer, as they gave it."""
    return Actor(held.person, held.on_behalf_of, held.reason, held.mandate)


def redate_task(tx: Transaction, case: Case, deployed: Deployed, changed: RedatedTask) -> None:
    """A deadline, or who holds what, has changed: the open task follows, and tells if its day moved."""
    task = tasks.by_key(tx, case.id, changed.task)
    if task is None or task.status not in tasks.UNCLOSED:
        return
    due = changed.due if task.kind == "person" else arrangement.manual_due(changed.properties) or changed.due
    kept = {key: value for key, value in task.properties.items() if key in (VACANT, CONSEQUENCE, webhook.HANDOVER)}
    ours = kept if webhook.HANDOVER in kept else {}
    tasks.redate(tx, task, due=due, follow_up=changed.follow_up, properties=kept | dict(changed.properties) | ours)
    if due != task.due:
        _tell_moved(tx, case, deployed, task)


def refit_task(tx: Transaction, case: Case, deployed: Deployed, opened: OpenedTask) -> None:
    """The case has come to another version: the open task is what that one says. Whoever has it keeps it."""
    task = tasks.by_key(tx, case.id, opened.task)
    if task is None or task.status not in tasks.UNCLOSED:
        return
    today = calendar.local_day(tx.now, deployed.region.timezone)
    arranged = arrangement.rearrange(tx, case, deployed, task, opened, today)
    now = tasks.refit(tx, task, **_described(deployed, opened))
    properties = _properties(deployed, opened, arranged)
    tasks.redate(
        tx, now, due=arranged.due, follow_up=opened.follow_up, candidates=arranged.candidates, properties=properties
    )
    _exclude_performers(tx, replace(now, properties=properties))
    if task.assignee is None and arranged.assignee is not None:
        tasks.assign(tx, task.id, arranged.assignee, None)
    _tell_moved(tx, case, deployed, task)


def _tell_moved(tx: Transaction, case: Case, deployed: Deployed, task: Task) -> None:
    """The clock's words follow the task's day; if it has moved from what it was, people are told."""
    moved = tasks.find(tx, task.id)
    assert moved is not None
    reminding.reschedule(tx, moved, deployed.region.timezone)
    if moved.due != task.due:
        today = calendar.local_day(tx.now, deployed.region.timezone)
        mails.deadline_moved(About(tx, case, deployed, moved), task.due, access.holders(tx, moved, today))


def _described(deployed: Deployed, opened: OpenedTask) -> dict[str, Any]:
    """What a version says that the task is."""
    return {
        "name": opened.name,
        "element": opened.element,
        "priority": opened.priority,
        "form": f"{deployed.version}/{opened.process}/{opened.element}",
        "inputs": dict(opened.inputs),
        "variables": dict(opened.variables),
    }


def _properties(deployed: Deployed, opened: OpenedTask, arranged: Arrangement) -> dict[str, Any]:
    derived = _derived(deployed, opened.process, opened.element) | (
        {VACANT: list(arranged.vacant)} if arranged.vacant else {}
    )
    return derived | dict(opened.properties) | dict(arranged.properties)


def _derived(deployed: Deployed, process: str, element: str) -> dict[str, Any]:
    """What the diagram's own boundary timer says of the task, for when no sentence is written."""
    drawn = deployed.definition.lookup(process).boundary(element)
    timer = next((each for each in drawn if each.trigger == "timer" and each.name), None)
    if timer is None:
        return {}
    what = "tas uppgiften bort" if timer.interrupting else "händer detta"
    return {CONSEQUENCE: f"När tiden är ute {what}: {timer.name}."}


def _exclude_performers(tx: Transaction, task: Task) -> set[str]:
    """Four eyes: those who did what this task is to look at may not do it. Their person keys."""
    performers = access.performers(tx, task)
    for person in performers:
        tasks.exclude(tx, task.id, person, "four-eyes")
    return performers
