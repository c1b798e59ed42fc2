"""Answers that may be taken back for a while, where the diagram says so (`undo`: `PT10M`).

An answer is checked and kept at once; nothing of the diagram moves until its time is out. Then the clock completes the
task with it, as the person who gave it, and history tells both moments. An answer given in time counts: what else
happens to the case by the clock or by a message finds it taken first. Only what ends the task in another way withdraws
it (`agenda.close_task`), and history says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import agenda, definitions, journal
from engine import tasks as moves
from engine.access import Actor
from engine.core.durations import parse_duration
from engine.errors import Conflict, Forbidden
from store import drafts, held_answers, tasks
from store.cases import Case
from store.database import Transaction
from store.held_answers import HeldAnswer


def hold(work: moves.Work, values: Mapping[str, Any], by: Actor) -> None:
    """Keep a checked answer until its time is out."""
    tx, task = work.tx, work.task
    until = parse_duration(str(task.properties[tasks.UNDO])).after(tx.now, work.timezone)
    row = HeldAnswer(task.id, task.case_id, by.person, by.on_behalf_of, by.mandate, by.reason, until, until)
    behalf = by.on_behalf_of if by.on_behalf_of != by.performer else None
    tasks.close(tx, task.id, tasks.ANSWERED, by=by.performer, on_behalf_of=behalf, reason=by.reason, values=values)
    held_answers.hold(tx, row)
    journal.note(tx, work.case, "answered", by, {"until": until.isoformat()}, task)


def take_back(work: moves.Work, by: Actor) -> None:
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


def take(tx: Transaction, case: Case, held: HeldAnswer) -> Case:
    """Complete the task as whoever answered it, if it still waits for that. The caller has the case locked."""
    task = tasks.find(tx, held.task_id)
    held_answers.drop(tx, held.task_id)
    if task is None or task.status != tasks.ANSWERED:
        return case
    work = moves.Work(tx, task, case, definitions.of_case(tx, case))
    return moves.finish(work, task.values or {}, agenda.actor_of(held))


def take_all(tx: Transaction, case: Case) -> Case:
    """Before something else happens to the case: what was answered in time counts, in the order it was to count."""
    if not definitions.of_case(tx, case).has_undo:
        return case
    for held in held_answers.of_case(tx, case.id):
        if case.status == "active" and held_answers.find(tx, held.task_id) is not None:
            case = take(tx, case, held)
    return case
