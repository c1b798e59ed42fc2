"""The world outside the demo: a post office that delivers all but one address, and an archive that hears of events.

Nothing leaves the machine: what is sent here is only marked as sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine import events
from store import incidents, outbox, webhooks
from store.database import Database
from webhooks import signing
from webhooks.outbound import Answer, Outbound
from webhooks.sending import Sender
from webhooks.vault import Vault

ARCHIVE = "https://arkiv.example.se/handelser"
HEARS = ("task.completed", "process_instance.started", "process_instance.completed", "document.registered")
REFUSED = "Mottagarens e-postserver svarade: adressen finns inte (550)."


def found_archive(db: Database, region: str) -> None:
    """From now on the archive hears of what is done."""
    with db.transaction() as tx:
        webhooks.add(tx, region, ARCHIVE, HEARS, Vault().seal(signing.new_secret()))


@dataclass(frozen=True)
class Archive(Outbound):
    """Answers as the archive would, without asking it."""

    closed: bool = False

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        return Answer(410, text="Adressen är flyttad.") if self.closed else Answer(204)


def deliver_events(db: Database, *, closed: bool) -> None:
    """The archive hears of what has happened, or has closed and says so."""
    Sender(db, Archive(closed=closed), "").drain()


def deliver_mail(db: Database, unreached: str) -> None:
    """Every letter arrives, but those to one person: that is told to operations once."""
    with db.transaction() as tx:
        for each in outbox.claim_mail(tx, limit=1000):
            if each.recipient != unreached:
                outbox.sent(tx, each)
            elif outbox.failed(tx, each, REFUSED, None):
                about = {"element": each.name, "process": "", "rule": events.UNREACHED, "message": REFUSED}
                incidents.report(tx, each.region, None, unreached, **about)
