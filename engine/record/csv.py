"""The event log as CSV (RFC 4180, UTF-8): one line for each event, under the names that process mining tools expect."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator

from engine.record.log import Event, Log
from store.cases import Case
from store.columns import instant_text

COLUMNS: dict[str, Callable[[Case, Event], str | int | None]] = {
    "case:concept:name": lambda case, event: case.number,
    "concept:name": lambda case, event: event.label,
    "time:timestamp": lambda case, event: instant_text(event.at),
    "lifecycle:transition": lambda case, event: "complete",
    "org:resource": lambda case, event: event.person,
    "concept:instance": lambda case, event: event.task,
    "org:role": lambda case, event: event.role,
    "activityName": lambda case, event: event.name,
    "activityType": lambda case, event: event.kind,
    "processKey": lambda case, event: event.process,
    "loopCounter": lambda case, event: event.loop_counter,
    "onBehalfOf": lambda case, event: event.on_behalf_of,
    "case:process": lambda case, event: case.process_key,
    "case:version": lambda case, event: case.version,
    "case:status": lambda case, event: case.status,
    "case:outcome": lambda case, event: case.outcome,
}
"""Heading -> value, in this order."""

_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[\s\"']*[=+\-@＝＋－＠])|^(?=[\t\r\n])")
"""Where a spreadsheet would begin to calculate: at the start of a cell, also one it makes itself at a semicolon."""
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")


def pieces(log: Log) -> Iterator[str]:
    """The file, a case at a time."""
    yield _lines([list(COLUMNS)])
    for trace in log.traces():
        if trace.events:
            yield _lines([[value(trace.case, each) for value in COLUMNS.values()] for each in trace.events])


def cell(value: str | int | None) -> str | int:
    """A value as no spreadsheet takes it for a formula: an apostrophe makes it text. Numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, int) or _NUMBER.fullmatch(value):
        return value
    return _FORMULA.sub(r"\1'", value)


def _lines(rows: list[list[str | int | None]] | list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()
