"""The accounts that people log in with where no service of the region's own does it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Table, Text, and_, bindparam, delete, select, update

from store.columns import Instant, metadata
from store.database import Reader, Transaction
from store.errors import AlreadyTaken

accounts = Table(
    "accounts",
    metadata,
    Column("username", Text, primary_key=True),
    Column("person", ForeignKey("persons.key"), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("disabled_at", Instant),
    Column("changed_at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    person: str
    password_hash: str
    """argon2; made and checked by the log-in."""
    disabled_at: datetime | None
    changed_at: datetime


_FIND = select(accounts).where(accounts.c.username == bindparam("name"))
_PERSON = select(accounts).where(accounts.c.person == bindparam("of"))
_ALL = select(accounts).order_by(accounts.c.username)


def add(tx: Transaction, person: str, username: str, password_hash: str) -> None:
    """Raises AlreadyTaken when the user name, or the person, has an account."""
    row = {
        "username": _as_written(username),
        "person": person,
        "password_hash": password_hash,
        "disabled_at": None,
        "changed_at": tx.now,
    }
    if not tx.insert_new(accounts, row):
        raise AlreadyTaken(f"Det finns redan ett konto för {username}.")


def set_password(tx: Transaction, username: str, password_hash: str) -> None:
    tx.execute(
        update(accounts)
        .where(accounts.c.username == _as_written(username))
        .values(password_hash=password_hash, changed_at=tx.now)
    )


def disable(tx: Transaction, person: str) -> bool:
    """False when there is none that is open."""
    is_open = and_(accounts.c.person == person, accounts.c.disabled_at.is_(None))
    return tx.execute(update(accounts).where(is_open).values(disabled_at=tx.now)).rowcount == 1


def enable(tx: Transaction, person: str) -> bool:
    """False when there is none that is closed."""
    is_closed = and_(accounts.c.person == person, accounts.c.disabled_at.is_not(None))
    return tx.execute(update(accounts).where(is_closed).values(disabled_at=None)).rowcount == 1


def erase(tx: Transaction, person: str) -> None:
    tx.execute(delete(accounts).where(accounts.c.person == person))


def find(reader: Reader, username: str) -> Account | None:
    return reader.find(_FIND, Account, {"name": _as_written(username)})


def of_person(reader: Reader, person: str) -> Account | None:
    return reader.find(_PERSON, Account, {"of": person})


def find_all(reader: Reader) -> list[Account]:
    """By user name."""
    return reader.all(_ALL, Account)


def _as_written(username: str) -> str:
    """One way of writing each user name: NFC, small letters."""
    return unicodedata.normalize("NFC", username).strip().lower()
