"""The organisation as it stands today, and what the region has to confirm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine import areas, assumptions, inventory, shipped
from engine.areas import Staffing
from engine.assumptions import Assumption
from engine.inventory import Item
from store import organisation, people, recusals
from store.database import Reader
from store.mandates import Mandate
from store.organisation import NATIONAL, Body
from store.recusals import Recusal
from web import here, receipts, words
from web.doors import SIGNED_IN, open_to
from web.language import say

pages = Blueprint("organisation", __name__, template_folder="templates")

SHOWN = (areas.CHAIR, "programOwner", "primaryCareRep", areas.CONTACT)
"""The roles that the table of areas has a column for."""
KINDS = {
    "board": "Nämnder",
    "council": "Råd",
    "LPO": "Lokala programområden (LPO)",
    "LSG": "Lokala samverkansgrupper (LSG)",
    "LAG": "Lokala arbetsgrupper (LAG)",
    "NSG": "Nationella samverkansgrupper (NSG)",
    "RSG": "Sjukvårdsregionala samverkansgrupper (RSG)",
}


@pages.get("/organisation")
@open_to(SIGNED_IN)
def index() -> str:
    """Programme areas and who answers for them; bodies and when they meet; cooperation groups."""
    region = here.region()
    with here.db().read() as reader:
        today = here.today(reader)
        staffed = areas.staffed(reader, region, today)
        held = [each for area in staffed for found in area.held.values() for each in found]
        names = people.names(reader, {each.person for each in held})
        sees_to_people = here.may(reader, "people.change")
        recused = _recused(reader, today) if sees_to_people else []
        bodies = [*organisation.bodies_of(reader, region.id), *organisation.bodies_of(reader, NATIONAL)]
    return render_template(
        "organisation.html",
        region=region,
        columns=[(role, region.title(role)) for role in SHOWN if role in region.roles],
        areas=[_line(each, names, region.title) for each in staffed],
        gaps=areas.gaps(staffed),
        meetings=_meetings(today),
        groups=_groups(bodies),
        sees_to_people=sees_to_people,
        recused=recused,
        open_questions=len(assumptions.of(region)),
        documents=region.data.get("documents", ()),
    )


@pages.get("/organisation/kallor")
@open_to(SIGNED_IN)
def sources() -> str:
    """What the regions' own documents describe, row by row, and where in the product it is found."""
    items = inventory.load()
    parts = [
        (share, _by_document(each for each in items if each.kind == share.kind)) for share in inventory.shares(items)
    ]
    return render_template("sources.html", parts=parts, rows=len(items), left=inventory.LATER)


def _by_document(items: Iterable[Item]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Rows under the document that says them, in the order of the documents."""
    found = list(items)
    parts = ((name, [_row(each) for each in found if each.document == name]) for name in inventory.DOCUMENTS.values())
    return [(name, rows) for name, rows in parts if rows]


@pages.get("/organisation/antaganden")
@open_to(SIGNED_IN)
def assumed() -> str:
    """What no source states, with the region's answers."""
    with here.db().read() as reader:
        return _assumed(reader, {}, receipts.read())


@pages.post("/organisation/antaganden/<place>")
@open_to(SIGNED_IN)
def answer(place: str) -> Answer | tuple[str, int]:
    """The region says whether an assumption is right."""
    agrees, note = request.form.get("do") == "stammer", request.form.get("note", "")
    if not agrees and not note.strip():
        with here.db().read() as reader:
            return _assumed(reader, {place: say("Skriv hur det är hos er i stället.")}), 422
    assumptions.answer(here.db(), here.region().id, place, agrees, note, by=here.visitor().by)
    return redirect(url_for("organisation.assumed", kvitto=receipts.sealed("Svaret är sparat."), _anchor=place), 303)


def _assumed(reader: Reader, faults: Mapping[str, str], receipt: str = "") -> str:
    region, today = here.region(), here.today(reader)
    found = assumptions.answered(reader, region)
    names = people.names(reader, {each.answer.person for each in found if each.answer and each.answer.person})
    may = here.may(reader, "profile.answer")
    parts = [(part, [_asked(each, names, today) for each in inner]) for part, inner in groupby(found, _part)]
    return render_template(
        "assumptions.html",
        region=region,
        parts=parts,
        total=len(found),
        left=sum(each.answer is None for each in found),
        may=may,
        faults=faults,
        receipt=receipt,
    )


def _part(found: Assumption) -> str:
    return found.part


def _asked(found: Assumption, names: Mapping[str, str], today: date) -> dict[str, Any]:
    given = found.answer
    by = names.get(given.person or "", "") if given else ""
    return {"found": found, "answer": given, "by": by, "when": words.moment(given.at, today) if given else ""}


def _row(item: Item) -> dict[str, Any]:
    return {"item": item, "places": [(each, shipped.place(each)) for each in item.places]}


def _line(staffing: Staffing, names: Mapping[str, str], title: Any) -> dict[str, Any]:
    cells = {role: ", ".join(_holder(each, names) for each in staffing.held.get(role, ())) for role in SHOWN}
    vacant = [title(role) for role in staffing.vacant]
    return {"area": staffing.area, "by": staffing.by, "cells": cells, "vacant": vacant}


def _holder(mandate: Mandate, names: Mapping[str, str]) -> str:
    """A name, that they are a substitute, and until when."""
    name = names.get(mandate.person, "")
    more = [say("ersättare")] if mandate.kind == areas.SUBSTITUTE else []
    more += [say("till {day}", day=words.short_day(mandate.ends, 0)[4:])] if mandate.ends else []
    return f"{name} ({', '.join(more)})" if more else name


def _recused(reader: Reader, today: date) -> list[tuple[Recusal, str, str]]:
    """Who may have no part in what, their name and until when."""
    found = recusals.of_region(reader, here.region().id, today)
    names = people.names(reader, {each.person for each in found})
    return [(each, names.get(each.person, ""), _time(each, today)) for each in found]


def _time(recusal: Recusal, today: date) -> str:
    if recusal.ends is None:
        return say("tills vidare")
    return say("till {day}", day=words.short_day(recusal.ends, today.year))


def _meetings(today: date) -> list[tuple[str, str, str]]:
    """Bodies that meet: title, next meeting, and when matters must be in."""
    plans = [(plan.next_meeting(today), plan) for plan in here.region().bodies.values()]
    coming = sorted(((day, plan) for day, plan in plans if day), key=lambda each: each[0])
    return [(plan.title, words.short_day(day, today.year), _stop(plan.agenda_stop)) for day, plan in coming]


def _stop(workdays: int) -> str:
    return say("{n} arbetsdagar före", n=workdays) if workdays else ""


def _groups(bodies: Iterable[Body]) -> list[tuple[str, list[Body]]]:
    """Bodies by kind, in the order of `KINDS`."""
    order = list(KINDS)
    found = sorted(bodies, key=lambda each: (order.index(each.kind), each.name))
    return [(say(KINDS[kind]), list(inner)) for kind, inner in groupby(found, lambda each: each.kind)]
