"""Sends the mails of the outbox over SMTP.

Claiming has recorded the attempt before anything is sent. A letter that is sent twice, because the sender died in
between, has the same Message-ID both times.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage

from engine.events import UNREACHED
from store import incidents, outbox, people
from store.database import Database, Reader, Transaction
from store.outbox import Outgoing
from store.people import Person
from webhooks import letters, patience
from webhooks.errors import Unreachable, Unwritable

log = logging.getLogger("kunskapsflode.sender")

SECONDS = 10.0
BATCH = 5
FRESH = timedelta(days=3)
"""A mail that nobody has tried to send for so long tells of something that is over."""
TOO_OLD = "Brevet var för gammalt när det kunde skickas."
SECURITY = ("starttls", "tls", "none")


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over, and as whom."""

    host: str
    sender: str
    port: int = 587
    security: str = "starttls"
    """`starttls`, `tls` from the first byte, or `none`."""
    user: str = ""
    password: str = field(default="", repr=False)
    seconds: float = SECONDS


def send(db: Database, server: MailServer, base_url: str, stopping: Callable[[], bool] = lambda: False) -> None:
    """Hand over every mail that is due, until the server does not answer."""
    goes_on = True
    while goes_on and not stopping() and (batch := _claimed(db)):
        goes_on = _handed_over(db, server, base_url, batch, stopping)


def _claimed(db: Database) -> list[Outgoing]:
    with db.transaction() as tx:
        return [] if outbox.is_held(tx) else outbox.claim_mail(tx, BATCH)


def _handed_over(
    db: Database, server: MailServer, base_url: str, batch: list[Outgoing], stopping: Callable[[], bool]
) -> bool:
    """One connection for a batch. False when the server did not answer: then the rest waits for the next round."""
    left = list(batch)
    try:
        with _connected(server) as connection:
            while left and not stopping():
                _one(db, server, base_url, connection, left[0])
                left.pop(0)
        return True
    except Unreachable as error:
        with db.transaction() as tx:
            _failed(tx, left.pop(0), str(error))
        return False
    finally:
        if left:
            with db.transaction() as tx:
                outbox.put_back(tx, left)


def _one(db: Database, server: MailServer, base_url: str, connection: smtplib.SMTP, out: Outgoing) -> None:
    """Raises `Unreachable` when the server is what fails; what is wrong with the letter is recorded here."""
    try:
        letter = _written(db, server, base_url, out)
        refused = _accepted(connection, letter) if letter else ""
    except Unwritable as error:
        with db.transaction() as tx:
            _never(tx, out, str(error))
        _log(out, "failed")
        return
    with db.transaction() as tx:
        if letter is None:
            outbox.failed(tx, out, TOO_OLD, None)
        elif refused:
            _failed(tx, out, refused)
        else:
            outbox.sent(tx, out)
            if out.attempts > 1 and out.recipient:
                incidents.resolve_outside(tx, out.recipient, UNREACHED)
    _log(out, "waits" if refused else "sent" if letter else "failed")


def _log(out: Outgoing, how: str) -> None:
    about = {"delivery": out.id, "about": out.name, "case": out.case_id, "person": out.recipient}
    log.info("mail", extra={**about, "attempt": out.attempts, "status": how})


def _written(db: Database, server: MailServer, base_url: str, out: Outgoing) -> EmailMessage | None:
    """None when nobody needs it any more. Raises `Unwritable`."""
    with db.read() as reader:
        if out.attempts == 1 and reader.now - out.created_at > FRESH:
            return None
        to = _addressee(reader, out)
        return letters.compose(reader, out, to, server.sender, base_url)


def _addressee(reader: Reader, out: Outgoing) -> Person:
    """The person, by key; or a function mailbox, by its address."""
    key = out.recipient or ""
    if "@" in key:
        return Person(key, out.region, key, key, active=True, created_at=out.created_at, erased_at=None)
    person = people.find(reader, key)
    if person is None or not person.active:
        raise Unwritable("Mottagaren finns inte längre.")
    if not person.email:
        raise Unwritable(f"{person.name} har ingen e-postadress.")
    return person


def _accepted(connection: smtplib.SMTP, letter: EmailMessage) -> str:
    """Empty when the server has taken it; why not, when it may take it later. Raises `Unwritable`, `Unreachable`."""
    try:
        connection.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        return _refused(code, said)
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        return _refused(error.smtp_code, error.smtp_error)
    except smtplib.SMTPNotSupportedError as error:
        raise Unwritable(f"E-postservern kan inte adressen: {error}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(f"E-postservern slutade svara: {error}") from error
    return ""


def _refused(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    if code >= 500:
        raise Unwritable(f"E-postservern tar inte emot brevet: {code} {text}")
    return f"E-postservern väntar: {code} {text}"


@contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    try:
        connection = _greeted(server)
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(f"E-postservern {server.host} svarar inte: {error}") from error
    try:
        yield connection
    finally:
        connection.close()


def _greeted(server: MailServer) -> smtplib.SMTP:
    secure = ssl.create_default_context()
    if server.security == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=server.seconds, context=secure)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=server.seconds)
    if server.security == "starttls":
        connection.starttls(context=secure)
    if server.user:
        connection.login(server.user, server.password)
    return connection


def _failed(tx: Transaction, out: Outgoing, why: str) -> None:
    """Not now: later, or after three days never."""
    again = patience.again(out.id, out.attempts, out.created_at, tx.now)
    if again is None:
        _never(tx, out, why)
    else:
        outbox.failed(tx, out, why, again)


def _never(tx: Transaction, out: Outgoing, why: str) -> None:
    """One open incident for each person whom mail does not reach, however many mails."""
    if outbox.failed(tx, out, why, None):
        who = out.recipient or out.id
        incidents.report(tx, out.region, None, who, element=out.name, process="", rule=UNREACHED, message=why)
