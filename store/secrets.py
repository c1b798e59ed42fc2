"""Secrets that are given out once: of sessions, tokens, calendar addresses and log-ins under way.

Only the hash of one is stored: a copy of the database lets nobody in.
"""

from __future__ import annotations

import hashlib
import secrets


def fresh() -> str:
    """A secret that nobody can guess, fit for a cookie, a header or an address."""
    return secrets.token_urlsafe(32)


def hash(secret: str) -> str:
    """What is stored of a secret: sha256, hex. Whatever a program may have sent has one."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
