"""The clock and the sender: APScheduler calls what time makes happen. It decides nothing itself; any number may run.

The jobs live in memory and carry no state: what is due stands in the database. A run that comes late is made once
(`coalesce`), and never dropped for being late. A run that comes while the one before is under way gives way to it
without a word (`_alone`): what it would have done is there for the next.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

from engine import clock, people, printing
from engine.record import audit
from store import documents, logins, messages, receipts, replays, sessions, settings
from store.database import Database
from store.errors import StorageUnavailable
from store.figures import HEARTBEAT
from webhooks.sending import Sender

log = logging.getLogger("kunskapsflode.clock")

SEAL_SECONDS = 3600
SWEEP_SECONDS = 3600
COVER_SECONDS = 900
SEND_SECONDS = 1
PRINT_SECONDS = 2
SESSIONS_KEPT = timedelta(days=30)
"""How long a session that has ended, and an attempt to log in, can be looked into."""

UNSENT_KEPT = timedelta(days=30)
"""How long a file of a start form that was never sent is kept: no such form is still open in anyone's browser."""


def start(db: Database, seconds: int, sender: Sender) -> BackgroundScheduler:
    """Start the jobs in a thread of their own; `shutdown()` on what is returned stops them."""
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"max_instances": 2, "coalesce": True, "misfire_grace_time": None}
    )
    scheduler.add_job(_patiently(tick), "interval", [db], seconds=seconds, id="tick")
    scheduler.add_job(_patiently(audit.seal), "interval", [db], seconds=SEAL_SECONDS, id="seal")
    scheduler.add_job(_patiently(people.cover_ran_out), "interval", [db], seconds=COVER_SECONDS, id="cover")
    scheduler.add_job(_patiently(sweep), "interval", [db], seconds=SWEEP_SECONDS, id="sweep")
    scheduler.add_job(_patiently(Sender.round), "interval", [sender], seconds=SEND_SECONDS, id="send")
    scheduler.add_job(_patiently(printing.print_waiting), "interval", [db], seconds=PRINT_SECONDS, id="print")
    _patiently(beat)(db)
    scheduler.start()
    return scheduler


def stop(scheduler: BackgroundScheduler, sender: Sender) -> None:
    """Let what is under way come to its end."""
    scheduler.shutdown(wait=True)
    sender.stop()


def run(db: Database, seconds: int, sender: Sender) -> None:
    """The clock and the sender alone, until they are told to stop (SIGTERM, or Ctrl+C)."""
    told = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: told.set())
    scheduler = start(db, seconds, sender)
    told.wait()
    stop(scheduler, sender)


def tick(db: Database) -> None:
    """Let what is due happen, and leave a sign of life."""
    done = clock.tick(db)
    if not done.is_idle:
        log.info("tick", extra=asdict(done))
    beat(db)


def beat(db: Database) -> None:
    """A sign of life: for `/ready`, the figures and the doctor."""
    with db.transaction() as tx:
        settings.put(tx, HEARTBEAT, tx.now.isoformat())


def sweep(db: Database) -> None:
    """Forget what nobody may ask for or take any more: answers, early messages, log-ins, files that were never sent."""
    with db.transaction() as tx:
        receipts.sweep(tx)
        replays.sweep(tx)
        messages.sweep(tx)
        logins.sweep(tx)
        sessions.sweep(tx, tx.now - SESSIONS_KEPT)
        documents.sweep(tx, tx.now - UNSENT_KEPT)


def _patiently(job: Callable[[Any], object]) -> Callable[[Any], None]:
    """A database that is away for a while is waited for, not died of."""
    alone = _alone(job)

    def attempt(on: Any) -> None:
        try:
            alone(on)
        except StorageUnavailable as error:
            log.warning("%s", error)

    return attempt


def _alone(job: Callable[[Any], object]) -> Callable[[Any], None]:
    """A job that is never under way twice in one process, however long it takes: setting a pile of documents, say."""
    under_way = threading.Lock()

    def unless_under_way(on: Any) -> None:
        if under_way.acquire(blocking=False):
            try:
                job(on)
            finally:
                under_way.release()

    return unless_under_way
