"""W1: five user tasks in sequence, start to end, in process: `python -m tests.bench.w1_sequence [rounds]`.

Every completion is one durable commit with its history, inbox and outbox rows. The floor is the same rows bare.
"""

from __future__ import annotations

import sys
import time
from statistics import median

from engine import tasks
from store import tasks as task_rows
from tests.bench.figures import figure
from tests.bench.floor import recorded
from tests.bench.town import ASKED, town
from tests.core import diagrams as d
from tests.engine.town import Town

ROUNDS = 300
STEPS = 5
WARM = 20


def main(rounds: int = ROUNDS) -> None:
    with town("task.completed") as place:
        place.deploy(d.diagram(d.start(), *(_task(number) for number in range(STEPS)), d.end()))
        for _ in range(WARM):
            _round(place)
        with recorded(place.db) as recording:
            took = [_round(place) for _ in range(rounds)]
            floor = recording.replay()
    bare = len(floor) / (STEPS + 1) * STEPS / sum(floor)
    figure("W1", "tasks_per_s", STEPS / median(took), "1/s", bare, rounds=rounds, tasks=STEPS)
    figure("W1", "step_ms", 1000 * median(took) / STEPS, "ms", 1000 / bare, rounds=rounds, tasks=STEPS)


def _task(number: int) -> d.Part:
    return d.user_task(f"Task{number}", d.field(f"answer{number}"), **ASKED)


def _round(place: Town) -> float:
    """Seconds from a case's start to its end, looking for its next task left out."""
    sam = place.by("Sam")
    began = time.perf_counter()
    case = place.start(by="Sam")
    took = time.perf_counter() - began
    for number in range(STEPS):
        with place.db.read() as reader:
            task = task_rows.open_of_case(reader, case.id)[0]
        began = time.perf_counter()
        tasks.complete(place.db, task.id, {f"answer{number}": "ja"}, by=sam)
        took += time.perf_counter() - began
    return took


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
