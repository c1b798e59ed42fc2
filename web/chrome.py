"""The frame of a page: its menu, its reader, its language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Request, url_for

from web import here, language, words
from web.doors import AUDITOR_ROLES, OPERATOR_ROLES
from web.language import say
from web.visitor import Visitor

TABS = 3
"""Places beside `Mer`."""
LOOKS = ("", "light", "dark")
KEYS = ("on", "off")
"""Whether single keys do anything."""
WORDS = {"_": say, "words": words}
"""What every template may say."""


@dataclass(frozen=True)
class Entry:
    """A place in the menu."""

    key: str
    word: str
    url: str
    icon: str


def of(request: Request) -> dict[str, Any]:
    """What the frame of a page shows."""
    visitor = here.someone()
    return {
        "visitor": visitor,
        "visitor_roles": _titles(visitor),
        "menu": _menu(visitor),
        "tabs": _tabs(_menu(visitor), _place(request)),
        "here_is": _place(request),
        "language": language.current(),
        "languages": language.LANGUAGES,
        "look": _choice(request, "look", LOOKS),
        "keys": _choice(request, "keys", KEYS),
        "own_url": request.full_path.rstrip("?"),
        "region_name": here.region().name,
    }


def _menu(visitor: Visitor | None) -> list[Entry]:
    """Only what the person may use."""
    if visitor is None:
        return []
    entries = [
        Entry("inbox", say("Inkorg"), url_for("inbox.index"), "inbox"),
        Entry("cases", say("Ärenden"), url_for("cases.index"), "briefcase"),
        Entry("year", say("Kalender"), url_for("year.index"), "calendar"),
        Entry("additions", say("Tillägg"), url_for("additions.index"), "list"),
    ]
    if visitor.holds(*OPERATOR_ROLES):
        entries.append(Entry("operations", say("Drift"), url_for("operations.index"), "pulse"))
    if visitor.holds(*AUDITOR_ROLES):
        entries.append(Entry("audit", say("Granskning"), url_for("audit.index"), "shield"))
    return entries


def _tabs(menu: Sequence[Entry], place: str) -> list[Entry]:
    """Four at the foot of a phone: the first ones and the rest behind `Mer`, and the current page always among them."""
    beyond = [entry for entry in menu[TABS:] if entry.key == place]
    first = [*menu[: TABS - len(beyond)], *beyond]
    return [*first, Entry("more", say("Mer"), url_for("login.account"), "menu")]


def _place(request: Request) -> str:
    room = (request.blueprint or "").split(".")[0]
    places = {"tasks": "inbox", "drafts": "inbox", "start": "cases", "feed": "year", "disposal": "audit"}
    places |= dict.fromkeys(("login", "absences"), "more")
    places |= dict.fromkeys(("drawings", "rounds", "moves", "waiting"), "cases")
    places |= dict.fromkeys(("incidents", "timers", "deliveries", "holding"), "operations")
    return places.get(room, room)


def _choice(request: Request, name: str, allowed: Sequence[str]) -> str:
    """What this browser has been told to keep, or the first when it has not."""
    chosen = request.cookies.get(f"kf_{name}", "")
    return chosen if chosen in allowed else allowed[0]


def _titles(visitor: Visitor | None) -> list[str]:
    """Every role of the visitor in words, once."""
    if visitor is None:
        return []
    return list(dict.fromkeys(words.role(held.role, held.area, visitor.areas) for held in visitor.roles))
