"""`kunskapsflode calendar`: the windows of a year and the dates that follow from them, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import click

from engine import calendar, regions, year_wheel
from engine.regions import Region
from engine.year_wheel import Occasion, Round
from web.commands.terminal import as_json, example, plain

DUE = {
    "internalDue": "Interna svar",
    "compileDue": "Sammanställning",
    "approveDue": "Godkännande",
    "submitDue": "Inlämning",
}
KINDS = {
    year_wheel.MEETING: "Möte",
    year_wheel.REGISTER: "Förteckning",
    year_wheel.KNOWLEDGE_DAY: "Träff",
    year_wheel.START: "Börjar",
    year_wheel.RUNS_OUT: "Löper ut",
    year_wheel.REMINDER: "Påminnelse",
}


@click.command("calendar", epilog=example("calendar jh 2026", "calendar jh 2027 --all", "calendar bl 2026 --json"))
@click.argument("region")
@click.argument("year", type=click.IntRange(2000, 2090))
@click.option("--all", "everything", is_flag=True, help="Också möten, förteckningar och det som löper ut.")
@as_json
def calendar_command(region: str, year: int, everything: bool, as_json: bool) -> None:
    """Visa årets fönster: öppning, sista dag, regionens interna dagar, och varför en dag har flyttats."""
    profile = regions.load(region)
    rounds = year_wheel.rounds(profile, year)
    occasions = year_wheel.occasions(profile, year) if everything else []
    if as_json:
        shown = [*map(_round_as_data, rounds), *map(plain, occasions)]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for line in _told(profile, year, rounds, occasions):
        click.echo(line)


def _round_as_data(found: Round) -> dict[str, Any]:
    """A round as JSON. `regionRule` is what the region's own text gives; the national day rules."""
    return {
        "kind": found.kind,
        "name": found.name,
        "nominalOpens": found.window.nominal_opens.isoformat(),
        "nominalCloses": found.window.nominal_closes.isoformat(),
        "opens": found.window.opens.isoformat(),
        "externalDue": found.window.closes.isoformat(),
        **{key: day.isoformat() for key, day in found.due.items()},
        "regionRule": found.stated.isoformat() if found.stated else None,
    }


def _told(region: Region, year: int, rounds: list[Round], occasions: list[Occasion]) -> Iterator[str]:
    yield f"{region.name} {year}"
    for found in rounds:
        yield ""
        yield f"{found.name} {found.window.closes.year}"
        yield from (_line(*row) for row in _rows(region, found))
    if occasions:
        yield from ("", "Möten och annat")
        yield from (_line(KINDS[each.kind], each.day, _joined(each.what, each.more)) for each in occasions)


def _rows(region: Region, found: Round) -> Iterator[tuple[str, date, str]]:
    window, close = found.window, found.window.closes
    yield "Öppnar", window.opens, calendar.why_rolled(window.nominal_opens, window.opens)
    offsets = year_wheel.offsets(region, found.kind)
    for key, day in found.due.items():
        yield DUE[key], day, calendar.in_words(close, -offsets[key])
    yield "Stänger", close, calendar.why_rolled(window.nominal_closes, close)
    if found.stated and found.stated != close:
        later = "senare än den nationella dagen" if found.stated > close else "tidigare än den nationella dagen"
        yield "Regionens regel", found.stated, f"{later}, som gäller"


def _line(word: str, day: date, why: str) -> str:
    when = f"{calendar.weekday(day)[:3]} {calendar.long_date(day)}"
    return f"  {word:<16} {when:<22} {why}".rstrip()


def _joined(what: str, more: str) -> str:
    return f"{what}, {more}" if more else what
