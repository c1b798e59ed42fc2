"""Organisation data: programme areas, people with mandates, bodies. Loading a file again changes what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from engine import access, calendar, journal, regions, yaml_file
from engine.access import Actor
from engine.errors import BadOrganisation
from store import organisation, people
from store.database import Database, Transaction
from store.organisation import Area, Body, RegionRow


@dataclass(frozen=True)
class Loaded:
    """What a file held."""

    areas: int = 0
    people: int = 0
    bodies: int = 0
    keys: Mapping[str, str] | None = None
    """User name as written -> person key."""


def load_file(db: Database, path: Path, *, by: Actor, demo_allowed: bool = True) -> Loaded:
    """Load an organisation file. Raises `BadOrganisation`, naming lines, or `Forbidden`."""
    return load(db, path.read_text(encoding="utf-8"), path.name, by=by, demo_allowed=demo_allowed)


def load(db: Database, text: str, name: str = "", *, by: Actor, demo_allowed: bool = True) -> Loaded:
    """Load organisation data from its text: new is added, changed is changed, nothing is removed.

    Invented people (`demo: true`) are refused unless `demo_allowed`.
    """
    try:
        data = yaml_file.read(text, "organisation", name).data
    except yaml_file.BadYaml as bad:
        raise BadOrganisation(str(bad)) from None
    if data.get("demo") and not demo_allowed:
        raise BadOrganisation(f"{name} har påhittade personer. De tas bara emot för prov och visning.")
    with db.transaction() as tx:
        return _load(tx, data, by)


def _load(tx: Transaction, data: Mapping[str, Any], by: Actor) -> Loaded:
    areas = [_area(each) for each in data.get("areas", ())]
    if "region" not in data:
        organisation.load(tx, regions_=[], areas_=areas, bodies_=[])
        return Loaded(areas=len(areas))
    region = regions.load(data["region"])
    by = access.require(tx, by, "people.change", region=region.id, timezone=region.timezone)
    row = RegionRow(region.id, region.name, str(region.data.get("healthcareRegion", "")), region.timezone)
    bodies = [
        Body(each["id"], region.id, each["name"], each["kind"], each.get("area", "")) for each in data.get("bodies", ())
    ]
    organisation.load(tx, regions_=[row], areas_=areas, bodies_=bodies)
    keys = {each["id"]: _person(tx, region, each) for each in data.get("people", ())}
    for each in data.get("absences", ()):
        _absence(tx, keys, each)
    journal.region(tx, region.id, "organisation.loaded", by, {"people": len(keys), "bodies": len(bodies)})
    return Loaded(len(areas), len(keys), len(bodies), keys)


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


def _person(tx: Transaction, region: regions.Region, written: Mapping[str, Any]) -> str:
    found = people.find_by_name(tx, region.id, written["name"])
    person = found or people.add(tx, region.id, written["name"], written.get("email"))
    held = {each.scope for each in people.mandates_of(tx, person=person.key)}
    first = calendar.local_day(tx.now, region.timezone)
    for mandate in written.get("mandates", ()):
        given = mandate if isinstance(mandate, dict) else {"role": mandate}
        if given["role"] not in held:
            role, area = people.split_scope(given["role"])
            if role not in region.roles:
                raise BadOrganisation(f"{written['name']}: rollen {role} finns inte i profilen {region.id}.")
            starts, ends = _day(given.get("from")) or date(first.year, 1, 1), _day(given.get("to"))
            people.add_mandate(
                tx, person.key, region.id, role, area, starts=starts, ends=ends, kind=given.get("kind", "ordinary")
            )
    return person.key


def _absence(tx: Transaction, keys: Mapping[str, str], written: Mapping[str, Any]) -> None:
    person, substitute = keys.get(written["person"]), keys.get(written.get("substitute", ""))
    if person is None:
        raise BadOrganisation(f"Frånvaron gäller {written['person']}, som inte finns i filen.")
    starts = date.fromisoformat(written["from"])
    if not any(each.starts == starts for each in people.absences_of(tx, person)):
        people.add_absence(tx, person, starts, _day(written.get("to")), substitute, written.get("note", ""))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
