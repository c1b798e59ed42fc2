"""What can go wrong in the memory. Each class is a sentence; its text is Swedish and may be shown to people."""

from __future__ import annotations


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


class AlreadyInTransaction(StoreError):
    """This thread already has a transaction or a reading open: a move inside a move is a mistake in the code."""

    sentence = "En transaktion är redan öppen i den här tråden."


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
