"""What can go wrong in the memory. Each class is a sentence; its text is Swedish and may be shown to people."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class StoreError(Exception):
    """Something about the database. `str(error)` is a sentence for people."""

    sentence = "Något gick fel i databasen."

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or self.sentence)


class StorageUnavailable(StoreError):
    """The database cannot be reached or read. Nothing was changed; trying later may help."""

    sentence = "Databasen går inte att nå just nu. Inget har ändrats. Försök igen om en stund."


class DatabaseBusy(StorageUnavailable):
    """Someone else held what this transaction needed for too long. Nothing was changed; try again."""

    sentence = "Databasen är upptagen. Inget har ändrats. Försök igen om en stund."


class StorageFull(StorageUnavailable):
    """There is no room left, or the disk is read-only. Nothing was changed."""

    sentence = "Det går inte att spara: lagringsutrymmet är fullt eller skrivskyddat. Inget har ändrats."


class OutcomeUnknown(StorageUnavailable):
    """The connection was lost while committing: the change may have been kept, or not. Look before trying again."""

    sentence = "Förbindelsen bröts just när ändringen skulle sparas. Titta efter om den finns innan du försöker igen."


class AlreadyInTransaction(StoreError):
    """This thread already has a transaction or a reading open: a move inside a move is a mistake in the code."""

    sentence = "En transaktion är redan öppen i den här tråden."


class HistoryLocked(StoreError):
    """History is written with a key, and this program has none. Nothing was changed."""

    sentence = "Historiken är låst med en nyckel som inte finns i inställningarna (KF_HISTORY_KEY). Inget har ändrats."


class AlreadyLocked(StoreError):
    """History is locked once: doing it again would let in what was written without the key since."""

    sentence = "Historiken är redan låst med nyckeln."


class SchemaMismatch(StoreError):
    """The database has another schema than this code. Shown when starting, then the program ends."""

    sentence = "Databasens schema stämmer inte med programmet. Kör: kunskapsflode db upgrade"


class ClockNotMovable(StoreError):
    """In production nobody moves the clock."""

    sentence = "Klockan går inte att flytta i drift."


class NotFound(StoreError):
    """There is no such row."""

    sentence = "Det som söktes finns inte."


class AlreadyTaken(StoreError):
    """Something that may exist once exists already: a start key, a user name."""

    sentence = "Det finns redan."


class BackupError(StoreError):
    """A back-up could not be taken or restored. Nothing was changed."""


class FileExists(BackupError):
    """There is a file of that name already, or no folder for it."""


class ProgramMissing(BackupError):
    """A program of PostgreSQL's own is not installed, or too old for the server."""


class ProgramFailed(BackupError):
    """A program of PostgreSQL's own gave up; what it said follows."""


class NotABackup(BackupError):
    """The file is something else, or was cut."""

    sentence = "Filen är ingen säkerhetskopia av Kunskapsflöde."


class Damaged(BackupError):
    """The content is not what the manifest says."""

    sentence = "Säkerhetskopian är skadad: innehållet stämmer inte med dess egen kontrollsumma. Inget har lästs in."


class NotFitting(BackupError):
    """The back-up is of another kind of database, or newer than this program."""


class NotEmpty(BackupError):
    """A back-up is restored into an empty database and nowhere else."""

    sentence = "Databasen är inte tom. Återställ till en ny, tom databas: inget skrivs över."


class HistoryBroken(BackupError):
    """The history in the back-up is not what was written."""

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"Historiken i säkerhetskopian är inte den som skrevs. {fault} Inget har lästs in. "
            "Läs in ändå med --accept-broken-history."
        )


# What the drivers say, in our words --------------------------------------------------------------------------------

_AWAY = {
    "SQLITE_CORRUPT",
    "SQLITE_NOTADB",
    "SQLITE_CANTOPEN",
    "SQLITE_IOERR",
    "SQLITE_PROTOCOL",
    "25P03",
    "XX001",
    "XX002",
}
"""What the drivers do not call operational though it is: a file that is damaged or gone, a session that was ended."""
_BUSY = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_BUSY_SNAPSHOT", "40001", "40P01", "55P03", "53300"}
_FULL = {"SQLITE_FULL", "SQLITE_READONLY", "SQLITE_READONLY_DBMOVED", "53100", "25006"}
_SCHEMA = {"42P01", "42703"}


@contextmanager
def spoken() -> Iterator[None]:
    """What the driver says inside this block comes out in our words."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        ours = in_our_words(error)
        if ours is None:
            raise
        raise ours from error


def in_our_words(error: Exception) -> StoreError | None:
    """The storage failure behind a driver's error; None when it is not the storage that failed."""
    if isinstance(error, PoolTimeout):
        return DatabaseBusy()
    cause = getattr(error, "orig", None)
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    if code in _BUSY:
        return DatabaseBusy()
    if code in _FULL:
        return StorageFull()
    if code in _SCHEMA or (code == "SQLITE_ERROR" and "no such" in str(cause)):
        return SchemaMismatch()
    if _is_away(error, str(code)) and code != "SQLITE_ERROR":
        return StorageUnavailable()
    return None


def _is_away(error: Exception, code: str) -> bool:
    # SQLite's codes have longer forms: SQLITE_CORRUPT_VTAB, SQLITE_IOERR_READ ...
    family = "_".join(code.split("_")[:2])
    # A lost server comes as InterfaceError; from SQLite that word means a mistake of ours.
    lost = isinstance(error, InterfaceError) and not isinstance(error.orig, sqlite3.Error)
    return lost or isinstance(error, OperationalError) or family in _AWAY
