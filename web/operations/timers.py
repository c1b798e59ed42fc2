"""Timers: what is coming and what is late, and another moment for one of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine import access
from engine import timers as moves
from engine.access import Actor
from engine.errors import Invalid, NotFound
from store import cases, timers
from store.database import Reader
from web import here
from web.cases.wording import DEADLINES
from web.doors import OPERATORS, open_to
from web.language import say
from web.operations import telling
from web.operations.views import may, page_number

pages = Blueprint("timers", __name__, template_folder="templates")

SHOWN = 50
MOST = 5000


@pages.get("/drift/timrar")
@open_to(OPERATORS)
def index() -> str:
    text, chosen = request.args.get("arende", "").strip()[:100], request.args.get("vilka", "alla")
    with here.db().read() as reader:
        found = timers.coming(reader, here.visitor().region, limit=MOST)
        case = cases.find_any(reader, text, here.visitor().region) if text else None
        of_case = [each for each in found if not text or (case is not None and each.case_id == case.id)]
        late = [each for each in of_case if telling.is_late(reader, each)]
        held = [each for each in of_case if each.case_status == "suspended"]
        wanted = {"sena": late, "pausade": held}.get(chosen, of_case)
        first = page_number() * SHOWN
        return render_template(
            "timers.html",
            rows=[telling.timer(reader, each) for each in wanted[first : first + SHOWN]],
            counts={"alla": len(of_case), "sena": len(late), "pausade": len(held)},
            chosen=chosen,
            text=text,
            following=page_number() + 1 if len(wanted) > first + SHOWN else 0,
            sees=access.cases_seen(reader, Actor(here.visitor().person), **here.place()),
            may_move=may(reader, "timer.move"),
            receipt=request.args.get("kvitto", ""),
        )


@pages.get("/drift/timrar/<case>/<key>")
@open_to(OPERATORS)
def show(case: str, key: str) -> str:
    with here.db().read() as reader:
        return render_template("timer.html", **_told(reader, case, key), may_move=may(reader, "timer.move"))


@pages.post("/drift/timrar/<case>/<key>/nu")
@open_to(OPERATORS)
def fire(case: str, key: str) -> Answer:
    moves.fire(here.db(), case, key, reason=request.form.get("reason", ""), by=Actor(here.visitor().person))
    return redirect(url_for("timers.index", kvitto="Timern har gått."), 303)


@pages.post("/drift/timrar/<case>/<key>/flytta")
@open_to(OPERATORS)
def move(case: str, key: str) -> Answer:
    reason, by = request.form.get("reason", ""), Actor(here.visitor().person)
    moves.move(here.db(), case, key, _moment(), reason=reason, by=by)
    return redirect(url_for("timers.index", kvitto="Timern är flyttad."), 303)


def _told(reader: Reader, case: str, key: str) -> dict[str, Any]:
    every = timers.coming(reader, here.visitor().region, limit=MOST)
    found = next((each for each in every if each.case_id == case and each.key == key), None)
    if found is None:
        raise NotFound("Timern", key)
    told = telling.timer(reader, found)
    follows = moves.follows(told["node"])
    date = say(DEADLINES.get(follows, "Sista dag")) if follows else ""
    return told | {"follows": date, "local": here.local(found.due).strftime("%Y-%m-%dT%H:%M")}


def _moment() -> datetime:
    try:
        found = datetime.fromisoformat(request.form.get("due", ""))
    except ValueError:
        raise Invalid(say("Skriv dag och tid.")) from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(here.region().timezone))
