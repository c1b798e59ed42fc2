"""Everything that a database holds, to be compared before and after."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from store.database import Database
from store.tables import metadata


def contents(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Table -> its rows, in an order that does not depend on when they were written."""
    with db.read() as reader:
        return {
            table.name: sorted((tuple(row) for row in reader.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def changed(before: dict[str, list[tuple[Any, ...]]], after: dict[str, list[tuple[Any, ...]]]) -> list[str]:
    """The tables whose rows differ."""
    return [name for name in before if before[name] != after[name]]
