"""When a process next starts by itself: start timers of deployed processes, one occurrence at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from engine import calendar, context, definitions, starting
from engine.core.durations import parse_cycle, parse_duration
from engine.core.model import Node
from engine.definitions import Deployed
from store import schedules
from store.database import Reader, Transaction
from store.schedules import Schedule


def set_up(tx: Transaction, region: str, deployed: Deployed) -> None:
    """A version has been deployed: its start timers replace those of the version before."""
    process = deployed.process
    schedules.remove(tx, region, process.id)
    if process.is_part:
        return
    for node in starting.starts(process):
        if node.event is not None and node.event.kind == "timer" and node.event.timer is not None:
            said = _said(tx, deployed, node)
            first = Schedule(region, process.id, node.id, deployed.version, said, None)
            schedules.put(tx, replace(first, due=_first(tx, deployed, node, said)))


def following(tx: Transaction, started: Schedule) -> Schedule:
    """The schedule after a start: the next occurrence after now, whatever was missed; none when there is none."""
    deployed = definitions.current(tx, started.region, started.process_key)
    node = deployed.process.nodes[started.element]
    timer = node.event.timer if node.event else None
    if timer is None or started.due is None or timer.kind == "duration":
        return replace(started, due=None)
    if timer.kind == "cycle":
        return _next_round(tx, deployed, started)
    said = _said(tx, deployed, node)
    due = _first(tx, deployed, node, said)
    return replace(started, expression=said, due=due if due and due > started.due else None)


def _said(reader: Reader, deployed: Deployed, node: Node) -> str:
    timer = node.event.timer if node.event else None
    assert timer is not None, "only start timers are scheduled"
    if timer.literal:
        return timer.expression
    with context.session(context.of_region(reader, deployed.region)) as session:
        return str(session.evaluate(timer.expression, {}) or "")


def _first(reader: Reader, deployed: Deployed, node: Node, said: str) -> datetime | None:
    """The first due moment; a date that had passed when the version was deployed starts nothing."""
    timer = node.event.timer if node.event else None
    zone = deployed.region.timezone
    if timer is None or not said:
        return None
    if timer.kind == "cycle":
        cycle = parse_cycle(said)
        due, left = cycle.first(reader.now, zone)
        if due >= reader.now:
            return due
        later = cycle.next(due, left, reader.now, zone)
        return later.due if later else None
    if timer.kind == "duration":
        return parse_duration(said).after(reader.now, zone)
    due = _moment(said, zone)
    return due if due > reader.now else None


def _next_round(tx: Transaction, deployed: Deployed, started: Schedule) -> Schedule:
    assert started.due is not None, "a cycle that started was due"
    cycle = parse_cycle(started.expression)
    _, left = cycle.first(started.due, deployed.region.timezone)
    occurrence = cycle.next(started.due, left, tx.now, deployed.region.timezone)
    return replace(started, due=occurrence.due if occurrence else None)


def _moment(text: str, timezone: str) -> datetime:
    """A day alone means 08:00 local time: that is when things open."""
    if len(text) == 10:
        return calendar.opening(datetime.fromisoformat(text).date(), timezone).astimezone(UTC)
    moment = datetime.fromisoformat(text)
    local = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))
    return local.astimezone(UTC) + timedelta(0)
