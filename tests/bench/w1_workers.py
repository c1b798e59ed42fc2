"""W1 by four workers on PostgreSQL beside one: `python -m tests.bench.w1_workers [workers] [rounds]`.

Each worker is a process of its own with cases of its own; commits are durable. The floor is one worker. A machine with
fewer processors than workers and server together cannot show more than what it has.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from multiprocessing.synchronize import Barrier
from time import perf_counter

from engine import cases, tasks
from engine.access import Actor
from store import tasks as task_rows
from store.database import Database, SteppedClock
from tests.bench.figures import figure
from tests.bench.town import START, settled
from tests.bench.w1_sequence import STEPS, sequence
from tests.engine.town import REGION
from tests.postgres import DURABLE, running

WORKERS, ROUNDS = 4, 60
WARM = 10

processes = multiprocessing.get_context("forkserver")


def main(workers: int = WORKERS, rounds: int = ROUNDS) -> None:
    with running(DURABLE) as server, settled(server.address, "task.completed") as place:
        place.deploy(sequence())
        one, several = (_rate(server.address, place.keys["Sam"], number, rounds) for number in (1, workers))
    of = {"database": "postgresql", "rounds": rounds, "processors": os.cpu_count()}
    figure("W1", "tasks_per_s", one, "1/s", None, workers=1, **of)
    figure("W1", "tasks_per_s", several, "1/s", one, workers=workers, **of)
    figure("W1", "growth", several / one, "ratio", 1, workers=[1, workers], **of)


def _rate(url: str, person: str, workers: int, rounds: int) -> float:
    """Tasks a second that so many workers complete between them, each so many rounds."""
    ready = processes.Barrier(workers + 1)
    started = [processes.Process(target=_work, args=(url, person, rounds, ready)) for _ in range(workers)]
    for each in started:
        each.start()
    ready.wait()
    began = perf_counter()
    for each in started:
        each.join()
    took = perf_counter() - began
    assert all(each.exitcode == 0 for each in started)
    return workers * rounds * STEPS / took


def _work(url: str, person: str, rounds: int, ready: Barrier) -> None:
    db, by = Database(url, SteppedClock(START)), Actor(person)
    for _ in range(WARM):
        _round(db, by)
    ready.wait()
    for _ in range(rounds):
        _round(db, by)


def _round(db: Database, by: Actor) -> None:
    case = cases.start(db, REGION, "test", {}, by=by)
    for number in range(STEPS):
        with db.read() as reader:
            task = task_rows.open_of_case(reader, case.id)[0]
        tasks.complete(db, task.id, {f"answer{number}": "ja"}, by=by)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
