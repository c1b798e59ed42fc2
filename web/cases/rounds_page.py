"""A consultation round: who was asked, where each stands, and who has been silent the longest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine import responses, tallies
from store import organisation, people, rounds
from store.cases import OPEN, Case
from store.database import Reader
from store.rounds import Invitee, Round
from web import here, words
from web.language import say

STATES = {
    "asked": ("Inte öppnad", "triangle", "fel"),
    "seen": ("Läst, inte svarat", "eye", "nu"),
    "answered": ("Svarat", "done", "klar"),
    "silent": ("Ej svar", "alert", "fel"),
    "withdrawn": ("Tillbakadragen", "minus", "quiet"),
}
COUNTED = {
    "asked": "{n} har inte öppnat",
    "seen": "{n} har läst men inte svarat",
    "answered": "{n} har svarat",
    "silent": "{n} svarade inte",
    "withdrawn": "{n} tillbakadragna",
}
ORDER = ("asked", "seen", "silent", "answered", "withdrawn")
COLOURS = {"answered": "#2c6140", "seen": "#c96a12", "asked": "#a61b1b", "silent": "#a61b1b"}
OTHER_COLOUR = "#7f796d"
STANCES = {
    "TILLSTYRKER": "Tillstyrker",
    "TILLSTYRKER_MED_SYNPUNKTER": "Med synpunkter",
    "AVSTYRKER": "Avstyrker",
    "AVSTAR": "Avstår",
    "SYNPUNKTER_INSKRIVNA": "Har skrivit synpunkter",
    "INGA_SYNPUNKTER": "Inga synpunkter",
}


@dataclass(frozen=True)
class Line:
    """One invitee."""

    who: str
    role: str
    asked: str
    seen: str
    answered: str
    status: tuple[str, str, str]
    silent: str
    """How long they have been silent."""


def of(reader: Reader, found: Round, case: Case) -> dict[str, Any]:
    """What the page of a round shows, the longest silent first; comments with what became of them."""
    today = here.today(reader)
    invited = sorted(rounds.invitees_of(reader, found.id), key=lambda each: (ORDER.index(each.status), each.asked_at))
    names = people.names(reader, {key for each in invited for key in (each.person, each.answered_by) if key})
    areas = organisation.area_names(reader, {(each.group or "").partition("@")[2] for each in invited})
    return {
        "round": found,
        "lines": [_line(each, names, areas, today) for each in invited],
        "responses": responses.of(reader, found, here.region()),
        "dispositions": responses.DISPOSITIONS,
        "may_respond": case.status in OPEN and here.may(reader, "round.respond", case=case),
        "summary": summary(reader, found),
        "shares": _shares(reader, found, case, today),
        "due": words.due_fact(found.due, today),
    }


def _shares(reader: Reader, found: Round, case: Case, today: date) -> list[tuple[str, str]]:
    """How many have answered in each programme area of the case, in words."""
    areas = case.variables.get("programAreaIds") or []
    names = organisation.area_names(reader, set(areas))
    rates = tallies.rates(tallies.answers(reader, found, today), areas)
    return [
        (names.get(each["programAreaId"], ""), say("{answered} av {asked} har svarat, {percent} %", **each))
        for each in rates
        if each["asked"]
    ]


def summaries(reader: Reader, case: Case) -> list[dict[str, Any]]:
    """Every round of a case in short."""
    return [summary(reader, each) for each in rounds.of_case(reader, case.id)]


def summary(reader: Reader, found: Round) -> dict[str, Any]:
    """How many of the invited stand where, also as the pieces of a bar 100 wide."""
    counts = rounds.counts(reader, found.id)
    total = sum(counts.values())
    pieces, left = [], 0.0
    for status in reversed(ORDER):
        if counts.get(status):
            width = 100 * counts[status] / total
            pieces.append(
                {"x": round(left, 2), "width": round(width - 0.4, 2), "colour": COLOURS.get(status, OTHER_COLOUR)}
            )
            left += width
    said = [
        (STATES[each][1], STATES[each][2], say(COUNTED[each], n=counts[each]))
        for each in reversed(ORDER)
        if counts.get(each)
    ]
    return {"round": found, "total": total, "answered": counts.get("answered", 0), "pieces": pieces, "said": said}


def _line(each: Invitee, names: Mapping[str, str], areas: Mapping[str, str], today: date) -> Line:
    word, icon, tone = STATES[each.status]
    role, _, area = (each.group or "").partition("@")
    title = words.role(role, area, areas) if role else ""
    name = names.get(each.person or each.answered_by or "", "")
    stance = STANCES.get(each.stance or "", each.stance or "")
    silent = each.seen_at or each.asked_at
    days = (today - here.local(silent).date()).days
    return Line(
        who=name or title,
        role=title if name else "",
        asked=_day(each.asked_at, today),
        seen=_day(each.seen_at, today),
        answered=_day(each.answered_at, today),
        status=(icon, say(stance) if each.status == "answered" and stance else say(word), tone),
        silent=_days(days) if each.status in ("asked", "seen") and days else "",
    )


def _days(count: int) -> str:
    return say("1 dag") if count == 1 else say("{n} dagar", n=count)


def _day(moment: Any, today: date) -> str:
    return words.day(moment, today) if moment else ""
