"""The national windows: when a remiss or a synpunktsinhämtning opens and closes, by the working calendar. Pure.

Openings roll forward to a working day and external closings roll back to one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine import calendar


@dataclass(frozen=True)
class Period:
    """A consultation window as a profile writes it: month and day of start and end, years from start to end."""

    start: tuple[int, int]
    end: tuple[int, int]
    years: int = 0


@dataclass(frozen=True)
class Window:
    """A round with its dates: as the rule names them, and as they fall on working days."""

    nominal_opens: date
    nominal_closes: date
    opens: date
    closes: date


CONSULTATION = (
    Period((2, 15), (4, 14)),
    Period((4, 15), (6, 14)),
    Period((9, 15), (11, 14)),
    Period((11, 15), (2, 14), 1),
)
"""The national windows for remisser."""
FEEDBACK_MONTHS = (2, 3, 4, 5, 9, 10, 11, 12)
"""The months in which a synpunktsinhämtning opens."""


def consultation_window(day: date, periods: Sequence[Period] = CONSULTATION) -> Window:
    """The remiss window that is open on this day, or else the next one to open."""
    return _current(day, [_dated(period, year) for year in _years_near(day) for period in periods])


def feedback_window(day: date, months: Sequence[int] = FEEDBACK_MONTHS, rule: str = "NAT_PUBLISHED") -> Window:
    """The synpunktsinhämtning that is open on this day, or else the next one to open."""
    return _current(day, [feedback_round(year, month, rule) for year in _years_near(day) for month in months])


def consultation_windows(year: int, periods: Sequence[Period] = CONSULTATION) -> list[Window]:
    """The remiss windows that open in a year."""
    return [_dated(period, year) for period in periods]


def feedback_round(year: int, month: int, rule: str = "NAT_PUBLISHED") -> Window:
    """The synpunktsinhämtning of a month, closed by a rule of the region profile's `feedback.closeRule`."""
    first = date(year, month, 1)
    opens = calendar.roll_forward(first)
    closes = _feedback_close(first, opens, rule)
    return Window(first, closes, opens, calendar.roll_back(closes))


def two_months_from(period_start: date) -> date:
    """The literal "två månader" of a region's own text, rolled back to a working day."""
    return calendar.roll_back(calendar.add_months(period_start, 2))


def _feedback_close(first: date, opens: date, rule: str) -> date:
    december = first.month == 12
    match rule:
        case "NAT_PUBLISHED" if december:
            return date(first.year + 1, 1, 29)
        case "NAT_PUBLISHED":
            # 1 May is always a holiday: the nominal start is the 2nd.
            return first + timedelta(days=29 if first.month == 5 else 28)
        case "ACTUAL_PLUS_P28D":
            return opens + timedelta(days=28)
        case "NOMINAL_PLUS_P1M_DEC_P2M":
            return calendar.add_months(first, 2 if december else 1)
        case _:
            raise calendar.OutsideCalendar(f"Regeln {rule} för synpunktsinhämtning finns inte.")


def _dated(period: Period, year: int) -> Window:
    start = date(year, *period.start)
    end = date(year + period.years, *period.end)
    return Window(start, end, calendar.roll_forward(start), calendar.roll_back(end))


def _current(day: date, windows: Sequence[Window]) -> Window:
    is_open = [window for window in windows if window.opens <= day <= window.closes]
    if is_open:
        return max(is_open, key=lambda window: window.opens)
    return min((window for window in windows if window.opens > day), key=lambda window: window.opens)


def _years_near(day: date) -> range:
    return range(calendar.within(day).year - 1, day.year + 2)
