"""A migration happens as a whole or not at all, whatever stops it; and a step that is released is never changed."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, event, inspect

from store import migrations
from store.database import Database
from store.errors import SchemaMismatch
from tests import postgres
from tests.patience import PATIENCE
from tests.releases import keeping
from tests.scale import size

EVERY = size("STATEMENTS_BETWEEN", 29, 1)
"""At which statements a migration is stopped: at every one at full size."""
FORK = multiprocessing.get_context("fork")
Address = str


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Address]:
    """The address of a database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.sqlite3"
        return
    with postgres.another(request.getfixturevalue("postgres_server")) as address:
        yield address


@contextmanager
def watched(db: Database, at: Callable[[int], None]) -> Iterator[None]:
    """`at` is called with 1, 2, 3 ... before each statement."""
    numbers = iter(range(1, 1_000_000))

    def before(*_: Any) -> None:
        at(next(numbers))

    event.listen(db.engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", before)


class Stopped(Exception):
    """Something went wrong in the middle."""


def stopping_at(wanted: int) -> Callable[[int], None]:
    def stop(number: int) -> None:
        if number == wanted:
            raise Stopped

    return stop


def test_a_migration_that_fails_at_any_statement_leaves_what_was(empty: Address) -> None:
    for fails_at in itertools.count(1, EVERY):
        db = Database(empty)
        try:
            with watched(db, stopping_at(fails_at)):
                migrations.upgrade(db)
            break  # it has fewer statements than that
        except Stopped:
            assert tables(db) == []
            with pytest.raises(SchemaMismatch, match=r"^Databasens schema är tomt"):
                migrations.require_current(db)
        finally:
            db.close()
    assert fails_at > 60
    _goes_through(empty)


def _killed_at(address: Address, number: int) -> None:
    db = Database(address)
    with watched(db, lambda now: os.kill(os.getpid(), signal.SIGKILL) if now == number else None):
        migrations.upgrade(db)


def test_a_migration_that_is_killed_leaves_what_was(empty: Address) -> None:
    for number in itertools.count(2, size("KILLS_BETWEEN", 60, 5)):
        process = FORK.Process(target=_killed_at, args=(empty, number))
        process.start()
        process.join(PATIENCE)
        if process.exitcode == 0:
            break  # it has fewer statements than that
        assert process.exitcode == -signal.SIGKILL
        db = Database(empty)
        assert tables(db) == []
        db.close()
    assert number > 60
    _goes_through(empty)


def _goes_through(address: Address) -> None:
    """Nothing of what was stopped stands in the way; and once it is done there is nothing more to do."""
    db = Database(address)
    migrations.upgrade(db)
    migrations.require_current(db)
    seen: list[int] = []
    with watched(db, seen.append):
        migrations.upgrade(db)
    assert len(seen) < 5
    db.close()


def tables(db: Database) -> list[str]:
    with db.schema() as connection:
        return inspect(connection).get_table_names()


def test_a_step_on_a_database_with_rows_happens_as_a_whole(empty: Address, tmp_path: Path) -> None:
    """From each release to today: what fails in the middle leaves its schema and its rows."""
    for version in keeping.versions():
        about = keeping.said(version)
        if about["schema"] == migrations.newest():
            continue
        file = keeping.unpack(version, tmp_path / f"{version}.sqlite3")
        if empty.startswith("postgresql"):
            keeping.copy_rows(file, empty, about["schema"])
        _fails_everywhere(empty if empty.startswith("postgresql") else f"sqlite:///{file}")


def _fails_everywhere(address: Address) -> None:
    db = Database(address)
    schema, rows = _shape(db), keeping.rows_of(db)
    for fails_at in range(1, 100_000):
        try:
            with watched(db, stopping_at(fails_at)):
                migrations.upgrade(db)
            break
        except Stopped:
            assert (_shape(db), keeping.rows_of(db)) == (schema, rows)
    migrations.require_current(db)
    db.close()


def _shape(db: Database) -> dict[str, list[str]]:
    with db.schema() as connection:
        found = MetaData()
        found.reflect(connection)
        return {table.name: sorted(table.columns.keys()) for table in found.sorted_tables}


# What is released is never changed -----------------------------------------------------------------------------------


def test_frozen_steps_are_as_they_were() -> None:
    found = keeping.steps()
    changed = [name for name, digest in keeping.frozen().items() if found.get(name) != digest]
    assert changed == [], "a released step is never changed: write a new one"


def test_the_steps_that_a_release_stands_on_are_frozen() -> None:
    newest = max(keeping.said(version)["schema"] for version in keeping.versions())
    assert [name for name in keeping.steps() if name[:4] <= newest and name not in keeping.frozen()] == []
