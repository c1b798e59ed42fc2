"""The year of a region: the national rounds with what is counted back from them, and what else returns. Pure.

A round is a remiss window or a synpunktsinhämtning. An occasion is a day: a meeting, the quarterly register, a
kunskapsstyrningsdag, work that begins, or something that runs out and the reminders of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from engine import calendar, windows, year_starts
from engine.regions import Region
from engine.windows import Window

CONSULTATION, FEEDBACK = "consultation", "feedback"
MEETING, REGISTER, KNOWLEDGE_DAY, RUNS_OUT, REMINDER = "meeting", "register", "knowledgeDay", "runsOut", "reminder"
START = "start"
COUNTED = {
    "internalDue": "internalDueBeforeWd",
    "compileDue": "compileBeforeWd",
    "approveDue": "approveBeforeWd",
    "submitDue": "submitBeforeWd",
}
"""Deadline key -> the key of the profile's `timers` that says how many working days before the close it is."""


@dataclass(frozen=True)
class Round:
    """A window of the year, and what the region counts back from its close."""

    kind: str
    """`consultation` or `feedback`."""
    window: Window
    due: Mapping[str, date] = field(hash=False)
    """Deadline key -> day, soonest first."""
    stated: date | None = None
    """What the region's own text gives for the close, where it states a rule."""

    @property
    def name(self) -> str:
        """`Remissfönstret 15 februari–14 april`, `Synpunktsinhämtning, mars`: without the year."""
        first, last = self.window.nominal_opens, self.window.nominal_closes
        if self.kind == FEEDBACK:
            return f"Synpunktsinhämtning, {calendar.month(first)}"
        return f"Remissfönstret {calendar.day_and_month(first)}–{calendar.day_and_month(last)}"


@dataclass(frozen=True)
class Occasion:
    """One day of the year."""

    day: date
    kind: str
    """`meeting`, `register`, `knowledgeDay`, `start`, `runsOut` or `reminder`."""
    what: str
    more: str = ""


def rounds(region: Region, year: int) -> list[Round]:
    """Every round that is open some day of a year, by day of opening: also one that opened the autumn before."""
    found = [each for opened in (year - 1, year) for each in _opening(region, opened)]
    kept = (each for each in found if each.window.closes.year >= year)
    return sorted(kept, key=lambda each: (each.window.opens, each.kind))


def occasions(region: Region, year: int) -> list[Occasion]:
    """Everything else that the year holds, by day."""
    returning = (*_meetings(region, year), *_registers(region, year), *_knowledge_days(region, year))
    found = (*returning, *_starts(region, year), *_watched(region))
    return sorted((each for each in found if each.day.year == year), key=lambda each: (each.day, each.what))


def counted(region: Region, kind: str, close: date) -> dict[str, date]:
    """What a region counts back from a close in working days: deadline key -> day."""
    return {key: calendar.workday(close, -count) for key, count in offsets(region, kind).items()}


def offsets(region: Region, kind: str) -> dict[str, int]:
    """Deadline key -> working days before the close. A short round has its own, where the profile gives them."""
    timers = region.data["timers"]
    if kind == FEEDBACK:
        timers = region.data["feedback"].get("timers", timers)
    return {key: int(timers[name]) for key, name in COUNTED.items() if name in timers}


def _opening(region: Region, year: int) -> Iterator[Round]:
    for window in windows.consultation_windows(year, region.periods):
        yield _round(region, CONSULTATION, window)
    feedback = region.data["feedback"]
    for month in feedback["months"]:
        yield _round(region, FEEDBACK, windows.feedback_round(year, month, feedback["closeRule"]))


def _round(region: Region, kind: str, window: Window) -> Round:
    return Round(kind, window, counted(region, kind, window.closes), region.stated_close(kind, window))


def _meetings(region: Region, year: int) -> Iterator[Occasion]:
    for plan in region.bodies.values():
        for day in plan.meetings_in(year):
            stop = calendar.workday(day, -plan.agenda_stop) if plan.agenda_stop else None
            more = f"ärenden lämnas senast {calendar.day_and_month(stop)}" if stop else ""
            yield Occasion(day, MEETING, plan.title, more)


def _registers(region: Region, year: int) -> Iterator[Occasion]:
    for start in year_starts.of_year(region, year_starts.REGISTER, year):
        yield Occasion(start.day, REGISTER, start.what, f"första arbetsdagen i {_period(region)}")


def _period(region: Region) -> str:
    return "kvartalet" if region.data["localAdditions"]["registerCadence"] == "P3M" else "perioden"


def _knowledge_days(region: Region, year: int) -> Iterator[Occasion]:
    """Days that have been set; for a month without one its first working day, as a place to set it."""
    wheel = region.data.get("yearWheel", {})
    for day in map(date.fromisoformat, wheel.get("knowledgeDays", ())):
        latest = calendar.save_the_date(day, wheel.get("saveTheDateWd", 1))
        save = f"inbjudan till nästa går ut senast {calendar.day_and_month(latest)}"
        yield Occasion(day, KNOWLEDGE_DAY, "Kunskapsstyrningsdag", save)
    set_already = {text[:7] for text in wheel.get("knowledgeDays", ())}
    for month in wheel.get("knowledgeDayMonths", ()):
        if f"{year}-{month:02}" not in set_already:
            first = calendar.roll_forward(date(year, month, 1))
            yield Occasion(
                first, KNOWLEDGE_DAY, f"Kunskapsstyrningsdag i {calendar.month(first)}", "dagen är inte satt"
            )


def _starts(region: Region, year: int) -> Iterator[Occasion]:
    """Work that begins on days of its own; what is begun before a meeting is told with the meeting."""
    for process, rule in year_starts.rules(region).items():
        if "days" in rule:
            for start in year_starts.of_year(region, process, year):
                yield Occasion(start.day, START, start.what, "arbetet börjar")


def _watched(region: Region) -> Iterator[Occasion]:
    """Agreements and documents that run out, and when to be reminded of it, rolled to a working day."""
    for watched in region.data.get("yearWheel", {}).get("watch", ()):
        day = date.fromisoformat(watched["day"])
        yield Occasion(day, RUNS_OUT, watched["what"], "löper ut")
        for period in watched.get("remindBefore", ()):
            reminder = calendar.roll_forward(calendar.add_period(day, period, -1))
            yield Occasion(reminder, REMINDER, watched["what"], f"löper ut {calendar.long_date(day)}")
