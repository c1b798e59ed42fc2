"""How long to wait after wrong passwords: a pure function of what has been tried."""

from __future__ import annotations

from datetime import timedelta

WINDOW = timedelta(minutes=15)
"""Older attempts are forgotten."""
FREE = 4
"""Wrong passwords for one account from one address before waiting begins."""
MOST_FROM_ADDRESS = 60
"""Wrong passwords from one address, whatever the account, before it has to wait."""


def wait(failures: int) -> timedelta:
    """How long after the latest wrong password the next may be tried: 2 s, 4 s, 8 s ... at most the window."""
    return min(timedelta(seconds=2 ** min(failures - FREE, 12)), WINDOW) if failures > FREE else timedelta(0)
