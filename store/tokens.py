"""Tokens by which other systems come in: each belongs to a person, and what it may do is at most what they may."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Table, Text, bindparam, or_, select, update

from store import secrets
from store.columns import Instant, Json, as_row, metadata, new_id
from store.database import Reader, Transaction

PREFIX = "kf_"
"""How a token begins, so that one that has leaked is recognised."""

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("person", ForeignKey("persons.key"), nullable=False),
    Column("region", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Index(None, "region", "created_at"),
)


@dataclass(frozen=True, slots=True)
class Token:
    id: str
    hash: str
    person: str
    """Person key: their mandates apply."""
    region: str
    name: str
    """What it is for: `diariet, produktion`."""
    scopes: tuple[str, ...]
    """What it may be used for, of what the person may do: `tasks:read` ..."""
    created_at: datetime
    expires_at: datetime | None
    """None until further notice."""
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "scopes", tuple(self.scopes))


_FIND = select(tokens).where(
    tokens.c.hash == bindparam("hash"),
    tokens.c.revoked_at.is_(None),
    or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > bindparam("now", type_=Instant)),
)
_REVOKE = (
    update(tokens)
    .where(tokens.c.id == bindparam("of"), tokens.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_OF_REGION = select(tokens).where(tokens.c.region == bindparam("region")).order_by(tokens.c.created_at, tokens.c.id)


def add(
    tx: Transaction, person: str, region: str, name: str, scopes: Iterable[str], expires_at: datetime | None = None
) -> tuple[Token, str]:
    """A new token, with its secret: what the other system sends, kept nowhere here."""
    secret = PREFIX + secrets.fresh()
    token = Token(new_id(), secrets.hash(secret), person, region, name, tuple(scopes), tx.now, expires_at)
    tx.insert(tokens, as_row(token))
    return token, secret


def find(reader: Reader, secret: str) -> Token | None:
    """The token when it is neither revoked nor expired."""
    return reader.find(_FIND, Token, {"hash": secrets.hash(secret), "now": reader.now})


def revoke(tx: Transaction, id: str) -> bool:
    """False when there is no such token, or it is revoked already."""
    return tx.execute(_REVOKE, {"of": id, "now": tx.now}).rowcount == 1


def revoke_all(tx: Transaction, person: str) -> None:
    """No other system acts as the person any more."""
    mine = update(tokens).where(tokens.c.person == person, tokens.c.revoked_at.is_(None))
    tx.execute(mine.values(revoked_at=tx.now))


def of_region(reader: Reader, region: str) -> list[Token]:
    """Every token that there ever was, oldest first."""
    return reader.all(_OF_REGION, Token, {"region": region})
