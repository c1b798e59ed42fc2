"""The pages over a small region, on SQLite: what differs between databases is tested below them."""

from __future__ import annotations

import pytest

from engine import live
from store.database import Database, SteppedClock
from tests.engine.town import settle
from tests.web.house import House, every_question
from web.app import create_app
from web.settings import Settings


@pytest.fixture
def house(sqlite: Database, clock: SteppedClock) -> House:
    return furnished(sqlite, clock)


def furnished(db: Database, clock: SteppedClock) -> House:
    """The house over an empty database."""
    live.forget()
    town = settle(db, clock)
    found = House(town, create_app(db, Settings()))
    found.settle()
    results = town.deploy(every_question())
    assert [each.key for each in results] == ["test"]
    return found
