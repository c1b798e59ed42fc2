"""`kunskapsflode calendar`: the windows of a year and the dates that follow from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import click

from engine import calendar, regions
from engine.regions import Region
from web.commands.terminal import as_json, example, show

KINDS = {"consultation": "Nationell remiss", "feedback": "Synpunktsinhämtning"}


@dataclass(frozen=True)
class Round:
    """One window with what the region counts back from its close."""

    kind: str
    opens: date
    externalDue: date
    internalDue: date
    compileDue: date
    approveDue: date
    submitDue: date
    regionRule: date | None
    """The day that the region's own text gives, where it differs in rule from the national one."""


@click.command("calendar", epilog=example("calendar jh 2026", "calendar jh 2027 --json"))
@click.argument("region")
@click.argument("year", type=click.IntRange(1950, 2090))
@as_json
def calendar_command(region: str, year: int, as_json: bool) -> None:
    """Visa årets fönster: öppning, sista dag och regionens interna dagar."""
    found = sorted(rounds(regions.load(region), year), key=lambda each: each.opens)
    columns = {
        "Slag": lambda each: KINDS[each.kind],
        "Öppnar": lambda each: each.opens,
        "Internt svar": lambda each: each.internalDue,
        "Sammanställning": lambda each: each.compileDue,
        "Godkännande": lambda each: each.approveDue,
        "Inlämning": lambda each: each.submitDue,
        "Sista dag": lambda each: each.externalDue,
        "Regionens regel": lambda each: each.regionRule,
    }
    show(found, columns, as_json)


def rounds(region: Region, year: int) -> Iterator[Round]:
    """Every window of the region that opens in a year."""
    for kind in KINDS:
        day = date(year, 1, 1)
        while (window := region.window(kind, day)).nominal_opens.year <= year:
            if window.nominal_opens.year == year:
                yield _round(region, kind, window)
            day = date.fromordinal(window.closes.toordinal() + 1)


def _round(region: Region, kind: str, window: calendar.Window) -> Round:
    before = region.data["timers"]
    due = {day: calendar.workday(window.closes, -int(before[count])) for day, count in DUE.items()}
    return Round(kind, window.opens, window.closes, **due, regionRule=region.stated_close(kind, window))


DUE = {
    "internalDue": "internalDueBeforeWd",
    "compileDue": "compileBeforeWd",
    "approveDue": "approveBeforeWd",
    "submitDue": "submitBeforeWd",
}
