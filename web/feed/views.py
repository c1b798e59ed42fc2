"""`/kalender/adress`, where a person gets and revokes an address, and `/calendar/<secret>.ics`, what stands at it."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine import calendars as moves
from engine.errors import NotFound
from store import accounts, calendars, people
from store.database import Reader
from store.people import Person
from web import here
from web.api import problems
from web.doors import MACHINES, SIGNED_IN, open_to
from webhooks import feed

pages = Blueprint("feed", __name__, template_folder="templates")


@pages.get("/kalender/adress")
@open_to(SIGNED_IN)
def address() -> str:
    """Whether the visitor has an address, and since when; never the address itself."""
    return _page()


@pages.post("/kalender/adress")
@open_to(SIGNED_IN)
def make() -> Response:
    """The page with the new address, which is shown this once: hence no redirect to a page that has forgotten it."""
    secret = moves.make(here.db(), by=here.visitor().by)
    return make_response(_page(f"{here.settings().address}/calendar/{secret}.ics"))


@pages.post("/kalender/adress/aterkalla")
@open_to(SIGNED_IN)
def revoke() -> Answer:
    """Nobody reads at the address any more."""
    moves.revoke(here.db(), by=here.visitor().by)
    return redirect(url_for("feed.address"), 303)


@pages.get("/calendar/<secret>.ics")
@pages.get("/api/v1/calendar/<secret>.ics")
@open_to(MACHINES)
def read(secret: str) -> Response:
    """The address is the key: whoever has it reads the person's tasks, and nothing else."""
    with here.db().read() as reader:
        found = _whose(reader, secret)
        if found is None:
            return problems.answer(NotFound("Kalendern", ""))
        content = feed.write(reader, found.key, found.region, here.local(reader.now), here.settings().address)
    response = Response(content, content_type=feed.CONTENT_TYPE)
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _whose(reader: Reader, secret: str) -> Person | None:
    """None also when the person, or their account, is closed."""
    calendar = calendars.find(reader, secret)
    person = people.find(reader, calendar.person) if calendar else None
    if person is None or not person.active:
        return None
    account = accounts.of_person(reader, person.key)
    return None if account is not None and account.disabled_at else person


def _page(address: str = "") -> str:
    with here.db().read() as reader:
        kept = calendars.of(reader, here.visitor().person)
    made = here.local(kept.made_at).date() if kept else None
    return render_template("calendar-address.html", address=address, kept=kept, made=made)
