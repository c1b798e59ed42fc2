"""When to try again: the back-off over three days, as pure functions of now."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

AGAIN = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
)
"""After the first failure, the second ...; the last one is kept to."""
GIVE_UP = timedelta(days=3)
LONGEST_ASKED = timedelta(days=1)
"""What a receiver may ask for with Retry-After."""


def again(id: str, failures: int, since: datetime, now: datetime, retry_after: str = "") -> datetime | None:
    """When to try next after so many failures since a moment; None after three days and every step of the back-off.

    What the receiver asks for is kept to. A tenth, by the id, is spread so that not all come back at once.
    """
    if now - since >= GIVE_UP and failures > len(AGAIN):
        return None
    wait = AGAIN[min(failures, len(AGAIN)) - 1]
    spread = wait * (zlib.crc32(f"{id}:{failures}".encode()) % 100) / 1000
    return now + max(wait + spread, asked(retry_after, now))


def asked(retry_after: str, now: datetime) -> timedelta:
    """What a Retry-After header asks for: seconds or a date; nothing when it cannot be read."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(timedelta(seconds=int(text)), LONGEST_ASKED)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return timedelta(0)
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), LONGEST_ASKED)
