"""Programs that complete tasks over HTTP against real servers, and write down what they were told."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.long.servers import Answer, WebServer, until

API = "/api/v1"
START = "/process-definitions/key/test/start"


@dataclass
class Ledger:
    """What several programs asked for and heard."""

    tried: list[str] = field(default_factory=list)
    """Ids of tasks."""
    done: list[str] = field(default_factory=list)
    """Ids of tasks that somebody was told are completed."""
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    """Answers that there should never be."""


@dataclass
class Partner:
    """Completes whatever is open as one person, on any of the servers; starts another case when nothing is.

    What is refused because the database is away is asked again, under the same key, until there is an answer.
    """

    servers: Sequence[WebServer]
    secret: str
    ledger: Ledger
    seed: int
    keep_going: bool = True
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.choose = random.Random(self.seed)
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        try:
            self.work()
        except Exception as error:
            self.ledger.wrong.append(repr(error))

    def work(self) -> None:
        while not self.stop.is_set():
            waiting = [each["id"] for each in self._ask("GET", "/tasks?limit=20").json["items"]]
            if waiting:
                self._complete(self.choose.choice(waiting))
            elif self.keep_going:
                self._ask("POST", START, {})
            else:
                return

    def _complete(self, task: str) -> None:
        self.ledger.tried.append(task)
        answer = self._ask("POST", f"/tasks/{task}/complete", {"variables": {"answer": "ja"}})
        if answer.status == 200 or _kind(answer) == "answer-lost":
            self.ledger.done.append(task)

    def _ask(self, method: str, path: str, body: object = None) -> Answer:
        """The first answer that is not 503."""
        key = {"Idempotency-Key": uuid4().hex} if method == "POST" else {}
        headers = {"Authorization": f"Bearer {self.secret}", **key}
        found: list[Answer] = []

        def answered() -> bool:
            answer = self._one(self.choose.choice(self.servers), method, API + path, body, headers)
            found.append(answer)
            self._judge(answer)
            return answer.status != 503

        until(answered, f"an answer to {method} {path}")
        return found[-1]

    def _one(self, server: WebServer, *request: Any) -> Answer:
        return server.ask(*request)

    def _judge(self, answer: Answer) -> None:
        self.ledger.statuses[answer.status] += 1
        if answer.status not in (200, 201, 409, 503):
            self.ledger.wrong.append(f"{answer.status} {answer.body[:500]!r}")
        if answer.status == 503 and not answer.headers.get("retry-after", "").isdigit():
            self.ledger.wrong.append(f"503 without Retry-After: {answer.headers}")


def _kind(answer: Answer) -> str:
    """`already-done`, `answer-lost` ... of a problem."""
    return str(answer.json["type"]).rpartition(":")[2] if answer.status >= 400 else ""
