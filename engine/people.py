"""Moves of people and mandates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter

from engine import access, calendar, journal, regions, relief
from engine.access import Actor
from engine.errors import Conflict, Invalid, NotFound
from engine.regions import Region
from store import absences, accounts, identities, mandates, organisation, people, standing
from store.absences import Absence
from store.database import Database, Transaction
from store.mandates import Mandate
from store.people import Person
from store.roles import split_scope

ORDINARY, SUBSTITUTE = "ordinary", "substitute"
LONGEST_NAME = 200
RAN_OUT = timedelta(days=31)
"""How far back mandates that have run out are looked at: longer than the clock is ever away."""
_USERNAME = re.compile(r"[\w.@+-]{1,100}")


def add_with_account(
    db: Database, region: str, username: str, name: str, email: str | None, password_hash: str, *, by: Actor
) -> Person:
    """Add a person who can log in, both or neither. Raises `Forbidden`, `Invalid` or `AlreadyTaken`."""
    with db.transaction() as tx:
        _, by = _allowed(tx, region, by)
        person = people.add(tx, region, clean_name(name), email or None)
        journal.region(tx, region, "person.added", by, {"person": person.key})
        accounts.add(tx, person.key, _username(username), password_hash)
        return person


def close_account(db: Database, person: str, *, by: Actor) -> None:
    """Let a person in no more, neither by password nor by token: they have left, and what they did still has a name.

    Nobody closes their own, nor that of the last who may change people. Raises `NotFound`, `Forbidden` or `Conflict`.
    """
    with db.transaction() as tx:
        known = _person(tx, person)
        region, by = _allowed(tx, known.region, by)
        if person == by.performer:
            raise Conflict("Ingen stänger sitt eget konto. Be någon annan som får ändra personer.")
        if not accounts.disable(tx, person):
            raise Conflict(f"{known.name} har inget öppet konto.")
        # Written before the others are looked at: history takes one at a time, so two cannot close each other's.
        journal.region(tx, region.id, "account.closed", by, {"person": person})
        _require_another(tx, region, person)


def open_account(db: Database, person: str, *, by: Actor) -> None:
    """Let a person in again. Raises `NotFound`, `Forbidden` or `Conflict`."""
    with db.transaction() as tx:
        known = _person(tx, person)
        region, by = _allowed(tx, known.region, by)
        if not accounts.enable(tx, person):
            raise Conflict(f"{known.name} har inget stängt konto.")
        journal.region(tx, region.id, "account.opened", by, {"person": person})


def give_mandate(
    db: Database,
    person: str,
    scoped: str,
    *,
    starts: date | None = None,
    ends: date | None = None,
    kind: str = ORDINARY,
    by: Actor,
) -> Mandate:
    """Give a person a role (`lpoChair@LUNG`, `coordinator`) from a day to a day, both included.

    Raises `NotFound`, `Forbidden` or `Invalid`.
    """
    with db.transaction() as tx:
        known = _person(tx, person)
        region, by = _allowed(tx, known.region, by)
        first = starts or calendar.local_day(tx.now, region.timezone)
        return give_in(tx, region, known, scoped, starts=first, ends=ends, kind=kind, by=by)


def end_mandate(db: Database, region: str, mandate: str, *, last_day: date | None = None, by: Actor) -> None:
    """Let a mandate end after a day, today unless given. Raises `NotFound` or `Forbidden`."""
    with db.transaction() as tx:
        profile, by = _allowed(tx, region, by)
        day = last_day or calendar.local_day(tx.now, profile.timezone)
        held = [each for each in mandates.of(tx, region=region) if each.id == mandate]
        if not held:
            raise NotFound("Mandatet", mandate)
        end_in(tx, held, day, by)


def cover_ran_out(db: Database) -> None:
    """Let coordinators take what nobody may any more because mandates have run out by themselves."""
    with db.transaction() as tx:
        recent = mandates.ran_out(tx, tx.now.date() - RAN_OUT, tx.now.date() + timedelta(days=1))
        for region, roles in groupby(recent, key=itemgetter(0)):
            today = calendar.local_day(tx.now, regions.load(region).timezone)
            relief.cover(tx, region, [(role, area) for _, role, area in roles], today)


def give_in(
    tx: Transaction,
    region: Region,
    person: Person,
    scoped: str,
    *,
    starts: date,
    ends: date | None = None,
    kind: str = ORDINARY,
    note: str = "",
    by: Actor,
) -> Mandate:
    """Give a mandate inside a transaction; who may is asked before. Raises `Invalid`."""
    role, area = split_scope(scoped)
    _check_mandate(tx, region, role, area, kind, starts, ends)
    mandate = mandates.add(tx, person.key, region.id, role, area, starts=starts, ends=ends, kind=kind, note=note)
    details = {"person": person.key, "role": mandate.scope, "kind": kind, "from": starts.isoformat()}
    journal.region(tx, region.id, "mandate.added", by, details | {"to": ends.isoformat() if ends else None})
    return mandate


def end_in(tx: Transaction, held: Sequence[Mandate], last_day: date, by: Actor) -> None:
    """End mandates of a region inside a transaction; who may is asked before.

    What nobody may take when they are over is the coordinator's too, at once where the last day is today or has been.
    """
    for each in held:
        mandates.end(tx, each.id, last_day)
    cover_in(tx, [replace(each, ends=last_day) for each in held])
    for each in held:
        details = {"person": each.person, "role": each.scope, "to": last_day.isoformat()}
        journal.region(tx, each.region, "mandate.ended", by, details)


def cover_in(tx: Transaction, ended: Sequence[Mandate]) -> None:
    """Let the coordinator take what nobody may from tomorrow on, of what these mandates of one region gave.

    Mandates that hold tomorrow are passed over: the clock looks when they have run out (`cover_ran_out`).
    """
    if ended:
        region = ended[0].region
        today = calendar.local_day(tx.now, regions.load(region).timezone)
        over = [(each.role, each.area) for each in ended if each.ends is not None and each.ends <= today]
        relief.cover(tx, region, over, today + timedelta(days=1))


def rest_in(tx: Transaction, person: Person, group: str, day: date, by: Actor) -> list[Mandate]:
    """Let what a person holds for a group give nothing from a day on, until it is woken; who may is asked before."""
    return _rest(tx, [each for each in _of_group(tx, person, group) if each.holds_on(day)], day, "mandate.rested", by)


def wake_in(tx: Transaction, person: Person, group: str, by: Actor) -> list[Mandate]:
    """Let what rests of a person's mandates for a group hold again; who may is asked before."""
    resting = [each for each in _of_group(tx, person, group) if each.rests_from is not None]
    return _rest(tx, resting, None, "mandate.woken", by)


