"""What the tests of the moves start from; and after each of them, no case may stand still in silence."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine import live
from store.database import Database, SteppedClock
from tests.engine import partition
from tests.engine.town import Town, settle


@pytest.fixture
def town(db: Database, clock: SteppedClock) -> Iterator[Town]:
    """A region with people, on each database."""
    live.forget()
    yield settle(db, clock)
    assert partition.silent_cases(db) == []


@pytest.fixture
def one_town(sqlite: Database, clock: SteppedClock) -> Iterator[Town]:
    """As `town`, on SQLite only."""
    live.forget()
    yield settle(sqlite, clock)
    assert partition.silent_cases(sqlite) == []
