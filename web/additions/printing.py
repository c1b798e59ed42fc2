"""Today's register as PDF, while the reader waits: one at a time, and the same page is set only once."""

from __future__ import annotations

import threading
from functools import lru_cache

from engine.record import press
from web.additions.errors import CannotPrint

PATIENCE = 30
"""Seconds to wait for another reader's turn."""
_one_at_a_time = threading.Lock()


def cannot() -> bool:
    """Whether this machine cannot set pages."""
    return bool(press.missing())


def printed(page: bytes) -> bytes:
    """Raises `CannotPrint` where nothing can be set, or others are before in line for too long."""
    if cannot():
        raise CannotPrint("PDF går inte att göra på den här servern än. Webbsidan går att skriva ut.")
    if not _one_at_a_time.acquire(timeout=PATIENCE):
        raise CannotPrint("Många hämtar förteckningen just nu. Försök igen om en stund.")
    try:
        return _set(page)
    except press.PressFailed as error:
        raise CannotPrint("PDF:en kunde inte göras. Webbsidan går att skriva ut.") from error
    finally:
        _one_at_a_time.release()


@lru_cache(maxsize=4)
def _set(page: bytes) -> bytes:
    return press.typeset(page)
