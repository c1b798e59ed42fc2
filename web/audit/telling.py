"""Rows of history as an auditor reads them: what, who, in which mandate, on which text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from engine.errors import Invalid
from store import cases, definitions, history, mandates, organisation, people, seals
from store.cases import Case
from store.database import Reader
from store.history import Entry
from web import here, words
from web.language import say

ACTS = {
    "absence.added": "Frånvaro lades in",
    "absence.ended": "Frånvaro avslutades",
    "account.closed": "Konto stängdes",
    "account.opened": "Konto öppnades",
    "added": "Mottagare lades till",
    "answer.taken-back": "Svar togs tillbaka",
    "answer.withdrawn": "Svar hann inte gälla",
    "answered": "Svar lämnades",
    "assigned": "Uppgift tilldelades",
    "assumption.answered": "Antagande bedömdes",
    "attached": "Bilaga lades till",
    "begun": "Ärendet började",
    "calendar.made": "Kalenderadress skapades",
    "calendar.revoked": "Kalenderadress drogs in",
    "cancelled": "Avbröts",
    "claimed": "Uppgift togs",
    "commented": "Fråga eller svar skrevs",
    "completed": "Gjordes klart",
    "conflict": "Två vägar gav olika värden",
    "deadline.conflict": "Datum stämde inte överens",
    "deadline.moved": "Datum flyttades",
    "deadline.set": "Datum sattes",
    "decided": "Beslutstabell användes",
    "deployed": "Process driftsattes",
    "document.made": "Dokument skapades",
    "document.rendered": "Dokument skrevs ut",
    "ended": "Avslutades",
    "erased": "Uppgifter gallrades",
    "escalation.sent": "Försening lyftes",
    "exported": "Historik lämnades ut",
    "fired": "Tiden var inne",
    "comment.answered": "En synpunkt bemöttes",
    "forwarded": "Uppgift vidarebefordrades",
    "held": "Ärende ska bevaras",
    "hold.lifted": "Ärende ska inte längre bevaras",
    "handover.answered": "Ett annat system gjorde överlämningen",
    "handover.failed": "Ett annat system kunde inte göra överlämningen",
    "handover.late": "Ett annat system svarade inte i tid",
    "mandate.added": "Uppdrag gavs",
    "mandate.ended": "Uppdrag avslutades",
    "mandate.rested": "Uppdrag vilar",
    "mandate.woken": "Uppdrag gäller igen",
    "migrated": "Ärendet flyttades till en annan version",
    "organisation.loaded": "Organisation lästes in",
    "outgoing.held": "Utskick hölls kvar",
    "outgoing.released": "Utskick släpptes",
    "person.added": "Person lades till",
    "person.erased": "Person raderades",
    "person.changed": "Person ändrades",
    "person.recognised": "Person kändes igen vid inloggning",
    "problem": "Det blev stopp",
    "proposed": "Process föreslogs",
    "ready": "Steg började",
    "received": "Besked kom in",
    "recusal.lifted": "Jäv upphörde",
    "tagged": "Frågor att pröva jäv mot ändrades",
    "recusal.set": "Jäv i viss fråga beslutades",
    "recused": "Uppgift gick tillbaka: jäv",
    "rested": "Uppgift gick tillbaka: uppdraget vilar",
    "released": "Uppgift lämnades tillbaka",
    "reminder.sent": "Påminnelse skickades",
    "resolved": "Hinder löstes",
    "restored": "Säkerhetskopia lästes in",
    "resumed": "Ärendet återupptogs",
    "retried": "Nytt försök vid hinder",
    "started": "Ärendet startades",
    "suspended": "Ärendet pausades",
    "taken": "Väg valdes",
    "taken-over": "Uppgift togs över",
    "thrown": "Besked skickades",
    "timer.fired-early": "Timer gick i förtid",
    "timer.moved": "Timer flyttades",
    "token.added": "Nyckel för program gavs",
    "token.revoked": "Nyckel för program drogs in",
    "webhook.added": "Mottagare lades till",
    "webhook.removed": "Mottagare togs bort",
}
"""What a row says -> its words. One that is not here is shown as it is written."""


def named(acts: Iterable[str]) -> list[tuple[str, str]]:
    """Kinds of row with their words, by the words."""
    return sorted(((each, act(each)) for each in acts), key=lambda pair: pair[1])


def act(what: str) -> str:
    """The words of a kind of row."""
    return say(ACTS[what]) if what in ACTS else what


def moment(reader: Reader, when: datetime) -> str:
    """`i dag 09:12`."""
    return words.moment(when, here.today(reader))


def rows(reader: Reader, found: Sequence[Entry]) -> list[dict[str, Any]]:
    """Rows in a list, with who and in which role."""
    names = people.names(reader, {each for row in found for each in (row.person, row.on_behalf_of) if each})
    roles = _roles(reader, {row.mandate for row in found if row.mandate})
    of = {chain: cases.find(reader, chain) for chain in {row.chain for row in found}}
    return [_told(reader, each, names, roles, of[each.chain]) for each in found]


def whole(reader: Reader, row: Entry) -> dict[str, Any]:
    """One row with all that it rests on."""
    [told] = rows(reader, [row])
    case = told["case"]
    version = definitions.by_version(reader, case.region, case.version) if case else None
    before = history.read(reader, row.chain, row.seq - 2)[0].hash if row.seq > 1 else history.GENESIS
    return told | {
        "version": version,
        "deployed": moment(reader, version.at) if version else "",
        "before": before,
        "details": as_json(row.details) if row.details else "",
        "erased": row.details is None,
        "exact": here.local(row.at).strftime("%Y-%m-%d %H:%M:%S.%f"),
    }


def as_json(value: Any) -> str:
    """For reading: indented, with å, ä and ö."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def seal_of(text: bytes) -> dict[str, Any] | None:
    """A seal that was taken out earlier; None for an empty file. Raises `Invalid`."""
    if not text.strip():
        return None
    try:
        return seals.read_head(text)
    except ValueError:
        raise Invalid(say("Filen är inget sigill. Ett sigill hämtas på den här sidan.")) from None


def _told(
    reader: Reader, row: Entry, names: dict[str, str], roles: dict[str, str], case: Case | None
) -> dict[str, Any]:
    details = row.details or {}
    return {
        "row": row,
        "act": act(row.what),
        "name": row.name or row.element or str(details.get("name") or details.get("process") or ""),
        "when": moment(reader, row.at),
        "who": names.get(row.person or "", ""),
        "absent": names.get(row.on_behalf_of or "", ""),
        "role": roles.get(row.mandate or "", ""),
        "why": str(details.get("reason") or ""),
        "case": case,
    }


def _roles(reader: Reader, wanted: set[str]) -> dict[str, str]:
    """Mandate -> the role it is, in words."""
    if not wanted:
        return {}
    found = [each for each in mandates.of(reader, region=here.visitor().region) if each.id in wanted]
    areas = organisation.area_names(reader, {each.area for each in found if each.area})
    return {each.id: words.role(each.role, each.area, areas) for each in found}
