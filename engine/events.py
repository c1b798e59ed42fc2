"""Events that leave the house: told to whoever has asked to hear of them, in the transaction that caused them.

Each endpoint that listens gets a row of its own in the outbox; where nobody does, nothing is written.
Names are those of the contract without the prefix `se.kunskapsflode.`. They carry keys and titles, never answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.core.deliveries import Happening
from engine.errors import Conflict
from store import incidents, outbox, webhooks
from store.cases import Case
from store.database import Transaction
from store.tasks import Task

REQUESTED = "handover.requested"
WITHDRAWN = "handover.withdrawn"
"""A hand-over to another system, and that it is no longer its to make: told to that system's endpoint alone."""
TYPES = (
    *(f"task.{how}" for how in ("created", "claimed", "completed", "cancelled", "due_soon", "overdue")),
    *(f"process_instance.{how}" for how in ("started", "completed", "cancelled", "suspended", "resumed")),
    *("incident.created", "incident.resolved", "message.correlated", "timer.fired", "decision.made"),
    *("document.registered", "process_definition.deployed"),
    *(REQUESTED, WITHDRAWN),
)
"""All there is to ask for."""
UNDELIVERED = "delivery"
"""Rule of the incidents that tell of what did not arrive: at an endpoint (its id), or one event (its id)."""
UNREACHED = "mail"
"""Rule of the incidents that tell of a person whom mail does not reach (their key)."""


def of_case(tx: Transaction, case: Case, name: str, **data: Any) -> None:
    """`process_instance.started`, `incident.created`, `timer.fired`, `message.correlated` ..."""
    _enqueue(tx, case, name, data)


def of_task(tx: Transaction, case: Case, task: Task, name: str, **data: Any) -> None:
    """`task.created`, `task.claimed`, `task.completed`, `task.cancelled`, `task.due_soon`, `task.overdue`."""
    _enqueue(tx, case, name, _of(task) | data, task.id)


def addressed(tx: Transaction, case: Case, task: Task, name: str, endpoint: str, **data: Any) -> str:
    """An event of a task for one endpoint and no other, `handover.requested` or `handover.withdrawn`; its id."""
    about = _about(tx, case, _of(task) | data)
    return outbox.enqueue(tx, case.region, "event", name, about, case_id=case.id, task_id=task.id, recipient=endpoint)


def of_history(tx: Transaction, case: Case, happenings: Iterable[Happening]) -> None:
    """`decision.made` for each decision table that a step has asked; what it answered is not told."""
    for each in happenings:
        if each.what == "decided":
            about = {"element": each.element, "name": each.name, "decision": each.details["decision"]}
            _enqueue(tx, case, "decision.made", about)


def registered(tx: Transaction, case: Case, task: Task, values: Mapping[str, Any]) -> None:
    """`document.registered`, with the number that the diary gave."""
    of_task(tx, case, task, "document.registered", diaryNumber=values.get("diaryNumber"))


def deployed(tx: Transaction, region: str, key: str, name: str, version: str) -> None:
    """`process_definition.deployed`."""
    about = {"processKey": key, "name": name, "version": version, "at": _text(tx.now)}
    for endpoint in webhooks.listening(tx, region, "process_definition.deployed"):
        outbox.enqueue(tx, region, "event", "process_definition.deployed", about, recipient=endpoint)


def _enqueue(tx: Transaction, case: Case, name: str, data: Mapping[str, Any], task: str | None = None) -> None:
    about = _about(tx, case, data)
    listeners = tx.once((webhooks.listeners, case.region), lambda: webhooks.listeners(tx, case.region))
    for endpoint in webhooks.hearing(listeners, name):
        outbox.enqueue(tx, case.region, "event", name, about, case_id=case.id, task_id=task, recipient=endpoint)


def _about(tx: Transaction, case: Case, data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "caseId": case.id,
        "caseNumber": case.number,
        "processKey": case.process_key,
        "title": case.title,
        "at": _text(tx.now),
        **data,
    }


def _of(task: Task) -> dict[str, Any]:
    return {"taskId": task.id, "element": task.element, "name": task.name, "due": _text(task.due)}


def _text(value: Any) -> str | None:
    return value.isoformat() if value is not None else None


def send_again(tx: Transaction, region: str, id: str) -> int | None:
    """Let one delivery leave once more, or all that an endpoint missed, which is then open again. Answers how many.

    None when the region has neither. What tells of it stays until it has arrived. Raises `Conflict` while it is being
    sent.
    """
    endpoint, out = webhooks.find(tx, id), outbox.find(tx, id)
    if endpoint is not None and endpoint.region == region:
        webhooks.enable(tx, id)
        missed = outbox.resend_missed(tx, id)
        if not missed:
            incidents.resolve_outside(tx, id, UNDELIVERED)
        return missed
    if out is None or out.region != region:
        return None
    if not outbox.resend(tx, id):
        raise Conflict("Den skickas just nu.")
    return 1


def arrived(tx: Transaction, delivery: str, endpoint: str) -> None:
    """A delivery that did not get through at first has: nothing is left to tell of it, or of its endpoint."""
    incidents.resolve_outside(tx, delivery, UNDELIVERED)
    incidents.resolve_outside(tx, endpoint, UNDELIVERED)
