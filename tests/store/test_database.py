"""One transaction or nothing, one moment each, and errors that are sentences."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from store import cases, database, settings
from store.checks import check
from store.database import Database, RealClock, SteppedClock, Transaction
from store.errors import (
    AlreadyInTransaction,
    DatabaseBusy,
    OutcomeUnknown,
    SchemaMismatch,
    StorageFull,
    StorageUnavailable,
)
from store.migrations import upgrade
from tests.store import given


class Broken(Exception):
    pass


def start_a_case_and_break(tx: Transaction) -> None:
    given.case(tx)
    raise Broken


def test_a_block_that_fails_leaves_nothing(db: Database) -> None:
    with pytest.raises(Broken):
        given.committed(db, start_a_case_and_break)
    with db.read() as reader:
        assert cases.listed(reader, "jh") == []


def test_a_block_that_ends_is_kept(db: Database) -> None:
    made = given.committed(db, given.case)
    with db.read() as reader:
        assert cases.find(reader, made.id) == made


def test_now_is_the_clock_s_and_aware(db: Database, clock: SteppedClock) -> None:
    with db.transaction() as tx:
        assert tx.now == clock.moment
        assert tx.now.tzinfo is UTC


def test_the_clock_is_read_after_the_transaction_began(sqlite: Database) -> None:
    """Whoever waited for the lock comes later, also by the clock."""
    sqlite.clock = RealClock()
    order: list[tuple[datetime, datetime]] = []

    def work(_: int) -> None:
        with sqlite.transaction() as tx:
            given.case(tx)
            order.append((tx.now, RealClock().now(tx)))

    given.together(6, work)
    assert len(order) == 6
    assert all(before[1] <= after[0] for before, after in pairwise(order))


def test_a_transaction_inside_another_is_a_mistake(db: Database) -> None:
    with db.transaction(), pytest.raises(AlreadyInTransaction), db.transaction():
        pass
    with db.read(), pytest.raises(AlreadyInTransaction), db.read():
        pass
    with db.transaction():
        pass


def test_a_reader_sees_one_unchanging_view(db: Database) -> None:
    with db.read() as reader:
        assert cases.listed(reader, "jh") == []
        writer = threading.Thread(target=lambda: given.committed(db, given.case))
        writer.start()
        writer.join()
        assert cases.listed(reader, "jh") == []
    with db.read() as reader:
        assert len(cases.listed(reader, "jh")) == 1


def test_a_savepoint_fails_alone(db: Database) -> None:
    with db.transaction() as tx:
        kept = given.case(tx)
        with pytest.raises(Broken), tx.savepoint():
            start_a_case_and_break(tx)
        with tx.savepoint():
            also = given.case(tx)
    with db.read() as reader:
        assert {each.id for each in cases.listed(reader, "jh")} == {kept.id, also.id}


def test_savepoints_stand_inside_each_other(db: Database) -> None:
    """What fails within undoes no more than itself, nor less: here by the database's own refusal."""

    def be_refused_and_break(tx: Transaction) -> None:
        with pytest.raises(IntegrityError), tx.savepoint():
            tx.insert(settings.settings, {"key": "no moment", "value": 1, "set_at": None})
        start_a_case_and_break(tx)

    with db.transaction() as tx:
        with pytest.raises(Broken), tx.savepoint():
            be_refused_and_break(tx)
        with tx.savepoint():
            kept = given.case(tx)
            with pytest.raises(Broken), tx.savepoint():
                start_a_case_and_break(tx)
            with tx.savepoint():
                also = given.case(tx)
    with db.read() as reader:
        assert {each.id for each in cases.listed(reader, "jh")} == {kept.id, also.id}


def test_what_waits_for_the_commit_runs_once_it_is_certain(db: Database) -> None:
    done: list[str] = []

    def promise_and_break(tx: Transaction) -> None:
        tx.after_commit(lambda: done.append("undone"))
        raise Broken

    with db.transaction() as tx:
        tx.after_commit(lambda: done.append("kept"))
        with pytest.raises(Broken), tx.savepoint():
            promise_and_break(tx)
        assert done == []
    with pytest.raises(Broken):
        given.committed(db, promise_and_break)
    assert done == ["kept"]


