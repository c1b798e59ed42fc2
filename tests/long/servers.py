"""Web servers in processes of their own, as `kunskapsflode serve` starts them, and programs that talk to them."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
BLINK = 0.05


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """In lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class WebServer:
    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """One request on a connection of its own. Raises OSError and `HTTPException` when there is no whole answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, names, answer.read())
        finally:
            connection.close()

    def get(self, path: str) -> int:
        """The status of a page that anyone may see."""
        return self.ask("GET", path).status

    def tell_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)


@contextmanager
def serving(url: str, folder: Path, number: int = 1, *options: str) -> Iterator[list[WebServer]]:
    """That many servers over one database; each writes what it says to a file in a folder."""
    with ExitStack() as stack:
        started = [stack.enter_context(_one(url, folder / f"server{each}.log", options)) for each in range(number)]
        for each in started:
            until(lambda each=each: _answers(each), "a server that answers")  # type: ignore[misc]
        yield started


@contextmanager
def _one(url: str, log: Path, options: tuple[str, ...]) -> Iterator[WebServer]:
    port = free_port()
    command = [sys.executable, "-m", "web.cli", "serve", "--port", str(port), *options]
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "KF_DATABASE_URL": url}, stdout=said, stderr=subprocess.STDOUT
        )
    try:
        yield WebServer(process, port, log)
    finally:
        process.kill()
        process.wait()


def _answers(server: WebServer) -> bool:
    assert server.process.poll() is None, server.log.read_text("utf-8")
    try:
        return server.get("/ready") == 200
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(holds: Callable[[], bool], what: str, seconds: float = PATIENCE) -> float:
    """Look again and again until something holds; answers how many seconds it took. Fails when it never does."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"waited in vain for {what}"
        threading.Event().wait(BLINK)
    return time.monotonic() - began
