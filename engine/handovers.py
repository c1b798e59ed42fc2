"""Hand-overs to another system: what it answers, and what becomes of them without an answer.

An answer names the event that asked (its id). It is checked by the form that a person would have filled in, and counts
as long as the task is open, also when it comes late. The same answer again is taken as the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine import access, calendar, completions, events, journal, mails, reminding
from engine.access import CLOCK, COORDINATOR, Actor
from engine.arrangement import CONSEQUENCE
from engine.connectors import webhook
from engine.errors import AlreadyDone, FormErrors, Invalid, NotFound
from engine.work import Work, checked
from store import messages, outbox, reminders, tasks
from store.cases import Case
from store.database import Transaction
from store.outbox import Outgoing
from store.tasks import Task

COMPLETED = "HandoverCompleted"
FAILED = "HandoverFailed"
ANSWERS = (COMPLETED, FAILED)
"""Messages that another system answers with."""
REASON = "reason"
LONGEST_REASON = 500


def answer(tx: Transaction, region: str, name: str, key: str | None, given: Mapping[str, Any], by: Actor) -> str:
    """Take an answer to the event `key`; the id of the case. One to a suspended case counts when that goes on.

    Raises `NotFound`, `FormErrors`, and `AlreadyDone` when the hand-over was made in another way or withdrawn.
    """
    asked = _asked(tx, region, key)
    case = tasks.lock_case(tx, asked.task_id or "")
    assert case is not None, "a hand-over has a case"
    case = completions.finish_all_held(tx, case) if case.status == "active" else case
    task = tasks.find(tx, asked.task_id or "")
    assert task is not None, "a hand-over has a task"
    if _was_given(task, name, given):
        return case.id
    if task.status != "open":
        raise AlreadyDone(f"Överlämningen ”{task.name}” {_FATES[task.status]}", None, None)
    work = Work.of(tx, task, case)
    if name == FAILED:
        reason = _reason(given)
        _given_up(work, by, "failed", f"{_system(task)} kunde inte göra det här: {reason} Gör det för hand.")
    else:
        _completed(work, asked, given, by)
    return case.id


def late(tx: Transaction, case: Case, task: Task) -> None:
    """No answer came in time: the task is for people."""
    why = f"{_system(task)} har inte svarat i tid. Gör det för hand och skriv kvittensen."
    _given_up(Work.of(tx, task, case), CLOCK, "late", why)


def hear_kept(tx: Transaction, case: Case, by: Actor) -> None:
    """Answers that came while the case was suspended count now."""
    for task in tasks.open_of_case(tx, case.id):
        delivery = (task.properties.get(webhook.HANDOVER) or {}).get("delivery")
        kept = messages.take(tx, case.region, COMPLETED, delivery, case.id) if delivery else None
        if kept is None:
            continue
        try:
            answer(tx, case.region, COMPLETED, delivery, kept.payload, by)
        except FormErrors as error:
            why = f"Svaret från {_system(task)} gick inte att använda: {error} Gör det för hand."
            _given_up(Work.of(tx, task, case), by, "failed", why)


def _completed(work: Work, asked: Outgoing, given: Mapping[str, Any], by: Actor) -> None:
    tx, task, case = work.tx, work.task, work.case
    values = checked(work, given, by)
    if case.status == "suspended":
        messages.take(tx, case.region, COMPLETED, asked.id, case.id)
        messages.keep(tx, case.region, COMPLETED, asked.id, given)
        return
    journal.note(tx, case, "handover.answered", by, {"system": _system(task)}, task)
    reminders.withdraw(tx, task.id)
    completions.finish(replace(work, task=replace(task, properties=webhook.no_longer(task))), values, by)


def _given_up(work: Work, by: Actor, reason: str, why: str) -> None:
    """Whoever does it by hand finds it in the inbox, and why. `reason` is what the other system is told."""
    tx, task, case = work.tx, work.task, work.case
    if not webhook.waits(task.properties):
        return
    today = calendar.local_day(tx.now, work.timezone)
    roles = list(task.properties[webhook.HANDOVER]["roles"])
    now = replace(task, properties={**webhook.no_longer(task), CONSEQUENCE: why})
    webhook.withdraw(tx, case, task, reason)
    tasks.redate(tx, now, due=now.due, follow_up=now.follow_up, candidates=roles, properties=now.properties)
    vacant = () if access.holders(tx, now, today) else tuple(roles)
    if vacant:
        tasks.add_candidates(tx, task.id, [COORDINATOR])
    reminding.reschedule(tx, now, work.timezone)
    journal.note(tx, case, f"handover.{reason}", by, {"system": _system(task), "why": why}, task)
    mails.task_opened(mails.About(tx, case, work.deployed, now), access.holders(tx, now, today), vacant)


def _asked(tx: Transaction, region: str, key: str | None) -> Outgoing:
    """The event that asked."""
    if not key:
        raise Invalid("Svaret säger inte vilken överlämning det gäller: ange id för händelsen som bad om den.")
    found = outbox.find(tx, key)
    if found is None or found.region != region or found.name != events.REQUESTED:
        raise NotFound("Överlämningen", key)
    return found


def _was_given(task: Task, name: str, given: Mapping[str, Any]) -> bool:
    """The same answer has been taken before."""
    if name == FAILED:
        return task.status == "open" and not webhook.waits(task.properties)
    known = task.values or {}
    return task.status == "completed" and task.completed_by is None and given.items() <= known.items()


_FATES = {
    tasks.ANSWERED: "är redan gjord",
    "completed": "är redan gjord",
    "cancelled": "är återtagen och ska inte göras",
}


def _reason(given: Mapping[str, Any]) -> str:
    reason = str(given.get(REASON) or "").strip()[:LONGEST_REASON]
    if not reason:
        raise FormErrors({REASON: "Skriv varför överlämningen inte gick att göra."})
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."


def _system(task: Task) -> str:
    return str((task.properties.get(webhook.HANDOVER) or {}).get("system") or "Det andra systemet")
