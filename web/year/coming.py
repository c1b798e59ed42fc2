"""What comes nearest: days of cases, openings and closings, meetings and what else the year holds, in groups."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from flask import url_for

from engine import calendar, year_wheel
from engine.year_wheel import Occasion, Round
from store import deadlines
from store.database import Reader
from store.deadlines import Coming
from web import language, words
from web.cases.wording import DEADLINES
from web.language import say

SHOWN = 24
ICONS = {
    "internalDue": "clock",
    "compileDue": "pen",
    "approveDue": "eye",
    "submitDue": "mail",
    "externalDue": "lock",
    year_wheel.MEETING: "people",
    year_wheel.KNOWLEDGE_DAY: "people",
    year_wheel.REGISTER: "list",
    year_wheel.START: "play",
    year_wheel.RUNS_OUT: "stopwatch",
    year_wheel.REMINDER: "clock",
}
KINDS = {
    year_wheel.MEETING: "Möte",
    year_wheel.KNOWLEDGE_DAY: "Möte",
    year_wheel.REGISTER: "Förteckning",
    year_wheel.START: "Börjar",
    year_wheel.RUNS_OUT: "Löper ut",
    year_wheel.REMINDER: "Påminnelse",
}


@dataclass(frozen=True)
class Line:
    """One day that comes."""

    day: date
    icon: str
    word: str
    what: str
    more: str = ""
    soon: bool = False
    url: str = ""


@dataclass(frozen=True)
class Group:
    """Days under one heading: `Denna vecka`, `Februari`."""

    heading: str
    lines: list[Line]


def of_cases(reader: Reader, region: str, first: date, last: date, ids: Collection[str] | None) -> list[Line]:
    """The named days of running cases; of those cases only, unless `ids` is None."""
    return [_of_case(each, first) for each in deadlines.coming(reader, region, first, last, ids)]


def of_year(rounds: Iterable[Round], occasions: Iterable[Occasion], first: date, last: date) -> list[Line]:
    """What the calendar itself holds between two days."""
    lines = [*(line for each in rounds for line in _of_round(each)), *map(_of_occasion, occasions)]
    return [each for each in lines if first <= each.day <= last]


def grouped(lines: Iterable[Line], today: date) -> list[Group]:
    """By day, under the week and then the months; no more than `SHOWN` lines."""
    nearest = sorted(lines, key=lambda each: (each.day, each.what, each.word))[:SHOWN]
    return [Group(heading, list(found)) for heading, found in groupby(nearest, lambda each: _heading(each.day, today))]


def _of_case(found: Coming, today: date) -> Line:
    left = calendar.workdays_between(today, found.day)
    soon = left <= words.SOON
    more = words.due(found.day, today).more if left <= 10 else found.number
    word = say(DEADLINES.get(found.key.partition("-")[0], "Sista dag"))
    url = url_for("cases.show", id=found.case_id)
    return Line(found.day, ICONS.get(found.key, "calendar"), word, found.title, more, soon, url)


def _of_round(found: Round) -> Iterator[Line]:
    window = found.window
    until = say("till {day}", day=words.short_day(window.closes)[4:])
    late, early = (
        words.told(calendar.why_rolled(nominal, actual))
        for nominal, actual in ((window.nominal_opens, window.opens), (window.nominal_closes, window.closes))
    )
    name = words.told(found.name)
    yield Line(window.opens, "play", say("Öppnar"), name, ", ".join(part for part in (until, late) if part))
    yield Line(window.closes, "lock", say("Stänger"), name, early)


def _of_occasion(found: Occasion) -> Line:
    return Line(found.day, ICONS[found.kind], say(KINDS[found.kind]), words.told(found.what), words.told(found.more))


def _heading(day: date, today: date) -> str:
    if today <= day <= today + timedelta(days=6 - today.weekday()):
        return say("Denna vecka")
    month = words.capital(words.MONTHS[language.current()][day.month - 1])
    return month if day.year == today.year else f"{month} {day.year}"
