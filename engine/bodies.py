"""When a body meets: the dates it has announced, or else its cadence, outside its closed periods. Pure.

A plan is what a profile writes under `bodies`: `meetings` (dates), or `firstMeeting` with `cadence`, or with
`cadenceMin` and `cadenceMax` where the body meets "var fjärde till sjätte vecka". A cadence counts from the first
meeting, and a day that is no working day rolls forward.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from engine import calendar

MonthDay = tuple[int, int]


@dataclass(frozen=True)
class Closed:
    """A time of the year without meetings, both days included; it may reach over the turn of the year."""

    first: MonthDay
    last: MonthDay

    def __contains__(self, day: date) -> bool:
        here = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


@dataclass(frozen=True)
class Plan:
    """How a body meets."""

    title: str
    meetings: tuple[date, ...] = ()
    """Announced; they come before the cadence."""
    first: date | None = None
    cadence: str | None = None
    """`P1M`, `P4W`: the time between meetings, or the shortest such time."""
    longest: str | None = None
    """The longest time between meetings, where the body has a span."""
    closed: tuple[Closed, ...] = ()
    agenda_stop: int = 0
    """Working days before a meeting that its matters must be in."""

    def is_closed(self, day: date) -> bool:
        return any(day in period for period in self.closed)

    def next_meeting(self, day: date) -> date | None:
        """The first meeting on or after a day; None when nothing says when the body meets."""
        return next((meeting for meeting in self._in_order() if meeting >= day), None)

    def next_between(self, meeting: date) -> tuple[date, date]:
        """The earliest and the latest day of the meeting after this one. A closed period moves both past it."""
        shortest = self.cadence or self.longest
        if shortest is None:
            raise ValueError(f"{self.title} har ingen mötestakt.")
        days = (calendar.add_period(meeting, each) for each in (shortest, self.longest or shortest))
        earliest, latest = (self._reopened(day) for day in days)
        return earliest, latest

    def meetings_in(self, year: int) -> list[date]:
        """Every meeting of a year, announced or by cadence."""
        so_far = itertools.takewhile(lambda meeting: meeting.year <= year, self._in_order())
        return [meeting for meeting in so_far if meeting.year == year]

    def fault(self, meeting: date, following: date) -> str:
        """Why the body cannot meet on a day when it met last on another; empty when it can."""
        if not calendar.is_workday(following):
            return f"{calendar.long_date(following)} är ingen arbetsdag: {calendar.why_off(following)}."
        if self.is_closed(following):
            return f"{self.title} har uppehåll {calendar.long_date(following)}."
        if self.longest and not self._follows(meeting, following):
            return f"{self.title} ska mötas {self.cadence}–{self.longest} efter {calendar.long_date(meeting)}."
        return ""

    def wrong_gaps(self, meetings: Sequence[date]) -> list[tuple[date, date]]:
        """Pairs of consecutive meetings that are too close or too far apart, closed periods considered."""
        return [(one, other) for one, other in itertools.pairwise(meetings) if not self._follows(one, other)]

    def _follows(self, one: date, other: date) -> bool:
        earliest, latest = self.next_between(one)
        spans_closed = any(self.is_closed(one + timedelta(days=n)) for n in range((other - one).days))
        return other >= earliest and (other <= latest or spans_closed)

    def _reopened(self, day: date) -> date:
        while self.is_closed(day):
            day += timedelta(days=1)
        return day

    def _in_order(self) -> Iterator[date]:
        """Every meeting: the announced ones, and those that the cadence gives after the last of them."""
        yield from self.meetings
        last = self.meetings[-1] if self.meetings else date.min
        yield from (meeting for meeting in self._by_cadence() if meeting > last)

    def _by_cadence(self) -> Iterator[date]:
        """Meetings by the cadence, as long as the calendar goes."""
        if self.first and self.cadence:
            yield from self._spanned(self.first) if self.longest else self._counted(self.first, self.cadence)

    def _counted(self, first: date, cadence: str) -> Iterator[date]:
        """Every period from the first meeting, so that a rolled day does not move those after it."""
        for count in itertools.count():
            meeting = calendar.roll_forward(calendar.add_period(first, cadence, count))
            if not self.is_closed(meeting):
                yield meeting

    def _spanned(self, meeting: date) -> Iterator[date]:
        """Each counted from the one before, on the body's own weekday: a red day leaves room for the week after."""
        weekday = meeting.weekday()
        while True:
            yield meeting
            meeting, _ = self.next_between(meeting)
            while meeting.weekday() != weekday or self.is_closed(meeting) or not calendar.is_workday(meeting):
                meeting += timedelta(days=1)


def plan(written: Mapping[str, Any]) -> Plan:
    """A plan as a profile writes it. Raises ValueError for a day that does not exist."""
    first = written.get("firstMeeting")
    return Plan(
        title=str(written.get("title", "")),
        meetings=tuple(sorted(date.fromisoformat(text) for text in written.get("meetings", ()))),
        first=date.fromisoformat(first) if first else None,
        cadence=written.get("cadence") or written.get("cadenceMin"),
        longest=written.get("cadenceMax"),
        closed=tuple(Closed(month_day(each["from"]), month_day(each["to"])) for each in written.get("closed", ())),
        agenda_stop=int(written.get("agendaStopWd", 0)),
    )


def month_day(text: str) -> MonthDay:
    """`02-15` -> (2, 15). Raises ValueError for a day that some year does not have, 29 February among them."""
    month, day = (int(part) for part in text.split("-"))
    date(_COMMON_YEAR, month, day)
    return month, day


_COMMON_YEAR = 2027
