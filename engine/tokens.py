"""Moves of tokens: letting another system in as a person, and shutting it out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine import access, journal, regions
from engine.access import Actor
from engine.errors import Invalid, NotFound
from store import people, tokens
from store.database import Database, Transaction
from store.tokens import Token


def add(
    db: Database, person: str, name: str, scopes: Sequence[str], *, expires_at: datetime | None = None, by: Actor
) -> tuple[Token, str]:
    """A token for a person, and its secret, which can never be shown again. Raises `NotFound`, `Forbidden`, `Invalid`.

    What the token may do is the scopes, and of those only what the person's mandates allow on the day.
    """
    with db.transaction() as tx:
        holder = people.find(tx, person)
        if holder is None or not holder.active:
            raise NotFound("Personen", person)
        by = _allowed(tx, holder.region, by)
        if not name.strip() or not scopes:
            raise Invalid("Säg vad nyckeln är till för, och vad den får göra.")
        if expires_at is not None and expires_at <= tx.now:
            raise Invalid("Nyckeln skulle vara utgången redan. Välj en senare dag.")
        token, secret = tokens.add(tx, person, holder.region, name.strip(), scopes, expires_at)
        details = {"token": token.id, "person": person, "name": token.name, "scopes": list(scopes)}
        journal.region(tx, holder.region, "token.added", by, details)
        return token, secret


def revoke(db: Database, region: str, token: str, *, by: Actor) -> None:
    """Shut a token out from now on. Raises `NotFound` or `Forbidden`."""
    with db.transaction() as tx:
        by = _allowed(tx, region, by)
        own = {each.id for each in tokens.of_region(tx, region)}
        if token not in own or not tokens.revoke(tx, token):
            raise NotFound("Nyckeln", token)
        journal.region(tx, region, "token.revoked", by, {"token": token})


def _allowed(tx: Transaction, region: str, by: Actor) -> Actor:
    timezone = regions.load(region).timezone
    return access.require(tx, by, "people.change", region=region, timezone=timezone)
