"""What another system does by itself: a signed event asks for the hand-over, and an answer brings the receipt.

Nothing waits in silence. Without a receiver, and without an answer in time, the task is a person's like any other, and
says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine import calendar, catalogue, events
from engine.connectors import form_of
from engine.core.durations import parse_duration
from engine.core.model import Field
from engine.definitions import Deployed
from engine.regions import WEBHOOK, Region
from store import outbox, tasks, webhooks
from store.cases import Case
from store.database import Reader, Transaction
from store.tasks import Task

HANDOVER = "handover"
"""Property of a task that another system was asked to do: `delivery`, `endpoint`, `system`, `roles`; and `until`, as
long as its answer is waited for.
"""
LATE = "handover"
"""Kind of the reminder that ends the wait."""


@dataclass(frozen=True)
class Way:
    """Where a hand-over goes, and until when an answer is waited for. No endpoint: it cannot go there now."""

    system: str
    until: datetime
    endpoint: str | None

    def says(self, timezone: str) -> str:
        """What the task says meanwhile, in one sentence."""
        if self.endpoint is None:
            return (
                f"{self.system} skulle ha gjort det här, men ingen öppen mottagare har den adressen. Gör det för hand."
            )
        day = calendar.long_date(calendar.local_day(self.until, timezone))
        return f"{self.system} gör det här och svarar. Kommer inget svar till {day} får en person uppgiften."


def way(reader: Reader, region: Region, topic: str) -> Way | None:
    """How the region lets another system make a hand-over; None where a person or a mail does."""
    connector = region.connector(topic)
    if connector.mode != WEBHOOK:
        return None
    until = parse_duration(connector.answer_within).after(reader.now, region.timezone)
    endpoint = webhooks.at_address(reader, region.id, connector.endpoint or "", events.REQUESTED)
    return Way(connector.system or "Det andra systemet", until, endpoint)


def waits(properties: Mapping[str, Any]) -> bool:
    """Whether a task with these properties waits for another system, and for no person."""
    return "until" in (properties.get(HANDOVER) or {})


def waiting(way: Way, roles: Iterable[str]) -> dict[str, Any]:
    """The property of a task that is to wait; `roles` are those who get it if no answer comes."""
    known = {"endpoint": way.endpoint, "system": way.system, "until": way.until.isoformat(), "roles": list(roles)}
    return {HANDOVER: known}


def until(task: Task) -> datetime:
    """When the wait for the other system ends."""
    return datetime.fromisoformat(task.properties[HANDOVER]["until"])


def ask(tx: Transaction, case: Case, deployed: Deployed, task: Task) -> Task:
    """Enqueue the event that asks for the hand-over; answers with the task, which knows its delivery."""
    known = task.properties[HANDOVER]
    node = deployed.node(task.process, task.element)
    form = node.form or form_of(task.topic or "", node.properties.get("mustGive", ""))
    about = {
        "topic": task.topic,
        "message": catalogue.load().of_topic(task.topic or "").name,
        "system": known["system"],
        "inputs": dict(task.inputs),
        "answerBy": known["until"],
        "receipt": [_described(field) for field in form if not field.readonly],
    }
    sent = events.addressed(tx, case, task, events.REQUESTED, known["endpoint"], **about)
    properties = {**task.properties, HANDOVER: {**known, "delivery": sent}}
    tasks.redate(tx, task, due=task.due, follow_up=task.follow_up, properties=properties)
    return replace(task, properties=properties)


def withdraw(tx: Transaction, case: Case, task: Task, reason: str) -> None:
    """Nobody waits for the other system any more. What never left stays here; else it is told.

    `reason`: `completed`, `cancelled`, `late` or `failed`.
    """
    known = task.properties[HANDOVER]
    if outbox.take_back(tx, known["delivery"]):
        return
    events.addressed(
        tx, case, task, events.WITHDRAWN, known["endpoint"], handover=known["delivery"], topic=task.topic, reason=reason
    )


def no_longer(task: Task) -> dict[str, Any]:
    """The properties of a task whose wait is over: which delivery asked is still known."""
    known = {name: value for name, value in task.properties[HANDOVER].items() if name != "until"}
    return {**task.properties, HANDOVER: known}


def _described(field: Field) -> dict[str, Any]:
    """A field of the receipt, as the other system needs to know it."""
    return {
        "name": field.id,
        "label": field.label,
        "type": field.type,
        "required": field.constraints.get("required") == "true",
    }
