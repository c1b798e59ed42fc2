"""Is the process alive, and can it do its work: for whoever watches over it."""

from __future__ import annotations

from flask import Blueprint

from store import clock
from web import here
from web.doors import ANYONE, open_to

pages = Blueprint("health", __name__)


@pages.get("/live")
@open_to(ANYONE)
def live() -> dict[str, str]:
    return {"status": "live"}


@pages.get("/ready")
@open_to(ANYONE)
def ready() -> dict[str, str]:
    """200 when the database answers; 503 by the table of errors otherwise."""
    with here.db().read() as reader:
        clock.show(reader)
    return {"status": "ready"}
