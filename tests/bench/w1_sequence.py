"""W1: five user tasks in sequence, start to end, in process: `python -m tests.bench.w1_sequence [rounds]`.

Every completion is one durable commit with its history, inbox and outbox rows. The floor is the same rows bare.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from statistics import median
from time import perf_counter

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
        place.deploy(sequence())
        for _ in range(WARM):
            _round(place)
        took = [_round(place) for _ in range(rounds)]
        with recorded(place.db) as recording:
            for _ in range(rounds):
                _round(place)
            commits = recording.replay()
    per_round = STEPS + 1
    bare = [sum(commits[first : first + per_round]) for first in range(0, len(commits), per_round)]
    of = {"rounds": rounds, "tasks": STEPS}
    figure("W1", "tasks_per_s", STEPS / median(took), "1/s", STEPS / median(bare), **of)
    figure("W1", "step_ms", 1000 * median(took) / STEPS, "ms", 1000 * median(bare) / STEPS, **of)


def sequence() -> bytes:
    """Five user tasks after each other."""
    asked = (d.user_task(f"Task{number}", d.field(f"answer{number}"), **ASKED) for number in range(STEPS))
    return d.diagram(d.start(), *asked, d.end())


def _round(place: Town) -> float:
    """Seconds from a case's start to its end, each move at its own moment; looking for the next task is left out."""
    sam = place.by("Sam")
    began = perf_counter()
    case = place.start(by="Sam")
    took = perf_counter() - began
    for number in range(STEPS):
        with place.db.read() as reader:
            task = task_rows.open_of_case(reader, case.id)[0]
        place.clock.advance(timedelta(seconds=1))
        began = perf_counter()
        tasks.complete(place.db, task.id, {f"answer{number}": "ja"}, by=sam)
        took += perf_counter() - began
    return took


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
