"""Holding back what leaves the house, as after a restore, and letting it go."""

from __future__ import annotations

from engine import access, journal, regions
from engine.access import Actor
from store import outbox
from store.database import Database, Transaction


def release(db: Database, region: str, *, by: Actor) -> int | None:
    """Let mails and events leave again; answers how many wait, or None when nothing was held. Raises `Forbidden`."""
    with db.transaction() as tx:
        by = _require_operator(tx, region, by)
        if not outbox.is_held(tx):
            return None
        outbox.release(tx)
        waiting = outbox.count_waiting(tx)
        journal.region(tx, region, "outgoing.released", by, {"waiting": waiting})
        return waiting


def hold(db: Database, region: str, *, by: Actor) -> bool:
    """Keep mails and events here from now on; False when they were held already. Raises `Forbidden`."""
    with db.transaction() as tx:
        by = _require_operator(tx, region, by)
        if outbox.is_held(tx):
            return False
        outbox.hold(tx)
        journal.region(tx, region, "outgoing.held", by, {"waiting": outbox.count_waiting(tx)})
        return True


def _require_operator(tx: Transaction, region: str, by: Actor) -> Actor:
    return access.require(tx, by, "outgoing.release", region=region, timezone=regions.load(region).timezone)
