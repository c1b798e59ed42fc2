"""`python -m store.migrations 0002 "What it is for"`: write the next step from what the tables have become."""

from __future__ import annotations

import sys

from alembic import command

from store.database import Database
from store.migrations import _config, newest, upgrade


def write(revision: str, message: str) -> None:
    """Compare the tables with a database at the newest step, and write the difference to `versions/`."""
    db = Database("sqlite://")
    if newest() is not None:
        upgrade(db)
    with db.schema() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True, rev_id=revision)


if __name__ == "__main__":
    write(*sys.argv[1:])
