"""Back-ups: the whole database in one file, taken while the server works, and restored into an empty database.

What is restored is held back from the world: nothing outgoing leaves until an operator releases it, for the house that
the back-up was taken of may have sent it since. Until the last line of a restore is committed no server starts on the
database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, select

from store import history, migrations, outbox, seals, settings, verifying
from store.backup import archive, postgresql, sqlite
from store.backup.archive import Manifest
from store.columns import instant_text
from store.database import Database, Reader, Transaction
from store.errors import HistoryBroken, NotEmpty, NotFitting
from store.figures import BACKUP
from store.history import Note, heads
from store.prepared import Driver
from store.verifying import Fault


@dataclass(frozen=True)
class Restored:
    """What a restore brought back."""

    manifest: Manifest
    waiting: int
    """How many mails and events are held."""
    faults: Sequence[Fault] = ()
    """Where history is not what was written; empty unless that was accepted."""


def write(db: Database, file: Path, programs: str = "") -> Manifest:
    """Take a back-up of one moment to a file that does not exist yet; others go on working meanwhile.

    `programs` is the folder of pg_dump; empty means PATH. Raises FileExists, ProgramMissing, ProgramFailed.
    """
    archive.require_new(file)
    migrations.require_current(db)
    kind = _kind(db)
    with archive.room(file.parent) as room:
        payload = room / kind.PAYLOAD
        with db.read() as reader:
            said = _said(reader)
            kind.copy(db, reader, payload, programs)
        manifest = archive.pack(payload, file, database=kind.NAME, version=version("kunskapsflode"), **said)
    with db.transaction() as tx:
        settings.put(tx, BACKUP, manifest.taken)
    return manifest


def restore(
    db: Database, file: Path, region: str, programs: str = "", *, accept_broken_history: bool = False
) -> Restored:
    """Bring a back-up into an empty database, lift it to this program's schema, and hold what would leave.

    All or nothing. Raises NotEmpty, NotABackup, Damaged, NotFitting, HistoryBroken, ProgramMissing, ProgramFailed.
    """
    _require_empty(db)
    kind = _kind(db)
    with archive.room(kind.beside(db)) as room:
        manifest, payload = archive.unpack(file, room)
        _require_fitting(manifest, kind.NAME)
        landing = _Landing(db, region, manifest, accept_broken_history)
        kind.load(db, payload, programs, landing.touch_down)
    return landing.restored


@dataclass
class _Landing:
    """The last steps of a restore, in one transaction: schema, history, hold, and a row that tells of it."""

    db: Database
    region: str
    manifest: Manifest
    accepting: bool

    def touch_down(self, connection: Connection) -> None:
        migrations.stamp(connection, self.manifest.schema)
        migrations.bring(connection)
        tx = Transaction(Driver(connection), self.db.clock, self.db.keys)
        faults = list(self._faults(tx))
        if faults and not self.accepting:
            raise HistoryBroken(f"Kedja {faults[0].chain}, rad {faults[0].seq}: {faults[0].sentence}")
        outbox.hold(tx)
        self.restored = Restored(self.manifest, outbox.count_waiting(tx), faults)
        history.append(tx, history.of_region(self.region), self.region, [Note("restored", details=self._details())])

    def _faults(self, tx: Transaction) -> Any:
        if _chains(tx) != self.manifest.chains:
            yield Fault("säkerhetskopian", 0, "Kedjorna slutar inte som när säkerhetskopian togs.")
        yield from verifying.verify(tx, self.manifest.seal)

    def _details(self) -> dict[str, Any]:
        told = self.restored
        return {
            "taken": told.manifest.taken,
            "version": told.manifest.version,
            "sha256": told.manifest.sha256,
            "held": told.waiting,
            "faults": len(told.faults),
        }


def _kind(db: Database) -> Any:
    return sqlite if db.is_sqlite else postgresql


def _said(reader: Reader) -> dict[str, Any]:
    """What the manifest says of the content."""
    return {
        "taken": instant_text(reader.now),
        "schema": migrations.newest() or "",
        "chains": _chains(reader),
        "seal": seals.head(reader),
    }


def _chains(reader: Reader) -> dict[str, Any]:
    """Where all chains of history end, as one sum: `chains`, `rows` and the sha256 of every head."""
    found = reader.execute(select(heads.c.chain, heads.c.seq, heads.c.hash)).all()
    digest = hashlib.sha256()
    for chain, seq, hash in sorted(found):
        digest.update(f"{chain} {seq} {hash}\n".encode())
    return {"chains": len(found), "rows": sum(row[1] for row in found), "sha256": digest.hexdigest()}


def _require_empty(db: Database) -> None:
    with db.schema() as connection:
        if inspect(connection).get_table_names():
            raise NotEmpty


def _require_fitting(manifest: Manifest, kind: str) -> None:
    if manifest.database != kind:
        raise NotFitting(f"Säkerhetskopian är av {manifest.database}, men databasen är {kind}.")
    if not migrations.knows(manifest.schema):
        raise NotFitting(
            f"Säkerhetskopian har schema {manifest.schema} och är tagen med version {manifest.version}, som är nyare "
            "än det här programmet. Återställ med den versionen eller en senare."
        )
