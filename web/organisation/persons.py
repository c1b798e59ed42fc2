"""People of the region, for whoever sees to them: who they are, what they hold, and erasing one of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine import erasure
from engine.errors import NotFound
from store import mandates, organisation, people, tasks
from store.database import Reader
from store.mandates import Mandate
from store.people import Person
from web import here, receipts, words
from web.doors import SIGNED_IN, open_to
from web.language import say

pages = Blueprint("persons", __name__, template_folder="templates")


@pages.get("/organisation/personer")
@open_to(SIGNED_IN)
def index() -> str:
    """Everyone of the region, by name, with the roles they hold today."""
    region = here.region()
    with here.db().read() as reader:
        _require(reader)
        today = here.today(reader)
        named = organisation.names_on(reader, today)
        held: dict[str, list[str]] = {}
        for each in mandates.of(reader, region=region.id):
            if each.holds_on(today):
                held.setdefault(each.person, []).append(words.role(each.role, each.area, named))
        found = [(each, held.get(each.key, ())) for each in people.of_region(reader, region.id)]
    return render_template("persons.html", region=region, people=found, receipt=receipts.read())


@pages.get("/organisation/personer/<person>")
@open_to(SIGNED_IN)
def show(person: str) -> Answer:
    """One of them, and what erasing them would come to."""
    return _page(person, {})


@pages.post("/organisation/personer/<person>/radera")
@open_to(SIGNED_IN)
def erase(person: str) -> Answer:
    """Erase a person for good, once that is confirmed and there is a reason."""
    reason = request.form.get("reason", "")
    faults = {} if reason.strip() else {"reason": say("Skriv varför personen raderas.")}
    if "sure" not in request.form:
        faults["sure"] = say("Bekräfta att personen ska raderas för gott.")
    if faults:
        return _page(person, faults, reason)
    erased = erasure.erase(here.db(), here.region().id, person, reason=reason, by=here.visitor().by)
    receipt = receipts.sealed("Personen är raderad. {n} uppdrag slutar i dag.", n=erased.mandates)
    return redirect(url_for("persons.index", kvitto=receipt), 303)


def _page(person: str, faults: Mapping[str, str], reason: str = "") -> Answer:
    region = here.region()
    with here.db().read() as reader:
        _require(reader)
        known, today = _found(reader, person), here.today(reader)
        named = organisation.names_on(reader, today)
        page = render_template(
            "person.html",
            person=known,
            roles=[words.role(each.role, each.area, named) for each in _held(reader, known, today)],
            left=tasks.assigned(reader, region.id, known.key),
            is_me=known.key == here.visitor().person,
            gone=erasure.GONE,
            kept=erasure.KEPT,
            faults=faults,
            reason=reason,
        )
    return make_response(page, 422 if faults else 200)


def _require(reader: Reader) -> None:
    """For everyone who may not change people, the pages are not there."""
    if not here.may(reader, "people.change"):
        raise NotFound("Sidan", request.path)


def _found(reader: Reader, key: str) -> Person:
    known = people.find(reader, key)
    if known is None or known.region != here.region().id or known.erased_at is not None:
        raise NotFound("Personen", key)
    return known


def _held(reader: Reader, person: Person, today: date) -> list[Mandate]:
    given = mandates.of(reader, region=person.region, person=person.key)
    return [each for each in given if each.holds_on(today)]