def _of_group(tx: Transaction, person: Person, group: str) -> list[Mandate]:
    mine = mandates.of(tx, region=person.region, person=person.key)
    return [each for each in mine if group and each.note == group]


def _rest(tx: Transaction, held: list[Mandate], day: date | None, what: str, by: Actor) -> list[Mandate]:
    for each in held:
        mandates.rest(tx, each.id, day)
        journal.region(tx, each.region, what, by, {"person": each.person, "role": each.scope, "group": each.note})
    return held


def be_absent(
    db: Database, person: str, starts: date, ends: date | None, substitute: str | None, *, by: Actor
) -> Absence:
    """Note that a person is away, and who stands in. People may say it of themselves."""
    with db.transaction() as tx:
        known = _person(tx, person)
        if by.performer != person:
            _, by = _allowed(tx, known.region, by)
        if ends is not None and ends < starts:
            raise Invalid("Frånvaron slutar innan den börjar. Rätta datumen.")
        if substitute is not None and (substitute == person or _person(tx, substitute).region != known.region):
            raise Invalid("Välj en annan person i regionen som ersättare.")
        absence = absences.add(tx, person, starts, ends, substitute)
        journal.region(tx, known.region, "absence.added", by, {"person": person, "substitute": substitute})
        return absence


def be_back(db: Database, person: str, absence: str, *, by: Actor) -> None:
    """End a person's absence: they are back today, and one that has not begun never does.

    Raises `NotFound` or `Forbidden`.
    """
    with db.transaction() as tx:
        known = _person(tx, person)
        if by.performer != person:
            _, by = _allowed(tx, known.region, by)
        today = calendar.local_day(tx.now, regions.load(known.region).timezone)
        if not any(each.id == absence and each.counts_from(today) for each in absences.of_person(tx, person)):
            raise NotFound("Frånvaron", absence)
        absences.end(tx, absence, today - timedelta(days=1))
        journal.region(tx, known.region, "absence.ended", by, {"person": person})


def clean_name(text: str) -> str:
    """A name in NFC. Raises `Invalid`: what cannot be seen, or turns the text around it, could pass for another."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise Invalid("Skriv personens namn.")
    if len(name) > LONGEST_NAME or any(unicodedata.category(mark).startswith("C") for mark in name):
        raise Invalid("Namnet är för långt eller har tecken som inte syns. Skriv det igen.")
    return name


def _username(text: str) -> str:
    name = unicodedata.normalize("NFC", text).strip().lower()
    if not _USERNAME.fullmatch(name) or not all(_is_latin(mark) for mark in name):
        raise Invalid("Skriv användarnamnet med latinska bokstäver, siffror, punkt och bindestreck, utan mellanslag.")
    return name


def _is_latin(mark: str) -> bool:
    """Letters of other scripts may look like ours and be others."""
    return not mark.isalpha() or unicodedata.name(mark, "").startswith("LATIN")


def _allowed(tx: Transaction, region: str, by: Actor) -> tuple[Region, Actor]:
    profile = regions.load(region)
    return profile, access.require(tx, by, "people.change", region=region, timezone=profile.timezone)


def _require_another(tx: Transaction, region: Region, person: str) -> None:
    """Whoever may change people is not the last of them who can log in. Raises `Conflict`."""
    today = calendar.local_day(tx.now, region.timezone)
    found = standing.holding(tx, region.id, sorted(access.ACTS["people.change"]), today)
    holders = {each.person for each in found if not each.area}
    if person in holders and not any(_can_log_in(tx, each) for each in holders - {person}):
        raise Conflict("Minst en som får ändra personer måste kunna logga in. Ge först någon annan det uppdraget.")


def _can_log_in(tx: Transaction, person: str) -> bool:
    account = accounts.of_person(tx, person)
    return account.disabled_at is None if account else identities.has(tx, person)


def _person(tx: Transaction, key: str) -> Person:
    found = people.find(tx, key)
    if found is None:
        raise NotFound("Personen", key)
    return found


def _check_mandate(
    tx: Transaction, region: Region, role: str, area: str, kind: str, first: date, last: date | None
) -> None:
    if role not in region.roles:
        raise Invalid(f"Rollen {role} finns inte i regionens profil.")
    if area and organisation.area(tx, area) is None:
        raise Invalid(f"Programområdet {area} finns inte.")
    if kind not in (ORDINARY, SUBSTITUTE):
        raise Invalid("Ett mandat är ordinarie (ordinary) eller ersättare (substitute).")
    if last is not None and last < first:
        raise Invalid("Mandatet slutar innan det börjar. Rätta datumen.")
