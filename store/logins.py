"""Log-ins under way: what is remembered of someone between leaving for the region's log-in service and coming back.

A row is taken out as it is used: an answer counts once, in the browser that asked, before its time is out. Only hashes
of what the browser and the service carry are stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Index, Table, Text, bindparam, delete, select

from store import secrets
from store.columns import Instant, as_row, metadata
from store.database import Transaction

logins = Table(
    "logins",
    metadata,
    Column("state_hash", Text, primary_key=True),
    Column("browser_hash", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index(None, "expires_at"),
)


@dataclass(frozen=True, slots=True)
class Login:
    state_hash: str
    browser_hash: str
    nonce: str
    """What the token must carry."""
    verifier: str
    """What proves to the service that it was we who asked (PKCE)."""
    target: str
    """The page that the person was on their way to."""
    expires_at: datetime


_FIND = select(logins).where(logins.c.state_hash == bindparam("state"), logins.c.browser_hash == bindparam("browser"))


def remember(
    tx: Transaction, state: str, browser: str, *, nonce: str, verifier: str, target: str, lasts: timedelta
) -> None:
    """Keep a log-in that leaves with `state`, from the browser that carries the secret `browser`."""
    login = Login(secrets.hash(state), secrets.hash(browser), nonce, verifier, target, tx.now + lasts)
    tx.insert(logins, as_row(login))


def take(tx: Transaction, state: str, browser: str) -> Login | None:
    """The log-in that left with `state` from this very browser, once; see `expires_at`."""
    found = tx.find(_FIND, Login, {"state": secrets.hash(state), "browser": secrets.hash(browser)})
    if found is None or not tx.execute(delete(logins).where(logins.c.state_hash == found.state_hash)).rowcount:
        return None
    return found


def sweep(tx: Transaction) -> int:
    """Remove the log-ins that were never finished; answers how many."""
    return tx.execute(delete(logins).where(logins.c.expires_at < tx.now)).rowcount
