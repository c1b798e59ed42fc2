"""Who has asked to hear of events: adding an endpoint, and sending again what one of them missed."""

from __future__ import annotations

from collections.abc import Sequence

from engine import events
from engine.errors import Invalid, NotFound
from store import webhooks
from store.database import Database
from store.webhooks import EVERYTHING, Endpoint
from webhooks import signing
from webhooks.errors import BadAddress, NotSent
from webhooks.events import PREFIX
from webhooks.outbound import Outbound


def add(
    db: Database, outbound: Outbound, region: str, url: str, types: Sequence[str] = (EVERYTHING,)
) -> tuple[Endpoint, str]:
    """A new endpoint and its secret, which is never shown again. No types, or `*`, asks for all.

    Raises `Invalid` for types that there are not, and for addresses that nothing is sent to.
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
        return webhooks.add(tx, region, url, wanted, secret), secret


def retry(db: Database, region: str, id: str) -> int:
    """Send again: one delivery, or everything that an endpoint missed, which is then open again. Answers how many.

    Raises `NotFound`, and `Conflict` while it is being sent.
    """
    with db.transaction() as tx:
        found = events.send_again(tx, region, id)
    if found is None:
        raise NotFound("Leveransen", id)
    return found
