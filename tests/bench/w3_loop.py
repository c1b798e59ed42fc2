"""W3: a loop's round 1 000 beside its round 10: `python -m tests.bench.w3_loop [loops]`.

Several cases go round side by side; each round is measured in all of them.
"""

from __future__ import annotations

import sys
from statistics import median
from time import perf_counter

from engine import tasks
from store import tasks as task_rows
from store.cases import Case
from tests.bench.figures import figure
from tests.bench.floor import recorded
from tests.bench.town import ASKED, town
from tests.core import diagrams as d
from tests.engine.town import Town

LOOPS = 3
AROUND = 50
"""A round's figure is the median over it and its neighbours, this many on each side where there are so many."""
EARLY, LATE = 10, 1_000


def main(loops: int = LOOPS) -> None:
    with town("task.completed") as place:
        place.deploy(_loop())
        for _ in range(20):
            _round(place, place.start(by="Sam"))
        running = [place.start(by="Sam") for _ in range(loops * 10)]
        early = [_round(place, case) for _ in range(EARLY + 5) for case in running][-10 * len(running) :]
        for case in running[:loops]:
            for _ in range(LATE - AROUND - EARLY - 5):
                _round(place, case)
        late = [_round(place, case) for _ in range(2 * AROUND) for case in running[:loops]]
        again = [place.start(by="Sam") for _ in range(loops)]
        fresh = [_round(place, case) for _ in range(2 * EARLY) for case in again]
        with recorded(place.db) as recording:
            for _ in range(50):
                _round(place, running[0])
            bare = 1000 * median(recording.replay())
    at_early, at_late = 1000 * median([*early, *fresh]), 1000 * median(late)
    figure("W3", "step_ms", at_early, "ms", bare, round=EARLY)
    figure("W3", "step_ms", at_late, "ms", bare, round=LATE)
    figure("W3", "growth", at_late / at_early, "ratio", 1, round=[EARLY, LATE])


def _loop() -> bytes:
    return d.diagram(
        d.start(),
        d.exclusive("Again"),
        d.user_task("A", d.field("more", "boolean"), **ASKED),
        d.exclusive("More"),
        d.end(),
        d.flow("Start", "Again"),
        d.flow("Again", "A"),
        d.flow("A", "More"),
        d.flow("More", "Again", "${more}"),
        d.flow("More", "End", default=True),
    )


def _round(place: Town, case: Case) -> float:
    """Seconds that one round takes."""
    with place.db.read() as reader:
        task = task_rows.open_of_case(reader, case.id)[0]
    sam = place.by("Sam")
    began = perf_counter()
    tasks.complete(place.db, task.id, {"more": True}, by=sam)
    return perf_counter() - began


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
