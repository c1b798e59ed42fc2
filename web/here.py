"""What a view may ask about the request that it answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypedDict, cast
from zoneinfo import ZoneInfo

from flask import current_app, g, request

from engine import access, regions
from engine.regions import Region
from store.cases import Case
from store.database import Database, Reader
from store.tasks import Task
from web.pace import Pace
from web.settings import Settings
from web.visitor import Visitor


def db() -> Database:
    """The database of this application."""
    return cast(Database, current_app.extensions["db"])


def settings() -> Settings:
    """The settings of this application."""
    return cast(Settings, current_app.extensions["settings"])


def pace() -> Pace:
    """How fast programs may go at this process."""
    return cast(Pace, current_app.extensions["pace"])


def region() -> Region:
    """The profile of the region that this installation serves."""
    return regions.load(settings().region)


class Place(TypedDict):
    """The region and its time zone, as `engine.access` asks for them."""

    region: str
    timezone: str


def place() -> Place:
    """Where we are, as `engine.access` asks."""
    return {"region": region().id, "timezone": region().timezone}


def visitor() -> Visitor:
    """Who is logged in. Only for views that are not open to anyone."""
    found = someone()
    if found is None:
        raise LookupError("No one is logged in: the view is open to anyone and must ask `someone`.")
    return found


def someone() -> Visitor | None:
    """Who is logged in, if anyone is."""
    return cast("Visitor | None", g.get("visitor"))


def may(
    reader: Reader, act: str, *, case: Case | None = None, task: Task | None = None, starters: Iterable[str] = ()
) -> bool:
    """Whether the visitor may do this; see the table of `engine.access`."""
    return access.may(reader, visitor().by, act, **place(), case=case, task=task, starters=starters)


def cases_seen(reader: Reader) -> list[str] | None:
    """Ids of the cases that the visitor may see; None for whoever sees every case of the region."""
    return access.cases_seen(reader, visitor().by, **place())


def number(name: str, *, most: int) -> int:
    """A whole number of the address, as `?sida=2`; 0 where it is none, or larger than `most`."""
    text = request.args.get(name, "")
    written = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    return int(text) if written and int(text) <= most else 0


def local(moment: datetime) -> datetime:
    """The moment as the region's clocks show it."""
    return moment.astimezone(ZoneInfo(region().timezone))


def today(reader: Reader) -> date:
    """The region's calendar day at the moment of the reading."""
    return local(reader.now).date()
