"""Another system in a process of its own: it takes events, fails, hangs, hangs up, answers twice or late, as dice say.

Each request stands in a ledger before it is answered: what it was, and whether it was taken.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE

LATE = 3.0
"""Seconds after which an answer comes too late, or the receiver that says nothing hangs up."""

MOODS = {"fails": 20, "cuts": 5, "busy": 5, "hangs": 2, "late": 2, "twice": 2, "takes": 64}
"""What an ill receiver does -> in how many of a hundred requests."""
TAKEN = frozenset(("cuts", "late", "twice", "takes"))
"""Moods in which the event has been taken, whatever the sender hears."""


@dataclass(frozen=True)
class Arrival:
    """One line of the ledger."""

    path: str
    id: str
    case: str
    sequence: int
    body: str
    """Hash of the body."""
    taken: bool
    at: float
    """`time.monotonic()` of the machine."""


def receive(port: int, ledger: Path, seed: int) -> None:
    """Serve until killed: `/ill...` by the dice, `/silent...` never answers, everything else takes what it gets."""
    file = os.open(ledger, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    seen: Counter[str] = Counter()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.close_connection = True
            body = self.rfile.read(int(self.headers["Content-Length"]))
            event = json.loads(body)
            with lock:
                seen[event["id"]] += 1
                mood = self.mood(event["id"], seen[event["id"]])
            os.write(file, _line(self.path, event, body, mood in TAKEN))
            getattr(self, mood)()

        def mood(self, id: str, times: int) -> str:
            if not self.path.startswith("/ill"):
                return "sleeps" if self.path.startswith("/silent") else "takes"
            dice = random.Random(f"{seed}:{os.getpid()}:{id}:{times}")
            return dice.choices(list(MOODS), list(MOODS.values()))[0]

        def say(self, status: int, **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()

        def takes(self) -> None:
            self.say(200)

        def fails(self) -> None:
            self.say(500)

        def busy(self) -> None:
            self.say(429, Retry_After="20")

        def cuts(self) -> None:
            """Hangs up without a word."""

        def hangs(self) -> None:
            threading.Event().wait(LATE)

        def sleeps(self) -> None:
            threading.Event().wait(PATIENCE * 2)

        def late(self) -> None:
            threading.Event().wait(LATE)
            self.say(200)

        def twice(self) -> None:
            self.say(200)
            self.say(200)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the ledger tells."""

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                self.close_connection = True  # the sender has hung up, or was killed

    ThreadingHTTPServer.daemon_threads = True
    ThreadingHTTPServer.request_queue_size = 64
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


def _line(path: str, event: dict[str, Any], body: bytes, taken: bool) -> bytes:
    line = {
        "path": path,
        "id": event["id"],
        "case": event["data"]["caseId"],
        "sequence": int(event["sequence"]),
        "body": hashlib.sha256(body).hexdigest(),
        "taken": taken,
        "at": time.monotonic(),
    }
    return json.dumps(line).encode() + b"\n"


class Arrivals:
    """The ledger as it grows."""

    def __init__(self, ledger: Path) -> None:
        self.every: list[Arrival] = []
        self.taken: set[str] = set()
        """Ids."""
        ledger.touch()
        self._file = ledger.open("rb")
        self._rest = b""

    def look(self) -> bool:
        """Read what has come since last time; whether anything has."""
        *lines, self._rest = (self._rest + self._file.read()).split(b"\n")
        for each in self._read(lines):
            self.every.append(each)
            if each.taken:
                self.taken.add(each.id)
        return bool(lines)

    def _read(self, lines: list[bytes]) -> Iterator[Arrival]:
        for each in lines:
            yield Arrival(**json.loads(each))
