"""The databases that releases have left: how one is written, and how it is brought back on either kind of database."""

from __future__ import annotations

import hashlib
import json
import lzma
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, MetaData, text

from store import migrations
from store.database import Database
from tests.promises import house

FOLDER = Path(__file__).parent / "fixtures"
FROZEN = migrations.HERE / "frozen.sha256"


def versions() -> list[str]:
    """Every release that has left a database."""
    return sorted(each.name.removesuffix(".db.xz") for each in FOLDER.glob("*.db.xz"))


def version_now() -> str:
    """The version that would be released today."""
    project: dict[str, Any] = tomllib.loads((house.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])


def said(version: str) -> dict[str, Any]:
    """What was written beside it: `now`, `schema` and `ends`."""
    found: dict[str, Any] = json.loads((FOLDER / f"{version}.json").read_text("utf-8"))
    return found


def keep(version: str, file: Path, beside: dict[str, Any]) -> None:
    """Write a database to the folder, without the room that it does not need."""
    small = file.with_suffix(".small")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("VACUUM INTO ?", (str(small),))
    FOLDER.joinpath(f"{version}.db.xz").write_bytes(lzma.compress(small.read_bytes(), preset=9))
    text_beside = json.dumps(beside, ensure_ascii=False, indent=1)
    FOLDER.joinpath(f"{version}.json").write_text(f"{text_beside}\n", "utf-8")


def steps() -> dict[str, str]:
    """File of each step of the schema -> its sha256."""
    found = sorted((migrations.HERE / "versions").glob("[0-9]*.py"))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def freeze() -> None:
    """From now on no step that there is may change."""
    FROZEN.write_text("".join(f"{digest}  {name}\n" for name, digest in steps().items()), "utf-8")


def frozen() -> dict[str, str]:
    """File of each step that may not change -> its sha256."""
    lines = (line.split() for line in FROZEN.read_text("utf-8").splitlines())
    return {name: digest for digest, name in lines}


def unpack(version: str, to: Path) -> Path:
    """The database as it was released."""
    to.write_bytes(lzma.decompress((FOLDER / f"{version}.db.xz").read_bytes()))
    return to


def copy_rows(file: Path, address: str, schema: str) -> None:
    """The same rows in an empty PostgreSQL database at the schema of that release."""
    db = Database(address)
    with db.schema() as connection:
        migrations.bring(connection, schema)
        kinds = _kinds(connection)
    db.close()
    with closing(sqlite3.connect(file)) as source, psycopg.connect(address) as target:
        source.row_factory = sqlite3.Row
        target.execute("SET session_replication_role = replica")  # parents may come after their children
        for table, columns in kinds.items():
            _copy_table(source, target, table, columns)


def _kinds(connection: Connection) -> dict[str, dict[str, str]]:
    """Table -> column -> its type."""
    found = MetaData()
    found.reflect(connection)
    return {
        table.name: {column.name: str(column.type) for column in table.columns}
        for table in found.sorted_tables
        if table.name != "alembic_version"
    }


def _copy_table(source: sqlite3.Connection, target: psycopg.Connection, table: str, columns: dict[str, str]) -> None:
    rows = source.execute(f'SELECT * FROM "{table}"').fetchall()
    if not rows:
        return
    names = list(rows[0].keys())
    holes = ", ".join("%s" for _ in names)
    listed = ", ".join(f'"{name}"' for name in names)
    insert = f'INSERT INTO "{table}" ({listed}) VALUES ({holes})'
    values = [[_value(row[name], columns[name]) for name in names] for row in rows]
    with target.cursor() as cursor:
        cursor.executemany(insert.encode(), values)


def _value(value: Any, kind: str) -> Any:
    return bool(value) if kind == "BOOLEAN" and value is not None else value


def rows_of(db: Database) -> dict[str, int]:
    """Table -> how many rows."""
    with db.schema() as connection:
        found = MetaData()
        found.reflect(connection)
        return {
            table.name: connection.execute(text(f'SELECT count(*) FROM "{table.name}"')).scalar_one()
            for table in found.sorted_tables
        }
