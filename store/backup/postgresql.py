"""The copy of a PostgreSQL database: by PostgreSQL's own programs, pg_dump and pg_restore.

They must be at least as new as the server. The password goes by the environment, where no other user sees it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, MetaData, text

from store.database import Database, Reader
from store.errors import ProgramFailed, ProgramMissing

NAME = "postgresql"
PAYLOAD = "database.dump"
VERSION_TABLE = "alembic_version"


def beside(db: Database) -> None:
    """The server's disk is elsewhere: the usual place for temporary files."""


def copy(db: Database, reader: Reader, to: Path, programs: str) -> None:
    """A dump of the very moment that this reading sees."""
    dump = _program("pg_dump", programs, reader.connection)
    # The dump may take longer than a transaction is allowed to be idle.
    reader.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    snapshot = reader.scalar(text("SELECT pg_export_snapshot()"))
    _run(db, dump, "--format=custom", f"--snapshot={snapshot}", f"--file={to}", "--no-owner", "--no-privileges")


def load(db: Database, payload: Path, programs: str, land: Callable[[Connection], None]) -> None:
    """Everything but the schema's number, without which no server starts; that comes with the landing."""
    with db.schema() as connection:
        restore = _program("pg_restore", programs, connection)
    wanted = payload.with_name("wanted")
    listed = _run(db, restore, "--list", str(payload), connects=False).splitlines()
    wanted.write_text("\n".join(line for line in listed if f"TABLE DATA public {VERSION_TABLE} " not in line))
    whole = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    _run(db, restore, *whole, f"--use-list={wanted}", str(payload))
    try:
        with db.schema() as connection:
            land(connection)
            connection.execute(text("ANALYZE"))
    except BaseException:
        _empty(db)
        raise


def _empty(db: Database) -> None:
    """As it was before: what was loaded could not be used."""
    with db.schema() as connection:
        found = MetaData()
        found.reflect(connection)
        found.drop_all(connection)


def _program(name: str, folder: str, connection: Connection) -> str:
    """The path of a program that is new enough for the server. Raises ProgramMissing."""
    found = shutil.which(name, path=folder or None)
    if found is None:
        where = f"i {folder}" if folder else "på PATH"
        raise ProgramMissing(
            f"Programmet {name} finns inte {where}. Installera PostgreSQL:s klientprogram (Debian: apt-get install "
            "postgresql-client), eller peka ut mappen med KF_POSTGRESQL_PROGRAMS."
        )
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\) (\d+)", said)
    server = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    if number is None or int(number.group(1)) < server:
        raise ProgramMissing(
            f"{found} är version {number.group(1) if number else 'okänd'}, men servern är PostgreSQL {server}. "
            f"Programmet får inte vara äldre än servern: installera postgresql-client-{server}, eller peka ut mappen "
            "med KF_POSTGRESQL_PROGRAMS."
        )
    return found


def _run(db: Database, program: str, *arguments: str, connects: bool = True) -> str:
    address, password = _address(db)
    environ = {**os.environ, "PGOPTIONS": "", **({"PGPASSWORD": password} if password else {})}
    where = [f"--dbname={address}"] if connects else []
    done = subprocess.run([program, *where, *arguments], capture_output=True, text=True, check=False, env=environ)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["okänt fel"])[-1]
        raise ProgramFailed(f"{Path(program).name} gick inte att köra till slut: {last}")
    return done.stdout


def _address(db: Database) -> tuple[str, str]:
    """The address as libpq writes it, and the password apart."""
    url = db.url
    parts: dict[str, object] = {"host": url.host, "port": url.port, "dbname": url.database, "user": url.username}
    parts |= dict(url.query)
    password = str(parts.pop("password", None) or url.password or "")
    return make_conninfo(**{name: value for name, value in parts.items() if value is not None}), password  # type: ignore[arg-type]