def test_a_held_database_is_busy_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    db = Database(f"sqlite:///{tmp_path}/held.sqlite3")
    upgrade(db)
    other = sqlite3.connect(tmp_path / "held.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseBusy, match="upptagen"), db.transaction():
        pass
    other.execute("ROLLBACK")
    with db.transaction() as tx:
        given.case(tx)


def test_a_full_disk_leaves_nothing_half_done(sqlite: Database) -> None:

    def write_much(tx: Transaction) -> None:
        given.case(tx)
        settings.put(tx, "large", "x" * 1_000_000)

    with sqlite.transaction() as tx:
        pages = tx.execute(text("PRAGMA page_count")).scalar_one()
        tx.execute(text(f"PRAGMA max_page_count = {pages + 2}"))
    with pytest.raises(StorageFull, match="fullt"):
        given.committed(sqlite, write_much)
    with sqlite.transaction() as tx:
        assert cases.listed(tx, "jh") == []
        tx.execute(text("PRAGMA max_page_count = 100000"))
        given.case(tx)


def test_a_server_that_is_not_there() -> None:
    db = Database("postgresql://127.0.0.1:1/none", RealClock())
    with pytest.raises(StorageUnavailable, match="går inte att nå"), db.transaction():
        pass


def test_a_deadlock_is_busy_and_the_other_goes_on(postgresql_only: Database) -> None:
    db = postgresql_only
    first, second = (given.committed(db, given.case).id for _ in range(2))
    barrier = threading.Barrier(2)

    def cross(index: int) -> None:
        mine, yours = (first, second) if index == 0 else (second, first)
        with db.transaction() as tx:
            cases.lock(tx, mine)
            barrier.wait()
            locked = cases.lock(tx, yours)
            assert locked is not None
            cases.step(tx, locked, {})

    results = given.together(2, cross)
    assert sorted(type(each).__name__ for each in results) == ["DatabaseBusy", "NoneType"]


def test_killed_connections_are_replaced(postgresql_only: Database) -> None:
    db = postgresql_only
    kill = text("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(StorageUnavailable):
        given.committed(db, lambda tx: tx.execute(kill))
    with db.transaction() as tx:
        given.case(tx)


def test_a_connection_that_breaks_in_the_commit_leaves_a_question(postgresql_only: Database) -> None:
    db = postgresql_only
    killer = Database(db.engine.url.render_as_string(hide_password=False), RealClock())
    kill = text("SELECT pg_terminate_backend(:pid, 5000)")

    def die_at_the_end(tx: Transaction) -> None:
        given.case(tx)
        pid = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with killer.transaction() as other:
            assert other.scalar(kill, {"pid": pid})

    with pytest.raises(OutcomeUnknown, match="Titta efter"):
        given.committed(db, die_at_the_end)
    killer.close()
    assert given.committed(db, lambda tx: cases.listed(tx, "jh")) == []


def test_in_memory_threads_take_turns(clock: SteppedClock) -> None:
    db = Database("sqlite://", clock)
    upgrade(db)
    assert given.together(4, lambda _: given.committed(db, given.case).region) == ["jh"] * 4
    with db.read() as reader:
        assert sorted(each.number[-3:] for each in cases.listed(reader, "jh")) == ["001", "002", "003", "004"]
    assert check(db) == []


def test_an_old_schema_is_named(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/empty.sqlite3")
    with pytest.raises(SchemaMismatch, match="db upgrade"), db.transaction() as tx:
        given.case(tx)


def test_checks_find_nothing_wrong_with_a_good_database(sqlite: Database) -> None:
    assert check(sqlite, deep=True) == []


def test_checks_name_what_is_wrong(tmp_path: Path, postgresql_only: Database) -> None:
    assert "Kör: kunskapsflode db upgrade" in check(Database(f"sqlite:///{tmp_path}/empty.sqlite3"))[0]
    # The tests' own server is fast because it would lose data in a power cut: just what must be refused.
    assert any("fsync=off" in sentence for sentence in check(postgresql_only))


def test_put_adds_and_replaces(db: Database) -> None:
    with db.transaction() as tx:
        settings.put(tx, "outbound.held", True)
        settings.put(tx, "outbound.held", False)
        assert settings.get(tx, "outbound.held") is False
        assert settings.get(tx, "unknown", 7) == 7
