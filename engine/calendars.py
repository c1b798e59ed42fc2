"""Moves of calendar addresses: a person's own, made and revoked by nobody else."""

from __future__ import annotations

from engine import journal
from engine.access import Actor
from engine.errors import Forbidden, NotFound
from store import calendars, people
from store.database import Database, Transaction
from store.people import Person


def make(db: Database, *, by: Actor) -> str:
    """The secret of a new address in place of the one before; it can never be shown again. Raises `Forbidden`."""
    with db.transaction() as tx:
        person = _oneself(tx, by)
        secret = calendars.make(tx, person.key)
        journal.region(tx, person.region, "calendar.made", by, {})
        return secret


def revoke(db: Database, *, by: Actor) -> None:
    """Whoever knows the address reads nothing more. Raises `NotFound` when there is none, or `Forbidden`."""
    with db.transaction() as tx:
        person = _oneself(tx, by)
        if not calendars.revoke(tx, person.key):
            raise NotFound("Kalenderadressen", "")
        journal.region(tx, person.region, "calendar.revoked", by, {})


def _oneself(tx: Transaction, by: Actor) -> Person:
    person = people.find(tx, by.person) if by.person else None
    if person is None or not person.active:
        raise Forbidden("Bara personen själv kan ändra sin kalenderadress.")
    return person
