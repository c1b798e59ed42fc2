"""Work of the year that begins by itself: what a region does, and on which days it begins. Pure.

A profile says it under `yearWheel.starts`, by process: days of the year (`days`), or so many working days before each
meeting of some bodies (`bodies`, `beforeWd`). What it watches (`yearWheel.watch`) begins at its first reminder, and the
register of local additions with each period of its own (`localAdditions.registerCadence`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from engine import bodies, calendar
from engine.regions import Region

SYSTEM_WATCH = "system-watch"
"""The process of what runs out."""
REGISTER = "local-addition-register"
"""The process of the register of local additions."""
YEARS_AHEAD = 4
"""How far a next start is looked for: what runs out may be years away."""


@dataclass(frozen=True)
class Start:
    """One piece of work that begins."""

    process: str
    day: date
    """A working day."""
    what: str
    until: date
    """The last day on which it is worth beginning, if it was missed."""
    given: Mapping[str, Any] = field(hash=False)
    """The variables that its case begins with; days as text."""


def of_year(region: Region, process: str, year: int) -> list[Start]:
    """What begins in a year, by day; nothing where the region does not do it."""
    return sorted((each for each in _found(region, process, year) if each.day.year == year), key=lambda each: each.day)


def next_day(region: Region, processes: Sequence[str], after: date) -> date | None:
    """The first day after this one on which any of them begins."""
    for year in range(after.year, after.year + YEARS_AHEAD):
        days = [each.day for process in processes for each in of_year(region, process, year) if each.day > after]
        if days:
            return min(days)
    return None


def under_way(region: Region, processes: Sequence[str], day: date) -> list[Start]:
    """What has begun, or should have, and is still worth beginning on a day."""
    years = range(day.year - YEARS_AHEAD, day.year + 1)
    begun = (each for process in processes for year in years for each in of_year(region, process, year))
    return [each for each in begun if each.day <= day <= each.until]


def rules(region: Region) -> Mapping[str, Any]:
    """Process -> its rule, as the profile writes it."""
    written: Mapping[str, Any] = region.data.get("yearWheel", {}).get("starts", {})
    return written


def _found(region: Region, process: str, year: int) -> Iterator[Start]:
    if process == SYSTEM_WATCH:
        yield from _watched(region)
    elif process == REGISTER:
        yield from _registers(region, year)
    elif rule := rules(region).get(process):
        yield from _on_days(process, rule, year)
        yield from _before_meetings(region, process, rule, year)


def _registers(region: Region, year: int) -> Iterator[Start]:
    """Periods of so many months, counted from January."""
    cadence = region.data.get("localAdditions", {}).get("registerCadence")
    for month in range(1, 13, int(cadence[1:-1])) if cadence else ():
        day = calendar.roll_forward(date(year, month, 1))
        what = "Förteckningen över lokala tillägg"
        yield Start(
            REGISTER, day, what, calendar.add_months(day, 1), {"title": f"{what}, {calendar.month(day)} {year}"}
        )


def _on_days(process: str, rule: Mapping[str, Any], year: int) -> Iterator[Start]:
    for text in rule.get("days", ()):
        day = calendar.roll_forward(date(year, *bodies.month_day(text)))
        yield Start(process, day, rule["what"], calendar.add_months(day, 1), {"title": f"{rule['what']} {year}"})


def _before_meetings(region: Region, process: str, rule: Mapping[str, Any], year: int) -> Iterator[Start]:
    """Work before a meeting in January may begin the year before."""
    for body in rule.get("bodies", ()):
        plan = region.bodies[body]
        for meeting in (*plan.meetings_in(year), *plan.meetings_in(year + 1)):
            day = calendar.workday(meeting, -rule["beforeWd"])
            title = f"{rule['what']}: {plan.title} {calendar.long_date(meeting)}"
            given = {"bodyId": body, "bodyName": plan.title, "meetingDay": meeting.isoformat()}
            secretary = region.data["bodies"][body].get("secretaryRole")
            yield Start(process, day, rule["what"], meeting, {"title": title, **given, "secretaryRole": secretary})


def _watched(region: Region) -> Iterator[Start]:
    for watched in region.data.get("yearWheel", {}).get("watch", ()):
        yield expiring(watched["what"], date.fromisoformat(watched["day"]), watched.get("remindBefore", []))


def expiring(what: str, expires: date, periods: Sequence[str]) -> Start:
    """The watch of what holds until a day: it begins at the first reminder, so long (`P2M`) before."""
    first = min([calendar.add_period(expires, each, -1) for each in periods], default=expires)
    given = {"title": what, "expiresOn": expires.isoformat(), "remindBefore": list(periods)}
    until = max(expires - timedelta(days=1), calendar.roll_forward(first))
    return Start(SYSTEM_WATCH, calendar.roll_forward(first), what, until, given)
