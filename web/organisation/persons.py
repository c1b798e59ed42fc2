"""People of the region, for whoever sees to them: who they are, what they hold, their account, absences and erasure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine import erasure
from engine import people as moves
from engine.errors import NotFound
from store import accounts, mandates, organisation, people, tasks
from store.database import Reader
from store.mandates import Mandate
from store.people import Person
from web import here, receipts, words
from web.doors import SIGNED_IN, open_to
from web.language import say
from web.organisation import absences

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
    """One of them, and what closing their account or erasing them would come to."""
    return _page(person, {})


@pages.post("/organisation/personer/<person>/konto/stang")
@open_to(SIGNED_IN)
def close_account(person: str) -> Answer:
    """Let a person in no more, once that is confirmed."""
    if "sure" not in request.form:
        return _page(person, {"closing": say("Bekräfta att kontot ska stängas.")})
    moves.close_account(here.db(), _key(person), by=here.visitor().by)
    return _back(person, "Kontot är stängt.")


@pages.post("/organisation/personer/<person>/konto/oppna")
@open_to(SIGNED_IN)
def open_account(person: str) -> Answer:
    """Let a person in again."""
    moves.open_account(here.db(), _key(person), by=here.visitor().by)
    return _back(person, "Kontot är öppet igen.")


@pages.post("/organisation/personer/<person>/franvaro")
@open_to(SIGNED_IN)
def be_absent(person: str) -> Answer:
    """Say that someone is away."""
    absences.enter(_key(person))
    return _back(person, "Frånvaron är inlagd.")


@pages.post("/organisation/personer/<person>/franvaro/<id>/avsluta")
@open_to(SIGNED_IN)
def be_back(person: str, id: str) -> Answer:
    """Say that someone is back today, or does not go."""
    moves.be_back(here.db(), _key(person), id, by=here.visitor().by)
    return _back(person, "Frånvaron är avslutad.")


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


def _back(person: str, receipt: str) -> Answer:
    return redirect(url_for("persons.show", person=person, kvitto=receipts.sealed(receipt)), 303)


def _key(person: str) -> str:
    """The key in the address, where it is someone whom the visitor sees to."""
    with here.db().read() as reader:
        _require(reader)
        return _found(reader, person).key


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
            account=accounts.of_person(reader, known.key),
            **absences.of(reader, known.key),
            gone=erasure.GONE,
            kept=erasure.KEPT,
            faults=faults,
            reason=reason,
            receipt=receipts.read(),
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
