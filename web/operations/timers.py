"""Timers: what is coming and what is late, and another moment for one of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine import timers as moves
from engine.errors import Invalid, NotFound
from store import cases, timers
from store.database import Reader
from store.timers import Wanted
from web import here, receipts
from web.cases.wording import DEADLINES
from web.doors import OPERATORS, open_to
from web.language import say
from web.operations import timer_words
from web.operations.views import page_number

pages = Blueprint("timers", __name__, template_folder="templates")

SHOWN = 50
NO_CASE = "-"
"""An id that no case has."""


@pages.get("/drift/timrar")
@open_to(OPERATORS)
def index() -> str:
    """Every timer of the region, or of one case; those that are late and those that are held by themselves."""
    text, chosen = request.args.get("arende", "").strip()[:100], request.args.get("vilka", "alla")
    with here.db().read() as reader:
        views = _views(reader, text)
        counts = {view: timers.number_coming(reader, wanted) for view, wanted in views.items()}
        chosen, first = chosen if chosen in views else "alla", page_number() * SHOWN
        return render_template(
            "timers.html",
            rows=[timer_words.row(reader, each) for each in timers.coming(reader, views[chosen], SHOWN, first)],
            counts=counts,
            chosen=chosen,
            text=text,
            following=page_number() + 1 if counts[chosen] > first + SHOWN else 0,
            sees=here.cases_seen(reader),
            may_move=here.may(reader, "timer.move"),
            receipt=receipts.read(),
        )


@pages.get("/drift/timrar/<case>/<key>")
@open_to(OPERATORS)
def show(case: str, key: str) -> str:
    """One timer: when it goes, and what it follows."""
    with here.db().read() as reader:
        return render_template("timer.html", **_told(reader, case, key), may_move=here.may(reader, "timer.move"))


@pages.post("/drift/timrar/<case>/<key>/nu")
@open_to(OPERATORS)
def fire(case: str, key: str) -> Answer:
    """Let a timer go now, with a reason."""
    moves.fire(here.db(), case, key, reason=request.form.get("reason", ""), by=here.visitor().by)
    return redirect(url_for("timers.index", kvitto=receipts.sealed("Timern har gått.")), 303)


@pages.post("/drift/timrar/<case>/<key>/flytta")
@open_to(OPERATORS)
def move(case: str, key: str) -> Answer:
    """Give a timer another moment, with a reason."""
    reason, by = request.form.get("reason", ""), here.visitor().by
    moves.move(here.db(), case, key, _moment(), reason=reason, by=by)
    return redirect(url_for("timers.index", kvitto=receipts.sealed("Timern är flyttad.")), 303)


def _views(reader: Reader, text: str) -> dict[str, Wanted]:
    """The lists of the page; `text` is the number of the only case they are of, if any."""
    region = here.visitor().region
    case = cases.find_any(reader, text, region) if text else None
    of_case = Wanted(region, (case.id if case else NO_CASE) if text else None)
    late = replace(timer_words.late(reader, region), case_id=of_case.case_id)
    return {"alla": of_case, "sena": late, "pausade": replace(of_case, status="suspended")}


def _told(reader: Reader, case: str, key: str) -> dict[str, Any]:
    found = timers.find_coming(reader, here.visitor().region, case, key)
    if found is None:
        raise NotFound("Timern", key)
    told = timer_words.row(reader, found)
    follows = moves.follows(told["node"])
    date = say(DEADLINES.get(follows, "Sista dag")) if follows else ""
    return told | {"follows": date, "local": here.local(found.due).strftime("%Y-%m-%dT%H:%M")}


def _moment() -> datetime:
    try:
        found = datetime.fromisoformat(request.form.get("due", ""))
    except ValueError:
        raise Invalid(say("Skriv dag och tid.")) from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(here.region().timezone))
