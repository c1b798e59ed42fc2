"""Incidents: trying again where something stands still, and telling truly how it went.

What is tried, and when it is known how it went, depends on what the incident is about: see `_OUTSIDE` and `_in_case`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine import access, calendar, clock, definitions, events, journal, messages, printing, regions, steps
from engine.access import Actor
from engine.core.deliveries import Retry
from engine.core.errors import CoreError
from engine.errors import AlreadyDone, Conflict, Invalid, MoveError, NotFound
from store import cases, held_answers, incidents, outbox, people, reminders, renderings, timers
from store.cases import Case
from store.database import Database, Transaction
from store.errors import StoreError
from store.incidents import Incident

SOLVED = "löst"
REMAINS = "kvar"
UNDER_WAY = "försöker"
"""Set going again; how it went is not known yet. The incident stays open until it has gone well."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Retried:
    """How a retry went: `SOLVED`, `UNDER_WAY`, or `REMAINS` with the reason."""

    result: str
    reason: str = ""


def retry(db: Database, incident_id: str, *, by: Actor) -> Retried:
    """Try again what an incident stopped; the answer comes after it has been tried.

    Raises `NotFound`, `Forbidden`, `AlreadyDone` for an incident that someone has solved, and `Conflict` for a case
    that is not running.
    """
    with db.transaction() as tx:
        incident = _found(tx, incident_id)
        if incident.case_id is None:
            return _retry_outside(tx, incident, by)
        case = cases.lock(tx, incident.case_id)
        assert case is not None, "an incident of a case has a case"
        zone = definitions.of_case(tx, case).region.timezone
        by = access.require(tx, by, "incident.retry", region=case.region, timezone=zone, case=case)
        incident = _found(tx, incident_id)
        if not may_be_tried(incident, case):
            raise Conflict("Ärendet pågår inte, så det finns inget att försöka igen.")
        went = _in_case(tx, incident, case, by)
        about = {"rule": incident.rule, "element": incident.element, "result": went.result}
        journal.note(tx, case, "retried", by, about | ({"why": went.reason} if went.reason else {}))
        return went


def may_be_tried(incident: Incident, case: Case | None) -> bool:
    """What a case has said may be handed over also after it is done, and its documents set; all else needs a case that
    is running."""
    if incident.rule == printing.DOCUMENT:
        return True
    said = incident.rule == messages.MESSAGE and case is not None and case.status == "completed"
    return case is None or case.status == "active" or said


def annotate(db: Database, incident_id: str, text: str, *, by: Actor) -> None:
    """Write beside an incident, for whoever comes next. Raises `NotFound`, `Forbidden`, `Invalid`."""
    with db.transaction() as tx:
        incident = incidents.find(tx, incident_id)
        if incident is None:
            raise NotFound("Hindret", incident_id)
        _require_operator(tx, incident.region, by)
        if len(text) > 1000:
            raise Invalid("Anteckningen är för lång: högst 1 000 tecken.")
        incidents.annotate(tx, incident_id, text.strip())


# Incidents of a case -------------------------------------------------------------------------------------------------


def _in_case(tx: Transaction, incident: Incident, case: Case, by: Actor) -> Retried:
    if incident.rule == messages.MESSAGE:
        return _message(tx, incident, case, by)
    if incident.rule == printing.DOCUMENT:
        renderings.again(tx, incident.task)
        return Retried(UNDER_WAY)
    if incident.task in (clock.TIMERS, clock.REMINDERS, clock.ANSWERS):
        return _by_clock(tx, case)
    return _step(tx, incident, case, by)


def _step(tx: Transaction, incident: Incident, case: Case, by: Actor) -> Retried:
    """The step is taken before the answer. One that cannot even be tried leaves everything as it was."""
    try:
        with tx.savepoint():
            steps.take(tx, case, Retry(incident.task), by)
    except StoreError:
        raise
    except Exception as error:
        return _failed_again(tx, incident, _sentence(error))
    after = incidents.find(tx, incident.id)
    left = [each for each in incidents.open_of_case(tx, case.id) if each.task == incident.task]
    if left:
        return Retried(REMAINS, left[0].message)
    if after is not None and after.status == "open":
        return Retried(REMAINS, after.message)
    return Retried(SOLVED)


