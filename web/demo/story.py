"""How a story of the demo is told: what someone did, or what came from outside, on which day.

A day is a number of working days from today: -1 is the last working day, +4 four working days ahead. A person is
named by user name: `Someone("lo")` in an answer becomes that person's key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Someone:
    """A person of the demo by user name."""

    username: str


@dataclass(frozen=True)
class Day:
    """A date as working days from today."""

    workdays: int


@dataclass(frozen=True)
class Message:
    """Something arrives from outside."""

    day: int
    name: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Start:
    """Someone starts a case by its form."""

    day: int
    process: str
    who: str
    answers: Mapping[str, Any]


@dataclass(frozen=True)
class Done:
    """Someone completes a task of the case. Of several at one element, the one that they can take."""

    day: int
    element: str
    who: str
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Claimed:
    """Someone takes a task that they have not begun."""

    day: int
    element: str
    who: str


@dataclass(frozen=True)
class Paused:
    """Someone suspends the case."""

    day: int
    who: str
    reason: str


@dataclass(frozen=True)
class Answered:
    """Someone answers what waits at an element of every case of a process that the clock has started, if any."""

    day: int
    process: str
    element: str
    who: str
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WhereAsked:
    """Someone completes a task of the case, in the regions where it has that task."""

    day: int
    element: str
    who: str
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class YearBegins:
    """From this day the calendar starts what the region does every year; what is older would wait for nobody."""

    day: int


Event = Message | Start | Done | WhereAsked | Claimed | Paused | Answered | YearBegins
Events = tuple[Event, ...]


@dataclass(frozen=True)
class Story:
    """One case: its reference outside, and what happened, in order."""

    ref: str
    events: Sequence[Event]
