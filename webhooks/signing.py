"""Signatures after Standard Webhooks: HMAC-SHA256 over id, time of the attempt and the raw body.

Forty lines of our own: the library brings an HTTP client, reads a zoned time wrongly and answers a malformed header
with an error of another kind.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from webhooks.errors import BadSecret, NotSigned

TOLERANCE = timedelta(minutes=5)
"""How far from now, either way, a message may say that it was signed."""
LONGEST_ID = 200
SHORTEST_SECRET = 16
"""Bytes. The standard asks for 24 to 64; those who send to us may have shorter ones."""

SECRET_PREFIX = "whsec_"
"""How a secret begins."""


def new_secret() -> str:
    """`whsec_...`, 32 random bytes."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(secret: str, id: str, moment: datetime, body: bytes) -> dict[str, str]:
    """The three headers of an attempt made at an aware moment. Raises `BadSecret`."""
    at = str(int(moment.timestamp()))
    return {"webhook-id": id, "webhook-timestamp": at, "webhook-signature": f"v1,{_signature(secret, id, at, body)}"}


def verify(trusted: Iterable[str], given: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The id of a message that one of our secrets signed within five minutes from now. Raises `NotSigned`.

    `given` are the request's headers, asked for in lower case. Several signatures and several secrets may be at hand
    while a secret is being changed; one pair that fits is enough.
    """
    id, at = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not id or len(id) > LONGEST_ID or not id.isascii() or not id.isprintable():
        raise NotSigned("webhook-id saknas eller är inte ett id.")
    _require_now(at, now)
    shown = [each.partition(",")[2] for each in given.get("webhook-signature", "").split() if each.startswith("v1,")]
    fitting = [_signature(secret, id, at, body) for secret in trusted]
    if not any(_same(one, other) for one in shown for other in fitting):
        raise NotSigned("Signaturen stämmer inte.")
    return id


def _require_now(at: str, now: datetime) -> None:
    if not (at.isascii() and at.isdigit() and len(at) <= 12):
        raise NotSigned("webhook-timestamp saknas eller är inte en tid.")
    if abs(int(at) - now.timestamp()) > TOLERANCE.total_seconds():
        raise NotSigned("webhook-timestamp ligger mer än fem minuter från nu.")


def _signature(secret: str, id: str, at: str, body: bytes) -> str:
    return base64.b64encode(hmac.digest(_key(secret), f"{id}.{at}.".encode() + body, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise BadSecret("En hemlighet ska vara whsec_ och base64.") from None
    if len(key) < SHORTEST_SECRET:
        raise BadSecret(f"En hemlighet ska vara minst {SHORTEST_SECRET} byte.")
    return key


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
