"""Sends what the outbox holds: claim under a lease, sign, POST outside any transaction, record how it went.

Each endpoint has a line of its own, and mail has one: a receiver that hangs holds up its own line and no other. Any
number of senders may run. One that dies between sending and recording leaves its lease behind; when that runs out,
another sends again, under the same id.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from engine.events import UNDELIVERED, arrived
from store import incidents, outbox, webhooks
from store.database import Database, Transaction
from store.errors import StorageUnavailable
from store.outbox import Outgoing
from store.webhooks import Endpoint
from webhooks import events, mail, patience, signing
from webhooks.errors import BadAddress, BadSecret, NotSent, Sealed
from webhooks.mail import MailServer
from webhooks.outbound import Answer, Outbound
from webhooks.vault import Vault

log = logging.getLogger("kunskapsflode.sender")

BATCH = 5
"""Events claimed at a time: five that take ten seconds each still end within the lease."""
LINES = 32
"""How many receivers are sent to at the same time."""
EXCERPT = 500

GONE = 410
DOWN = frozenset((429, 502, 503, 504))
"""Answers that speak of the receiver and not of the event."""

MAIL = "mail"


@dataclass
class Sender:
    """Where the lines start from. `round()` is called often, and never waits for a receiver."""

    db: Database
    outbound: Outbound
    base_url: str
    mail_server: MailServer | None = None
    """None where no mail is sent: then mails stay in the outbox."""
    vault: Vault = field(default_factory=Vault)
    _lines: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(LINES, "sender"), repr=False)
    _busy: set[str] = field(default_factory=set, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _stopping: threading.Event = field(default_factory=threading.Event, repr=False)

    def round(self) -> None:
        """Start a line for each receiver that something is due to and that has none running here."""
        for line in self.due():
            with self._lock:
                if line not in self._busy and not self._stopping.is_set():
                    self._busy.add(line)
                    self._lines.submit(self._run, line)

    def drain(self) -> None:
        """Send what is due now, one line after the other, and come back when it is done."""
        for line in self.due():
            self.send(line)

    def stop(self) -> None:
        """Let each line end what it is sending, and start nothing more."""
        self._stopping.set()
        self._lines.shutdown(wait=True, cancel_futures=True)

    def due(self) -> list[str]:
        """Ids of the endpoints that something is due to, and `mail`."""
        with self.db.read() as reader:
            if outbox.is_held(reader):
                return []
            lines = [each for each in webhooks.awake(reader) if outbox.events_are_due(reader, each)]
            return [MAIL, *lines] if self.mail_server and outbox.mail_is_due(reader) else lines

    def send(self, line: str) -> None:
        """One line, until nothing more is due in it or its receiver does not answer."""
        if line == MAIL and self.mail_server is not None:
            mail.send(self.db, self.mail_server, self.base_url, self._stopping.is_set)
        elif line != MAIL:
            _Line(self.db, self.outbound, self.base_url, self.vault, line, self._stopping.is_set).run()

    def _run(self, line: str) -> None:
        try:
            self.send(line)
        except StorageUnavailable as error:
            log.warning("%s", error)
        except Exception:
            log.exception("The line to %s broke; it is tried again at the next round.", line)
        finally:
            with self._lock:
                self._busy.discard(line)


@dataclass(frozen=True)
class _Tried:
    """How an attempt went: an answer, or why there was none."""

    answer: Answer | None
    says: str
    milliseconds: int

    @property
    def status(self) -> int | None:
        return self.answer.status if self.answer else None

    @property
    def accepted(self) -> bool:
        return self.answer is not None and 200 <= self.answer.status < 300

    @property
    def is_down(self) -> bool:
        return self.answer is None or self.answer.status in DOWN

    @property
    def retry_after(self) -> str:
        return self.answer.retry_after if self.answer else ""


@dataclass
class _Line:
    """What is due to one endpoint."""

    db: Database
    outbound: Outbound
    base_url: str
    vault: Vault
    endpoint_id: str
    stopping: Callable[[], bool]
    arrived: bool = False
    """Something has, since the line started."""
    endpoint: Endpoint = field(init=False)
    secret: str = field(init=False, repr=False)

    def run(self) -> None:
        """Send what is due, batch by batch, as long as the receiver answers."""
        goes_on = True
        while goes_on and not self.stopping() and (batch := self._claimed()):
            while goes_on and batch:
                out = batch.pop(0)
                goes_on = self._recorded(out, self._tried(out)) and not self.stopping()
            if batch:
                with self.db.transaction() as tx:
                    outbox.put_back(tx, batch)

    def _claimed(self) -> list[Outgoing]:
        with self.db.transaction() as tx:
            endpoint = webhooks.find(tx, self.endpoint_id)
            if endpoint is None or endpoint.disabled_at or outbox.is_held(tx):
                return []
            self.endpoint = endpoint
            self.secret = webhooks.secret_of(tx, endpoint.id)
            self.now = tx.now
            return outbox.claim_events(tx, endpoint.id, BATCH)

    def _tried(self, out: Outgoing) -> _Tried:
        started = time.monotonic()
        answer, says = None, ""
        try:
            body = events.body(out, self.base_url)
            signed = signing.headers(self.vault.open(self.secret), out.id, self.now, body)
            answer = self.outbound.post(self.endpoint.url, body, {"Content-Type": events.CONTENT_TYPE, **signed})
            says = answer.text
        except (NotSent, BadAddress, BadSecret, Sealed) as error:
            says = str(error)
        return _Tried(answer, _excerpt(says), int((time.monotonic() - started) * 1000))

    def _recorded(self, out: Outgoing, tried: _Tried) -> bool:
        """Note how it went; whether the line may go on."""
        with self.db.transaction() as tx:
            self.now = tx.now
            webhooks.note(tx, out.id, self.endpoint.id, out.attempts, tried.status, tried.says, tried.milliseconds)
            tx.after_commit(lambda: _log(out, self.endpoint, tried))
            if tried.status == GONE:
                return self._shut_off(tx, f"{self.endpoint.host} vill inte ha fler händelser (410).")
            if tried.is_down:
                return self._is_down(tx, out, tried)
            self._is_up(tx)
            if tried.accepted:
                outbox.sent(tx, out)
                self._has_arrived(tx, out)
            else:
                self._was_refused(tx, out, tried)
            return True

    def _has_arrived(self, tx: Transaction, out: Outgoing) -> None:
        """The first that arrives ends what was told of its receiver; one that was tried before, what was told of it."""
        if out.attempts > 1 or not self.arrived:
            arrived(tx, out.id, self.endpoint.id)
            self.arrived = True

    def _is_up(self, tx: Transaction) -> None:
        if self.endpoint.failures:
            webhooks.answered(tx, self.endpoint.id)

    def _is_down(self, tx: Transaction, out: Outgoing, tried: _Tried) -> bool:
        """The receiver rests. The event waits at least as long, for it may be what the receiver does not bear."""
        endpoint = webhooks.find(tx, self.endpoint.id) or self.endpoint
        since = endpoint.failing_since or tx.now
        until = patience.again(endpoint.id, endpoint.failures + 1, since, tx.now, tried.retry_after)
        if until is None:
            return self._shut_off(tx, f"{self.endpoint.host} har inte svarat på tre dygn.")
        webhooks.failed(tx, endpoint, until)
        self._waits(tx, out, tried, until)
        return False

    def _was_refused(self, tx: Transaction, out: Outgoing, tried: _Tried) -> None:
        """The receiver is there but did not take this event: later events of its case wait for it, no others."""
        self._waits(tx, out, tried, tx.now)

    def _waits(self, tx: Transaction, out: Outgoing, tried: _Tried, until: datetime) -> None:
        again = patience.again(out.id, out.attempts, out.created_at, tx.now, tried.retry_after)
        if outbox.failed(tx, out, _reason(tried), again and max(again, until)) and again is None:
            message = f"{self.endpoint.host} har inte tagit emot {out.name} på tre dygn: {_reason(tried)}"
            _report(tx, out.region, out.id, out.name, message)

    def _shut_off(self, tx: Transaction, why: str) -> bool:
        if webhooks.disable(tx, self.endpoint.id, why):
            failed = outbox.give_up(tx, self.endpoint.id, why)
            missed = "1 händelse" if failed == 1 else f"{failed} händelser"
            message = f"{why} Mottagaren är avstängd, och {missed} har inte nått fram."
            _report(tx, self.endpoint.region, self.endpoint.id, "webhook", message)
        return False


def _report(tx: Transaction, region: str, id: str, what: str, message: str) -> None:
    incidents.report(tx, region, None, id, element=what, process="", rule=UNDELIVERED, message=message)


def _log(out: Outgoing, to: Endpoint, tried: _Tried) -> None:
    about = {"delivery": out.id, "endpoint": to.id, "about": out.name, "case": out.case_id, "attempt": out.attempts}
    log.info("delivery", extra={**about, "status": tried.status or "unreachable", "ms": tried.milliseconds})


def _reason(tried: _Tried) -> str:
    return f"Svar {tried.status}." if tried.status else tried.says


def _excerpt(text: str) -> str:
    """What may be stored and shown of a text from outside."""
    return "".join(mark if mark.isprintable() else " " for mark in text[:EXCERPT]).strip()
