"""What expressions may ask of the year's work and of who holds what. Days go in and come out as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine import calendar, year_starts, year_wheel
from engine.core.types import Function, ListOf, Record, Type
from engine.regions import Region
from engine.year_starts import Start
from store import additions, organisation, standing
from store.database import Reader
from store.roles import Held

_OCCASION = Record(dict.fromkeys(("day", "what", "more"), "text"))
TYPES: Mapping[str, Type] = {
    "next_start": Function({"process": "any", "day": "text"}, "any"),
    "under_way": Function({"process": "any", "day": "text"}, ListOf("any")),
    "occasions": Function({"year": "int"}, ListOf(_OCCASION)),
    "meeting_fault": Function({"body": "any", "meeting": "text", "day": "text"}, "text"),
    "everyone": Function({"roles": "any"}, ListOf("text")),
    "areas_with": Function({"role": "text"}, ListOf("text")),
    "areas_without": Function({"role": "text"}, ListOf("text")),
    "area_name": Function({"area": "any"}, "text"),
}
"""The types of what `functions` gives, for checking expressions."""


def functions(reader: Reader, region: Region) -> Mapping[str, Callable[..., Any]]:
    """For one region and one moment."""

    def next_start(process: str | list[str], day: str) -> str | None:
        after, processes = calendar.day_of(day), _listed(process)
        reviewed = [each.day for each in _reviews(reader, region, processes) if each.day > after]
        written = year_starts.next_day(region, processes, after)
        found = min([*reviewed, *([written] if written else [])], default=None)
        return found.isoformat() if found else None

    def under_way(process: str | list[str], day: str) -> list[dict[str, Any]]:
        on, processes = calendar.day_of(day), _listed(process)
        reviewed = [each for each in _reviews(reader, region, processes) if each.day <= on <= each.until]
        return [_as_data(each) for each in (*year_starts.under_way(region, processes, on), *reviewed)]

    def occasions(year: int) -> list[dict[str, str]]:
        found = year_wheel.occasions(region, year)
        return [{"day": each.day.isoformat(), "what": each.what, "more": each.more} for each in found]

    def meeting_fault(body: str | None, meeting: str, day: str) -> str:
        plan = region.bodies.get(body or "")
        return plan.fault(calendar.day_of(meeting), calendar.day_of(day)) if plan else ""

    def held(roles: list[str]) -> list[Held]:
        today = calendar.local_day(reader.now, region.timezone)
        return standing.holding(reader, region.id, roles, today)

    def everyone(roles: list[str]) -> list[str]:
        return list(dict.fromkeys(each.person for each in held(roles)))

    def areas(role: str, wanted: bool) -> list[str]:
        today = calendar.local_day(reader.now, region.timezone)
        taken = {each.area for each in held([role])}
        return [each.id for each in organisation.areas_on(reader, today) if (each.id in taken) is wanted]

    return {
        "next_start": next_start,
        "under_way": under_way,
        "occasions": occasions,
        "meeting_fault": meeting_fault,
        "everyone": everyone,
        "areas_with": lambda role: areas(role, True),
        "areas_without": lambda role: areas(role, False),
        "area_name": lambda area: organisation.area_names(reader, [area or ""]).get(area or "", ""),
    }


def _reviews(reader: Reader, region: Region, processes: Sequence[str]) -> list[Start]:
    """The local additions that are to be gone through by a day, watched as what runs out is."""
    periods = region.data.get("localAdditions", {}).get("remindBefore") or []
    if year_starts.SYSTEM_WATCH not in processes or not periods:
        return []
    published = [each for each in additions.of_region(reader, region.id) if each.status == "published"]
    return [
        year_starts.expiring(f"Lokalt tillägg: {each.article_title}, {each.title}", each.review_by, periods)
        for each in published
        if each.review_by
    ]


def _as_data(start: Start) -> dict[str, Any]:
    return {"process": start.process, "beganOn": start.day.isoformat(), **start.given}


def _listed(process: str | list[str]) -> list[str]:
    return [process] if isinstance(process, str) else process
