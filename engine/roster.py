"""What the schema cannot say of an organisation file: that roles, areas and people are known and days exist in order.

Each fault is a Swedish sentence that begins with the line it stands on.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from engine.regions import Region
from engine.yaml_file import Place, Written
from store.roles import split_scope


def faults(written: Written, region: Region | None, areas: Collection[str]) -> Iterator[str]:
    """Everything that is wrong with a file whose form is right. `areas` are those already loaded."""
    known = {*areas, *(each["id"] for each in written.data.get("areas", ()))}
    yield from _twice(written)
    yield from _days(written)
    yield from _bodies(written, known)
    if region is None:
        yield from _without_region(written)
    else:
        yield from _mandates(written, region, known)
    yield from _absences(written)


def mandate(given: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """A mandate as a file writes it, `lpoChair@LUNG` or with days and kind, as a mapping."""
    return {"role": given} if isinstance(given, str) else given


def _twice(written: Written) -> Iterator[str]:
    for part in ("areas", "people", "bodies"):
        seen: set[str] = set()
        for n, each in enumerate(written.data.get(part, ())):
            if each["id"] in seen:
                yield _at(written, (part, n), f"{each['id']} står två gånger.")
            seen.add(each["id"])


def _without_region(written: Written) -> Iterator[str]:
    for part in ("people", "absences"):
        if part in written.data:
            yield _at(written, (part,), "skriv vilken region personerna hör till, till exempel region: jh.")


def _mandates(written: Written, region: Region, areas: Collection[str]) -> Iterator[str]:
    for n, person in enumerate(written.data.get("people", ())):
        for m, given in enumerate(person.get("mandates", ())):
            role, area = split_scope(mandate(given)["role"])
            place: Place = ("people", n, "mandates", m)
            if role not in region.roles:
                near = _guess(role, region.roles)
                yield _at(written, place, f"{person['name']}: rollen {role} finns inte i profilen {region.id}.{near}")
            if area and area not in areas:
                yield _at(written, place, f"{person['name']}: programområdet {area} finns inte.{_guess(area, areas)}")


def _bodies(written: Written, areas: Collection[str]) -> Iterator[str]:
    for n, body in enumerate(written.data.get("bodies", ())):
        area = body.get("area")
        if area and area not in areas:
            yield _at(written, ("bodies", n), f"{body['name']}: programområdet {area} finns inte.{_guess(area, areas)}")


def _absences(written: Written) -> Iterator[str]:
    named = {each["id"] for each in written.data.get("people", ())}
    for n, absence in enumerate(written.data.get("absences", ())):
        for key in ("person", "substitute"):
            if key in absence and absence[key] not in named:
                yield _at(written, ("absences", n, key), f"{absence[key]} finns inte bland filens personer.")
        if absence["person"] == absence.get("substitute"):
            yield _at(written, ("absences", n), f"{absence['person']} kan inte vara sin egen ersättare.")


def _days(written: Written) -> Iterator[str]:
    """Every stretch of days: they exist, and the last is not before the first."""
    for place, stretch, first, last in _stretches(written.data):
        try:
            days = [date.fromisoformat(stretch[key]) for key in (first, last) if key in stretch]
        except ValueError:
            wrong = next(stretch[key] for key in (first, last) if key in stretch and not _exists(stretch[key]))
            yield _at(written, place, f"dagen {wrong} finns inte.")
            continue
        if len(days) == 2 and days[1] < days[0]:
            yield _at(written, place, f"sista dagen {days[1]} ligger före den första, {days[0]}.")


def _stretches(data: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any], str, str]]:
    for n, each in enumerate(data.get("areas", ())):
        yield ("areas", n), each, "validFrom", "validTo"
    for n, each in enumerate(data.get("bodies", ())):
        yield ("bodies", n), each, "validFrom", "validTo"
    for n, each in enumerate(data.get("absences", ())):
        yield ("absences", n), each, "from", "to"
    for n, person in enumerate(data.get("people", ())):
        for m, given in enumerate(person.get("mandates", ())):
            yield ("people", n, "mandates", m), mandate(given), "from", "to"


def _exists(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _guess(written: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(written, known, n=1)
    return f" Menade du {near[0]}?" if near else ""


def _at(written: Written, place: Place, sentence: str) -> str:
    return f"Rad {written.lines[place]}: {sentence}"
