"""Erasing a person: the product forgets who they are, and keeps what they did under a key that says nothing."""

from __future__ import annotations

from dataclasses import dataclass

from engine import access, calendar, journal, people, regions, relief
from engine.access import Actor
from engine.errors import Conflict, Invalid, NotFound
from store import absences, accounts, calendars, drafts, identities, mandates, outbox, recusals, sessions, tasks, tokens
from store import people as rows
from store.database import Database, Transaction
from store.people import Person

KEPT = """\
Kvar står det som personen har gjort och beslutat i ärendena, under en nyckel utan namn. Ärendenas handlingar och
historik är allmänna handlingar: de ska bevaras, och får gallras först när regionen har beslutat det (arkivlagen
1990:782, 3 och 10 §§). Rätten till radering gäller inte det som behövs för en rättslig förpliktelse, en uppgift av
allmänt intresse eller arkivändamål (dataskyddsförordningen artikel 17.3 b och d). Namn som någon har skrivit i en text
eller ett dokument gallras med ärendet."""
"""What is not erased, and by what law."""
GONE = """\
Borta blir namn, e-post, konto och inloggningar, frånvarons skäl, påbörjade svar, kalenderprenumeration, osända brev och
besluten om jäv i viss fråga."""
"""What is erased."""


@dataclass(frozen=True)
class Erased:
    """What it came to."""

    key: str
    """What history still says."""
    mandates: int
    """Those that ended today because of it."""
    recusals: int
    """Recusals that were forgotten: the case in which each was decided has it."""


def erase(db: Database, region: str, person: str, *, reason: str, by: Actor) -> Erased:
    """Erase a person of a region. A reason is required; whoever has tasks left hands them over first.

    Raises `NotFound`, `Forbidden`, `Invalid` or `Conflict`.
    """
    with db.transaction() as tx:
        profile = regions.load(region)
        by = access.require(tx, by, "people.change", region=region, timezone=profile.timezone)
        known = _erasable(tx, region, person, by)
        if not reason.strip():
            raise Invalid("Skriv varför personen raderas: vem som begärt det, eller vilket beslut som gäller.")
        today = calendar.local_day(tx.now, profile.timezone)
        had = mandates.of(tx, region=known.region, person=known.key)
        held = [each for each in had if each.ends is None or each.ends > today]
        people.end_in(tx, held, today, by)
        forgotten = recusals.erase(tx, known.key)
        _shut_out(tx, known.key)
        absences.erase(tx, known.key)
        rows.erase(tx, known.key)
        relief.cover(tx, region, [(each.role, each.area) for each in held], today)
        told = {"person": known.key, "reason": reason.strip(), "mandates": len(held), "recusals": forgotten}
        journal.region(tx, region, "person.erased", by, told)
        return Erased(known.key, len(held), forgotten)


def _erasable(tx: Transaction, region: str, key: str, by: Actor) -> Person:
    known = rows.find(tx, key)
    if known is None or known.region != region or known.erased_at is not None:
        raise NotFound("Personen", key)
    if known.key == by.performer:
        raise Conflict("Ingen raderar sig själv. Be någon annan som får ändra personer.")
    left = tasks.assigned(tx, region, key)
    if left:
        named = ", ".join(f"”{each.name}”" for each in left[:3])
        raise Conflict(f"Personen har {len(left)} uppgifter kvar: {named}. Fördela dem först.")
    return known


def _shut_out(tx: Transaction, person: str) -> None:
    """No way in, nothing on its way out, nothing half-written."""
    sessions.revoke_all(tx, person)
    tokens.revoke_all(tx, person)
    identities.erase(tx, person)
    accounts.erase(tx, person)
    calendars.revoke(tx, person)
    drafts.erase(tx, person)
    outbox.withdraw_to(tx, person)
