"""What a step does to the inbox: tasks open, close and get other dates; reminders and escalations are scheduled.

A role that nobody holds is never a silence: the coordinator may take the task too, and sees why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from engine import access, calendar, definitions, events, journal, mails, rounds
from engine.access import COORDINATOR, SYSTEM, Actor
from engine.connectors import webhook
from engine.core.deliveries import ClosedTask, OpenedTask, RedatedTask
from engine.definitions import Deployed
from engine.mails import About
from store import cases, held_answers, people, recusals, reminders, standing, tasks
from store.cases import Case
from store.database import Reader, Transaction
from store.held_answers import HeldAnswer
from store.roles import scope, split_scope
from store.tasks import Task

_ESCALATION = re.compile(r"\+?(\d{1,3})\s+(\S+)")
REGISTER = "registerInDiary"
"""Topic of the hand-over that gives a document its number."""
VACANT = "vacant"
"""Property of a task: the roles that nobody held when it opened."""
CONSEQUENCE = "ifNothing"
"""Property of a task: what happens if nobody does it, in one sentence."""


@dataclass(frozen=True)
class Arrangement:
    """Who may do a task, and when."""

    assignee: str | None
    candidates: tuple[str, ...]
    due: date | None
    vacant: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    """Person keys of whoever is to do it, or may take it."""
    properties: Mapping[str, Any] = field(default_factory=dict)
    """What the task says of that, whatever the diagram writes."""


def open_task(tx: Transaction, case: Case, deployed: Deployed, opened: OpenedTask, by: Actor) -> Task:
    """A piece of work waits: put it in the inbox, tell who may take it, and schedule what the clock will say."""
    today = calendar.local_day(tx.now, deployed.region.timezone)
    arranged = _by_webhook(tx, deployed, opened, _arrange(tx, case, deployed, opened, today))
    task = tasks.open(
        tx,
        case_id=case.id,
        key=opened.task,
        region=case.region,
        process=opened.process,
        element=opened.element,
        kind=opened.kind,
        name=opened.name,
        candidates=arranged.candidates,
        assignee=arranged.assignee,
        due=arranged.due,
        follow_up=opened.follow_up,
        priority=opened.priority,
        topic=opened.topic,
        loop_counter=opened.loop_counter,
        multi_instance=opened.multi_instance,
        element_value=opened.element_value,
        form=_form(deployed, opened),
        inputs=dict(opened.inputs),
        variables=dict(opened.variables),
        properties=_properties(deployed, opened, arranged),
    )
    if webhook.waits(task.properties):
        task = webhook.ask(tx, case, deployed, task)
    excluded = _exclude_performers(tx, task)
    if excluded and not holders(tx, task, today):
        tasks.add_candidates(tx, task.id, [COORDINATOR])
        arranged = replace(arranged, holders=tuple(holders(tx, task, today)))
    schedule(tx, task, deployed.region.timezone)
    others = [each for each in arranged.holders if each != by.performer and each not in excluded]
    mails.task_opened(About(tx, case, deployed, task), others, arranged.vacant)
    events.of_task(tx, case, task, "task.created")
    return task


def close_task(
    tx: Transaction, case: Case, task: Task, closed: ClosedTask, by: Actor, values: Mapping[str, Any] | None = None
) -> None:
    """Work that no longer waits: done, or withdrawn by the diagram."""
    if closed.how == "completed":
        behalf = by.on_behalf_of if by.on_behalf_of != by.performer else None
        tasks.close(tx, task.id, closed.how, by=by.performer, on_behalf_of=behalf, reason=by.reason, values=values)
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


def relieve(tx: Transaction, case: Case, deployed: Deployed) -> None:
    """Open tasks of whoever is recused go back to their roles, and to the coordinator where nobody else is left."""
    today = calendar.local_day(tx.now, deployed.region.timezone)
    recused = recusals.of_case(tx, case.id, today)
    if not recused:
        return
    for task in tasks.open_of_case(tx, case.id):
        is_theirs = task.status == "open" and not webhook.waits(task.properties)
        if is_theirs and (task.assignee in recused or (task.assignee is None and not holders(tx, task, today))):
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
    if not holders(tx, given_back, today):
        tasks.add_candidates(tx, task.id, [COORDINATOR])
    journal.note(tx, case, why, SYSTEM, {"from": task.assignee}, task)
    mails.task_opened(About(tx, case, deployed, given_back), holders(tx, given_back, today))


def cover(tx: Transaction, region: str, roles: Iterable[tuple[str, str]], day: date) -> None:
    """Someone holds these roles (role, area) no more: what nobody else may take on the day, the coordinator may."""
    for task in tasks.offered(tx, region, roles):
        if not webhook.waits(task.properties) and not holders(tx, task, day):
            _offer_to_coordinator(tx, task, day)


def _offer_to_coordinator(tx: Transaction, task: Task, day: date) -> None:
    vacant = [scope(role, area) for role, area in tasks.roles_of(tx, task.id)]
    case = cases.find(tx, task.case_id)
    if case is not None and COORDINATOR not in vacant:
        tasks.add_candidates(tx, task.id, [COORDINATOR])
        told = [held.person for held in standing.holders(tx, task.region, COORDINATOR, "", day)]
        mails.task_opened(About(tx, case, definitions.of_case(tx, case), task), told, vacant)


def redate_task(tx: Transaction, case: Case, deployed: Deployed, changed: RedatedTask) -> None:
    """A deadline, or who holds what, has changed: the open task follows, and tells if its day moved."""
    task = tasks.by_key(tx, case.id, changed.task)
    if task is None or task.status not in tasks.UNCLOSED:
        return
    due = changed.due if task.kind == "person" else _manual_due(changed.properties) or changed.due
    kept = {key: value for key, value in task.properties.items() if key in (VACANT, CONSEQUENCE, webhook.HANDOVER)}
    ours = kept if webhook.HANDOVER in kept else {}
    tasks.redate(tx, task, due=due, follow_up=changed.follow_up, properties=kept | dict(changed.properties) | ours)
    if due != task.due:
        _tell_moved(tx, case, deployed, task)


def refit_task(tx: Transaction, case: Case, deployed: Deployed, opened: OpenedTask) -> None:
    """The case has come to another version: the open task is what that one says. Whoever has it keeps it."""
    task = tasks.by_key(tx, case.id, opened.task)
    if task is None or task.status in ("completed", "cancelled"):
        return
    arranged = _arrange(tx, case, deployed, opened, calendar.local_day(tx.now, deployed.region.timezone))
    if webhook.waits(task.properties):
        arranged = _still_waiting(tx, case, deployed, task, arranged)
    now = tasks.refit(
        tx,
        task,
        name=opened.name,
        element=opened.element,
        priority=opened.priority,
        form=_form(deployed, opened),
        inputs=dict(opened.inputs),
        variables=dict(opened.variables),
    )
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
    reminders.withdraw(tx, task.id)
    schedule(tx, moved, deployed.region.timezone)
    if moved.due != task.due:
        today = calendar.local_day(tx.now, deployed.region.timezone)
        mails.deadline_moved(About(tx, case, deployed, moved), task.due, holders(tx, moved, today))


def _form(deployed: Deployed, opened: OpenedTask) -> str:
    return f"{deployed.version}/{opened.process}/{opened.element}"


def _properties(deployed: Deployed, opened: OpenedTask, arranged: Arrangement) -> dict[str, Any]:
    derived = _derived(deployed, opened.process, opened.element) | (
        {VACANT: list(arranged.vacant)} if arranged.vacant else {}
    )
    return derived | dict(opened.properties) | dict(arranged.properties)


def holders(reader: Reader, task: Task, today: date) -> list[str]:
    """Person keys of whoever has the task, or of everyone who may take it and is not excluded."""
    if task.assignee:
        return [task.assignee]
    barred = access.barred(reader, task, today)
    found = (held.person for held in access.candidates(reader, task, today))
    return [person for person in dict.fromkeys(found) if person not in barred]


def schedule(tx: Transaction, task: Task, timezone: str) -> None:
    """Note when the clock should remind and escalate: 08:00 on working days counted from the due day; and when it
    should end the wait for another system.
    """
    if webhook.waits(task.properties):
        until = webhook.until(task)
        reminders.schedule(tx, task.case_id, task.id, webhook.LATE, until.isoformat(), until)
    if task.due is None:
        return
    for kind, offset, recipient in plan(task.properties):
        due = _opening(task.due, offset, timezone)
        if due is not None and due > tx.now:
            occurrence = f"{offset:+d} {task.due.isoformat()} {recipient or ''}".strip()
            reminders.schedule(tx, task.case_id, task.id, kind, occurrence, due, recipient)


def _opening(day: date, offset: int, timezone: str) -> datetime | None:
    """08:00 so many working days from a day; None where that is beyond the calendar."""
    try:
        return calendar.opening(calendar.workday(day, offset), timezone)
    except calendar.OutsideCalendar:
        return None


def plan(properties: Mapping[str, Any]) -> Iterator[tuple[str, int, str | None]]:
    """What a task's `reminder` and `escalation` say: kind, working days from the due day, recipient.

    `reminder` is `-5,-1`; `escalation` is `+1 programOwner@LUNG; +2 coordinator`.
    """
    for part in _parts(properties.get("reminder"), ","):
        if re.fullmatch(r"[+-]?\d{1,3}", part):
            yield "reminder", int(part), None
    for part in _parts(properties.get("escalation"), ";"):
        match = _ESCALATION.fullmatch(part)
        if match:
            yield "escalation", int(match.group(1)), match.group(2)


def _parts(text: Any, separator: str) -> Iterable[str]:
    return (part.strip() for part in str(text or "").split(separator) if part.strip())


def _arrange(tx: Transaction, case: Case, deployed: Deployed, opened: OpenedTask, today: date) -> Arrangement:
    if opened.kind == "connector":
        role = opened.properties.get("manualRole") or deployed.region.connector(opened.topic or "").role
        wanted = (str(role),) if role else opened.candidates
        due = _manual_due(opened.properties) or opened.due
    else:
        wanted, due = opened.candidates or _of_lane(deployed, opened), opened.due
    recused = recusals.of_case(tx, case.id, today)
    if opened.assignee and opened.assignee not in recused and _is_here(tx, case.region, opened.assignee):
        return Arrangement(opened.assignee, wanted, due, holders=(opened.assignee,))
    found = tuple(person for person in _holders(tx, case.region, wanted, today) if person not in recused)
    if found:
        return Arrangement(None, wanted, due, holders=found)
    vacant = (*wanted, opened.assignee) if opened.assignee else wanted
    return Arrangement(None, (*wanted, COORDINATOR), due, vacant, _holders(tx, case.region, (COORDINATOR,), today))


def _by_webhook(tx: Transaction, deployed: Deployed, opened: OpenedTask, arranged: Arrangement) -> Arrangement:
    """A hand-over that the region lets another system make is nobody's while that is waited for."""
    way = webhook.way(tx, deployed.region, opened.topic or "") if opened.kind == "connector" else None
    if way is None:
        return arranged
    said = {CONSEQUENCE: way.says(deployed.region.timezone)}
    if way.endpoint is None:
        return replace(arranged, properties=said)
    return Arrangement(None, (), arranged.due, properties=said | webhook.waiting(way, arranged.candidates))


