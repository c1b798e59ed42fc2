"""Back-ups: what comes back is what was there, held; what cannot be used leaves the database as empty as it was."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from store import backup, cases, history, outbox, seals, verifying
from store.backup import archive
from store.database import Database, SteppedClock
from store.errors import (
    BackupError,
    Damaged,
    FileExists,
    HistoryBroken,
    NotABackup,
    NotEmpty,
    NotFitting,
    ProgramFailed,
    ProgramMissing,
)
from store.history import Note
from tests import postgres
from tests.long.tables import changed, contents
from tests.store import given

PROGRAMS = str(postgres.programs())


@pytest.fixture
def lived(db: Database) -> Database:
    """A database with a case, some history, a seal and something to send."""
    with db.transaction() as tx:
        case = given.case(tx)
        given.task(tx, case)
        history.append(tx, case.id, "jh", [Note("started"), Note("ready", details={"för": "Åsa"})])
        seals.seal(tx)
        history.append(tx, case.id, "jh", [Note("completed")])
        outbox.enqueue(tx, "jh", "mail", "taskAssigned", {}, case_id=case.id, recipient="lo")
    return db


@pytest.fixture
def empty(db: Database, clock: SteppedClock, tmp_path: Path) -> Iterator[Database]:
    """A machine with nothing on it."""
    if db.is_sqlite:
        found = Database(f"sqlite:///{tmp_path}/another/empty.sqlite3", clock)
        (tmp_path / "another").mkdir()
        yield found
        found.close()
    else:
        with postgres.another(db.url.set(drivername="postgresql").render_as_string(hide_password=False)) as address:
            found = Database(address, clock)
            yield found
            found.close()


@pytest.fixture
def file(lived: Database, tmp_path: Path) -> Path:
    path = tmp_path / "copy.kfb"
    backup.write(lived, path, PROGRAMS)
    return path


def restore(empty: Database, file: Path, **more: bool) -> backup.Restored:
    return backup.restore(empty, file, "jh", PROGRAMS, **more)


def is_empty(db: Database) -> bool:
    with db.schema() as connection:
        return not inspect(connection).get_table_names()


def test_all_comes_back_and_nothing_leaves(lived: Database, empty: Database, tmp_path: Path) -> None:
    before = contents(lived)
    manifest = backup.write(lived, tmp_path / "copy.kfb", PROGRAMS)
    found = restore(empty, tmp_path / "copy.kfb")
    assert set(changed(before, contents(empty))) == {"settings", "history", "history_heads"}
    with empty.read() as reader:
        assert outbox.is_held(reader)
        assert [each.name for each in outbox.waiting(reader)] == ["taskAssigned"]
        [told] = history.read(reader, "region:jh")
        assert list(verifying.verify(reader)) == []
    assert (told.what, told.details) == (
        "restored",
        {"taken": "2026-02-16T07:00:00.000000Z", "version": manifest.version, "sha256": manifest.sha256}
        | {"held": 1, "faults": 0},
    )
    assert (found.waiting, found.faults) == (1, [])
    assert manifest.chains["rows"] == 3


def test_a_backup_overwrites_nothing(file: Path, lived: Database, tmp_path: Path) -> None:
    with pytest.raises(FileExists, match="finns redan"):
        backup.write(lived, file, PROGRAMS)
    with pytest.raises(FileExists, match=r"Mappen .* finns inte"):
        backup.write(lived, tmp_path / "nowhere" / "copy.kfb", PROGRAMS)
    assert sorted(each.name for each in tmp_path.iterdir() if each.name.startswith(".")) == []
    assert file.stat().st_mode & 0o077 == 0


def test_a_restore_overwrites_nothing(file: Path, lived: Database) -> None:
    before = contents(lived)
    with pytest.raises(NotEmpty):
        restore(lived, file)
    assert changed(before, contents(lived)) == []


def test_a_file_that_was_damaged_or_cut_leaves_the_database_empty(file: Path, empty: Database, tmp_path: Path) -> None:
    whole, broken = file.read_bytes(), tmp_path / "broken.kfb"
    step = max(1, len(whole) // 30)
    for place in range(0, len(whole), step):
        broken.write_bytes(whole[:place])
        with pytest.raises((NotABackup, Damaged)):
            restore(empty, broken)
    assert is_empty(empty)


def test_a_byte_that_was_changed_is_seen_unless_it_says_nothing(file: Path, tmp_path: Path) -> None:
    """Some bytes of an archive are padding, or the hour it was packed: then what comes out is what went in."""
    whole, broken = file.read_bytes(), tmp_path / "broken.kfb"
    manifest, payload = archive.unpack(file, tmp_path)
    content, refused = payload.read_bytes(), 0
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        broken.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            found, payload = archive.unpack(broken, tmp_path)
            assert (found, payload.read_bytes()) == (manifest, content)
        except BackupError:
            refused += 1
    assert refused > 45


def test_a_file_of_something_else_is_refused(empty: Database, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.kfb"
    for content in (b"", b"Hej", b"PK\x03\x04" + b"\0" * 100):
        foreign.write_bytes(content)
        with pytest.raises(NotABackup):
            restore(empty, foreign)
    with zipfile.ZipFile(foreign, "w") as written:
        written.writestr("brev.txt", "Hej")
    with pytest.raises(NotABackup, match="ingen säkerhetskopia"):
        restore(empty, foreign)
    with pytest.raises(NotABackup, match="går inte att läsa"):
        restore(empty, tmp_path / "missing.kfb")
    assert is_empty(empty)


@pytest.mark.parametrize(
    ("said", "raises", "told"),
    [
        ({"database": "oracle"}, NotFitting, "av oracle, men databasen är"),
        ({"schema": "9999"}, NotFitting, "schema 9999 .* nyare"),
        ({"format": 7}, NotABackup, "formatet 7"),
        ({"bytes": 1}, Damaged, "kontrollsumma"),
        ({"sha256": "0" * 64}, Damaged, "kontrollsumma"),
        ({"taken": 5}, NotABackup, "ingen säkerhetskopia"),
        ({"payload": "../../etc/passwd"}, NotABackup, "ingen säkerhetskopia"),
        ({"chains": {}}, HistoryBroken, "slutar inte som när säkerhetskopian togs"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    file: Path, empty: Database, tmp_path: Path, said: dict[str, object], raises: type[Exception], told: str
) -> None:
    with pytest.raises(raises, match=told):
        restore(empty, rewritten(file, tmp_path / "changed.kfb", said))
    assert is_empty(empty)


def rewritten(file: Path, to: Path, said: dict[str, object]) -> Path:
    """The same back-up with another manifest."""
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(to, "w") as new:
        manifest = json.loads(old.read("manifest.json"))
        new.writestr(manifest["payload"], old.read(manifest["payload"]))
        new.writestr("manifest.json", json.dumps(manifest | said))
    return to


def test_a_history_that_was_changed_is_refused_unless_accepted(
    lived: Database, empty: Database, tmp_path: Path
) -> None:
    with lived.transaction() as tx:
        tx.execute(text("UPDATE history SET what = 'cancelled' WHERE what = 'completed'"))
    file = tmp_path / "copy.kfb"
    backup.write(lived, file, PROGRAMS)
    with pytest.raises(HistoryBroken, match="Rad 3 är ändrad"):
        restore(empty, file)
    assert is_empty(empty)
    found = restore(empty, file, accept_broken_history=True)
    assert [each.seq for each in found.faults] == [3]
    with empty.read() as reader:
        assert outbox.is_held(reader)


def test_a_restore_that_stops_half_way_can_be_made_again(
    file: Path, empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "hold", lambda tx: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            restore(empty, file)
    assert is_empty(empty)
    restore(empty, file)
    with empty.read() as reader:
        assert len(cases.listed(reader, "jh")) == 1


def test_programs_that_are_missing_or_too_old_are_named(postgresql_only: Database, tmp_path: Path) -> None:
    with pytest.raises(ProgramMissing, match=r"pg_dump finns inte .*apt-get install.*KF_POSTGRESQL_PROGRAMS"):
        backup.write(postgresql_only, tmp_path / "copy.kfb", str(tmp_path))
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o755)
    with pytest.raises(ProgramMissing, match=r"är version 9, men servern är PostgreSQL \d+"):
        backup.write(postgresql_only, tmp_path / "copy.kfb", str(tmp_path))
    old.write_text(
        "#!/bin/sh\necho 'pg_dump (PostgreSQL) 99.1'\ncase $1 in --version) ;; *) echo nej >&2; exit 3 ;; esac"
    )
    with pytest.raises(ProgramFailed, match="nej"):
        backup.write(postgresql_only, tmp_path / "copy.kfb", str(tmp_path))
    assert not (tmp_path / "copy.kfb").exists()
