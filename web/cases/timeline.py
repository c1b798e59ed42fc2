"""History in words: what happened, who did it, when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from store.history import Entry
from web import words
from web.language import say

WORDS = {
    "started": ("flow", "Ärendet startades"),
    "begun": ("flow", "Ärendet startades"),
    "completed": ("check", "{who} gjorde klart ”{name}”"),
    "answered": ("pen", "{who} svarade på ”{name}”, och kunde ångra sig en stund"),
    "answer.taken-back": ("undo", "{who} tog tillbaka sitt svar på ”{name}”"),
    "answer.withdrawn": ("minus", "{who} hade svarat på ”{name}”, men uppgiften togs bort"),
    "claimed": ("hand", "{who} tog ”{name}”"),
    "taken-over": ("hand", "{who} tog över ”{name}”"),
    "released": ("undo", "{who} lämnade tillbaka ”{name}”"),
    "assigned": ("person", "{who} tilldelade ”{name}”"),
    "recused": ("undo", "”{name}” gick tillbaka: den som hade uppgiften är jävig"),
    "rested": ("undo", "”{name}” gick tillbaka: uppdraget för den som hade uppgiften vilar"),
    "tagged": ("minus", "{who} ändrade vilka frågor jäv prövas mot"),
    "recusal.set": ("minus", "{who} beslutade om jäv i viss fråga"),
    "recusal.lifted": ("done", "{who} beslutade att inget jäv finns"),
    "comment.answered": ("chat", "{who} bemötte en synpunkt"),
    "forwarded": ("people", "{who} vidarebefordrade ”{name}”"),
    "fired": ("stopwatch", "Tiden var inne: {name}"),
    "received": ("mail", "Besked kom in: {name}"),
    "thrown": ("mail", "Besked skickades: {name}"),
    "decided": ("list", "Beslutstabellen ”{name}” användes"),
    "deadline.set": ("calendar", "Datum sattes"),
    "deadline.moved": ("calendar", "{who} flyttade ett datum"),
    "timer.moved": ("stopwatch", "{who} flyttade en timer: {name}"),
    "timer.fired-early": ("stopwatch", "{who} lät en timer gå i förtid: {name}"),
    "retried": ("undo", "{who} försökte igen vid ett hinder"),
    "deadline.conflict": ("calendar", "Datumen stämmer inte överens"),
    "document.made": ("file", "Dokument skapades: {name}"),
    "suspended": ("pause", "{who} pausade ärendet"),
    "resumed": ("play", "{who} återupptog ärendet"),
    "migrated": ("flow", "{who} flyttade ärendet till en annan version av processen"),
    "cancelled": ("minus", "{who} avbröt ärendet"),
    "problem": ("alert", "Det blev stopp: {name}"),
    "resolved": ("done", "Hindret löstes: {name}"),
    "reminder.sent": ("mail", "Påminnelse skickades: {name}"),
    "escalation.sent": ("mail", "Ärendet lyftes: {name}"),
    "ended": ("done", "Ärendet avslutades"),
}
"""What a row says -> its icon and words. Rows that are not here are how the diagram thinks, not what people did."""
MACHINERY = frozenset(("decided", "thrown", "reminder.sent"))
"""Told only in the whole history."""
PERSONAL = frozenset(("completed",))
"""Of these only what a person did is told: each step of the machinery completes too."""
CONFLICTS = {
    "regionRuleDate": "Regionens egen regel säger {other}, men {day} gäller.",
    "nationalDate": "Den nationella kalendern säger {other}, men {day} i utskicket gäller.",
    "messageDate": "Utskicket säger {other}, men ritningen har satt {day}.",
}
"""Which source said another day -> how that is told."""
OF_CASE = frozenset(("cancelled", "suspended", "resumed"))


@dataclass(frozen=True)
class Happening:
    icon: str
    words: str
    when: str
    more: str
    answer: str = ""
    """The key of the task that was answered."""
    task: str = ""
    """The id of the task, where the visitor may read the answer."""


def tell(entries: Iterable[Entry], names: Mapping[str, str], today: date, *, whole: bool) -> list[Happening]:
    """The rows that matter to people, latest first; with `whole` also those of the machinery."""
    told = (each for each in reversed(list(entries)) if _matters(each))
    return [_told(each, names, today) for each in told if whole or each.what not in MACHINERY]


def number_of(entries: Iterable[Entry]) -> int:
    """How many rows `tell` tells of the whole history."""
    return sum(_matters(each) for each in entries)


def _matters(entry: Entry) -> bool:
    if entry.what not in WORDS or (entry.what in PERSONAL and not entry.person):
        return False
    if entry.what in OF_CASE and entry.element:
        return False
    return entry.what != "ended" or entry.element_kind in ("process", "")


def _told(entry: Entry, names: Mapping[str, str], today: date) -> Happening:
    icon, sentence = WORDS[entry.what]
    who = names.get(entry.person or "", "") or say("Någon")
    absent = names.get(entry.on_behalf_of or "", "")
    reason = str((entry.details or {}).get("reason") or "") if entry.person else ""
    parts = [say("i stället för {name}", name=absent) if absent else "", reason, _conflict(entry, today)]
    return Happening(
        icon,
        say(sentence).format(who=who, name=entry.name or entry.element or (entry.details or {}).get("name", "")),
        words.moment(entry.at, today),
        " · ".join(part for part in parts if part),
        answer=(entry.task or "") if entry.what in PERSONAL else "",
    )


def _conflict(entry: Entry, today: date) -> str:
    """What a source says of the last day, where another one gave it."""
    details = entry.details or {}
    sentence = next((CONFLICTS[key] for key in CONFLICTS if key in details), "")
    if entry.what != "deadline.conflict" or not sentence:
        return ""
    other = next(details[key] for key in CONFLICTS if key in details)
    days = {"other": other, "day": details["externalDue"]}
    return say(sentence, **{name: words.short_day(date.fromisoformat(day), today.year) for name, day in days.items()})
