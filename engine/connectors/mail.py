"""What the product itself may send: a notice to people and roles, put in the outbox in the step's own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from engine.texts import Template
from store import outbox, people, standing
from store.cases import Case
from store.database import Reader, Transaction
from store.roles import split_scope

MOST_RECIPIENTS = 500
NOBODY = "Ingen har fått meddelandet, för de mottagare som anges finns inte eller har ingen i sin roll just nu."
"""What a notice without recipients says to whoever gets it as a task."""
_PLAIN = Template("{{ title }}", "{{ title }}\n\n{{ instruction }}\n")


def send(tx: Transaction, case: Case, template: Template | None, inputs: Mapping[str, Any], today: date) -> list[str]:
    """Enqueue a notice to everyone among `inputs["recipients"]`; answers with their person keys.

    Recipients are person keys, roles (`lpoChair@LUNG`) and picker's answers, alone or in lists.
    """
    to = recipients(tx, case.region, inputs.get("recipients"), today)[:MOST_RECIPIENTS]
    subject, body = (template or _PLAIN).fill({"caseNumber": case.number, "caseTitle": case.title, **inputs})
    words = {"subject": subject, "text": body, "link": f"/arenden/{case.id}"}
    for person in to:
        outbox.enqueue(tx, case.region, "mail", "notice", words, case_id=case.id, recipient=person)
    return to


def recipients(reader: Reader, region: str, given: Any, today: date) -> list[str]:
    """Person keys, each once, of people and of everyone who holds the roles on a day."""
    found = (person for each in _flat(given) for person in _persons(reader, region, each, today))
    return list(dict.fromkeys(found))


def _flat(given: Any) -> Iterable[str]:
    if isinstance(given, list):
        for each in given:
            yield from _flat(each)
    elif isinstance(given, Mapping):
        yield from _flat(given.get("person") or given.get("group"))
    elif isinstance(given, str):
        yield from (part.strip() for part in given.split(",") if part.strip())


def _persons(reader: Reader, region: str, named: str, today: date) -> list[str]:
    person = people.find(reader, named)
    if person is not None:
        return [person.key] if person.region == region and person.active else []
    return [held.person for held in standing.holders(reader, region, *split_scope(named), today)]
