"""The schema and its steps: every release brings the database from the one before to its own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from store.database import Clock, Database
from store.errors import SchemaMismatch

HERE = Path(__file__).parent


def upgrade(db: Database) -> None:
    """Bring the schema to this code's; nothing happens when it is there already. All steps or none."""
    with db.schema() as connection:
        bring(connection)


def in_memory(clock: Clock) -> Database:
    """A database of its own in memory, at this code's schema."""
    db = Database("sqlite://", clock)
    with db.schema() as connection:
        for statement in _new():
            connection.exec_driver_sql(statement)
    return db


@cache
def _new() -> tuple[str, ...]:
    """What makes an upgraded database of an empty one. Going all the steps takes ten times as long."""
    db = Database("sqlite://")
    upgrade(db)
    with db.schema() as connection:
        lines = tuple(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]
    db.close()
    return tuple(each for each in lines if each not in ("BEGIN TRANSACTION;", "COMMIT;"))


def bring(connection: Connection, to: str = "head") -> None:
    """As `upgrade`, in a transaction that is open already, and to any step."""
    if MigrationContext.configure(connection).get_current_revision() == newest():
        return
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def stamp(connection: Connection, revision: str) -> None:
    """Say that the tables are those of a step."""
    MigrationContext.configure(connection).stamp(ScriptDirectory(str(HERE)), revision)


def knows(revision: str) -> bool:
    """Whether a step is this code's own, or one that it can start from."""
    return revision in {each.revision for each in ScriptDirectory(str(HERE)).walk_revisions()}


def require_current(db: Database) -> None:
    """Raises SchemaMismatch, in one clear line, unless the schema is the one this code was written for."""
    found = current(db)
    if found != newest():
        raise SchemaMismatch(
            f"Databasens schema är {found or 'tomt'}, men programmet behöver {newest()}. Kör: kunskapsflode db upgrade"
        )


def current(db: Database) -> str | None:
    """The step the database stands on; None for an empty one."""
    with db.schema() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def newest() -> str | None:
    """The step this code was written for."""
    return ScriptDirectory(str(HERE)).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    return config
