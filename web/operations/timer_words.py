"""What the pages of operations say of a timer: when, what and where, and whether it is late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from store.database import Reader
from store.timers import Coming, Wanted
from web import here, words
from web.operations.around import node_of

LATE = timedelta(minutes=2)
"""A timer that is this late has not been taken care of as it should."""


def is_late(reader: Reader, timer: Coming) -> bool:
    """Whether the clock should have let it go."""
    return timer.due < reader.now - LATE and timer.case_status == "active"


def late(reader: Reader, region: str) -> Wanted:
    """The timers that `is_late` is true of."""
    return Wanted(region, status="active", before=reader.now - LATE)


def row(reader: Reader, coming: Coming) -> dict[str, Any]:
    """A timer in a list: when, what and where."""
    node = node_of(reader, coming.version, coming.element)
    return {
        "timer": coming,
        "node": node,
        "when": words.moment(coming.due, here.today(reader)),
        "late": is_late(reader, coming),
        "held": coming.case_status == "suspended",
        "what": (node.name if node else "") or coming.element,
    }
