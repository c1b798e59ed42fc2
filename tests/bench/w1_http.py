"""W1 over HTTP: one served process, several programs: `python -m tests.bench.w1_http [cases] [programs]`.

Each program has cases of its own and completes their five tasks in turn, on one connection that stays open. The floor
is the same completions in process, one at a time, in the same minute. The clock goes, as in operation; nothing leaves.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter

from engine import tasks, tokens
from engine.access import SYSTEM
from store import outbox
from store import tasks as task_rows
from tests.bench.figures import figure
from tests.bench.town import town
from tests.bench.w1_sequence import STEPS, sequence
from tests.engine.town import Town
from tests.long.servers import WebServer, serving

CASES, PROGRAMS = 100, 4
WARM = 8


def main(cases: int = CASES, programs: int = PROGRAMS) -> None:
    os.environ["KF_REQUESTS_PER_MINUTE"] = "0"
    with town("task.completed") as place:
        place.deploy(sequence())
        _, secret = tokens.add(place.db, place.keys["Sam"], "bench", ["tasks:write"], by=SYSTEM)
        with place.db.transaction() as tx:
            outbox.hold(tx)
        file = str(place.db.url.database)
        with serving(f"sqlite:///{file}", Path(file).parent) as (server,):
            _together(place, server, secret, WARM, programs)
            rate = _together(place, server, secret, cases, programs)
        inside = STEPS / median(_alone(place) for _ in range(cases))
    figure("W1", "tasks_per_s", rate, "1/s", inside, over="HTTP", workers=1, programs=programs, cases=cases)


def _together(place: Town, server: WebServer, secret: str, cases: int, programs: int) -> float:
    """Tasks a second that the programs complete between them."""
    started = [place.start(by="Sam").id for _ in range(cases)]
    each = [_Program(place, server, secret, started[first::programs]) for first in range(programs)]
    with ThreadPoolExecutor(programs) as threads:
        began = perf_counter()
        done = sum(threads.map(_Program.work, each))
        return done / (perf_counter() - began)


class _Program:
    def __init__(self, place: Town, server: WebServer, secret: str, cases: Sequence[str]) -> None:
        self.place = place
        self.cases = cases
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port)
        self.headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}

    def work(self) -> int:
        """How many tasks it completed."""
        for case in self.cases:
            for number in range(STEPS):
                self._complete(_next(self.place, case), {f"answer{number}": "ja"})
        self.connection.close()
        return len(self.cases) * STEPS

    def _complete(self, task: str, variables: dict[str, str]) -> None:
        path = f"/api/v1/tasks/{task}/complete"
        self.connection.request("POST", path, json.dumps({"variables": variables}), self.headers)
        answer = self.connection.getresponse()
        said = answer.read()
        assert answer.status == 200, (answer.status, said)


def _alone(place: Town) -> float:
    """Seconds that the five completions of a case take in process."""
    case, took = place.start(by="Sam").id, 0.0
    for number in range(STEPS):
        task = _next(place, case)
        began = perf_counter()
        tasks.complete(place.db, task, {f"answer{number}": "ja"}, by=place.by("Sam"))
        took += perf_counter() - began
    return took


def _next(place: Town, case: str) -> str:
    with place.db.read() as reader:
        return task_rows.open_of_case(reader, case)[0].id


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
