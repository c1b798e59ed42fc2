"""History as JSON Lines: every row, chain by chain, with all that a verifier needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any

from engine.record.log import Log
from store import history
from store.columns import instant_text
from store.history import Entry

_NAMES = {field.name: "".join(part.title() if n else part for n, part in enumerate(field.name.split("_")))
          for field in fields(Entry)}  # fmt: skip


def pieces(log: Log) -> Iterator[str]:
    """The file, a row at a time; with what belongs to no case when the log is of the whole region."""
    if not log.part.is_whole:
        for _, rows in log.told():
            yield from map(line, rows)
        return
    number = history.count(log.reader, log.region)
    for done, row in enumerate(history.stream(log.reader, log.region), start=1):
        yield line(row)
        log.progress(done, number)


def line(row: Entry) -> str:
    """One row as a line of JSON, names in camelCase, moments in UTC."""
    values = {_NAMES[field.name]: _value(getattr(row, field.name)) for field in fields(Entry)}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


def _value(value: Any) -> Any:
    return instant_text(value) if isinstance(value, datetime) else value
