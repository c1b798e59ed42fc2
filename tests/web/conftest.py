"""The pages over a small region, on SQLite: what differs between databases is tested below them."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from engine import live
from store.database import Database, SteppedClock
from tests.engine.town import settle
from tests.web.house import House, every_question
from web.app import create_app
from web.settings import Settings


@pytest.fixture
def house(sqlite: Database, clock: SteppedClock) -> House:
    return furnished(sqlite, clock)


@pytest.fixture
def asked(sqlite: Database) -> list[str]:
    """Every statement that reaches the database of the house from now on, for counting them."""
    found: list[str] = []
    event.listen(sqlite.engine, "before_cursor_execute", lambda _, __, statement, *more: found.append(statement))
    return found


def furnished(db: Database, clock: SteppedClock) -> House:
    """The house over an empty database."""
    live.forget()
    town = settle(db, clock)
    found = House(town, create_app(db, Settings()))
    found.settle()
    results = town.deploy(every_question())
    assert [each.key for each in results] == ["test"]
    return found
