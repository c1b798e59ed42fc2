"""When timers are due: from a diagram's words to instants in UTC.

A day alone means its end, 23:59:59 local time: the last moment at which something may still be done. An instant without
offset is local time. Durations and cycles count from the step that arms the timer; a cycle that was missed comes once.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from SpiffWorkflow.task import Task

from engine.core.durations import BadDuration, parse_cycle, parse_duration
from engine.core.errors import Stopped
from engine.core.model import Timer

if TYPE_CHECKING:
    from engine.core.run import Run

LAST_MOMENT = time(23, 59, 59)


class BadTimer(Stopped):
    """A timer or due date gives no day, instant, duration or cycle."""

    rule = "timer"


def first(timer: Timer, task: Task, run: Run) -> tuple[datetime, int | None]:
    """The first due instant, and how many times a cycle comes after it (None: without end)."""
    text = _said(timer, task, run)
    try:
        match timer.kind:
            case "date":
                return instant(text, run.context.timezone), 0
            case "duration":
                return parse_duration(text).after(run.context.now, run.context.timezone), 0
            case _:
                return parse_cycle(text).first(run.context.now, run.context.timezone)
    except BadDuration as bad:
        raise BadTimer(str(bad)) from None


def again(timer: Timer, task: Task, run: Run) -> tuple[datetime, int | None] | None:
    """The next due instant of a cycle that has just fired, and how many are left; None when it does not come again."""
    if timer.kind != "cycle":
        return None
    fired, anchor = (datetime.fromisoformat(task.internal_data[name]) for name in ("fired", "anchor"))
    cycle = parse_cycle(_said(timer, task, run))
    coming = cycle.next(fired, task.internal_data["left"], run.context.now, run.context.timezone, anchor=anchor)
    return None if coming is None else (coming.due, coming.left)


def moved(timer: Timer, task: Task, run: Run) -> datetime | None:
    """The due instant as it is now, for timers that follow a date; None for those that count from their arming."""
    return first(timer, task, run)[0] if timer.kind == "date" else None


def instant(text: str, timezone: str) -> datetime:
    """The instant of a day or a date-time, in UTC."""
    zone = ZoneInfo(timezone)
    try:
        if len(text) == len("2026-04-14"):
            return datetime.combine(date.fromisoformat(text), LAST_MOMENT, zone).astimezone(UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadTimer(f"«{text[:80]}» är inte ett datum eller en tidpunkt.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def day(text: str, timezone: str) -> date | None:
    """The local day of a date or an instant; None for empty text."""
    return instant(text, timezone).astimezone(ZoneInfo(timezone)).date() if text else None


def _said(timer: Timer, task: Task, run: Run) -> str:
    """The timer's text: as it stands, or what its expression gives."""
    if timer.literal:
        return timer.expression
    said = run.evaluate(task, timer.expression)
    if not isinstance(said, str):
        raise BadTimer(f"Timerns uttryck {timer.expression} ger inget datum och ingen tid.")
    return said
