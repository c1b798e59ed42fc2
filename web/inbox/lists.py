"""The views of the inbox and the lines in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from store import drafts, inbox, readings
from store.database import Reader
from store.inbox import Count, Filters, Listed
from web import about, words
from web.language import say
from web.visitor import Visitor

SHOWN = 50
COORDINATOR = "coordinator"


@dataclass(frozen=True)
class View:
    """A named list: its key in the address, its words, its icon."""

    key: str
    title: str
    word: str
    icon: str
    counted: str = ""
    """The key of its count in `store.inbox.counts`."""


VIEWS = (
    View("mina", "Mina uppgifter", "Mina", "inbox", "mine"),
    View("kan-tas", "Kan tas", "Kan tas", "hand", "can_take"),
    View("utkast", "Utkast", "Utkast", "pen", "drafts"),
    View("klara", "Klara", "Klara", "done"),
)
FOR_COORDINATOR = (
    View("utan-agare", "Utan ägare", "Utan ägare", "person", "unowned"),
    View("forsenade", "Försenade", "Försenade", "triangle", "late"),
)
HEADINGS = {"late": "Försenat", "week": "Denna vecka", "later": "Senare"}


@dataclass(frozen=True)
class Line:
    """One task in the list."""

    task: Listed
    due: words.Due
    minutes: str
    status: tuple[str, str, str]
    """Icon, word and tone."""


@dataclass(frozen=True)
class Group:
    heading: str
    lines: tuple[Line, ...]


def views_of(visitor: Visitor) -> tuple[View, ...]:
    return VIEWS + (FOR_COORDINATOR if visitor.holds(COORDINATOR) else ())


def view_named(visitor: Visitor, key: str | None) -> View:
    """The view of the address, or the first when there is no such view for this person."""
    return next((each for each in views_of(visitor) if each.key == key), VIEWS[0])


def first_view(counts: Mapping[str, Count]) -> str:
    """Where the inbox opens: what is mine, or else what I can take."""
    return "kan-tas" if not counts["mina"].open and counts["kan-tas"].open else "mina"


def counts(reader: Reader, visitor: Visitor, today: date) -> dict[str, Count]:
    """View key -> how many open tasks, and how many of them overdue."""
    found = inbox.counts(
        reader,
        visitor.person,
        visitor.people,
        visitor.region,
        visitor.roles,
        today,
        whole_region=visitor.holds(COORDINATOR),
    )
    return {view.key: found[view.counted] for view in views_of(visitor) if view.counted}


def tasks_of(reader: Reader, visitor: Visitor, view: View, today: date, filters: Filters, after: str) -> list[Listed]:
    """The tasks of a view, most urgent first (those that are done: latest first)."""
    page: dict[str, Any] = {"after": after, "limit": SHOWN}
    match view.key:
        case "kan-tas":
            return inbox.can_take(
                reader, visitor.person, visitor.region, visitor.roles, today, filters, after=after, limit=SHOWN
            )
        case "utkast":
            return inbox.drafted(reader, visitor.person, today, filters, **page)
        case "klara":
            return inbox.done(reader, visitor.person, limit=SHOWN)
        case "utan-agare":
            return inbox.all_open(reader, visitor.region, today, Filters(text=filters.text, unowned=True), **page)
        case "forsenade":
            late = Filters(text=filters.text, due_to=today - timedelta(days=1))
            return inbox.all_open(reader, visitor.region, today, late, **page)
        case _:
            return inbox.mine(reader, visitor.people, today, filters, **page)


def lines(reader: Reader, visitor: Visitor, found: Sequence[Listed], today: date) -> list[Line]:
    ids = [each.id for each in found]
    begun, read = drafts.of_person(reader, visitor.person, ids), readings.of_person(reader, visitor.person, ids)
    return [
        _line(each, today, _status(each, each.id in begun, each.id in read, visitor))
        for each in about.named(reader, found)
    ]


def groups(found: Sequence[Line], today: date) -> Iterator[Group]:
    """Lines under their headings: Försenat, Denna vecka, Senare."""
    for key, together in groupby(found, lambda line: words.group(line.task.due, today)):
        yield Group(say(HEADINGS[key]), tuple(together))


def _line(task: Listed, today: date, status: tuple[str, str, str]) -> Line:
    minutes = str(task.properties.get("minutes") or "")
    return Line(
        task,
        words.due(task.due, today),
        words.minutes(int(minutes)) if minutes.isdecimal() else "",
        status,
    )


def _status(task: Listed, begun: bool, read: bool, visitor: Visitor) -> tuple[str, str, str]:
    if task.status == "completed":
        return "done", say("Klar"), "klar"
    if task.status == "answered":
        return "undo", say("Kan ångras"), "tjarn"
    if task.case_status == "suspended":
        return "pause", say("Pausad"), "info"
    if begun:
        return "pen", say("Utkast"), "quiet"
    if task.assignee and task.assignee not in visitor.people:
        return "half", say("Tagen"), "quiet"
    return ("eye", say("Läst"), "quiet") if read else ("now", say("Ny"), "tjarn")
