"""Disposal (gallring) for the auditor: what may go, doing it on a decision, what is held from it, and the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine import calendar
from engine import disposal as moves
from engine.disposal import Kind
from engine.errors import Invalid
from store import cases, definitions, disposals, holds, people
from store.database import Reader
from web import here, receipts, words
from web.audit import telling
from web.doors import AUDITORS, open_to
from web.language import say

pages = Blueprint("disposal", __name__, template_folder="templates")

RULES = {
    "cases": "Ärenden",
    "coi": "Jävsdeklarationer",
    "members": "Uppgifter om ledamöter",
    "feedback": "Synpunktsinhämtning",
}
"""Key of the profile's `retention` -> what it is about."""
PERIODS = {"Y": "{n} år", "M": "{n} månader", "W": "{n} veckor", "D": "{n} dagar"}
COUNTS = {
    "history": "Rader i historiken",
    "answers": "Svar",
    "drafts": "Utkast",
    "documents": "Dokument",
    "rounds": "Rundor",
    "comments": "Synpunkter",
    "outgoing": "Utskick",
    "deliveries": "Försök att skicka",
}
"""Kind of content -> its word; in the order they are told."""


@pages.get("/granskning/gallring")
@open_to(AUDITORS)
def index() -> str:
    """The plan of today, what is held, and the log."""
    region = here.visitor().region
    with here.db().read() as reader:
        plan = moves.plan(reader, region)
        names = _process_names(reader)
        return render_template(
            "disposal.html",
            plan=plan,
            kinds=[_told(each, names) for each in plan.kinds],
            day=calendar.long_date(plan.day),
            held=_held(reader),
            log=_log(reader),
            longest=moves.LONGEST,
            receipt=receipts.read(),
        )


@pages.post("/granskning/gallring")
@open_to(AUDITORS)
def run() -> Answer:
    """Dispose of what the plan has; how many cases it is, is the confirmation."""
    decision, number = request.form.get("decision", "").strip(), _number(request.form.get("number", ""))
    done = moves.run(here.db(), here.visitor().region, decision=decision, number=number, by=here.visitor().by)
    return _back(receipts.sealed("Gallrat enligt {decision}. Antal ärenden: {n}.", n=done, decision=decision))


@pages.post("/granskning/gallring/bevara")
@open_to(AUDITORS)
def hold() -> Answer:
    """Keep a case from being disposed of."""
    number, reason = request.form.get("case", ""), request.form.get("reason", "")
    case = moves.hold(here.db(), number, here.visitor().region, reason=reason, by=here.visitor().by)
    return _back(receipts.sealed("{number} ska bevaras.", number=case.number))


@pages.post("/granskning/gallring/sluta-bevara")
@open_to(AUDITORS)
def lift() -> Answer:
    """Let a case be disposed of in its time again."""
    number, reason = request.form.get("case", ""), request.form.get("reason", "")
    case = moves.lift(here.db(), number, here.visitor().region, reason=reason, by=here.visitor().by)
    return _back(receipts.sealed("{number} får gallras i sin tid.", number=case.number))


def _back(receipt: str) -> Answer:
    return redirect(url_for("disposal.index", kvitto=receipt), 303)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Invalid(say("Skriv hur många ärenden som ska gallras, med siffror."))
    return int(text)


def _told(kind: Kind, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": names.get(kind.process, kind.process),
        "rule": say(RULES[kind.rule]),
        "period": say(PERIODS[kind.period[-1]], n=kind.period[1:-1]),
        "cases": [(each.case, calendar.long_date(each.kept_until)) for each in kind.cases],
        "counts": [(say(word), kind.counts[key]) for key, word in COUNTS.items() if kind.counts[key]],
    }


def _held(reader: Reader) -> list[dict[str, Any]]:
    """The cases that someone has said are to be kept."""
    found, today = holds.of_region(reader, here.visitor().region), here.today(reader)
    names = people.names(reader, {each.by for each in found if each.by})
    return [
        {
            "case": cases.find(reader, each.case_id),
            "reason": each.reason,
            "who": names.get(each.by or "", ""),
            "when": words.day(each.at, today),
        }
        for each in found
    ]


def _log(reader: Reader) -> list[dict[str, Any]]:
    """The latest cases that have lost their content."""
    found = disposals.log(reader, here.visitor().region)
    names = people.names(reader, {each.person for each in found if each.person})
    return [
        {
            "case": cases.find(reader, each.case_id),
            "disposal": each,
            "who": names.get(each.person or "", ""),
            "when": telling.moment(reader, each.at),
        }
        for each in found
    ]


def _process_names(reader: Reader) -> dict[str, str]:
    return {each.process_key: each.name for each in definitions.all_latest(reader, here.visitor().region)}
