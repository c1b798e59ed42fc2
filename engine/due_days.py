"""Where the days of a case come from: which source settles the last day, what is counted back from it, and why. Pure.

A day in the message comes before the national calendar, which comes before a region's own rule. The highest source
settles; whatever another one says is a *conflict*, told once: WARN when it is later than the settled day (somebody may
believe that there is more time), else INFO.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from engine import calendar, year_wheel
from engine.regions import Region
from engine.windows import Window
from store.deadlines import Deadline

EXTERNAL, INTERNAL = "externalDue", "internalDue"
MESSAGE, NATIONAL, REGION, DIAGRAM, PERSON = "message", "national", "region", "diagram", "person"
PRECEDENCE = (MESSAGE, NATIONAL, REGION)
WARN, INFO = "WARN", "INFO"


@dataclass(frozen=True)
class Conflict:
    """A source that says another day than the one that was settled."""

    source: str
    day: date
    severity: str
    """`WARN` when the other day is later, else `INFO`."""


@dataclass(frozen=True)
class Settled:
    """The last day of a case and where it came from."""

    day: date
    source: str
    conflicts: tuple[Conflict, ...] = ()

    @property
    def rule_day(self) -> date | None:
        """What the region's own rule said, where it said another day."""
        return next((each.day for each in self.conflicts if each.source == REGION), None)


def round_kind(process_key: str) -> str | None:
    """Which national round a process belongs to; None for those whose day the healthcare region sets."""
    if process_key.startswith("nhv"):
        return None
    return year_wheel.FEEDBACK if process_key.startswith("feedback") else year_wheel.CONSULTATION


def settle(day: date, stated: Mapping[str, date | None]) -> Settled:
    """Whose day it is, and who says another; `stated` is source -> the day it gives, if any."""
    said = {source: stated[source] for source in PRECEDENCE if stated.get(source)}
    source = next((source for source, other in said.items() if other == day), DIAGRAM)
    others = ((each, other) for each, other in said.items() if other is not None and other != day)
    return Settled(day, source, tuple(Conflict(each, other, WARN if other > day else INFO) for each, other in others))


def stated(region: Region, kind: str, opens: date, message: date | None, published: bool) -> dict[str, date | None]:
    """What each source says of a round. `published`: the message tells when it opened.

    A message that opened with the national window is compared with it; others, such as an authority's own remiss, have
    days of their own that no calendar knows.
    """
    window = region.window(kind, opens)
    national = message is None or (published and opens in (window.opens, window.nominal_opens))
    return {
        MESSAGE: message,
        NATIONAL: window.closes if national else None,
        REGION: region.stated_close(kind, window),
    }


def internal_target(region: Region, day: date, rule_day: date | None) -> date:
    """The internal day: the region's own earlier day when its profile wants that, else the one that was counted."""
    if rule_day is None or not region.data.get("useRegionRuleAsInternalTarget"):
        return day
    return min(day, rule_day)


def following(
    region: Region, kind: str | None, rows: Iterable[Deadline], before: date, after: date, today: date
) -> dict[str, date]:
    """What follows when the last day moves: the coming days that were counted back from it, and nobody has moved.

    None follows into the past, where what waits for it would happen at once.
    """
    if kind is None:
        return {}
    offsets = year_wheel.offsets(region, kind)
    counted = (each for each in rows if each.key in offsets and each.source != PERSON and each.day >= today)
    kept = (each for each in counted if each.day == calendar.workday(before, -offsets[each.key]))
    return {each.key: max(calendar.workday(after, -offsets[each.key]), min(today, after)) for each in kept}


def explained(region: Region, kind: str | None, rows: Iterable[Deadline]) -> dict[str, str]:
    """Deadline key -> why it is that day, in words; a day that nobody can explain is left out."""
    listed = list(rows)
    external = next((each for each in listed if each.key == EXTERNAL), None)
    if kind is None or external is None:
        return {}
    found = {each.key: _counted(region, kind, each, external) for each in listed if each.key != EXTERNAL}
    found[EXTERNAL] = _sourced(region, kind, external)
    return {key: sentence for key, sentence in found.items() if sentence}


def _counted(region: Region, kind: str, row: Deadline, external: Deadline) -> str:
    count = year_wheel.offsets(region, kind).get(row.key)
    if count is not None and row.day == calendar.workday(external.day, -count):
        return calendar.in_words(external.day, -count)
    return "Regionens egen regel" if row.key == INTERNAL and row.day == external.rule_day else ""


def _sourced(region: Region, kind: str, external: Deadline) -> str:
    sentences = {
        MESSAGE: "Dagen står i utskicket",
        NATIONAL: _national(region.window(kind, external.day), external.day),
        PERSON: "Flyttad för hand",
    }
    told = sentences.get(external.source, "")
    if external.rule_day is None or external.rule_day == external.day:
        return told
    return f"{told}. Regionens egen regel säger {calendar.day_and_month(external.rule_day)}, men räknas inte utåt"


def _national(window: Window, day: date) -> str:
    moved = calendar.why_rolled(window.nominal_closes, day) if window.closes == day else ""
    return f"Den nationella kalendern: {moved}, därför arbetsdagen före" if moved else "Den nationella kalendern"
