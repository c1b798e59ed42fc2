"""ISO 8601 durations (`P3M`, `PT10M`) and cycles (`R3/P1D`), within limits that make sense, added as the calendar does.

Years, months, weeks and days follow the local calendar and clock: 08:00 stays 08:00 across a change to summer time, and
a month after 31 January is the last of February. Hours, minutes and seconds are exact time.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

LONGEST_TEXT = 80
LONGEST = timedelta(days=100 * 366)
SHORTEST_CYCLE = timedelta(minutes=1)
MOST_REPETITIONS = 9_999
YEARS = range(1970, 2200)
"""Years in which a start or a due moment may lie."""

_UNITS = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")
_DURATION = re.compile(
    r"P(?=[\dT])(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=\d)(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,10})S)?)?",
    re.ASCII,
)
_CYCLE = re.compile(r"R(\d{0,20})/(?:([^/P]+)/)?(P[^/]*)", re.ASCII)
_START = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)


class BadDuration(ValueError):
    """The text is no duration or cycle that we take: a Swedish sentence that says why."""


@dataclass(frozen=True)
class Duration:
    """A length of time, in the units it was written in."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0
    seconds: int = 0

    @property
    def at_most(self) -> timedelta:
        """The longest it can be: 366 days a year, 31 days a month."""
        days = 366 * self.years + 31 * self.months + 7 * self.weeks + self.days
        return timedelta(days=days, hours=self.hours, minutes=self.minutes, seconds=self.seconds)

    def after(self, moment: datetime, timezone: str, *, times: int = 1) -> datetime:
        """The moment `times` durations after an aware moment, in UTC. Raises `BadDuration` past the year 2199.

        Several times is not the same as one after another: two months after 31 December is the last of February, and
        three is 31 March.
        """
        local = _months_later(moment.astimezone(ZoneInfo(timezone)), times * (12 * self.years + self.months))
        # Adding days to a local time keeps its wall clock; exact time is added in UTC.
        local += timedelta(days=times * (7 * self.weeks + self.days))
        exact = timedelta(hours=self.hours, minutes=self.minutes, seconds=self.seconds)
        due = local.astimezone(UTC) + times * exact
        if due.year not in YEARS:
            raise BadDuration(f"Tiden {due.year} ligger för långt bort.")
        return due


@dataclass(frozen=True)
class Occurrence:
    """When a cycle comes next."""

    due: datetime
    """UTC."""
    left: int | None
    """How many come after it; None is without end."""
    skipped: int = 0
    """How many passed while nobody looked. They are not made up for."""


@dataclass(frozen=True)
class Cycle:
    """Something that comes again and again at an interval."""

    interval: Duration
    repetitions: int | None = None
    """None is without end."""
    start: datetime | None = None
    """The first occurrence: aware, or local time without offset. None counts from the arming, one interval later."""

    def first(self, armed: datetime, timezone: str) -> tuple[datetime, int | None]:
        """The first due moment in UTC and how many come after it. A start that has passed is due at once."""
        left = None if self.repetitions is None else self.repetitions - 1
        if self.start is None:
            return self.interval.after(armed, timezone), left
        start = self.start if self.start.tzinfo else self.start.replace(tzinfo=ZoneInfo(timezone))
        return start.astimezone(UTC), left

    def next(
        self, due: datetime, left: int | None, now: datetime, timezone: str, *, anchor: datetime | None = None
    ) -> Occurrence | None:
        """The first occurrence after `now`, when the one at `due` has fired; None when none is left.

        Those that passed meanwhile are skipped, counted, and use up repetitions. With `anchor`, an earlier occurrence,
        months are counted from there, so that the 31st does not become the 28th for ever.
        """
        base = anchor or due
        fired = self._number(base, due, timezone)
        coming = self._number(base, max(now, due), timezone) + 1
        skipped = coming - fired - 1
        if left is not None and skipped >= left:
            return None
        remaining = None if left is None else left - skipped - 1
        return Occurrence(self.interval.after(base, timezone, times=coming), remaining, skipped)

    def _number(self, base: datetime, moment: datetime, timezone: str) -> int:
        """How many whole intervals lie between `base` and `moment`."""
        slack = timedelta(hours=2)  # a day may be an hour shorter or longer than 24 hours
        number = max(0, (moment - base - slack) // self.interval.at_most)
        while self.interval.after(base, timezone, times=number + 1) <= moment:
            number += 1
        return number


def parse_duration(text: str) -> Duration:
    """`P3M`, `P1DT12H`, `PT10M`: whole numbers, at most 100 years. Raises `BadDuration`."""
    found = _DURATION.fullmatch(text) if len(text) <= LONGEST_TEXT else None
    if found is None:
        raise BadDuration(f"«{text[:LONGEST_TEXT]}» är inte en tidslängd som «P3M», «P10D» eller «PT30M».")
    duration = Duration(**{unit: int(number or 0) for unit, number in zip(_UNITS, found.groups(), strict=True)})
    if duration.at_most > LONGEST:
        raise BadDuration(f"Tidslängden «{text}» är längre än 100 år.")
    return duration


def parse_cycle(text: str) -> Cycle:
    """`R/P1D`, `R3/PT1H`, `R/2026-02-16T08:00/P1W`: at least a minute apart. Raises `BadDuration`."""
    found = _CYCLE.fullmatch(text) if len(text) <= LONGEST_TEXT else None
    if found is None:
        raise BadDuration(f"«{text[:LONGEST_TEXT]}» är inte en upprepning som «R/P1D» eller «R3/PT1H».")
    repetitions, start, length = found.groups()
    interval = parse_duration(length)
    if interval.at_most < SHORTEST_CYCLE:
        raise BadDuration(f"Upprepningen «{text}» är tätare än en gång i minuten.")
    return Cycle(interval, _repetitions(repetitions), _start(start) if start else None)


def _repetitions(digits: str) -> int | None:
    if not digits:
        return None
    if not 0 < int(digits) <= MOST_REPETITIONS:
        raise BadDuration(f"Antalet upprepningar måste vara mellan 1 och {MOST_REPETITIONS}.")
    return int(digits)


def _start(text: str) -> datetime:
    try:
        start = datetime.fromisoformat(text) if _START.fullmatch(text) else None
    except ValueError:
        start = None
    if start is None or start.year not in YEARS:
        raise BadDuration(f"«{text}» är inte en tidpunkt som «2026-02-16T08:00».")
    return start


def _months_later(moment: datetime, months: int) -> datetime:
    """The same day and clock time some months later, or the last day of that month."""
    if not months:
        return moment
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if year not in YEARS:
        raise BadDuration(f"Tiden {year} ligger för långt bort.")
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
