"""History as JSON Lines: one row a line, chain by chain, with all that a verifier needs. Streams what there is."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from typing import Any, TextIO

from engine import access, journal, regions
from engine.access import Actor
from store import history
from store.columns import instant_text
from store.database import Database
from store.history import Entry

_NAMES = {field.name: "".join(part.title() if n else part for n, part in enumerate(field.name.split("_")))
          for field in fields(Entry)}  # fmt: skip


def export(db: Database, region: str, out: TextIO, *, by: Actor) -> int:
    """Write the history of a region; answers with the number of rows. The export itself becomes a row.

    Raises `Forbidden`.
    """
    with db.transaction() as tx:
        zone = regions.load(region).timezone
        by = access.require(tx, by, "history.export", region=region, timezone=zone)
        journal.region(tx, region, "exported", by, {"format": "jsonl"})
    count = 0
    with db.read() as reader:
        for row in history.stream(reader, region):
            out.write(line(row))
            count += 1
    return count


def line(row: Entry) -> str:
    """One row as a line of JSON, names in camelCase, moments in UTC."""
    values = {_NAMES[field.name]: _value(getattr(row, field.name)) for field in fields(Entry)}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


def _value(value: Any) -> Any:
    return instant_text(value) if isinstance(value, datetime) else value
