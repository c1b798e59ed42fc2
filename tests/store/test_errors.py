"""What the drivers say, in our words: by their code, whatever class they give it."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError

from store.errors import DatabaseBusy, SchemaMismatch, StorageFull, StorageUnavailable, StoreError, in_our_words


def sqlite_error(name: str, text: str = "") -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(text)
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("SQLITE_CORRUPT", StorageUnavailable),
        ("SQLITE_CORRUPT_INDEX", StorageUnavailable),
        ("SQLITE_NOTADB", StorageUnavailable),
        ("SQLITE_CANTOPEN_ISDIR", StorageUnavailable),
        ("SQLITE_IOERR_READ", StorageUnavailable),
        ("SQLITE_PROTOCOL", StorageUnavailable),
        ("SQLITE_BUSY", DatabaseBusy),
        ("SQLITE_FULL", StorageFull),
        ("SQLITE_CONSTRAINT_UNIQUE", None),
        ("SQLITE_ERROR", None),
    ],
)
def test_sqlite_by_its_codes(code: str, ours: type[StoreError] | None) -> None:
    said = in_our_words(DatabaseError("", {}, sqlite_error(code, "near SELECT: syntax error")))
    assert type(said) is (ours or type(None))


def test_a_table_that_is_missing_is_another_schema() -> None:
    error = OperationalError("", {}, sqlite_error("SQLITE_ERROR", "no such table: cases"))
    assert isinstance(in_our_words(error), SchemaMismatch)


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (InterfaceError("", {}, psycopg.InterfaceError("the connection is closed")), StorageUnavailable),
        (OperationalError("", {}, psycopg.OperationalError("connection refused")), StorageUnavailable),
        (OperationalError("", {}, psycopg.errors.AdminShutdown("stopping")), StorageUnavailable),
        (DBAPIError("", {}, psycopg.errors.IdleInTransactionSessionTimeout("too long")), StorageUnavailable),
        (DBAPIError("", {}, psycopg.errors.DataCorrupted("a page")), StorageUnavailable),
        (DBAPIError("", {}, psycopg.errors.SyntaxError("SELEKT")), None),
        (InterfaceError("", {}, sqlite3.InterfaceError("bad parameter")), None),
    ],
)
def test_postgresql_and_what_is_a_mistake_of_ours(error: DBAPIError, ours: type[StoreError] | None) -> None:
    assert type(in_our_words(error)) is (ours or type(None))
