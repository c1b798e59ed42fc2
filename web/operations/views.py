"""The overview of operations: what stands still, what the clock does next, what has not left the house."""

from __future__ import annotations

from flask import Blueprint, render_template

from engine.record import press
from store import cases, deliveries, incidents, outbox, renderings, timers
from store.timers import Wanted
from web import here, words
from web.doors import OPERATORS, open_to
from web.operations import incident_words, timer_words

pages = Blueprint("operations", __name__, template_folder="templates")

SHOWN = 8
"""Timers on the overview; all of them have a page of their own."""


@pages.get("/drift")
@open_to(OPERATORS)
def index() -> str:
    """What needs someone now, and what comes by itself."""
    visitor = here.visitor()
    with here.db().read() as reader:
        every = Wanted(visitor.region)
        stopped = incidents.open_of_region(reader, visitor.region)
        by_status = cases.counts(reader, visitor.region)
        return render_template(
            "operations.html",
            running=by_status.get("active", 0),
            paused=by_status.get("suspended", 0),
            stopped=incident_words.rows(reader, stopped),
            coming=[timer_words.row(reader, each) for each in timers.coming(reader, every, SHOWN)],
            coming_total=timers.number_coming(reader, every),
            late=timers.number_coming(reader, timer_words.late(reader, visitor.region)),
            leaving=deliveries.counts(reader, visitor.region),
            held=outbox.is_held(reader),
            no_press=press.missing(),
            unprinted=renderings.waiting(reader, visitor.region),
            now=words.clock(reader.now),
            may_retry=here.may(reader, "incident.retry"),
        )


def page_number() -> int:
    """Which page of a list was asked for, from 0."""
    return here.number("sida", most=9_999)
