"""The year drawn as a wheel: two rings of rounds, dots for what returns, a hand for today. Numbers for an SVG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import cos, pi, sin

from engine import year_wheel
from engine.year_wheel import Occasion, Round
from web import language, words

CENTRE = (300.0, 264.0)
RINGS = {year_wheel.CONSULTATION: (206.0, 236.0), year_wheel.FEEDBACK: (166.0, 196.0)}
"""Kind of round -> inner and outer radius of its ring."""
DOTS = 146.0
NAMES = 254.0
HAND = (84.0, 221.0)
DOTTED = (year_wheel.REGISTER, year_wheel.KNOWLEDGE_DAY)
GAP = 0.35
"""Days left open at both ends of an arc, so that two rounds that meet can be told apart."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Arc:
    """A round on its ring."""

    path: str
    kind: str
    is_open: bool
    name: str


@dataclass(frozen=True)
class Dot:
    at: Point
    kind: str


@dataclass(frozen=True)
class Wheel:
    """Everything that the drawing needs."""

    rings: tuple[tuple[float, float], ...]
    """Middle radius and width of each ring's track."""
    arcs: tuple[Arc, ...]
    dots: tuple[Dot, ...]
    months: tuple[tuple[Point, str, bool], ...]
    """Where a month's name stands, its first letters, and whether it is now."""
    ticks: tuple[tuple[Point, Point], ...]
    hand: tuple[Point, Point] | None
    """Today, in its own year."""


def drawn(year: int, rounds: Iterable[Round], occasions: Iterable[Occasion], today: date) -> Wheel:
    """The wheel of a year as it stands on a day."""
    firsts = [date(year, month, 1) for month in range(1, 13)]
    return Wheel(
        rings=tuple(((inner + outer) / 2, outer - inner) for inner, outer in RINGS.values()),
        arcs=tuple(_arcs(year, rounds, today)),
        dots=tuple(Dot(_point(each.day, DOTS), each.kind) for each in occasions if each.kind in DOTTED),
        months=tuple(_month(each, today) for each in firsts),
        ticks=tuple((_point(each, RINGS[year_wheel.CONSULTATION][1] + 5), _point(each, NAMES - 8)) for each in firsts),
        hand=(_point(today, HAND[0]), _point(today, HAND[1])) if today.year == year else None,
    )


def _month(first: date, today: date) -> tuple[Point, str, bool]:
    is_now = (first.year, first.month) == (today.year, today.month)
    return _point(first.replace(day=15), NAMES), words.MONTHS[language.current()][first.month - 1][:3], is_now


def _arcs(year: int, rounds: Iterable[Round], today: date) -> Iterator[Arc]:
    """A round that reaches into another year is cut at New Year."""
    for each in rounds:
        first = max(each.window.opens, date(year, 1, 1))
        last = min(each.window.closes, date(year, 12, 31))
        is_open = each.window.opens <= today <= each.window.closes
        yield Arc(_slice(first, last, *RINGS[each.kind]), each.kind, is_open, words.told(each.name))


def _slice(first: date, last: date, inner: float, outer: float) -> str:
    """The outline of a piece of a ring, its first and last day included."""
    begins, ends = _turn(first) + GAP / 365 * 2 * pi, _turn(last + timedelta(days=1)) - GAP / 365 * 2 * pi
    if last == date(last.year, 12, 31):
        ends += 2 * pi
    large = int(ends - begins > pi)
    corners = [_at(begins, outer), _at(ends, outer), _at(ends, inner), _at(begins, inner)]
    out_first, out_last, in_last, in_first = (f"{x:.1f} {y:.1f}" for x, y in corners)
    return f"M{out_first}A{outer} {outer} 0 {large} 1 {out_last}L{in_last}A{inner} {inner} 0 {large} 0 {in_first}Z"


def _turn(day: date) -> float:
    """How far round the year a day begins, in radians from the top."""
    first = date(day.year, 1, 1)
    return (day - first).days / (date(day.year + 1, 1, 1) - first).days * 2 * pi


def _at(turn: float, radius: float) -> Point:
    return CENTRE[0] + radius * sin(turn), CENTRE[1] - radius * cos(turn)


def _point(day: date, radius: float) -> Point:
    x, y = _at(_turn(day), radius)
    return round(x, 1), round(y, 1)
