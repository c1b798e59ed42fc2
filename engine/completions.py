"""What follows from an answer that counts: at once, or when the time to take it back is out.

Where the diagram says so (`undo`: `PT10M`), an answer may be taken back for a while. It is checked and kept at once;
nothing of the diagram moves until its time is out. Then the clock completes the task with it, as the person who gave
it, and history tells both moments. An answer given in time counts: what else happens to the case by the clock or by a
message finds it taken first. Only what ends the task in another way withdraws it (`agenda.close_task`), and history
says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine import agenda, definitions, journal, rounds, steps
from engine.access import Actor
from engine.core.deliveries import AddInstance, CompleteTask, Reschedule
from engine.core.durations import parse_duration
from engine.core.variables import own_key
from engine.errors import Conflict, Forbidden
from engine.work import Work, fields_of
from store import deadlines, drafts, held_answers, tasks
from store.cases import Case
from store.database import Transaction
from store.held_answers import HeldAnswer

FORWARD = "forwardTo"
"""The field of a form that sends the question on to those who were missed."""


def finish(work: Work, values: Mapping[str, Any], by: Actor) -> Case:
    """Complete the task: deadlines move, those who were missed are asked, and the case goes on."""
    moved = _move_deadlines(work, values, by)
    case = work.case
    for element in values.get(FORWARD) or []:
        case = add_instance(work, case, element, by)
    drafts.drop(work.tx, work.task.id)
    case = steps.take(work.tx, case, CompleteTask(work.task.key, values), by, task=work.task)
    return steps.take(work.tx, case, Reschedule(), by) if moved and case.status == "active" else case


def hold(work: Work, values: Mapping[str, Any], by: Actor) -> None:
    """Keep a checked answer until its time is out."""
    tx, task = work.tx, work.task
    until = parse_duration(str(task.properties[tasks.UNDO])).after(tx.now, work.timezone)
    row = HeldAnswer(task.id, task.case_id, by.person, by.on_behalf_of, by.mandate, by.reason, until, until)
    agenda.close_as(tx, task, tasks.ANSWERED, by, values)
    held_answers.hold(tx, row)
    journal.note(tx, work.case, "answered", by, {"until": until.isoformat()}, task)


def take_back(work: Work, by: Actor) -> None:
    """The task is open again; whoever answered finds the answer in the form. Raises `Forbidden`, `Conflict`."""
    tx, task, held = work.tx, work.task, agenda.answer_to(work.tx, work.task)
    if by.performer != held.performer:
        work.require("task.see", by)
        raise Forbidden("Bara den som svarade kan ta tillbaka svaret.")
    if not held.may_be_taken_back(tx.now):
        raise Conflict("Tiden för att ångra är ute. Svaret gäller.")
    held_answers.drop(tx, task.id)
    tasks.reopen(tx, task)
    if held.performer is not None:
        drafts.save(tx, task.id, held.performer, task.values or {})
    journal.note(tx, work.case, "answer.taken-back", by, task=task)


def finish_held(tx: Transaction, case: Case, held: HeldAnswer) -> Case:
    """Complete the task as whoever answered it, if it still waits for that. The caller has the case locked."""
    task = tasks.find(tx, held.task_id)
    held_answers.drop(tx, held.task_id)
    if task is None or task.status != tasks.ANSWERED:
        return case
    return finish(Work.of(tx, task, case), task.values or {}, agenda.actor_of(held))


def finish_all_held(tx: Transaction, case: Case) -> Case:
    """Before something else happens to the case: what was answered in time counts, in the order it was to count."""
    if not definitions.of_case(tx, case).has_undo:
        return case
    for held in held_answers.of_case(tx, case.id):
        if case.status == "active" and held_answers.find(tx, held.task_id) is not None:
            case = finish_held(tx, case, held)
    return case


def add_instance(work: Work, case: Case, element: Mapping[str, Any], by: Actor) -> Case:
    """Someone who was missed gets a task of their own in the running round. Raises `Conflict` where there is none."""
    if work.task.multi_instance is None:
        raise Conflict("Uppgiften ställs bara till en, så den kan inte sändas vidare till fler.")
    rounds.forwarded(work.tx, case, element, by.performer)
    journal.note(work.tx, case, "forwarded", by, {"to": dict(element)}, work.task)
    return steps.take(work.tx, case, AddInstance(work.task.key, element), by)


def _move_deadlines(work: Work, values: Mapping[str, Any], by: Actor) -> bool:
    """Fields with `deadline` move the named deadline of the case; True when a day changed."""
    moved, where = {}, f"satt i ”{work.task.name}”"
    for field in fields_of(work.deployed, work.task):
        key, value = field.properties.get("deadline"), values.get(field.id)
        if key and isinstance(value, str):
            key = own_key(key, work.task.variables)
            day = date.fromisoformat(value)
            source = {"source": "person", "reason": where, "by": by.performer}
            if deadlines.set_day(work.tx, work.case.id, key, day, **source) != day:  # type: ignore[arg-type]
                moved[key] = value
    if moved:
        journal.note(work.tx, work.case, "deadline.moved", by, {"deadlines": moved, "reason": where}, work.task)
    return bool(moved)
