"""Calendar addresses: where a person's calendar program fetches their due days. One for each person, until revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Table, Text, bindparam, delete, select

from store import secrets
from store.columns import Instant, as_row, metadata
from store.database import Reader, Transaction

calendars = Table(
    "calendars",
    metadata,
    Column("person", ForeignKey("persons.key"), primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Calendar:
    person: str
    """Person key."""
    hash: str
    made_at: datetime


_OF = select(calendars).where(calendars.c.person == bindparam("of"))
_FIND = select(calendars).where(calendars.c.hash == bindparam("hash"))
_REVOKE = delete(calendars).where(calendars.c.person == bindparam("of"))


def make(tx: Transaction, person: str) -> str:
    """A new address in place of the one before, if any; its secret is kept nowhere here."""
    revoke(tx, person)
    secret = secrets.fresh()
    tx.insert(calendars, as_row(Calendar(person, secrets.hash(secret), tx.now)))
    return secret


def of(reader: Reader, person: str) -> Calendar | None:
    return reader.find(_OF, Calendar, {"of": person})


def find(reader: Reader, secret: str) -> Calendar | None:
    """None when there is no such address, or it was revoked."""
    return reader.find(_FIND, Calendar, {"hash": secrets.hash(secret)})


def revoke(tx: Transaction, person: str) -> bool:
    """False when there was none."""
    return tx.execute(_REVOKE, {"of": person}).rowcount == 1
