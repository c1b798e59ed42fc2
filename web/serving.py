"""The pages over HTTP, by waitress: told to stop, it takes nothing new and ends what it has begun.

Waitress itself drops what waits and what is not sent yet when it is stopped, so that its loop is turned here.
"""

from __future__ import annotations

import ctypes
import select
import signal
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

from store.database import Database
from web.turns import Turns

THREADS = 8
GRACE_SECONDS = 20.0
"""How long what has begun may take once the server is told to stop."""
QUIET_SECONDS = 0.5
"""How long all connections must have been silent to be closed: something may be on its way."""


class Server:
    """Listens from the moment it is made. Raises OSError where it cannot."""

    def __init__(self, application: Flask, host: str, port: int) -> None:
        self._map: dict[int, Any] = {}
        self._server: Any = create_server(
            _served(application),
            self._map,
            host=host,
            port=port,
            threads=THREADS,
            ident="",
        )
        self._told = threading.Event()

    def run(self) -> None:
        """Answer until told to stop (SIGTERM, or Ctrl+C), and then until everything that was asked is answered."""
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self._stop)
        while not self._told.is_set():
            self._turn(1.0)
        self._close_the_door()
        self._end()

    def close(self) -> None:
        """Let go of every connection and thread."""
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._map)

    def _stop(self, *_: Any) -> None:
        self._told.set()
        for each in self._each(BaseWSGIServer):
            each.pull_trigger()

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, map=self._map, count=1)

    def _close_the_door(self) -> None:
        """Whoever stands in the queue is let in first."""
        for listener in self._each(BaseWSGIServer):
            _hear_no_more(listener.socket)
            while select.select([listener.socket], [], [], 0)[0]:  # a turn lets in one
                self._turn(0)
            listener.accepting = False
            listener.del_channel()
            listener.socket.close()

    def _end(self) -> None:
        told = quiet_since = time.monotonic()
        while any(self._each(HTTPChannel)) and (now := time.monotonic()) - told < GRACE_SECONDS:
            if any(each.requests or each.request or each.total_outbufs_len for each in self._each(HTTPChannel)):
                quiet_since = now
            elif now - quiet_since > QUIET_SECONDS:
                return
            self._turn(0.05)

    def _each(self, kind: type) -> Iterator[Any]:
        return (each for each in list(self._map.values()) if isinstance(each, kind))


def _served(application: Flask) -> Any:
    database: Database = application.extensions["db"]
    return Turns(application) if database.is_sqlite else application


_ATTACH_FILTER = 26
"""Linux's SO_ATTACH_FILTER, which the socket module does not name."""
_KEEP_NOTHING = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0), 8)
"""A filter of packets, of one instruction: return 0."""


def _hear_no_more(listener: socket.socket) -> None:
    """Let nobody more into the queue: whoever knocks between a look at it and its closing would be cut off unheard.

    Their packets are dropped, so that they knock again and are refused. Elsewhere than on Linux the queue is short.
    """
    listener.listen(0)
    with suppress(OSError):
        listener.setsockopt(
            socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("HxxxxxxP", 1, ctypes.addressof(_KEEP_NOTHING))
        )
