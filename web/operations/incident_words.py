"""What the pages of operations say of an incident: in words, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from store.cases import Case
from store.database import Reader
from store.incidents import Incident
from web import words
from web.operations.around import Around, around, node_of


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


def rows(reader: Reader, found: Sequence[Incident]) -> list[dict[str, Any]]:
    """Incidents in a list, or the one on its page."""
    persons = [person for each in found for person in (each.resolved_by, _unreached(each))]
    beside = around(reader, (each.case_id for each in found), persons)
    return [_incident(reader, each, beside) for each in found]


def _incident(reader: Reader, found: Incident, beside: Around) -> dict[str, Any]:
    known, today = beside.case(found.case_id), beside.today
    return known | {
        "incident": found,
        "advice": ADVICE.get(found.rule, DIAGRAM),
        "unreached": beside.names.get(_unreached(found) or "", ""),
        "place": _place(reader, known["case"], found),
        "since": words.moment(found.first_at, today),
        "last": words.moment(found.last_at, today),
        "solved_at": words.moment(found.resolved_at, today) if found.resolved_at else "",
        "solver": beside.names.get(found.resolved_by or "", ""),
    }


def _unreached(found: Incident) -> str | None:
    """The person whom mail does not reach."""
    return found.task if found.rule == "mail" else None


def _place(reader: Reader, case: Case | None, found: Incident) -> str:
    """What people call the element: `Diarieför svaret`."""
    node = node_of(reader, case.version, found.element, found.process) if case else None
    return node.name if node else ""
