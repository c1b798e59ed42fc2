"""Someone has shown at the region's log-in service who they are: the person here, and the mandates of their groups.

The person is known by issuer and subject alone, for names and addresses change hands. Mandates that rules have given
follow the groups at every arrival; those that were given by hand are left as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from engine import access, calendar, groups, journal, regions
from engine.access import SYSTEM, Actor
from engine.errors import ClosedPerson, NoMandate, NotFound
from engine.groups import Scope
from engine.people import clean_name, cover_in
from engine.regions import Region
from store import accounts, identities, mandates, organisation, people
from store.database import Database, Reader, Transaction
from store.mandates import Mandate
from store.people import Person

LONGEST_ADDRESS = 254


@dataclass(frozen=True)
class Arrival:
    """What the log-in service says of someone."""

    issuer: str
    subject: str
    """The service's name for the person, which never changes and never becomes another's."""
    name: str
    email: str | None
    groups: tuple[str, ...] = ()


def arrive(db: Database, region: str, who: Arrival) -> Person:
    """Let someone in: find or add the person, renew name and address, let mandates follow the groups.

    Raises `NoMandate`, `ClosedPerson`, `Invalid` or `BadGroups`; then nothing has changed.
    """
    profile = regions.load(region)
    rules = groups.load(profile)
    with db.transaction() as tx:
        day = calendar.local_day(tx.now, profile.timezone)
        given = rules.mandates(who.groups, _areas(tx, day))
        person = _known(tx, who) or _added(tx, profile, who, given)
        _follow(tx, person, given, day)
        return person


def recognise(db: Database, person: str, issuer: str, subject: str, *, by: Actor) -> None:
    """Say that someone who is here already is the subject of a log-in service.

    Raises `NotFound`, `Forbidden` or `AlreadyTaken`.
    """
    with db.transaction() as tx:
        known = people.find(tx, person)
        if known is None:
            raise NotFound("Personen", person)
        profile = regions.load(known.region)
        by = access.require(tx, by, "people.change", region=known.region, timezone=profile.timezone)
        identities.add(tx, issuer, subject, known.key)
        journal.region(tx, known.region, "person.recognised", by, {"person": known.key, "issuer": issuer})


def _areas(reader: Reader, day: date) -> frozenset[str]:
    return frozenset(each.id for each in organisation.areas_on(reader, day))


# The person --------------------------------------------------------------------------------------------------------


def _known(tx: Transaction, who: Arrival) -> Person | None:
    """Someone who has been here before, under the name that they have today. Their row stays locked."""
    identities.seen(tx, who.issuer, who.subject)
    identity = identities.find(tx, who.issuer, who.subject)
    person = people.find(tx, identity.person) if identity else None
    if person is None:
        return None
    account = accounts.of_person(tx, person.key)
    if not person.active or (account and account.disabled_at):
        raise ClosedPerson
    return _renewed(tx, person, who)


def _added(tx: Transaction, region: Region, who: Arrival, given: Mapping[Scope, str]) -> Person:
    if not given:
        raise NoMandate
    person = people.add(tx, region.id, clean_name(who.name), _address(who.email))
    identities.add(tx, who.issuer, who.subject, person.key)
    identities.seen(tx, who.issuer, who.subject)
    journal.region(tx, region.id, "person.added", SYSTEM, {"person": person.key, "issuer": who.issuer})
    return person


def _renewed(tx: Transaction, person: Person, who: Arrival) -> Person:
    name, email = clean_name(who.name), _address(who.email) or person.email
    changed = [what for what, old, new in (("name", person.name, name), ("email", person.email, email)) if old != new]
    if changed:
        people.change(tx, person.key, name=name, email=email, active=person.active)
        journal.region(tx, person.region, "person.changed", SYSTEM, {"person": person.key, "changed": changed})
    return person


def _address(email: str | None) -> str | None:
    """An e-mail address that can be written on a letter; anything else is left out."""
    if not email or len(email) > LONGEST_ADDRESS or email.count("@") != 1 or not email.isprintable() or " " in email:
        return None
    return email


# Their mandates ----------------------------------------------------------------------------------------------------


def _follow(tx: Transaction, person: Person, given: Mapping[Scope, str], day: date) -> None:
    """Let the mandates of today be those that the groups give, besides those that were given by hand."""
    held = [each for each in mandates.of(tx, region=person.region, person=person.key) if _in_force(each, day)]
    by_rule = {(each.role, each.area): each for each in held if each.from_group is not None}
    by_hand = {(each.role, each.area) for each in held if each.from_group is None}
    over = [mandate for scope, mandate in by_rule.items() if scope not in given]
    for mandate in over:
        _end(tx, mandate, day)
    for scope in sorted(given.keys() - by_rule.keys() - by_hand):
        _give(tx, person, scope, given[scope], day)
    cover_in(tx, [replace(each, ends=day - timedelta(days=1)) for each in over])


def _in_force(mandate: Mandate, day: date) -> bool:
    return mandate.starts <= day and (mandate.ends is None or mandate.ends >= day)


def _end(tx: Transaction, mandate: Mandate, day: date) -> None:
    """From now on: the last day of the mandate was yesterday."""
    last_day = day - timedelta(days=1)
    mandates.end(tx, mandate.id, last_day)
    details = {"person": mandate.person, "role": mandate.scope, "to": last_day.isoformat()}
    journal.region(tx, mandate.region, "mandate.ended", SYSTEM, details | {"group": mandate.from_group})


def _give(tx: Transaction, person: Person, scope: Scope, group: str, day: date) -> None:
    mandate = mandates.add(tx, person.key, person.region, *scope, starts=day, from_group=group)
    details = {"person": person.key, "role": mandate.scope, "kind": mandate.kind, "from": day.isoformat(), "to": None}
    journal.region(tx, person.region, "mandate.added", SYSTEM, details | {"group": group})
