"""The region that every workload runs in: on disk with durable commits, someone to tell, and someone who listens."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from store import webhooks
from store.database import Database, SteppedClock
from store.migrations import upgrade
from tests.engine.town import REGION, Town, settle
from web import garbage

START = datetime(2026, 2, 16, 7, 0, tzinfo=UTC)
ASKED = {"candidateGroups": "coordinator"}


@contextmanager
def town(*listens_to: str) -> Iterator[Town]:
    """A settled region in an SQLite file; an endpoint listens to these events."""
    with (
        tempfile.TemporaryDirectory() as folder,
        settled(f"sqlite:///{Path(folder) / 'bench.sqlite3'}", *listens_to) as place,
    ):
        yield place


@contextmanager
def settled(url: str, *listens_to: str) -> Iterator[Town]:
    """The same in an empty database, in a process that looks for garbage as one that serves does."""
    garbage.look_seldom()
    clock = SteppedClock(START)
    db = Database(url, clock)
    upgrade(db)
    place = settle(db, clock)
    if listens_to:
        with db.transaction() as tx:
            webhooks.add(
                tx,
                REGION,
                "https://mottagare.example/in",
                list(listens_to),
                "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz",
            )
    yield place
    db.close()
