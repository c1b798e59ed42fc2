"""`python -m tests.releases.making`: leave a database of this version for all that come after it.

It is made once, before the version is released, and never again: it shows what that version wrote.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from engine import live
from store import migrations
from store.database import Database, SteppedClock
from tests.conftest import START
from tests.engine import partition
from tests.engine.town import settle
from tests.releases import keeping, stations
from tests.releases.driving import drive


def make(version: str) -> None:
    """Write the database, and how its cases end when they are driven by this version itself."""
    with tempfile.TemporaryDirectory() as folder:
        lived, driven = Path(folder) / "lived.sqlite3", Path(folder) / "driven.sqlite3"
        now = _live(lived)
        shutil.copyfile(lived, driven)
        db, clock = open_at(f"sqlite:///{driven}", now)
        ends = drive(db, clock)
        db.close()
        keeping.keep(version, lived, {"now": now.isoformat(), "schema": migrations.newest(), "ends": ends})
    keeping.freeze()


def _live(file: Path) -> datetime:
    db, clock = open_at(f"sqlite:///{file}", START)
    migrations.upgrade(db)
    live.forget()
    stations.live(settle(db, clock))
    assert partition.silent_cases(db) == []
    db.close()
    return clock.moment


def open_at(url: str, moment: datetime) -> tuple[Database, SteppedClock]:
    """A database, and its clock at a moment."""
    clock = SteppedClock(moment)
    return Database(url, clock), clock


if __name__ == "__main__":
    wanted = keeping.version_now()
    if wanted in keeping.versions() and "--again" not in sys.argv:
        sys.exit(f"{wanted} has left its database already. A release is never changed (--again until it is released).")
    make(wanted)
    print(f"Wrote the database of {wanted}.")
