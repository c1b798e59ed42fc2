"""Organisation data: programme areas, people with mandates, bodies. Loading a file again changes what has changed.

Files are loaded all or nothing: a fault in one of them, and none has been loaded. The national programme areas come
with the product: they are loaded with the first region when no others have been.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from engine import access, calendar, journal, regions, roster, yaml_file
from engine.access import Actor
from engine.errors import BadOrganisation
from engine.people import cover_in
from engine.regions import Region
from engine.yaml_file import Written
from store import absences, mandates, organisation, people
from store.database import Database, Transaction
from store.organisation import NATIONAL, Area, Body, RegionRow
from store.roles import split_scope

NATIONAL_AREAS = regions.PROCESSES / "organisation" / "programme-areas.yaml"
MOST_TOLD = 10
"""Faults that are told at once."""


@dataclass(frozen=True)
class Loaded:
    """What a file held."""

    areas: int = 0
    people: int = 0
    bodies: int = 0
    keys: Mapping[str, str] | None = None
    """User name as written -> person key."""


def load_files(db: Database, paths: Sequence[Path], *, by: Actor, demo_allowed: bool = True) -> list[Loaded]:
    """Load files in the order given, all or none: new is added, changed is changed, nothing is removed.

    Invented people (`demo: true`) are refused unless `demo_allowed`. Raises `BadOrganisation`, naming lines, or
    `Forbidden`.
    """
    texts = [(path.name, path.read_text(encoding="utf-8")) for path in paths]
    with db.transaction() as tx:
        return [_load(tx, text, name, by, demo_allowed) for name, text in texts]


def _load(tx: Transaction, text: str, name: str, by: Actor, demo_allowed: bool) -> Loaded:
    try:
        written = yaml_file.read(text, "organisation", name)
    except yaml_file.BadYaml as bad:
        raise BadOrganisation(str(bad)) from None
    if written.data.get("demo") and not demo_allowed:
        raise BadOrganisation(f"{name} har påhittade personer. De tas bara emot för prov och visning.")
    region = _region(written, name)
    _check(tx, written, region, name)
    if region is not None:
        by = access.require(tx, by, "people.change", region=region.id, timezone=region.timezone)
    return _put(tx, written.data, region, by)


def _region(written: Written, name: str) -> Region | None:
    id = written.data.get("region")
    if id is None:
        return None
    if id not in regions.available():
        known = ", ".join(regions.available())
        raise BadOrganisation(
            f"{name}: Rad {written.line('region')}: regionen {id} har ingen profil. Det finns: {known}."
        )
    return regions.load(id)


def _check(tx: Transaction, written: Written, region: Region | None, name: str) -> None:
    national = {each["id"] for each in _national_areas()}
    faults = list(roster.faults(written, region, organisation.area_ids(tx) | national))
    if faults:
        told = [f"{name}: {each}" if name else each for each in faults[:MOST_TOLD]]
        rest = [f"Och {len(faults) - MOST_TOLD} fel till."] if len(faults) > MOST_TOLD else []
        raise BadOrganisation(" ".join(told + rest))


def _put(tx: Transaction, data: Mapping[str, Any], region: Region | None, by: Actor) -> Loaded:
    areas = [_area(each) for each in data.get("areas", ())]
    if region and not areas and not organisation.area_ids(tx):
        organisation.load(tx, regions_=[], areas_=[_area(each) for each in _national_areas()], bodies_=[])
    bodies = [_body(each, region.id if region else NATIONAL) for each in data.get("bodies", ())]
    rows = [_row(region)] if region else []
    organisation.load(tx, regions_=rows, areas_=areas, bodies_=bodies)
    if region is None:
        return Loaded(areas=len(areas), bodies=len(bodies))
    before = set(mandates.of(tx, region=region.id))
    keys = {each["id"]: _person(tx, region, each) for each in data.get("people", ())}
    cover_in(tx, [each for each in mandates.of(tx, region=region.id) if each not in before])
    for each in data.get("absences", ()):
        _absence(tx, keys, each)
    journal.region(tx, region.id, "organisation.loaded", by, {"people": len(keys), "bodies": len(bodies)})
    return Loaded(len(areas), len(keys), len(bodies), keys)


def _national_areas() -> Sequence[Mapping[str, Any]]:
    """The programme areas that come with the product."""
    written = yaml_file.read(NATIONAL_AREAS.read_text(encoding="utf-8"), "organisation", NATIONAL_AREAS.name)
    areas: Sequence[Mapping[str, Any]] = written.data["areas"]
    return areas


def _row(region: Region) -> RegionRow:
    return RegionRow(region.id, region.name, str(region.data.get("healthcareRegion", "")), region.timezone)


def _area(written: Mapping[str, Any]) -> Area:
    return Area(
        written["id"],
        written["name"],
        written.get("host", ""),
        written.get("municipal", False),
        written.get("aliases", []),
        _day(written.get("validFrom")),
        _day(written.get("validTo")),
    )


def _body(written: Mapping[str, Any], region: str) -> Body:
    known = ("id", "name", "kind", "area", "details")
    details = {key: value for key, value in written.items() if key not in known} | dict(written.get("details", {}))
    return Body(written["id"], region, written["name"], written["kind"], written.get("area", ""), details)


def _person(tx: Transaction, region: Region, written: Mapping[str, Any]) -> str:
    found = people.find_by_name(tx, region.id, written["name"])
    person = found or people.add(tx, region.id, written["name"], written.get("email"))
    if found and written.get("email") and written["email"] != found.email:
        people.change(tx, found.key, name=found.name, email=written["email"], active=found.active)
    for given in written.get("mandates", ()):
        _mandate(tx, region, person.key, roster.mandate(given))
    return person.key


def _mandate(tx: Transaction, region: Region, person: str, given: Mapping[str, Any]) -> None:
    """Give what is not held; what is held and has another last day in the file gets that one."""
    kind, first, last = given.get("kind", "ordinary"), _day(given.get("from")), _day(given.get("to"))
    same = (each for each in mandates.of(tx, region=region.id, person=person) if each.scope == given["role"])
    held = next((each for each in same if each.kind == kind and first in (None, each.starts)), None)
    if held is None:
        role, area = split_scope(given["role"])
        starts = first or date(calendar.local_day(tx.now, region.timezone).year, 1, 1)
        note = given.get("note", "")
        mandates.add(tx, person, region.id, role, area, starts=starts, ends=last, kind=kind, note=note)
    elif last is not None and last != held.ends:
        mandates.end(tx, held.id, last)


def _absence(tx: Transaction, keys: Mapping[str, str], written: Mapping[str, Any]) -> None:
    person, substitute = keys[written["person"]], keys.get(written.get("substitute", ""))
    starts = date.fromisoformat(written["from"])
    if not any(each.starts == starts for each in absences.of_person(tx, person)):
        absences.add(tx, person, starts, _day(written.get("to")), substitute, written.get("note", ""))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
