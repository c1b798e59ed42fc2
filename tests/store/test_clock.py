"""The movable clock: one for all processes, and none in production."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from store import clock
from store.database import Database, MovableClock, RealClock
from store.errors import ClockNotMovable

MARCH = datetime(2027, 3, 28, 6, 0, tzinfo=UTC)


def test_moved_for_everyone(db: Database) -> None:
    db.clock = MovableClock()
    with db.transaction() as tx:
        assert clock.set_to(tx, MARCH) == MARCH
    other = Database(db.engine.url.render_as_string(hide_password=False))
    with other.read() as reader:
        assert timedelta(0) <= reader.now - MARCH < timedelta(minutes=1)
    other.close()


def test_advanced_and_moved_back(db: Database) -> None:
    db.clock = MovableClock()
    with db.transaction() as tx:
        before = tx.now
        clock.advance(tx, timedelta(days=40))
    with db.transaction() as tx:
        assert timedelta(days=40) <= tx.now - before < timedelta(days=40, minutes=1)
        clock.set_to(tx, before)
    with db.read() as reader:
        assert reader.now - before < timedelta(minutes=1)


def test_never_in_production(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KF_ENV", "production")
    production = Database(db.engine.url.render_as_string(hide_password=False))
    assert isinstance(production.clock, RealClock)
    with pytest.raises(ClockNotMovable, match="drift"), production.transaction() as tx:
        clock.advance(tx, timedelta(days=1))
    production.close()
