"""The copy of a SQLite database: by SQLite's own online back-up, never by copying files."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, text

from store.database import Database, Reader
from store.errors import Damaged

NAME = "sqlite"
PAYLOAD = "database.sqlite3"


def beside(db: Database) -> Path:
    """Where there must be room anyway."""
    return Path(db.url.database or ".").absolute().parent


def copy(db: Database, reader: Reader, to: Path, programs: str) -> None:
    """All pages as this reading sees them. Writers go on: in WAL nobody waits for a reader."""
    source = reader.connection.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)
    with closing(sqlite3.connect(to, isolation_level=None)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")


def load(db: Database, payload: Path, programs: str, land: Callable[[Connection], None]) -> None:
    """Everything is done on the copy; then it comes into the database in one transaction."""
    copied = Database(f"sqlite:///{payload}", db.clock, db.keys)
    try:
        with copied.schema() as connection:
            if connection.execute(text("PRAGMA integrity_check")).scalar() != "ok":
                raise Damaged
            land(connection)
    finally:
        copied.close()
    db.close()
    with closing(sqlite3.connect(payload)) as source, closing(sqlite3.connect(str(db.url.database))) as target:
        source.backup(target)
