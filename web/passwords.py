"""Passwords: argon2id with the library's own costs, at most four at once so that log-in cannot eat the machine."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 128
"""Characters. A longer password is refused unread."""

_hasher = PasswordHasher()
_turns = threading.BoundedSemaphore(4)


def hash(password: str) -> str:
    """What is kept of a password."""
    with _turns:
        return _hasher.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """True when it is the password. An unknown user (None) takes as long to refuse as a known one."""
    if len(password) > LONGEST:
        return False
    with _turns:
        try:
            return _hasher.verify(password_hash or _nobodys(), password) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys() -> str:
    return _hasher.hash("ingen har detta lösenord")
