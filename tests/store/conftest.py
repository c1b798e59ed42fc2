from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from store.database import Database, SteppedClock


@pytest.fixture
def postgresql_only(
    clock: SteppedClock, postgresql_database: Callable[[SteppedClock], Iterator[Database]]
) -> Iterator[Database]:
    """For what only a database server can do to us."""
    yield from postgresql_database(clock)
