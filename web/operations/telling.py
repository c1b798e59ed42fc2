"""What the pages of operations say of an incident, a timer and a delivery: in words, and what can be done about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from engine import definitions
from engine.core.model import Node
from store import feeds, people, webhooks
from store.cases import Case
from store.database import Reader
from store.incidents import Incident
from store.outbox import Outgoing
from store.timers import Coming, Wanted
from web import here, words
from web.language import say

LATE = timedelta(minutes=2)
"""A timer that is this late has not been taken care of as it should."""


@dataclass(frozen=True)
class Advice:
    """What an incident is about, what to do first, and what trying again does.

    `{coordinator}` is whoever coordinates in the region.
    """

    title: str
    first: str
    again: str


DIAGRAM = Advice(
    "Ärendet kunde inte gå vidare",
    "Felet finns i ritningen eller i ärendets uppgifter. Visa det för den som ritar processen.",
    "Steget görs en gång till, med ärendets uppgifter som de är nu. Går det bra fortsätter ärendet.",
)
ADVICE: Mapping[str, Advice] = {
    "expression": Advice(
        "En uträkning i ritningen gick inte att göra",
        "Se vilken uppgift uträkningen saknar. Är det uträkningen som är fel behöver ritningen rättas.",
        "Uträkningen görs om, med ärendets uppgifter som de är nu. Går det bra fortsätter ärendet.",
    ),
    "decision": Advice(
        "Beslutstabellen gav inget svar",
        "Se vilka svar som gick in i tabellen. Täcker tabellen dem inte behöver den rättas.",
        "Tabellen läses om, med ärendets uppgifter som de är nu. Går det bra fortsätter ärendet.",
    ),
    "no-flow": Advice(
        "Ingen väg vidare passar svaret",
        "Se vilket svar som gavs. Vägvalet i ritningen saknar en väg för det.",
        "Vägvalet prövas om, med ärendets uppgifter som de är nu. Går det bra fortsätter ärendet.",
    ),
    "effect": Advice(
        "Steget gick inte att utföra",
        "Läs orsaken. Ofta saknas en uppgift som ska ha fyllts i tidigare.",
        "Steget utförs en gång till. Inget av det hann göras första gången, så inget görs dubbelt.",
    ),
    "message": Advice(
        "Ett meddelande kom inte fram",
        "Läs orsaken. Väntar flera ärenden på samma besked behöver ett av dem avbrytas eller få sitt besked först.",
        "Meddelandet lämnas en gång till. Det lämnas bara en gång, hur många som än försöker.",
    ),
    "delivery": Advice(
        "Ett annat system tar inte emot",
        "Fråga den som sköter det andra systemet. Adressen står bland utskicken.",
        "Mottagaren öppnas igen och allt den har missat skickas, under samma nummer som förut.",
    ),
    "mail": Advice(
        "E-post når inte en person",
        "Rätta personens adress, eller be {coordinator} göra det.",
        "Breven som inte kom fram skickas igen.",
    ),
    "clock": Advice(
        "Klockan kunde inte göra det som var dags",
        "Läs orsaken. Klockan försöker igen av sig själv, allt mer sällan.",
        "Klockan försöker genast i stället för att vänta.",
    ),
    "document": Advice(
        "Ett dokument kunde inte göras som PDF",
        "Läs orsaken. Ärendet har gått vidare, och webbsidan finns bland dess dokument.",
        "Dokumentet sätts en gång till, inom några sekunder.",
    ),
    "stall": Advice(
        "Ärendet väntar på något som aldrig kan hända",
        "Vägarna i ritningen möts inte. Visa det för den som ritar processen.",
        "Ritningen prövas om. Utan ändring blir det troligen stopp igen.",
    ),
}
"""Rule of an incident -> what to say of it. Faults of a diagram that are not here are told by `DIAGRAM`."""

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


@dataclass(frozen=True)
class _Around:
    """What the rows of a page have to do with, asked for once for all of them."""

    cases: Mapping[str, Case]
    seen: frozenset[str] | None
    """The cases that the visitor may read: operators see that one stands still, which is another matter. None: all."""
    names: dict[str, str]
    """Person key -> name."""
    today: date

    def case(self, id: str | None) -> dict[str, Any]:
        """The case of a row, and whether it may be led to."""
        found = self.cases.get(id or "")
        return {"case": found, "may_see": found is not None and (self.seen is None or found.id in self.seen)}


def _around(reader: Reader, cases: Iterable[str | None], persons: Iterable[str | None]) -> _Around:
    seen = here.cases_seen(reader)
    return _Around(
        feeds.cases_by_id(reader, filter(None, cases)),
        None if seen is None else frozenset(seen),
        people.names(reader, set(filter(None, persons))),
        here.today(reader),
    )


def incidents(reader: Reader, found: Sequence[Incident]) -> list[dict[str, Any]]:
    """Incidents in a list, or the one on its page."""
    persons = [person for each in found for person in (each.resolved_by, _unreached(each))]
    around = _around(reader, (each.case_id for each in found), persons)
    return [_incident(reader, each, around) for each in found]


def _incident(reader: Reader, found: Incident, around: _Around) -> dict[str, Any]:
    known, today = around.case(found.case_id), around.today
    return known | {
        "incident": found,
        "advice": ADVICE.get(found.rule, DIAGRAM),
        "unreached": around.names.get(_unreached(found) or "", ""),
        "place": _place(reader, known["case"], found),
        "since": words.moment(found.first_at, today),
        "last": words.moment(found.last_at, today),
        "solved_at": words.moment(found.resolved_at, today) if found.resolved_at else "",
        "solver": around.names.get(found.resolved_by or "", ""),
    }


def _unreached(found: Incident) -> str | None:
    """The person whom mail does not reach."""
    return found.task if found.rule == "mail" else None


def _place(reader: Reader, case: Case | None, found: Incident) -> str:
    """What people call the element: `Diarieför svaret`."""
    node = node_of(reader, case.version, found.element, found.process) if case else None
    return node.name if node else ""


def node_of(reader: Reader, version: str, element: str, process: str = "") -> Node | None:
    """An element of a version: of that process, or of the first that has it where the process is not known."""
    home = definitions.of_version(reader, version).home(element, process)
    return home.nodes[element] if home else None


def is_late(reader: Reader, timer: Coming) -> bool:
    """Whether the clock should have let it go."""
    return timer.due < reader.now - LATE and timer.case_status == "active"


def late(reader: Reader, region: str) -> Wanted:
    """The timers that `is_late` is true of."""
    return Wanted(region, status="active", before=reader.now - LATE)


def timer(reader: Reader, coming: Coming) -> dict[str, Any]:
    """A timer in a list: when, what and where."""
    node = node_of(reader, coming.version, coming.element)
    return {
        "timer": coming,
        "node": node,
        "when": words.moment(coming.due, here.today(reader)),
        "late": is_late(reader, coming),
        "held": coming.case_status == "suspended",
        "what": (node.name if node else "") or coming.element,
    }


def deliveries(reader: Reader, found: Sequence[Outgoing]) -> list[dict[str, Any]]:
    """Deliveries in a list, or the one on its page."""
    mailed = {each.recipient for each in found if each.kind == "mail"}
    around = _around(reader, (each.case_id for each in found), mailed)
    hosts = {id: _host(reader, id) for id in {each.recipient for each in found} - mailed if id}
    return [_delivery(each, around, hosts | around.names) for each in found]


def _delivery(out: Outgoing, around: _Around, named: Mapping[str, str]) -> dict[str, Any]:
    word, icon, tone = STATES[out.status]
    today = around.today
    return around.case(out.case_id) | {
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
