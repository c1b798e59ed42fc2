"""Who has asked to hear of events: adding and removing an endpoint, and sending again what one of them missed."""

from __future__ import annotations

from collections.abc import Sequence

from engine import access, events, journal, regions
from engine.access import SYSTEM, Actor
from engine.errors import Invalid, NotFound
from store import incidents, outbox, webhooks
from store.database import Database, Reader
from store.webhooks import EVERYTHING, Endpoint
from webhooks import signing
from webhooks.errors import BadAddress, NotSent
from webhooks.events import PREFIX
from webhooks.outbound import Outbound
from webhooks.vault import Vault

ACT = "webhook.change"
REMOVED = "Mottagaren är borttagen."


def add(
    db: Database,
    outbound: Outbound,
    region: str,
    url: str,
    types: Sequence[str] = (EVERYTHING,),
    *,
    vault: Vault = Vault(),
    by: Actor = SYSTEM,
) -> tuple[Endpoint, str]:
    """A new endpoint and its secret, which is never shown again. No types, or `*`, asks for all.

    Raises `Forbidden`, and `Invalid` for types that there are not, and for addresses that nothing is sent to.
    """
    wanted = [each.strip().removeprefix(PREFIX) for each in types] or [EVERYTHING]
    unknown = [each for each in wanted if each != EVERYTHING and each not in events.TYPES]
    if unknown:
        raise Invalid(
            f"Det finns inga händelser av typen {', '.join(unknown)}. De som finns: {', '.join(events.TYPES)}."
        )
    try:
        outbound.check(url)
    except (NotSent, BadAddress) as error:
        raise Invalid(str(error)) from error
    secret = signing.new_secret()
    with db.transaction() as tx:
        by = require(tx, region, by)
        endpoint = webhooks.add(tx, region, url, wanted, vault.seal(secret))
        journal.region(tx, region, "webhook.added", by, {"endpoint": endpoint.id, "url": url, "events": wanted})
        return endpoint, secret


def remove(db: Database, region: str, id: str, *, by: Actor = SYSTEM) -> None:
    """Send nothing more there, and forget the secret. Raises `NotFound` or `Forbidden`."""
    with db.transaction() as tx:
        by = require(tx, region, by)
        found = webhooks.find(tx, id)
        if found is None or found.region != region:
            raise NotFound("Mottagaren", id)
        webhooks.remove(tx, id, REMOVED)
        outbox.give_up(tx, id, REMOVED)
        incidents.resolve_outside(tx, id, events.UNDELIVERED)
        journal.region(tx, region, "webhook.removed", by, {"endpoint": id, "url": found.url})


def retry(db: Database, region: str, id: str, *, by: Actor = SYSTEM) -> int:
    """Send again: one delivery, or everything that an endpoint missed, which is then open again. Answers how many.

    Raises `NotFound`, `Forbidden`, and `Conflict` while it is being sent.
    """
    with db.transaction() as tx:
        require(tx, region, by)
        found = events.send_again(tx, region, id)
    if found is None:
        raise NotFound("Leveransen", id)
    return found


def allows(reader: Reader, region: str, by: Actor) -> bool:
    """Whether `require` would let it pass."""
    return access.may(reader, by, ACT, region=region, timezone=regions.load(region).timezone)


def require(reader: Reader, region: str, by: Actor) -> Actor:
    """Who may see and change who hears of events. Raises `Forbidden`."""
    return access.require(reader, by, ACT, region=region, timezone=regions.load(region).timezone)
