"""The world as one step sees it: the moment, the case, its deadlines, the profile, and the functions of expressions.

Dates go in and come out of the functions as text (`2026-04-14`); an instant's first ten characters are its day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from engine import calendar, year_words
from engine.core.deliveries import Context
from engine.core.durations import parse_duration
from engine.core.expressions import EVERY_NAME, ExpressionError, Session
from engine.core.types import Function, ListOf, Record, Type
from engine.core.when_asked import WhenAsked
from engine.errors import Incalculable
from engine.regions import Region
from store import deadlines, people, standing
from store.cases import Case
from store.database import Reader

_WINDOW = Record(dict.fromkeys(("opens", "closes", "nominalOpens", "nominalCloses", "regionRuleDate"), "text"))
FUNCTIONS: Mapping[str, Type] = {
    "workday": Function({"day": "text", "count": "int"}, "text"),
    "roll_forward": Function({"day": "text"}, "text"),
    "roll_back": Function({"day": "text"}, "text"),
    "add_months": Function({"day": "text", "count": "int"}, "text"),
    "later": Function({"day": "text", "duration": "text"}, "text"),
    "earlier": Function({"day": "text", "duration": "text"}, "text"),
    "in_words": Function({"day": "text"}, "text"),
    "at": Function({"day": "text", "clock": "text"}, "text"),
    "window": Function({"kind": "text", "day": "text"}, _WINDOW),
    "next_meeting": Function({"body": "text", "day": "text"}, "text"),
    "holders": Function({"role": "text", "area": "any"}, ListOf("text")),
    "name_of": Function({"person": "text"}, "text"),
    **year_words.TYPES,
}
"""The types of what `functions` gives, for checking expressions."""


def of_case(reader: Reader, case: Case, region: Region) -> Context:
    """What a step of this case is handed."""
    return Context(
        now=reader.now,
        timezone=region.timezone,
        deadlines=WhenAsked(lambda: deadlines.days(reader, case.id)),
        case=WhenAsked(lambda: described(case, region)),
        region=region.data,
        functions=WhenAsked(lambda: functions(reader, region)),
    )


def of_region(reader: Reader, region: Region) -> Context:
    """What an expression outside any case sees, such as a start timer's."""
    return Context(now=reader.now, timezone=region.timezone, region=region.data, functions=functions(reader, region))


def described(case: Case, region: Region) -> dict[str, Any]:
    """`case.<key>` in expressions."""
    return {
        "id": case.id,
        "title": case.title,
        "key": case.process_key,
        "number": case.number,
        "startedOn": calendar.local_day(case.started_at, region.timezone).isoformat(),
    }


@contextmanager
def session(context: Context) -> Iterator[Session]:
    """A sandbox session that sees what a step with this context would see: for forms, start keys and schedules.

    Raises `Incalculable` for an expression without an answer that nobody catches before.
    """
    now = context.now.astimezone(ZoneInfo(context.timezone))
    objects = {
        "deadline": context.deadlines,
        "region": context.region,
        "case": context.case,
        "now": now.isoformat(timespec="seconds"),
        "today": now.date().isoformat(),
    }
    try:
        yield Session(context.functions, objects, EVERY_NAME)
    except ExpressionError as error:
        raise Incalculable(str(error)) from error


def functions(reader: Reader, region: Region) -> Mapping[str, Callable[..., Any]]:
    """The calendar's and the organisation's functions, for one region and one moment."""

    def window(kind: str, day: str) -> dict[str, str | None]:
        found = region.window(kind, calendar.day_of(day))
        stated = region.stated_close(kind, found)
        return {
            "opens": found.opens.isoformat(),
            "closes": found.closes.isoformat(),
            "nominalOpens": found.nominal_opens.isoformat(),
            "nominalCloses": found.nominal_closes.isoformat(),
            "regionRuleDate": stated.isoformat() if stated else None,
        }

    def next_meeting(body: str, day: str) -> str | None:
        found = region.next_meeting(body, calendar.day_of(day))
        return found.isoformat() if found else None

    def away(day: str, duration: str, times: int) -> str:
        noon = calendar.at(calendar.day_of(day), time(12), region.timezone)
        due = parse_duration(duration).after(noon, region.timezone, times=times)
        return calendar.local_day(due, region.timezone).isoformat()

    def holders(role: str, area: str | None = None) -> list[str]:
        today = calendar.local_day(reader.now, region.timezone)
        held = standing.holders(reader, region.id, role, area or "", today)
        return list(dict.fromkeys(each.person for each in held))

    def name_of(person: str) -> str:
        return people.names(reader, {person}).get(person, "")

    def at(day: str, clock: str) -> str:
        return calendar.at(calendar.day_of(day), time.fromisoformat(clock), region.timezone).isoformat()

    return {
        "workday": lambda day, count: calendar.workday(calendar.day_of(day), count).isoformat(),
        "roll_forward": lambda day: calendar.roll_forward(calendar.day_of(day)).isoformat(),
        "roll_back": lambda day: calendar.roll_back(calendar.day_of(day)).isoformat(),
        "add_months": lambda day, count: calendar.add_months(calendar.day_of(day), count).isoformat(),
        "later": lambda day, duration: away(day, duration, 1),
        "earlier": lambda day, duration: away(day, duration, -1),
        "in_words": lambda day: calendar.long_date(calendar.day_of(day)),
        "at": at,
        "window": window,
        "next_meeting": next_meeting,
        "holders": holders,
        "name_of": name_of,
        **year_words.functions(reader, region),
    }
