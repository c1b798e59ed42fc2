from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine import live
from store.database import Database, SteppedClock
from tests.engine.town import settle
from tests.webhooks.office import Office
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def office(db: Database, clock: SteppedClock) -> Iterator[Office]:
    """A town whose events leave, on each database."""
    live.forget()
    found = Office(settle(db, clock))
    yield found
    found.sender.stop()


@pytest.fixture
def one_office(sqlite: Database, clock: SteppedClock) -> Iterator[Office]:
    """As `office`, on SQLite only."""
    live.forget()
    found = Office(settle(sqlite, clock))
    yield found
    found.sender.stop()
