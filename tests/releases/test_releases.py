"""Every release has left a database: each is migrated to today's schema, and its cases are driven to their ends.

They end as that release itself let them end: what a person was promised is kept across versions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from store import migrations, verifying
from store.database import Database, SteppedClock
from store.errors import SchemaMismatch
from tests import postgres
from tests.engine import partition
from tests.releases import keeping
from tests.releases.driving import Ends, drive

BIGGEST = 1_000_000


@pytest.fixture(params=keeping.versions())
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["sqlite", "postgresql"])
def released(request: pytest.FixtureRequest, version: str, tmp_path: Path) -> Iterator[Database]:
    """The database of a release as it was left, on each kind of database, at the moment when it was left."""
    about = keeping.said(version)
    clock = SteppedClock(datetime.fromisoformat(about["now"]))
    file = keeping.unpack(version, tmp_path / "released.sqlite3")
    if request.param == "sqlite":
        yield from _opened(f"sqlite:///{file}", clock)
        return
    with postgres.another(request.getfixturevalue("postgres_server")) as address:
        keeping.copy_rows(file, address, about["schema"])
        yield from _opened(address, clock)


def _opened(url: str, clock: SteppedClock) -> Iterator[Database]:
    db = Database(url, clock)
    yield db
    db.close()


def test_this_version_has_left_a_database() -> None:
    assert keeping.version_now() in keeping.versions(), "make release-fixture leaves one"


def test_every_database_is_small_and_has_its_ends_written() -> None:
    for each in keeping.versions():
        assert (keeping.FOLDER / f"{each}.db.xz").stat().st_size < BIGGEST
        about = keeping.said(each)
        assert len(about["ends"]) > 20
        assert {end["status"] for end in about["ends"].values()} == {"completed"}


def test_a_release_is_migrated_and_its_cases_come_to_their_ends(released: Database, version: str) -> None:
    before = keeping.rows_of(released)
    migrations.upgrade(released)
    after = keeping.rows_of(released)
    lost = {table: (count, after.get(table)) for table, count in before.items() if after.get(table, 0) < count}
    assert lost == {}
    with released.read() as reader:
        assert list(verifying.verify(reader)) == []
    clock = released.clock
    assert isinstance(clock, SteppedClock)
    ends = keeping.said(version)["ends"]
    assert as_told_then(drive(released, clock), ends) == ends
    assert partition.silent_cases(released) == []
    with released.read() as reader:
        assert list(verifying.verify(reader)) == []


def as_told_then(now: Ends, then: Ends) -> Ends:
    """What happened, in the words of a release: kinds of rows that it did not write are left out."""
    words = {row.split()[0] for end in then.values() for row in end["told"]}
    return {
        number: {**end, "told": [row for row in end["told"] if row.split()[0] in words]} for number, end in now.items()
    }


def test_the_newest_release_has_a_row_of_every_kind(tmp_path: Path) -> None:
    """A table that holds nothing in it would be migrated untried."""
    newest = keeping.versions()[-1]
    db = Database(f"sqlite:///{keeping.unpack(newest, tmp_path / 'released.sqlite3')}")
    empty = {table for table, count in keeping.rows_of(db).items() if not count}
    db.close()
    assert empty == set()


def test_a_release_is_refused_until_it_is_migrated(released: Database, version: str) -> None:
    if keeping.said(version)["schema"] == migrations.newest():
        migrations.require_current(released)
        return
    with pytest.raises(SchemaMismatch, match=r"^Databasens schema är .*Kör: kunskapsflode db upgrade$"):
        migrations.require_current(released)
