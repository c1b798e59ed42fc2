"""The visitor's own absence: when they are away, and who may do their tasks meanwhile."""

from __future__ import annotations

from datetime import date
from typing import TypedDict

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine import people as moves
from engine.errors import Invalid
from store import absences, people
from store.absences import Absence
from store.database import Reader
from store.people import Person
from web import here, receipts, words
from web.doors import SIGNED_IN, open_to
from web.language import say

pages = Blueprint("absences", __name__, template_folder="templates")


@pages.get("/franvaro")
@open_to(SIGNED_IN)
def index() -> str:
    """What is and what is to come, and a form for more."""
    with here.db().read() as reader:
        said = of(reader, here.visitor().person)
    return render_template("absences.html", **said, receipt=receipts.read())


@pages.post("/franvaro")
@open_to(SIGNED_IN)
def add() -> Answer:
    """Be away from a day to a day, both included, or until further notice."""
    enter(here.visitor().person)
    return _back("Frånvaron är inlagd.")


@pages.post("/franvaro/<id>/avsluta")
@open_to(SIGNED_IN)
def end(id: str) -> Answer:
    """Be back today, or not go."""
    moves.be_back(here.db(), here.visitor().person, id, by=here.visitor().by)
    return _back("Frånvaron är avslutad.")


class Said(TypedDict):
    """What pages show of someone's absences."""

    absences: list[tuple[Absence, str, str]]
    """Each that holds or is to come, its time in words and the name of who stands in, or ""."""
    others: list[Person]
    """Who may stand in."""
    today: date


def of(reader: Reader, person: str) -> Said:
    """The absences of a person, and what a form for more needs."""
    today = here.today(reader)
    found = [each for each in absences.of_person(reader, person) if each.counts_from(today)]
    names = people.names(reader, {each.substitute for each in found if each.substitute})
    rows = [(each, _time(each, today), names.get(each.substitute or "", "")) for each in found]
    others = [each for each in people.of_region(reader, here.region().id) if each.key != person]
    return Said(absences=rows, others=others, today=today)


def enter(person: str) -> None:
    """Let a person be away as the form says."""
    starts, ends = _day("from"), _day("to") if request.form.get("to") else None
    substitute = request.form.get("substitute") or None
    moves.be_absent(here.db(), person, starts, ends, substitute, by=here.visitor().by)


def _back(receipt: str) -> Answer:
    return redirect(url_for("absences.index", kvitto=receipts.sealed(receipt)), 303)


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise Invalid(say("Skriv datumet som ÅÅÅÅ-MM-DD.")) from None


def _time(absence: Absence, today: date) -> str:
    """`från mån 2 mar till fre 6 mar`."""
    first = say("från {day}", day=words.short_day(absence.starts, today.year))
    if absence.ends is None:
        return f"{first} {say('tills vidare')}"
    return f"{first} {say('till {day}', day=words.short_day(absence.ends, today.year))}"
