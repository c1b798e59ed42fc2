"""The page of the year."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request

from engine import year_wheel
from engine.regions import Region
from store import tasks
from store.database import Reader
from web import here, words
from web.doors import SIGNED_IN, open_to
from web.year import coming, wheel
from web.year.coming import Line

pages = Blueprint("year", __name__, template_folder="templates")

YEARS = range(2000, 2091)
MINE, ALL = "mina", "alla"


@pages.get("/kalender")
@open_to(SIGNED_IN)
def index() -> str:
    """A year as a wheel and as a list of what comes; this year unless another is asked for."""
    region, whose = here.region(), request.args.get("visa", MINE)
    with here.db().read() as reader:
        today = here.today(reader)
        year = _year(today)
        rounds, occasions = year_wheel.rounds(region, year), year_wheel.occasions(region, year)
        return render_template(
            "year.html",
            year=year,
            years=YEARS,
            today=today,
            week=today.isocalendar().week,
            whose=whose,
            rounds=rounds,
            wheel=wheel.drawn(year, rounds, occasions, today),
            groups=coming.grouped(_lines(reader, region, year, today, whose), today),
            day=words.short_day,
        )


def _lines(reader: Reader, region: Region, year: int, today: date, whose: str) -> list[Line]:
    """What comes in a year from today on. This year's list goes on into the spring: in December something comes too."""
    first, last = max(today, date(year, 1, 1)), date(year, 12, 31)
    years = [year, year + 1] if year == today.year else [year]
    if len(years) > 1:
        last = date(year + 1, 6, 30)
    rounds = dict.fromkeys(each for some in years for each in year_wheel.rounds(region, some))
    occasions = [each for some in years for each in year_wheel.occasions(region, some)]
    found = coming.of_year(rounds, occasions, first, last)
    return found + coming.of_cases(reader, region.id, first, last, _cases(reader, whose))


def _year(today: date) -> int:
    asked = here.number("ar", most=YEARS[-1])
    return asked if asked in YEARS else today.year


def _cases(reader: Reader, whose: str) -> list[str] | None:
    """Ids of the cases whose days are shown: those with tasks of the visitor's, or all that they may see."""
    visitor = here.visitor()
    if whose == ALL:
        return here.cases_seen(reader)
    held = [(each.role, each.area) for each in visitor.roles]
    return tasks.cases_of(reader, visitor.region, visitor.people, held)
