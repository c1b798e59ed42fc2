"""Another system, on a loopback port: a real HTTP server that answers as it is told to and keeps what it got."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.patience import PATIENCE

BLINK = 0.02
"""Seconds between two bytes of an answer that drips."""


@dataclass(frozen=True)
class Got:
    """One request."""

    path: str
    headers: Mapping[str, str]
    """In lower case."""
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def type(self) -> str:
        return str(self.event["type"])


@dataclass(frozen=True)
class Reply:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"tack"
    hangs: bool = False
    """Say nothing until the other side has had enough."""
    cuts: bool = False
    """Hang up without a word, though the event was taken."""
    drips: bool = False
    """One byte of the answer's head at a time, for ever."""


@dataclass
class Receiver:
    """`answer` decides each reply from the request and how many came before it."""

    answer: Callable[[Got, int], Reply] = lambda got, number: Reply()
    got: list[Got] = field(default_factory=list)
    port: int = 0
    gone: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)
    outlasted: bool = False
    """The other side waited for as long as a reply that never comes lasts here."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in"

    @property
    def ids(self) -> list[str]:
        return [each.id for each in self.got]

    @property
    def types(self) -> list[str]:
        return [each.type.removeprefix("se.kunskapsflode.") for each in self.got]


@contextmanager
def receiving(answer: Callable[[Got, int], Reply] | None = None) -> Iterator[Receiver]:
    receiver = Receiver(answer) if answer else Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got = Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            receiver.got.append(got)
            receiver.arrived.set()
            self.reply(receiver.answer(got, len(receiver.got) - 1))

        def reply(self, reply: Reply) -> None:
            self.close_connection = True
            if reply.hangs:
                receiver.outlasted = not receiver.gone.wait(PATIENCE)
            elif reply.drips:
                self.drip()
            elif not reply.cuts:
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

        def drip(self) -> None:
            for _ in range(int(PATIENCE / BLINK)):
                if receiver.gone.wait(BLINK):
                    return
                self.wfile.write(b"H")
            receiver.outlasted = True

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: tests speak for themselves."""

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                receiver.gone.is_set()  # the sender has hung up, as it should

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.gone.set()
        server.shutdown()
        server.server_close()
