"""One request at a time, where the database is a file: the threads of a server are for those that are slow.

Python runs one thread at a time, and SQLite lets go of that right at every statement. Threads that are all at work then
hand it to each other at each of theirs, and four requests at once take longer than four after each other.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SECONDS = 0.1
"""Whoever has waited this long goes on beside what is slow: a sign-in at another server, a large export."""


class Turns:
    """An application whose requests wait for each other, but not for long. An answer is sent outside its turn."""

    def __init__(self, application: WSGIApplication, seconds: float = SECONDS) -> None:
        self._application = application
        self._seconds = seconds
        self._turn = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_ours = self._turn.acquire(timeout=self._seconds)
        try:
            return self._application(environ, start_response)
        finally:
            if is_ours:
                self._turn.release()
