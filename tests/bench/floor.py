"""The floor: the very rows that a run wrote, committed bare by the driver, in the same number of transactions.

A recording keeps every change and commit that goes through a database. Replayed against a copy of the file as it was
before, with the same durability, it tells what the writing alone costs: no reading, no thinking, no SQLAlchemy.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from store.database import Database

_CHANGES = ("INSERT", "UPDATE", "DELETE")


class Recording:
    """The changes of each committed transaction, in order; and a copy of the database as it was before them."""

    def __init__(self, before: Path) -> None:
        self.before = before
        self.transactions: list[list[tuple[str, Any, bool]]] = []
        self.open: list[tuple[str, Any, bool]] = []

    def keep(
        self, _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, executemany: bool
    ) -> None:
        if statement.startswith(_CHANGES):
            self.open.append((statement, parameters, executemany))

    def commit(self, _connection: Any) -> None:
        if self.open:
            self.transactions.append(self.open)
        self.open = []

    def replay(self) -> list[float]:
        """Seconds that each transaction takes bare."""
        connection = sqlite3.connect(self.before, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        took = []
        for changes in self.transactions:
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            for statement, parameters, many in changes:
                (connection.executemany if many else connection.execute)(statement, parameters)
            connection.execute("COMMIT")
            took.append(time.perf_counter() - began)
        connection.close()
        return took


@contextmanager
def recorded(db: Database) -> Iterator[Recording]:
    """Keep what is written to an SQLite database on disk while the block runs."""
    assert db.url.database, "a floor needs a file"
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "before.sqlite3"
        _copy(Path(db.url.database), copy)
        recording = Recording(copy)
        event.listen(db.engine, "before_cursor_execute", recording.keep)
        event.listen(db.engine, "commit", recording.commit)
        try:
            yield recording
        finally:
            event.remove(db.engine, "before_cursor_execute", recording.keep)
            event.remove(db.engine, "commit", recording.commit)


def _copy(path: Path, to: Path) -> None:
    source, target = sqlite3.connect(path), sqlite3.connect(to)
    source.backup(target)
    source.close()
    target.close()
