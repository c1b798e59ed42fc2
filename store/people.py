"""The people of a region.

Everything else names a person by `key`, which says nothing; name and e-mail stand here alone and can be erased.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, Column, Index, Table, Text, bindparam, func, select, update

from store.columns import Instant, as_row, metadata, new_id
from store.database import Reader, Transaction
from store.roles import Held

persons = Table(
    "persons",
    metadata,
    Column("key", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("erased_at", Instant),
    Index(None, "region", "name"),
)


@dataclass(frozen=True, slots=True)
class Person:
    key: str
    region: str
    name: str
    email: str | None
    active: bool
    created_at: datetime
    erased_at: datetime | None


_FIND = select(persons).where(persons.c.key == bindparam("person"))
_MANY = select(persons).where(persons.c.key.in_(bindparam("keys", expanding=True)))
_REGION = select(persons).where(persons.c.region == bindparam("region"), persons.c.active).order_by(persons.c.name)
_NAMED = (
    select(persons)
    .where(persons.c.region == bindparam("region"), func.lower(persons.c.name) == func.lower(bindparam("called")))
    .order_by(persons.c.key)
)


def add(tx: Transaction, region: str, name: str, email: str | None = None, *, key: str | None = None) -> Person:
    """A new person under a random key."""
    person = Person(key or new_id(), region, name, email, True, tx.now, None)
    tx.insert(persons, as_row(person))
    return person


def change(tx: Transaction, key: str, *, name: str, email: str | None, active: bool) -> None:
    tx.forget(Held)
    tx.execute(update(persons).where(persons.c.key == key).values(name=name, email=email, active=active))


def erase(tx: Transaction, key: str) -> None:
    """Forget who the person is; what the key has done and held stays."""
    tx.forget(Held)
    tx.execute(update(persons).where(persons.c.key == key).values(name="", email=None, active=False, erased_at=tx.now))


def find(reader: Reader, key: str) -> Person | None:
    return reader.find(_FIND, Person, {"person": key})


def find_by_name(reader: Reader, region: str, name: str) -> Person | None:
    """The person with this name, whatever its case; the first one when several share it."""
    return reader.find(_NAMED, Person, {"region": region, "called": name})


def names(reader: Reader, keys: set[str]) -> dict[str, str]:
    """Person key -> name, for a page that shows many."""
    return {each.key: each.name for each in reader.all(_MANY, Person, {"keys": list(keys)})} if keys else {}


def of_region(reader: Reader, region: str) -> list[Person]:
    """Everyone active, by name."""
    return reader.all(_REGION, Person, {"region": region})
