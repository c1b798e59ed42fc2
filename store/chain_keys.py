"""The key of history: with one, only whoever has it can write a row or a seal that fits the one before.

It stands in the settings, never in the database. A hash that is made with a key says with which: `1f00c2d4:9a3e...`;
one without is the sha256 of what it binds. Old keys stay, for what was written with them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import cached_property

LOCKS = "locks:"
"""In the hash of the seal from which on everything has to be written with a key."""
SHORTEST = 32
"""Bytes of a key."""


class BadChainKey(ValueError):
    """What stands in the settings is no key."""


class UnknownKey(LookupError):
    """A hash was made with a key that is not in the settings."""


@dataclass(frozen=True)
class ChainKeys:
    """Writes with the first key, and knows what any of them wrote."""

    keys: tuple[bytes, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.keys)

    def bind(self, content: str, mark: str = "") -> str:
        """The hash of a row or a seal that is written now."""
        if not self.keys:
            return hashlib.sha256(content.encode()).hexdigest()
        return f"{self._first}:{mark}{hmac.digest(self.keys[0], content.encode(), 'sha256').hex()}"

    def again(self, content: str, kept: str) -> str:
        """What `kept` ought to be, written as it was. Raises `UnknownKey`."""
        name, bound, rest = kept.partition(":")
        if not bound:
            return hashlib.sha256(content.encode()).hexdigest()
        key = self._named.get(name)
        if key is None:
            raise UnknownKey(name)
        mark = LOCKS if rest.startswith(LOCKS) else ""
        return f"{name}:{mark}{hmac.digest(key, content.encode(), 'sha256').hex()}"

    def knows(self, kept: str) -> bool:
        """Whether a hash is without a key, or made with one of these."""
        return not is_bound(kept) or kept.partition(":")[0] in self._named

    @cached_property
    def _first(self) -> str:
        return _name(self.keys[0])

    @cached_property
    def _named(self) -> dict[str, bytes]:
        return {_name(each): each for each in self.keys}


NO_KEYS = ChainKeys()


def read(written: str) -> ChainKeys:
    """Keys as the settings have them: base64 of 32 bytes or more, the one in use first. Raises `BadChainKey`."""
    return ChainKeys(tuple(_key(each.strip()) for each in written.split(",") if each.strip()))


def new_key() -> str:
    """A key as the settings are to have it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(SHORTEST)).decode()


def is_bound(kept: str) -> bool:
    """Whether a hash was made with a key."""
    return ":" in kept


def _key(written: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(written)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < SHORTEST:
        raise BadChainKey("En nyckel ska vara minst 32 byte som base64. Gör en: kunskapsflode audit key")
    return key


def _name(key: bytes) -> str:
    return hashlib.sha256(b"history " + key).hexdigest()[:8]
