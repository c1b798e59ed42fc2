"""The clock: APScheduler calls the moves that time makes. It decides nothing itself; any number of these may run.

The jobs live in memory and carry no state: what is due stands in the database. A run that comes late is made once
(`coalesce`), never at the same time as itself (`max_instances`), and never dropped for being late.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler

from engine import clock
from store import seals, settings
from store.database import Database
from store.errors import StorageUnavailable

log = logging.getLogger("kunskapsflode.clock")

SEAL_SECONDS = 3600
HEARTBEAT = "clock.heartbeat"
"""Key of the setting that holds when the clock last looked."""


def start(db: Database, seconds: int) -> BackgroundScheduler:
    """Start the jobs in a thread of their own; `shutdown()` on what is returned stops them."""
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    )
    scheduler.add_job(_patiently(tick), "interval", [db], seconds=seconds, id="tick")
    scheduler.add_job(_patiently(seal), "interval", [db], seconds=SEAL_SECONDS, id="seal")
    scheduler.start()
    return scheduler


def run(db: Database, seconds: int) -> None:
    """The clock alone, until it is told to stop (SIGTERM, or Ctrl+C)."""
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    scheduler = start(db, seconds)
    stop.wait()
    scheduler.shutdown()


def tick(db: Database) -> None:
    """Let what is due happen, and leave a sign of life."""
    clock.tick(db)
    with db.transaction() as tx:
        settings.put(tx, HEARTBEAT, tx.now.isoformat())


def seal(db: Database) -> None:
    """Seal the heads of all history chains."""
    with db.transaction() as tx:
        seals.seal(tx)


def _patiently(job: Callable[[Database], None]) -> Callable[[Database], None]:
    """A database that is away for a while is waited for, not died of."""

    def attempt(db: Database) -> None:
        try:
            job(db)
        except StorageUnavailable as error:
            log.warning("%s", error)

    return attempt
