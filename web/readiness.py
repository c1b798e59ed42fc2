"""Can this installation do its work? Asked by `/ready`, and by the doctor."""

from __future__ import annotations

from dataclasses import dataclass

from store import figures, migrations, outbox
from store.database import Database
from store.errors import SchemaMismatch, StorageUnavailable

FRESH = 30.0
"""Seconds within which the clock has looked, where it looks often."""


@dataclass(frozen=True)
class Sign:
    """One thing that was looked at."""

    what: str
    """`database`, `schema`, `clock`, `outgoing`."""
    says: str
    """One word: what is well says `ok`."""
    stops: bool = False
    """Whether the installation cannot do its work as long as it is so."""


def look(db: Database, clock_seconds: int) -> list[Sign]:
    """What there is to say, and nothing about what cannot be seen without the one before it."""
    try:
        migrations.require_current(db)
        with db.read() as reader:
            beat, held = figures.age(reader, figures.HEARTBEAT), outbox.is_held(reader)
    except SchemaMismatch:
        return [Sign("database", "ok"), Sign("schema", "other", stops=True)]
    except StorageUnavailable:
        return [Sign("database", "unavailable", stops=True)]
    fresh = is_fresh(beat, clock_seconds)
    return [
        Sign("database", "ok"),
        Sign("schema", "ok"),
        Sign("clock", "ok" if fresh else "late" if beat is not None else "never", stops=not fresh),
        Sign("outgoing", "held" if held else "ok"),
    ]


def is_fresh(age: float | None, clock_seconds: int) -> bool:
    """Whether a clock that looks so often, and last looked so many seconds ago, is going."""
    return age is not None and abs(age) <= max(FRESH, 6 * clock_seconds)
