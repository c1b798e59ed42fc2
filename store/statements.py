"""Inserts, compiled once for each table; those that the two databases word differently once for each of them."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Insert, Table, insert
from sqlalchemy.dialects import postgresql, sqlite


@cache
def plain(table: Table) -> Insert:
    """Add rows."""
    return insert(table)


@cache
def unless_there(table: Table, dialect: str) -> Any:
    """Add rows that no unique key stands in the way of; `rowcount` tells how many."""
    return _words(dialect).insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


@cache
def in_place(table: Table, dialect: str) -> Any:
    """Add rows, or replace every non-key column where the primary key is there."""
    statement = _words(dialect).insert(table)
    changes = {each.name: statement.excluded[each.name] for each in table.c if not each.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes)


def _words(dialect: str) -> Any:
    return postgresql if dialect == "postgresql" else sqlite
