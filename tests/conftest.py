"""What every room's tests share: a database of each kind, and a clock that stands still until it is told to move."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from store import database as databases
from store.database import Database, SteppedClock
from store.migrations import upgrade
from store.tables import metadata
from tests import postgres
from tests.figures import figure, pytest_terminal_summary
from tests.patience import PATIENCE

__all__ = ["figure", "pytest_terminal_summary"]

START = datetime(2026, 2, 16, 7, 0, tzinfo=UTC)
"""Monday 2026-02-16 at 08:00 in Sweden."""


SLOW = ("long", "journeys", "record")
"""Rooms whose files take longest. They go first, so that no core is left alone with one of them at the end."""

# How long an example takes, or a transaction waits for another, is the machine's business.
settings.register_profile("untimed", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
databases.BUSY_SECONDS = PATIENCE


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.parent.name not in SLOW)


TABLES = tuple(table.name for table in metadata.sorted_tables)


@pytest.fixture
def clock() -> SteppedClock:
    """The clock of `db`: `clock.advance(timedelta(...))`, `clock.set(moment)`."""
    return SteppedClock(START)


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, clock: SteppedClock) -> Iterator[Database]:
    """An empty database for each test, on SQLite and on PostgreSQL, at the newest schema."""
    make: Callable[[SteppedClock], Iterator[Database]] = request.getfixturevalue(f"{request.param}_database")
    yield from make(clock)


@pytest.fixture
def sqlite(clock: SteppedClock, sqlite_database: Callable[[SteppedClock], Iterator[Database]]) -> Iterator[Database]:
    """As `db`, on SQLite only: for what does not depend on the database."""
    yield from sqlite_database(clock)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    template = Database(f"sqlite:///{path}")
    upgrade(template)
    template.close()
    return path


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Callable[[SteppedClock], Iterator[Database]]:
    def make(clock: SteppedClock) -> Iterator[Database]:
        path = tmp_path / "test.sqlite3"
        shutil.copyfile(sqlite_template, path)
        database = Database(f"sqlite:///{path}", clock)
        yield database
        database.close()

    return make


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a server that lives as long as the tests. A missing one is a failure, unless ALLOW_MISSING=1."""
    try:
        with postgres.server() as address:
            database = Database(address)
            upgrade(database)
            database.close()
            yield address
    except postgres.Missing as error:
        if os.environ.get("ALLOW_MISSING") != "1":
            raise
        pytest.skip(str(error))


@pytest.fixture
def postgresql_database(postgres_server: str) -> Callable[[SteppedClock], Iterator[Database]]:
    def make(clock: SteppedClock) -> Iterator[Database]:
        database = Database(postgres_server, clock)
        yield database
        database.close()
        # Emptying costs a hundredth of what a new database does.
        postgres.command(postgres_server, "; ".join(f'DELETE FROM "{table}"' for table in reversed(TABLES)))

    return make
