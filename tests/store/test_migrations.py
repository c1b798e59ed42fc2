"""The schema that the migrations make is the one that the tables describe, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from store.database import Database
from store.errors import SchemaMismatch
from store.migrations import current, newest, require_current, upgrade
from store.tables import metadata


def test_nothing_is_left_to_migrate(db: Database) -> None:
    with db.schema() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_upgrading_again_changes_nothing(db: Database) -> None:
    upgrade(db)
    assert current(db) == newest()
    require_current(db)


def test_an_empty_database_is_refused_in_one_line(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/empty.sqlite3")
    with pytest.raises(SchemaMismatch, match=r"^Databasens schema är tomt, men .*db upgrade$"):
        require_current(db)
    upgrade(db)
    require_current(db)


def test_a_newer_database_is_refused(db: Database) -> None:
    with db.schema() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaMismatch, match="9999"):
        require_current(db)
    with db.schema() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest()})
