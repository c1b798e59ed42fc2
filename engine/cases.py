"""Moves of a whole case: start, cancel, suspend, resume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

from engine import (
    access,
    calendar,
    completions,
    context,
    definitions,
    directory,
    events,
    following,
    forms,
    handovers,
    journal,
    recusals,
    steps,
)
from engine.access import Actor
from engine.core.deliveries import Cancel, ReceiveMessage, Reschedule
from engine.core.model import Field
from engine.definitions import Deployed
from engine.errors import Invalid, NotFound, NotRunning
from engine.starting import plain_start, starters
from store import cases, deadlines, documents, messages, outbox, reminders, subscriptions, tasks, timers
from store.cases import Case
from store.database import Database, Transaction

Choice = Literal["fire", "shift", "skip"]
"""What to do with what passed while a case was suspended: let it happen now, move it all on, or let it pass unseen."""


def start(
    db: Database, region: str, key: str, variables: Mapping[str, Any], *, business_key: str | None = None, by: Actor
) -> Case:
    """Start a case by hand. With a start key that is taken, answers with the case that has it: the diagram's own
    `startKey`, else `business_key`.

    Raises `NotFound`, `Forbidden`, `UnknownStart`, `FormErrors` or `Invalid`.
    """
    with db.transaction() as tx:
        deployed = definitions.current(tx, region, key)
        zone = deployed.region.timezone
        roles = starters(deployed.process)
        by = access.require(tx, by, "case.start", region=region, timezone=zone, starters=roles)
        values = _start_values(tx, deployed, variables)
        before = following.require(tx, deployed.region, _start_form(deployed), values, by)
        case = steps.start(tx, region, key, values, by, start_key=business_key)
        following.join(tx, case, deployed, before, by)
        _attach(tx, case, deployed, values, by)
        return case


def cancel(db: Database, case_id: str, *, reason: str, by: Actor) -> Case:
    """End a case: open tasks, rounds and unsent mail are withdrawn; linked cases stay. A reason is required."""
    with db.transaction() as tx:
        case, _, by = _locked(tx, case_id, "case.cancel", by)
        reason = _required(reason, "Skriv varför ärendet avbryts.")
        _require_open(case)
        acting = Actor(by.person, by.on_behalf_of, reason, by.mandate)
        journal.note(tx, case, "cancelled", acting, {"open": [each.name for each in tasks.open_of_case(tx, case.id)]})
        outbox.withdraw(tx, case.id)
        return steps.take(tx, case, Cancel(), acting)


def suspend(db: Database, case_id: str, *, reason: str, by: Actor) -> Case:
    """Hold a case: it can be read, and nothing fires. A reason is required."""
    with db.transaction() as tx:
        case, _, by = _locked(tx, case_id, "case.suspend", by)
        reason = _required(reason, "Skriv varför ärendet pausas.")
        if not cases.suspend(tx, case.id, reason):
            raise NotRunning(case.number, case.status)
        timers.hold(tx, case.id)
        reminders.hold(tx, case.id)
        journal.note(tx, case, "suspended", by, {"reason": reason})
        events.of_case(tx, case, "process_instance.suspended")
        return _reloaded(tx, case)


def tag(db: Database, case_id: str, tags: Any, *, reason: str, by: Actor) -> Case:
    """Say which questions a case is about: from now on nobody who is recused in one of them has a part in it.

    `tags` are instead of those it had: a list, or words with commas between; none frees it. A reason is required.
    """
    with db.transaction() as tx:
        case, deployed, by = _locked(tx, case_id, "case.tag", by)
        reason = _required(reason, "Skriv varför frågorna ändras.")
        _require_open(case)
        acting = Actor(by.person, by.on_behalf_of, reason, by.mandate)
        recusals.retag(tx, case, deployed, recusals.tags_in(tags), acting)
        return _reloaded(tx, case)


def resume(db: Database, case_id: str, *, choice: Choice = "fire", by: Actor) -> Case:
    """Let a case go on. `fire`: what has passed happens at the next tick; `shift`: everything is moved on by the
    length of the pause, deadlines too; `skip`: timers that have passed are disarmed, unless nothing else waits.
    """
    with db.transaction() as tx:
        case, deployed, by = _locked(tx, case_id, "case.suspend", by)
        if not cases.resume(tx, case.id):
            raise NotRunning(case.number, case.status)
        pause = tx.now - (case.suspended_at or tx.now)
        journal.note(tx, case, "resumed", by, {"choice": choice, "pausedDays": pause.days})
        events.of_case(tx, case, "process_instance.resumed")
        case = _reloaded(tx, case)
        _go_on(tx, case, deployed, choice, pause, by)
        return _hear_kept(tx, case, by)


def _go_on(tx: Transaction, case: Case, deployed: Deployed, choice: Choice, pause: timedelta, by: Actor) -> None:
    match choice:
        case "fire":
            timers.release(tx, case.id)
            reminders.release(tx, case.id)
        case "shift":
            timers.release(tx, case.id, pause)
            reminders.release(tx, case.id, pause)
            _shift_deadlines(tx, case, deployed, pause, by)
        case "skip":
            timers.release(tx, case.id)
            reminders.release(tx, case.id)
            _skip_passed(tx, case)


def _shift_deadlines(tx: Transaction, case: Case, deployed: Deployed, pause: timedelta, by: Actor) -> None:
    for each in deadlines.of_case(tx, case.id):
        if each.key == "externalDue":
            continue  # the world outside has not paused
        day = calendar.roll_forward(each.day + timedelta(days=pause.days))
        deadlines.set_day(tx, case.id, each.key, day, source="person", reason="pausat ärende", by=by.performer)
    steps.take(tx, case, Reschedule(), by)


def _skip_passed(tx: Transaction, case: Case) -> None:
    """Held timers that have passed sleep on, unless they are all that the case waits for."""
    rows = timers.of_case(tx, case.id)
    others = tasks.open_of_case(tx, case.id) or subscriptions.of_case(tx, case.id)
    if others or any(each.due > tx.now for each in rows):
        for each in rows:
            if each.due <= tx.now:
                timers.disarm(tx, case.id, each.key)


def _hear_kept(tx: Transaction, case: Case, by: Actor) -> Case:
    """Messages that came while the case was suspended."""
    for each in subscriptions.of_case(tx, case.id):
        kept = messages.take(tx, case.region, each.name, each.message_key, case.id)
        locked = completions.finish_all_held(tx, _reloaded(tx, case)) if kept is not None else case
        if kept is not None and any(other.key == each.key for other in subscriptions.of_case(tx, case.id)):
            steps.take(tx, locked, ReceiveMessage(each.name, each.message_key, kept.payload, each.key), by)
    handovers.hear_kept(tx, _reloaded(tx, case), by)
    return _reloaded(tx, case)


def _start_values(tx: Transaction, deployed: Deployed, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    form = _start_form(deployed)
    if not form:
        return variables
    known = directory.of_region(tx, deployed.region)
    with context.session(context.of_region(tx, deployed.region)) as session:
        return forms.check(form, variables, {}, session.evaluate, known)


def _start_form(deployed: Deployed) -> Sequence[Field]:
    start = plain_start(deployed.process)
    return start.form if start is not None else ()


def _attach(tx: Transaction, case: Case, deployed: Deployed, values: Mapping[str, Any], by: Actor) -> None:
    """The files of the start form, which were kept before there was a case, belong to it."""
    ids = [id for each in _start_form(deployed) if each.properties.get("file") for id in _files(each, values)]
    for kept in documents.belong(tx, ids, case.id, by.performer):
        journal.note(tx, case, "attached", by, {"document": kept.id, "sha256": kept.hash})


def _files(field: Field, values: Mapping[str, Any]) -> list[str]:
    """The ids that a file field was answered with, in every row where it stands in rows."""
    rows = values.get(field.rows) or [] if field.rows else [values]
    given = [row.get(field.column) or [] for row in rows]
    return [id for each in given for id in (each if isinstance(each, list) else [each])]


def _locked(tx: Transaction, case_id: str, act: str, by: Actor) -> tuple[Case, Deployed, Actor]:
    case = cases.lock(tx, case_id)
    if case is None:
        raise NotFound("Ärendet", case_id)
    deployed = definitions.of_case(tx, case)
    zone = deployed.region.timezone
    return case, deployed, access.require(tx, by, act, region=case.region, timezone=zone, case=case)


def _require_open(case: Case) -> None:
    if case.status not in cases.OPEN:
        raise NotRunning(case.number, case.status)


def _required(text: str, otherwise: str) -> str:
    if not text.strip():
        raise Invalid(otherwise)
    return text.strip()


def _reloaded(tx: Transaction, case: Case) -> Case:
    found = cases.find(tx, case.id)
    assert found is not None, "a locked case exists"
    return found
