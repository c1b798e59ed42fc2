"""What the pages of operations say of a delivery: how it went, to whom, and what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from store import webhooks
from store.database import Reader
from store.outbox import Outgoing
from web import words
from web.language import say
from web.operations.around import Around, around

STATES: Mapping[str, tuple[str, str, str]] = {
    "waiting": ("Väntar", "hourglass", "quiet"),
    "sending": ("Skickas nu", "mail", "tjarn"),
    "sent": ("Skickat", "done", "klar"),
    "failed": ("Misslyckat", "alert", "fel"),
    "withdrawn": ("Tillbakadraget", "minus", "quiet"),
}
"""State of a delivery -> its word, icon and tone."""

EVENTS: Mapping[str, str] = {
    "task.created": "Ny uppgift",
    "task.claimed": "Uppgift togs",
    "task.completed": "Uppgift blev klar",
    "task.cancelled": "Uppgift drogs tillbaka",
    "task.due_soon": "Uppgift ska snart vara klar",
    "task.overdue": "Uppgift är försenad",
    "process_instance.started": "Ärende startades",
    "process_instance.completed": "Ärende avslutades",
    "process_instance.cancelled": "Ärende avbröts",
    "process_instance.suspended": "Ärende pausades",
    "process_instance.resumed": "Ärende återupptogs",
    "incident.created": "Hinder uppstod",
    "incident.resolved": "Hinder löstes",
    "message.correlated": "Meddelande kom fram",
    "timer.fired": "Timer gick",
    "decision.made": "Beslutstabell svarade",
    "document.registered": "Handling diariefördes",
    "process_definition.deployed": "Process driftsattes",
}
"""Type of an event to other systems -> what people call it."""


def rows(reader: Reader, found: Sequence[Outgoing]) -> list[dict[str, Any]]:
    """Deliveries in a list, or the one on its page."""
    mailed = {each.recipient for each in found if each.kind == "mail"}
    beside = around(reader, (each.case_id for each in found), mailed)
    hosts = {id: _host(reader, id) for id in {each.recipient for each in found} - mailed if id}
    return [_delivery(each, beside, hosts | beside.names) for each in found]


def _delivery(out: Outgoing, beside: Around, named: Mapping[str, str]) -> dict[str, Any]:
    word, icon, tone = STATES[out.status]
    today = beside.today
    return beside.case(out.case_id) | {
        "out": out,
        "to": named.get(out.recipient or "", ""),
        "about": str(out.payload.get("subject") or _event(out)),
        "created": words.moment(out.created_at, today),
        "next": words.moment(out.next_at, today) if out.next_at and out.status == "waiting" else "",
        "sent": words.moment(out.sent_at, today) if out.sent_at else "",
        "word": say(word),
        "symbol": icon,
        "tone": tone,
    }


def _event(out: Outgoing) -> str:
    """What happened, in words and with its name: `Uppgift blev klar: Lämna synpunkter`."""
    happened = say(EVENTS.get(out.name, out.name))
    name = out.payload.get("name")
    return f"{happened}: {name}" if name else happened


def _host(reader: Reader, id: str) -> str:
    endpoint = webhooks.find(reader, id)
    return endpoint.host if endpoint else ""
