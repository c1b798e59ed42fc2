"""Log-ins: server-side sessions that can be revoked, and the attempts that throttling counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text, bindparam, delete, func, or_, select, update

from store import secrets
from store.columns import Instant, as_row, metadata, new_id
from store.database import Reader, Transaction

sessions = Table(
    "sessions",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("person", ForeignKey("persons.key"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("issuer", Text),
    Index(None, "person"),
    Index(None, "expires_at"),
)

attempts = Table(
    "login_attempts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("username", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("succeeded", Boolean, nullable=False),
    Index(None, "username", "at"),
    Index(None, "address", "at"),
)


@dataclass(frozen=True, slots=True)
class Session:
    hash: str
    person: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    issuer: str | None
    """The log-in service that let the person in; None when it was a password of ours."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Failed attempts to log in."""

    together: int
    """For one user name from one address."""
    latest: datetime | None
    """The last one of those."""
    from_address: int
    """From the address, whatever the user name."""


_FIND = select(sessions).where(
    sessions.c.hash == bindparam("hash"),
    sessions.c.revoked_at.is_(None),
    sessions.c.expires_at > bindparam("now", type_=Instant),
)
_REVOKE = update(sessions).where(sessions.c.revoked_at.is_(None)).values(revoked_at=bindparam("now"))
_FAILED = (
    select(func.count())
    .select_from(attempts)
    .where(~attempts.c.succeeded, attempts.c.at > bindparam("since", type_=Instant))
)
_FAILED_ADDRESS = _FAILED.where(attempts.c.address == bindparam("address"))
_FAILED_PAIR = (
    select(func.count().label("together"), func.max(attempts.c.at, type_=Instant).label("latest"))
    .where(~attempts.c.succeeded, attempts.c.at > bindparam("since", type_=Instant))
    .where(attempts.c.username == bindparam("username"), attempts.c.address == bindparam("address"))
)


def start(tx: Transaction, person: str, lasts: timedelta, issuer: str | None = None) -> str:
    """A new session; answers with its secret id, which is kept nowhere here."""
    secret = secrets.fresh()
    session = Session(secrets.hash(secret), person, tx.now, tx.now, tx.now + lasts, None, issuer)
    tx.insert(sessions, as_row(session))
    return secret


def find(reader: Reader, secret: str) -> Session | None:
    """The session when it is neither revoked nor expired."""
    return reader.find(_FIND, Session, {"hash": secrets.hash(secret), "now": reader.now})


def revoke(tx: Transaction, secret: str) -> None:
    tx.execute(_REVOKE.where(sessions.c.hash == secrets.hash(secret)), {"now": tx.now})


def revoke_all(tx: Transaction, person: str) -> None:
    """Log a person out everywhere."""
    tx.execute(_REVOKE.where(sessions.c.person == person), {"now": tx.now})


def note_attempt(tx: Transaction, username: str, address: str, succeeded: bool) -> None:
    tx.insert(
        attempts,
        {"id": new_id(), "username": username, "address": address, "at": tx.now, "succeeded": succeeded},
    )


def attempts_since(reader: Reader, username: str, address: str, since: datetime) -> Attempts:
    """What throttling goes by: an account is never closed to the whole world, only to an address that guesses."""
    pair = {"username": username, "address": address, "since": since}
    from_address = reader.scalar(_FAILED_ADDRESS, {"address": address, "since": since})
    found = reader.find(_FAILED_PAIR, partial(Attempts, from_address=from_address), pair)
    return found or Attempts(0, None, from_address)


def sweep(tx: Transaction, before: datetime) -> int:
    """Remove sessions that ended, and attempts that were made, before a moment; answers how many."""
    ended = or_(sessions.c.expires_at < before, sessions.c.revoked_at < before)
    gone = tx.execute(delete(sessions).where(ended)).rowcount
    return gone + tx.execute(delete(attempts).where(attempts.c.at < before)).rowcount