def _message(tx: Transaction, incident: Incident, case: Case, by: Actor) -> Retried:
    why = messages.send_again(tx, case, incident.task, by)
    if why:
        return _failed_again(tx, incident, why)
    incidents.resolve(tx, incident.id, by.performer)
    events.of_case(tx, case, "incident.resolved", task=incident.task)
    return Retried(SOLVED)


def _by_clock(tx: Transaction, case: Case) -> Retried:
    """The clock takes it at its next tick, and closes the incident when it has gone well."""
    timers.release(tx, case.id)
    reminders.release(tx, case.id)
    held_answers.release(tx, case.id)
    return Retried(UNDER_WAY, "Klockan försöker igen nu. Hindret försvinner när det har gått bra.")


def _failed_again(tx: Transaction, incident: Incident, why: str) -> Retried:
    known = {"element": incident.element, "process": incident.process, "rule": incident.rule, "message": why}
    incidents.report(tx, incident.region, incident.case_id, incident.task, **known)
    return Retried(REMAINS, why)


# Incidents of no case ------------------------------------------------------------------------------------------------


def _retry_outside(tx: Transaction, incident: Incident, by: Actor) -> Retried:
    by = _require_operator(tx, incident.region, by)
    went = _OUTSIDE.get(incident.rule, _nothing_to_try)(tx, incident, by)
    if went.result == SOLVED and not incidents.resolve(tx, incident.id, by.performer):
        raise _already_solved(tx, incident)  # someone was faster, and this try is undone with the transaction
    journal.region(
        tx, incident.region, "retried", by, {"rule": incident.rule, "element": incident.element, "result": went.result}
    )
    return went


def _delivery(tx: Transaction, incident: Incident, by: Actor) -> Retried:
    return _on_its_way(events.send_again(tx, incident.region, incident.task) or 0)


def _mail(tx: Transaction, incident: Incident, by: Actor) -> Retried:
    return _on_its_way(outbox.resend_mail(tx, incident.task))


def _on_its_way(number: int) -> Retried:
    if not number:
        return Retried(SOLVED, "Det fanns inget kvar att skicka.")
    words = "Ett utskick skickas" if number == 1 else f"{number} utskick skickas"
    return Retried(UNDER_WAY, f"{words} igen nu. Hindret försvinner när det har kommit fram.")


def _calendar_start(tx: Transaction, incident: Incident, by: Actor) -> Retried:
    """The start that the calendar missed is made now, once."""
    process, _, element = incident.task.partition(":")
    try:
        with tx.savepoint():
            steps.start(tx, incident.region, process, {}, by, start_event=element)
    except StoreError:
        raise
    except Exception as error:
        return _failed_again(tx, incident, f"Processen {process} kunde inte starta: {_sentence(error)}")
    return Retried(SOLVED)


def _nothing_to_try(tx: Transaction, incident: Incident, by: Actor) -> Retried:
    return Retried(REMAINS, incident.message)


_OUTSIDE: Mapping[str, Callable[[Transaction, Incident, Actor], Retried]] = {
    events.UNDELIVERED: _delivery,
    events.UNREACHED: _mail,
    "clock": _calendar_start,
}
"""Rule -> how to try again."""


# What both need ------------------------------------------------------------------------------------------------------


def _found(tx: Transaction, incident_id: str) -> Incident:
    incident = incidents.find(tx, incident_id)
    if incident is None:
        raise NotFound("Hindret", incident_id)
    if incident.status != "open":
        raise _already_solved(tx, incident)
    return incident


def _already_solved(tx: Transaction, incident: Incident) -> AlreadyDone:
    now = incidents.find(tx, incident.id) or incident
    solver = people.find(tx, now.resolved_by) if now.resolved_by else None
    zone = regions.load(now.region).timezone
    day = calendar.long_date(calendar.local_day(now.resolved_at, zone)) if now.resolved_at else None
    return AlreadyDone("Hindret är redan löst", solver.name if solver else None, day)


def _require_operator(tx: Transaction, region: str, by: Actor) -> Actor:
    zone = regions.load(region).timezone
    return access.require(tx, by, "incident.retry", region=region, timezone=zone)


def _sentence(error: Exception) -> str:
    """What a person may read of it. What is no sentence of ours is a fault of ours, and logged."""
    if isinstance(error, MoveError | CoreError):
        return str(error)
    log.error("a retry failed", exc_info=error)
    return f"Felet är loggat ({type(error).__name__})."
