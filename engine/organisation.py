"""Organisation data (programme areas, people with mandates, absences, bodies) from YAML into the store.

Loading twice changes nothing: people are known again by user name or name, and what is there already stays. Nothing is
removed, because cases may name it; a mandate ends by `mandate end`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine import access, calendar, yaml_file
from engine.access import Actor
from engine.errors import BadOrganisation
from engine.regions import Region
from store import history, organisation, people
from store.database import Database, Transaction
from store.history import Note
from store.organisation import Area, Body, RegionRow
from store.people import Person


@dataclass(frozen=True)
class Loaded:
    """How much of each kind the file held, and how many of the people and mandates were new."""

    areas: int = 0
    bodies: int = 0
    people: int = 0
    mandates: int = 0


def load(
    db: Database,
    text: str,
    *,
    region: Region,
    by: Actor,
    password_hash: str | None = None,
    demo_allowed: bool = True,
    name: str = "organisationsfilen",
) -> Loaded:
    """Load a file's text. With `password_hash` everyone in it gets an account with that
    password: for trials with invented people.

    Raises `BadOrganisation`, naming lines; then nothing was changed.
    """
    written = _read(text, region, name, demo_allowed)
    with db.transaction() as tx:
        access.require(tx, by, "people.change", region=region.id, timezone=region.timezone)
        row = RegionRow(region.id, region.name, str(region.data.get("healthcareRegion", "")), region.timezone)
        areas = [_area(each) for each in written.get("areas", ())]
        bodies = [_body(each, region) for each in written.get("bodies", ())]
        organisation.load(tx, regions_=[row], areas_=areas, bodies_=bodies)
        known = {each["id"]: _person(tx, region, each, password_hash) for each in written.get("people", ())}
        new = sum(_mandates(tx, region, known[each["id"]], each) for each in written.get("people", ()))
        for each in written.get("absences", ()):
            _absence(tx, known, each)
        loaded = Loaded(len(areas), len(bodies), len(known), new)
        note = Note("organisation.loaded", person=by.person, details={"file": name, "people": loaded.people})
        history.append(tx, history.of_region(region.id), region.id, [note])
    return loaded


def _read(text: str, region: Region, name: str, demo_allowed: bool) -> Mapping[str, Any]:
    try:
        written = yaml_file.read(text, "organisation")
    except yaml_file.BadYaml as bad:
        raise BadOrganisation(f"{name}: {bad}") from None
    data: Mapping[str, Any] = written.data
    if data.get("region", region.id) != region.id:
        raise BadOrganisation(f"{name} hör till regionen {data['region']}, inte till {region.id}.")
    if data.get("demo") and not demo_allowed:
        raise BadOrganisation(f"{name} har påhittade personer. De tas bara emot för prov och visning.")
    ids = {each["id"] for each in data.get("people", ())}
    for n, each in enumerate(data.get("absences", ())):
        for who in filter(None, (each["person"], each.get("substitute"))):
            if who not in ids:
                raise BadOrganisation(f"{name}, rad {written.line('absences', n)}: {who} finns inte bland personerna.")
    return data


def _area(each: Mapping[str, Any]) -> Area:
    return Area(
        each["id"],
        each["name"],
        each["host"],
        each.get("municipal", False),
        each.get("aliases", []),
        _day(each.get("validFrom")),
        _day(each.get("validTo")),
    )


def _body(each: Mapping[str, Any], region: Region) -> Body:
    return Body(each["id"], region.id, each["name"], each["kind"], each.get("area", ""), each.get("details", {}))


def _person(tx: Transaction, region: Region, each: Mapping[str, Any], password_hash: str | None) -> Person:
    account = people.find_account(tx, each["id"])
    known = people.find(tx, account.person) if account else people.find_by_name(tx, region.id, each["name"])
    person = known or people.add(tx, region.id, each["name"], each.get("email"))
    if account is None and password_hash is not None:
        people.add_account(tx, person.key, each["id"], password_hash)
    return person


def _mandates(tx: Transaction, region: Region, person: Person, each: Mapping[str, Any]) -> int:
    """How many of the person's mandates were new."""
    held = {(mandate.scope, mandate.kind) for mandate in people.mandates_of(tx, region=region.id, person=person.key)}
    new = 0
    for written in each.get("mandates", ()):
        mandate = {"role": written} if isinstance(written, str) else written
        kind = mandate.get("kind", "ordinary")
        if (mandate["role"], kind) not in held:
            _mandate(tx, region, person, mandate, kind)
            new += 1
    return new


def _mandate(tx: Transaction, region: Region, person: Person, mandate: Mapping[str, Any], kind: str) -> None:
    role, area = people.split_scope(mandate["role"])
    if role not in region.roles:
        raise BadOrganisation(f"{person.name}: rollen {role} finns inte i profilen {region.id}.")
    people.add_mandate(
        tx,
        person.key,
        region.id,
        role,
        area,
        starts=_day(mandate.get("from")) or calendar.local_day(tx.now, region.timezone),
        ends=_day(mandate.get("to")),
        kind=kind,
        note=mandate.get("note", ""),
    )


def _absence(tx: Transaction, known: Mapping[str, Person], each: Mapping[str, Any]) -> None:
    person, starts = known[each["person"]].key, date.fromisoformat(each["from"])
    if any(absence.starts == starts for absence in people.absences_of(tx, person)):
        return
    substitute = known[each["substitute"]].key if each.get("substitute") else None
    people.add_absence(tx, person, starts, _day(each.get("to")), substitute, each.get("note", ""))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
