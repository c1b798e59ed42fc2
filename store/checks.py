"""Whether a database can be trusted with what is written to it: asked when starting, and by `db check`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import text

from store.database import Database, Reader, RealClock
from store.errors import SchemaMismatch
from store.migrations import require_current

SKEW = timedelta(seconds=30)
"""How much the machine's clock and the database's may differ."""


def check(db: Database, *, deep: bool = False) -> list[str]:
    """What is wrong, as Swedish sentences; empty when all is well. `deep` reads the whole database (SQLite)."""
    try:
        require_current(db)
    except SchemaMismatch as error:
        return [str(error)]
    with db.read() as reader:
        return list(_sqlite(reader, deep) if db.is_sqlite else _postgresql(reader))


def _sqlite(reader: Reader, deep: bool) -> Iterator[str]:
    if _ask(reader, "PRAGMA journal_mode") not in ("wal", "memory"):
        yield "SQLite använder inte WAL: lägg databasen på en lokal disk, inte på en nätverksdisk."
    if _ask(reader, "PRAGMA synchronous") != "2":
        yield "SQLite skriver inte synkront (synchronous=FULL): ett strömavbrott kan förlora det som sparats."
    if _ask(reader, "PRAGMA foreign_keys") != "1":
        yield "SQLite kontrollerar inte främmande nycklar."
    if deep:
        answer = _ask(reader, "PRAGMA integrity_check")
        if answer != "ok":
            yield f"Databasfilen är skadad: {answer}"
        if reader.execute(text("PRAGMA foreign_key_check")).first() is not None:
            yield "Databasen har rader som pekar på något som inte finns."


def _postgresql(reader: Reader) -> Iterator[str]:
    for setting in ("fsync", "full_page_writes"):
        if _ask(reader, f"SHOW {setting}") != "on":
            yield f"PostgreSQL har {setting}=off: ett strömavbrott kan förstöra databasen. Slå på det."
    if _ask(reader, "SHOW synchronous_commit") == "off":
        yield "PostgreSQL har synchronous_commit=off: ett strömavbrott kan förlora det som sparats. Slå på det."
    theirs = reader.execute(text("SELECT clock_timestamp()")).scalar_one()
    if abs(RealClock().now(reader) - theirs) > SKEW:
        yield "Serverns klocka och databasens skiljer sig mer än 30 sekunder."


def _ask(reader: Reader, question: str) -> str:
    return str(reader.execute(text(question)).scalar())