def _still_waiting(tx: Transaction, case: Case, deployed: Deployed, task: Task, arranged: Arrangement) -> Arrangement:
    """In another version: as before, unless the region now has it made by hand."""
    if webhook.way(tx, deployed.region, task.topic or "") is None:
        webhook.withdraw(tx, case, task, "cancelled")
        return arranged
    kept = {key: task.properties[key] for key in (webhook.HANDOVER, CONSEQUENCE)}
    return Arrangement(None, (), arranged.due, properties=kept)


def _of_lane(deployed: Deployed, opened: OpenedTask) -> tuple[str, ...]:
    """The role whose title the lane has, where the diagram writes neither role nor person."""
    node = deployed.node(opened.process, opened.element)
    if node.lane is None or {"candidateGroups", "assignee"} & node.attributes.keys():
        return ()
    title = node.lane.strip().casefold()
    return tuple(role for role in deployed.region.roles if deployed.region.title(role).casefold() == title)[:1]


def _derived(deployed: Deployed, process: str, element: str) -> dict[str, Any]:
    """What the diagram's own boundary timer says of the task, for when no sentence is written."""
    drawn = (each for each in deployed.definition.lookup(process).boundary(element) if each.event)
    timer = next((each for each in drawn if each.event and each.event.kind == "timer" and each.name), None)
    if timer is None:
        return {}
    what = "tas uppgiften bort" if timer.interrupting else "händer detta"
    return {CONSEQUENCE: f"När tiden är ute {what}: {timer.name}."}


def _is_here(reader: Reader, region: str, person: str) -> bool:
    found = people.find(reader, person)
    return found is not None and found.active and found.region == region


def _holders(reader: Reader, region: str, scopes: Iterable[str], today: date) -> tuple[str, ...]:
    """Person keys of everyone who holds one of the roles."""
    roles = [split_scope(each) for each in sorted(set(scopes))]
    found = (held.person for role in roles for held in standing.holders(reader, region, *role, today))
    return tuple(dict.fromkeys(found))


def _manual_due(properties: Mapping[str, Any]) -> date | None:
    text = str(properties.get("manualDue") or "")[:10]
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _exclude_performers(tx: Transaction, task: Task) -> set[str]:
    """Person keys of those who did what this task is to look at with other eyes."""
    elements = list(_parts(task.properties.get("fourEyes"), ","))
    performers = tasks.performers(tx, task.case_id, elements) if elements else set()
    for person in performers:
        tasks.exclude(tx, task.id, person, "four-eyes")
    return performers
