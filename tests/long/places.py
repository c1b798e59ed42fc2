"""Where the servers of the long tests find something to do."""

from __future__ import annotations

from engine import live, tokens
from engine.access import SYSTEM
from store import clock as clock_rows
from store.database import Database, SteppedClock
from store.migrations import upgrade
from tests.conftest import START
from tests.engine.town import settle
from tests.long.test_kills import five_tasks
from web.api.scopes import SCOPES


def furnished(url: str) -> tuple[Database, str]:
    """A database with a town and its process, and the token of the coordinator."""
    live.forget()
    upgrade(Database(url))
    clock = SteppedClock(START)
    town = settle(Database(url, clock), clock)
    town.deploy(five_tasks())
    _, secret = tokens.add(town.db, town.keys["Sam"], "prov", tuple(SCOPES), by=SYSTEM)
    town.db.close()
    db = Database(url)
    with db.transaction() as tx:
        clock_rows.set_to(tx, START)
    return db, secret
