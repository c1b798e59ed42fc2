"""What stands still, and what the clock will do next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine import access, definitions
from engine import incidents as moves
from engine.access import Actor
from store import cases, incidents, timers
from store.database import Reader
from store.incidents import Incident
from store.timers import Coming
from web import here, words
from web.doors import OPERATORS, open_to

pages = Blueprint("operations", __name__, template_folder="templates")

LATE = timedelta(minutes=2)
"""A timer that is this late has not been taken care of as it should."""


@pages.get("/drift")
@open_to(OPERATORS)
def index() -> str:
    visitor = here.visitor()
    region = here.region()
    with here.db().read() as reader:
        coming = timers.coming(reader, visitor.region, limit=100)
        stopped = incidents.of_region(reader, visitor.region)
        late = [each for each in coming if each.due < reader.now - LATE and each.case_status == "active"]
        by_status = cases.counts(reader, visitor.region)
        return render_template(
            "operations.html",
            running=by_status.get("active", 0),
            paused=by_status.get("suspended", 0),
            stopped=[_incident(reader, each) for each in stopped],
            coming=[_coming(reader, each) for each in coming],
            late=len(late),
            now=words.clock(reader.now),
            may_retry=access.may(
                reader, Actor(visitor.person), "incident.retry", region=region.id, timezone=region.timezone
            ),
            receipt=request.args.get("kvitto", ""),
        )


@pages.post("/drift/hinder/<id>/forsok")
@open_to(OPERATORS)
def retry(id: str) -> Answer:
    """Try again, and tell the truth: solved, or still there."""
    moves.retry(here.db(), id, by=Actor(here.visitor().person))
    with here.db().read() as reader:
        found = incidents.find(reader, id)
    solved = found is None or found.status != "open"
    said = "Hindret är löst." if solved else "Det gick inte den här gången heller. Hindret är kvar."
    return redirect(url_for("operations.index", kvitto=said), 303)


def _incident(reader: Reader, found: Incident) -> dict[str, Any]:
    case = cases.find(reader, found.case_id) if found.case_id else None
    today = here.today(reader)
    return {"incident": found, "case": case, "since": words.moment(found.first_at, today)}


def _coming(reader: Reader, timer: Coming) -> dict[str, Any]:
    deployed = definitions.of_version(reader, timer.version)
    processes = (deployed.process, *deployed.definition.called.values())
    name = next((each.nodes[timer.element].name for each in processes if timer.element in each.nodes), "")
    late = timer.due < reader.now - LATE
    return {
        "timer": timer,
        "when": words.moment(timer.due, here.today(reader)),
        "late": late and timer.case_status == "active",
        "held": timer.wake is None,
        "what": name or timer.element,
    }
