"""Times written out in a diagram: dates, durations and cycles that make sense."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from engine.core.checking.scope import Scope, about
from engine.core.durations import YEARS, BadDuration, parse_cycle, parse_duration
from engine.core.findings import Finding
from engine.core.model import Node, Timer

MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)


def check(scope: Scope) -> Iterator[Finding]:
    for node in scope.nodes.values():
        timer = node.event.timer if node.event else None
        if timer is not None and timer.literal:
            yield from _literal(node, timer)


def _literal(node: Node, timer: Timer) -> Iterator[Finding]:
    reason = _fault(READERS[timer.kind], timer.expression)
    if reason is not None:
        yield about("bad-timer", node, text=timer.expression, reason=reason, reason_en=ENGLISH[timer.kind])


def _fault(read: Callable[[str], object], text: str) -> str | None:
    try:
        read(text)
    except BadDuration as error:
        return str(error)
    return None


def _moment(text: str) -> datetime:
    """A day or an instant, in years that cases live in. Raises `BadDuration`."""
    try:
        if not MOMENT.fullmatch(text):
            raise ValueError(text)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadDuration("Datumet finns inte, eller är inte skrivet som 2026-04-14.") from None
    if found.year not in YEARS:
        raise BadDuration(f"Året {found.year} går inte att använda.")
    return found


READERS: Mapping[str, Callable[[str], object]] = {
    "date": _moment,
    "duration": parse_duration,
    "cycle": parse_cycle,
}
ENGLISH = {
    "date": "no such day or instant, or not written as 2026-04-14.",
    "duration": "not a duration of whole numbers up to 100 years, as P3M.",
    "cycle": "not a cycle of at least a minute, as R3/P1D.",
}
