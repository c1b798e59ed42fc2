"""Incidents: trying again where a case stands still, and telling truly how it went."""

from __future__ import annotations

from dataclasses import dataclass

from engine import access, definitions, events, journal, regions, steps
from engine.access import Actor
from engine.core.deliveries import Retry
from engine.errors import Conflict, NotFound
from store import cases, incidents, reminders, timers
from store.database import Database, Transaction
from store.incidents import Incident

SOLVED = "löst"
REMAINS = "kvar"


@dataclass(frozen=True)
class Retried:
    """How a retry went: `löst`, or `kvar` with the reason."""

    result: str
    reason: str = ""


def retry(db: Database, incident_id: str, *, by: Actor) -> Retried:
    """Try again where an incident stopped its case; the answer comes after the step has run.

    Raises `NotFound`, `Forbidden`, and `Conflict` for an incident that is resolved already.
    """
    with db.transaction() as tx:
        incident = _found(tx, incident_id)
        if incident.case_id is None:
            by = _require_operator(tx, incident.region, by)
            if incident.rule == events.UNDELIVERED:
                events.send_again(tx, incident.region, incident.task)
            incidents.resolve(tx, incident.id, by.performer)
            return Retried(SOLVED)
        case = cases.lock(tx, incident.case_id)
        assert case is not None, "an incident of a case has a case"
        zone = definitions.of_case(tx, case).region.timezone
        by = access.require(tx, by, "incident.retry", region=case.region, timezone=zone, case=case)
        if case.status != "active":
            raise Conflict("Ärendet pågår inte, så det finns inget att försöka igen.")
        journal.note(tx, case, "retried", by, {"rule": incident.rule, "element": incident.element})
        if incident.task.isdigit():
            steps.take(tx, case, Retry(incident.task), by)
        else:
            timers.release(tx, case.id)
            reminders.release(tx, case.id)
            incidents.resolve(tx, incident.id, by.performer)
        return _told(tx, incident)


def _told(tx: Transaction, incident: Incident) -> Retried:
    after = incidents.find(tx, incident.id)
    remaining = [each for each in incidents.open_of_case(tx, incident.case_id or "") if each.task == incident.task]
    if after is None or (after.status == "resolved" and not remaining):
        return Retried(SOLVED)
    return Retried(REMAINS, (remaining[0] if remaining else after).message)


def _found(tx: Transaction, incident_id: str) -> Incident:
    incident = incidents.find(tx, incident_id)
    if incident is None:
        raise NotFound("Incidenten", incident_id)
    if incident.status != "open":
        raise Conflict("Incidenten är redan löst.")
    return incident


def _require_operator(tx: Transaction, region: str, by: Actor) -> Actor:
    zone = regions.load(region).timezone
    return access.require(tx, by, "incident.retry", region=region, timezone=zone)
