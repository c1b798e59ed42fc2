"""Who people are at the region's log-in service: its address and its name for them, which never changes.

Names and e-mail addresses change and are given to others in time; the pair of issuer and subject is given to one alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Table, Text, bindparam, delete, select, update

from store.columns import Instant, as_row, metadata
from store.database import Reader, Transaction
from store.errors import AlreadyTaken

identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("person", ForeignKey("persons.key"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant),
    Index(None, "person"),
)


@dataclass(frozen=True, slots=True)
class Identity:
    issuer: str
    subject: str
    person: str
    created_at: datetime
    seen_at: datetime | None
    """The last log-in; None when the identity has been written down and not been used yet."""


_FIND = select(identities).where(identities.c.issuer == bindparam("issuer"), identities.c.subject == bindparam("of"))
_OF = select(identities.c.subject).where(identities.c.person == bindparam("person"))
_SEEN = (
    update(identities)
    .where(identities.c.issuer == bindparam("by"), identities.c.subject == bindparam("of"))
    .values(seen_at=bindparam("now"))
)


def add(tx: Transaction, issuer: str, subject: str, person: str) -> None:
    """Raises AlreadyTaken when the identity is someone's already."""
    if not tx.insert_new(identities, as_row(Identity(issuer, subject, person, tx.now, None))):
        raise AlreadyTaken("Identiteten hör redan till någon.")


def find(reader: Reader, issuer: str, subject: str) -> Identity | None:
    return reader.find(_FIND, Identity, {"issuer": issuer, "of": subject})


def has(reader: Reader, person: str) -> bool:
    """Whether a person can be known at the log-in service."""
    return reader.execute(_OF, {"person": person}).first() is not None


def seen(tx: Transaction, issuer: str, subject: str) -> None:
    tx.execute(_SEEN, {"by": issuer, "of": subject, "now": tx.now})


def erase(tx: Transaction, person: str) -> None:
    """Forget who a person is at the log-in service."""
    tx.execute(delete(identities).where(identities.c.person == person))
