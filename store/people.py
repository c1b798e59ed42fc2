"""People, their accounts, their mandates and their absences.

Everything else names a person by `key`, which says nothing; name and e-mail stand here alone and can be erased.
A *mandate* is person x role x programme area, from one day to another. The area "" is the whole region and covers
every area. Roles are written `lpoChair@LUNG`, or `coordinator` for the whole region.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from store.columns import Instant, as_row, metadata, new_id
from store.database import Reader, Transaction
from store.errors import AlreadyTaken
from store.quick import quick

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

accounts = Table(
    "accounts",
    metadata,
    Column("username", Text, primary_key=True),
    Column("person", ForeignKey("persons.key"), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("disabled_at", Instant),
    Column("changed_at", Instant, nullable=False),
)

mandates = Table(
    "mandates",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person", ForeignKey("persons.key"), nullable=False),
    Column("region", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("starts", Date, nullable=False),
    Column("ends", Date),
    Column("note", Text, nullable=False),
    Column("from_group", Text),
    Column("rests_from", Date),
    Index(None, "region", "role", "area"),
    Index(None, "person"),
)

absences = Table(
    "absences",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person", ForeignKey("persons.key"), nullable=False),
    Column("substitute", ForeignKey("persons.key")),
    Column("starts", Date, nullable=False),
    Column("ends", Date),
    Column("note", Text, nullable=False),
    Index(None, "person"),
    Index(None, "substitute"),
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


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    person: str
    password_hash: str
    """argon2; made and checked by the log-in."""
    disabled_at: datetime | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Mandate:
    id: str
    person: str
    region: str
    role: str
    area: str
    """Programme area, or "" for the whole region."""
    kind: str
    """`ordinary` or `substitute`."""
    starts: date
    ends: date | None
    """Last day, inclusive; None until further notice."""
    note: str
    from_group: str | None
    """The group at the log-in service that gave it by rule; None when someone gave it by hand."""
    rests_from: date | None = None
    """The first day on which it gives nothing, until it is woken; None for one that does not rest."""

    @property
    def scope(self) -> str:
        return scope(self.role, self.area)

    def holds_on(self, day: date) -> bool:
        """Whether its holder may act in the role on a day."""
        rests = self.rests_from is not None and self.rests_from <= day
        return not rests and self.starts <= day and (self.ends is None or self.ends >= day)


@dataclass(frozen=True, slots=True)
class Absence:
    id: str
    person: str
    substitute: str | None
    starts: date
    ends: date | None
    note: str

    def counts_from(self, day: date) -> bool:
        """Whether it holds on the day or on a later one."""
        return self.ends is None or self.ends >= max(day, self.starts)


@quick(frozen=True, slots=True)
class Held:
    """A role that a person can act in on a day."""

    person: str
    role: str
    area: str
    mandate: str
    """Id of the mandate."""
    kind: str
    """`ordinary`, `substitute`, or `absence` when the holder is away and this person stands in."""
    on_behalf_of: str | None = None
    """The absent holder."""

    @property
    def scope(self) -> str:
        return scope(self.role, self.area)


@quick(frozen=True, slots=True)
class Standing:
    """What a person is on a day."""

    region: str | None
    """The region they belong to; None for someone unknown or no longer active."""
    persons: frozenset[str]
    """Keys of themselves and of the absent whom they replace."""
    held: tuple[Held, ...]
    """Their own roles, then those of the absent."""


def scope(role: str, area: str = "") -> str:
    """`lpoChair@LUNG`, or `coordinator` for the whole region."""
    return f"{role}@{area}" if area else role


def split_scope(text: str) -> tuple[str, str]:
    """`lpoChair@LUNG` -> (`lpoChair`, `LUNG`); `coordinator` -> (`coordinator`, "")."""
    role, _, area = text.strip().partition("@")
    return role.strip(), area.strip()


# Persons -----------------------------------------------------------------------------------------------------------

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


def change(tx: Transaction, key: str, *, name: str, email: str | None, active: bool) -> None:
    tx.forget(holders)
    tx.execute(update(persons).where(persons.c.key == key).values(name=name, email=email, active=active))


def erase(tx: Transaction, key: str) -> None:
    """Forget who the person is, their account and why they were away; what the key has done and held stays."""
    tx.forget(holders)
    tx.execute(update(persons).where(persons.c.key == key).values(name="", email=None, active=False, erased_at=tx.now))
    tx.execute(update(absences).where(absences.c.person == key).values(note=""))
    tx.execute(delete(accounts).where(accounts.c.person == key))


# Accounts ----------------------------------------------------------------------------------------------------------

_ACCOUNT = select(accounts).where(accounts.c.username == bindparam("name"))
_ACCOUNT_OF = select(accounts).where(accounts.c.person == bindparam("of"))
_ACCOUNTS = select(accounts).order_by(accounts.c.username)


def add_account(tx: Transaction, person: str, username: str, password_hash: str) -> None:
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


def _as_written(username: str) -> str:
    """One way of writing each user name: NFC, small letters."""
    return unicodedata.normalize("NFC", username).strip().lower()


def find_account(reader: Reader, username: str) -> Account | None:
    return reader.find(_ACCOUNT, Account, {"name": _as_written(username)})


def account_of(reader: Reader, person: str) -> Account | None:
    return reader.find(_ACCOUNT_OF, Account, {"of": person})


def all_accounts(reader: Reader) -> list[Account]:
    return reader.all(_ACCOUNTS, Account)


def set_password(tx: Transaction, username: str, password_hash: str) -> None:
    tx.execute(
        update(accounts)
        .where(accounts.c.username == _as_written(username))
        .values(password_hash=password_hash, changed_at=tx.now)
    )


def disable_account(tx: Transaction, person: str) -> bool:
    """False when there is none that is open."""
    is_open = and_(accounts.c.person == person, accounts.c.disabled_at.is_(None))
    return tx.execute(update(accounts).where(is_open).values(disabled_at=tx.now)).rowcount == 1


def enable_account(tx: Transaction, person: str) -> bool:
    """False when there is none that is closed."""
    is_closed = and_(accounts.c.person == person, accounts.c.disabled_at.is_not(None))
    return tx.execute(update(accounts).where(is_closed).values(disabled_at=None)).rowcount == 1


# Mandates and absences ---------------------------------------------------------------------------------------------


def add_mandate(
    tx: Transaction,
    person: str,
    region: str,
    role: str,
    area: str = "",
    *,
    starts: date,
    ends: date | None = None,
    kind: str = "ordinary",
    note: str = "",
    from_group: str | None = None,
) -> Mandate:
    tx.forget(holders)
    mandate = Mandate(new_id(), person, region, role, area, kind, starts, ends, note, from_group)
    tx.insert(mandates, as_row(mandate))
    return mandate


def end_mandate(tx: Transaction, mandate: str, last_day: date) -> bool:
    """False when there is no such mandate."""
    tx.forget(holders)
    return tx.execute(update(mandates).where(mandates.c.id == mandate).values(ends=last_day)).rowcount == 1


def rest_mandate(tx: Transaction, mandate: str, first_day: date | None) -> None:
    """Let a mandate give nothing from a day on; None wakes it."""
    tx.forget(holders)
    tx.execute(update(mandates).where(mandates.c.id == mandate).values(rests_from=first_day))


def mandates_of(reader: Reader, *, region: str | None = None, person: str | None = None) -> list[Mandate]:
    """Every mandate, also past and coming ones, by role, area and first day."""
    query = select(mandates).order_by(mandates.c.role, mandates.c.area, mandates.c.starts, mandates.c.id)
    if region is not None:
        query = query.where(mandates.c.region == region)
    if person is not None:
        query = query.where(mandates.c.person == person)
    return reader.all(query, Mandate)


def ran_out(reader: Reader, since: date, before: date) -> list[tuple[str, str, str]]:
    """Region, role and area of the mandates whose last day was from one day until before another."""
    query = select(mandates.c.region, mandates.c.role, mandates.c.area).distinct()
    found = reader.execute(
        query.where(mandates.c.ends >= since, mandates.c.ends < before).order_by(*query.selected_columns)
    )
    return [(region, role, area) for region, role, area in found]


def add_absence(
    tx: Transaction, person: str, starts: date, ends: date | None = None, substitute: str | None = None, note: str = ""
) -> Absence:
    tx.forget(holders)
    absence = Absence(new_id(), person, substitute, starts, ends, note)
    tx.insert(absences, as_row(absence))
    return absence


def end_absence(tx: Transaction, absence: str, last_day: date) -> None:
    tx.forget(holders)
    tx.execute(update(absences).where(absences.c.id == absence).values(ends=last_day))


def absences_of(reader: Reader, person: str) -> list[Absence]:
    """Latest first."""
    return reader.all(select(absences).where(absences.c.person == person).order_by(absences.c.starts.desc()), Absence)


# Who holds what on a day -------------------------------------------------------------------------------------------

_day = bindparam("day", type_=Date)
_awake = or_(mandates.c.rests_from.is_(None), mandates.c.rests_from > _day)
_in_force = and_(mandates.c.starts <= _day, or_(mandates.c.ends.is_(None), mandates.c.ends >= _day), _awake)
_away = and_(absences.c.starts <= _day, or_(absences.c.ends.is_(None), absences.c.ends >= _day))
_held = (
    select(mandates.c.person, mandates.c.role, mandates.c.area, mandates.c.id.label("mandate"), mandates.c.kind)
    .join(persons, and_(persons.c.key == mandates.c.person, persons.c.active))
    .where(_in_force)
)

# A holder comes once for each who stands in for them on the day, and once when nobody does.
_HOLDERS = (
    _held.add_columns(absences.c.substitute)
    .outerjoin(absences, and_(absences.c.person == mandates.c.person, absences.c.substitute.is_not(None), _away))
    .where(
        mandates.c.region == bindparam("region"),
        mandates.c.role == bindparam("role"),
        or_(mandates.c.area == bindparam("area"), mandates.c.area == ""),
    )
    .order_by(mandates.c.area.desc(), mandates.c.kind, mandates.c.starts, mandates.c.person, mandates.c.id)
)
_HOLDING = _held.where(
    mandates.c.region == bindparam("region"), mandates.c.role.in_(bindparam("roles", expanding=True))
).order_by(mandates.c.role, mandates.c.area, mandates.c.kind, mandates.c.starts, mandates.c.person, mandates.c.id)
_STANDS_IN_FOR = select(absences.c.person).where(absences.c.substitute == bindparam("person"), _away)
_STANDING = (
    select(
        persons.c.key,
        persons.c.region,
        persons.c.active,
        mandates.c.role,
        mandates.c.area,
        mandates.c.id,
        mandates.c.kind,
    )
    .outerjoin(mandates, and_(mandates.c.person == persons.c.key, _in_force))
    .where(or_(persons.c.key == bindparam("person"), persons.c.key.in_(_STANDS_IN_FOR)))
    .order_by(mandates.c.role, mandates.c.area, mandates.c.id)
)
_AWAY = select(absences).where(absences.c.person.in_(bindparam("people", expanding=True)), _away)


def holders(reader: Reader, region: str, role: str, area: str, day: date) -> list[Held]:
    """Who can act as role@area on a day: ordinary holders, substitutes, and who stands in for the absent.

    Holders of the very area come before those of the whole region, ordinary before substitutes. An absent holder is
    still among them (they may look in), followed by the one who stands in.
    """
    return reader.once((holders, region, role, area, day), lambda: _holders(reader, region, role, area, day))


def _holders(reader: Reader, region: str, role: str, area: str, day: date) -> list[Held]:
    found: dict[Held, None] = {}
    for row in reader.execute(_HOLDERS, {"region": region, "role": role, "area": area, "day": day}):
        *holds, substitute = row
        held = Held(*holds)
        found[held] = None
        if substitute is not None:
            found[_standing_in(held, substitute)] = None
    return list(found)


def holding(reader: Reader, region: str, roles: list[str], day: date) -> list[Held]:
    """Everyone who holds any of the roles on a day, in whatever area, by role and area."""
    return [Held(*row) for row in reader.execute(_HOLDING, {"region": region, "roles": roles, "day": day})]


def standing(reader: Reader, person: str, day: date) -> Standing:
    """All that a person can act as on a day."""
    rows = list(reader.execute(_STANDING, {"person": person, "day": day}))
    region = next((region for key, region, active, *_ in rows if key == person and active), None)
    if region is None:
        return Standing(None, frozenset(), ())
    held = [Held(key, *mandate) for key, _, active, *mandate in rows if active and mandate[0] is not None]
    own = [each for each in held if each.person == person]
    others = [_standing_in(each, person) for each in held if each.person != person]
    return Standing(region, frozenset(key for key, *_ in rows), (*own, *others))


def roles_on(reader: Reader, person: str, day: date) -> list[Held]:
    """Every role a person can act in on a day: their own, then those of the absent they stand in for."""
    return list(standing(reader, person, day).held)


def acts_for(person: str, held: Iterable[Held]) -> list[str]:
    """The person, and the absent whose roles they act in."""
    return [person, *sorted({each.on_behalf_of for each in held if each.on_behalf_of})]


def stands_in_for(reader: Reader, person: str, day: date) -> list[str]:
    """Keys of the absent people whom this person replaces on a day."""
    return sorted(set(reader.execute(_STANDS_IN_FOR, {"person": person, "day": day}).scalars()))


def absent_on(reader: Reader, people: list[str], day: date) -> dict[str, Absence]:
    """Those of the people who are away on a day, with their absence."""
    return {each.person: each for each in reader.all(_AWAY, Absence, {"people": people, "day": day})}


def _standing_in(held: Held, substitute: str) -> Held:
    return Held(substitute, held.role, held.area, held.mandate, "absence", on_behalf_of=held.person)
