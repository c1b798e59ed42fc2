"""Who to turn to: every role of the region, what it is for, its function mailbox, and who holds it today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask import Blueprint, render_template

from engine import areas
from engine.regions import Region
from store import mandates, organisation, people
from store.database import Reader
from store.mandates import Mandate
from store.people import Person
from web import here
from web.doors import SIGNED_IN, open_to
from web.language import say

pages = Blueprint("contacts", __name__, template_folder="templates")

SCOPES = {"area": "för ett programområde i taget", "region": "för hela regionen"}


@dataclass(frozen=True)
class Contact:
    """Someone who holds a role."""

    name: str
    email: str
    of: str
    """The programme area and what the mandate notes, such as the name of a group; empty for the whole region."""
    substitute: bool


@dataclass(frozen=True)
class Role:
    """A role as the profile writes it, with who holds it."""

    title: str
    scope: str
    description: str
    mailbox: str
    held: Sequence[Contact]


@pages.get("/organisation/kontakter")
@open_to(SIGNED_IN)
def index() -> str:
    """The contact lists: programme areas, cooperation groups, regional programme areas, and everyone else's roles."""
    region = here.region()
    with here.db().read() as reader:
        roles = _roles(reader, region, here.today(reader))
    return render_template("contacts.html", region=region, roles=roles)


def _roles(reader: Reader, region: Region, today: date) -> list[Role]:
    held = _held(reader, region, today)
    return [_role(written, held.get(role, ())) for role, written in region.data["roles"].items()]


def _role(written: Mapping[str, str], held: Sequence[Contact]) -> Role:
    scope = SCOPES.get(written.get("scope") or "region", "")
    return Role(written["title"], say(scope), written.get("description") or "", written.get("mailbox") or "", held)


def _held(reader: Reader, region: Region, today: date) -> Mapping[str, list[Contact]]:
    """Role -> who holds it today, by programme area and name."""
    persons = {each.key: each for each in people.of_region(reader, region.id) if each.active}
    named = organisation.names_on(reader, today)
    given = mandates.of(reader, region=region.id)
    in_force = [each for each in given if each.holds_on(today) and each.person in persons]
    in_force.sort(key=lambda each: (each.role, named.get(each.area, ""), persons[each.person].name))
    return {
        role: [_contact(each, persons[each.person], named) for each in found]
        for role, found in groupby(in_force, key=lambda each: each.role)
    }


def _contact(mandate: Mandate, person: Person, named: Mapping[str, str]) -> Contact:
    of = ", ".join(each for each in (named.get(mandate.area, mandate.area), mandate.note) if each)
    return Contact(person.name, person.email or "", of, mandate.kind == areas.SUBSTITUTE)
