"""W2: a completion in a round of 1 000 beside one in a round of 20: `python -m tests.bench.w2_fan_out [completions]`.

Rounds of both sizes are open at the same time and answered in turn, so that both meet the same machine. The floor of a
round is the rows that its completions write, bare.
"""

from __future__ import annotations

import sys
from statistics import median
from time import perf_counter

from engine import tasks
from store import tasks as task_rows
from tests.bench.figures import figure
from tests.bench.floor import recorded
from tests.bench.town import ASKED, town
from tests.core import diagrams as d
from tests.engine.town import Town

COMPLETIONS = 300
SMALL, LARGE = 20, 1_000
LEFT = 5
"""Instances of a small round that stay open, so that no completion ends it."""


def main(completions: int = COMPLETIONS) -> None:
    with town("task.completed") as place:
        many = d.user_task("A", d.field("stance"), inside=d.many(cardinality="${size}"), **ASKED)
        place.deploy(d.diagram(d.start(extension=d.form(d.field("size", "long"))), many, d.end()))
        small, large = _Rounds(place, SMALL), _Rounds(place, LARGE)
        for _ in range(SMALL - LEFT):
            small.complete(), large.complete()
        took = [(small.complete(), large.complete()) for _ in range(completions)]
        with recorded(place.db) as recording:
            for _ in range(min(completions, 100)):
                large.complete()
            bare = 1000 * median(recording.replay())
    at_small, at_large = (1000 * median(each) for each in zip(*took, strict=True))
    figure("W2", "step_ms", at_small, "ms", bare, n=SMALL)
    figure("W2", "step_ms", at_large, "ms", bare, n=LARGE)
    figure("W2", "growth", at_large / at_small, "ratio", 1, n=[SMALL, LARGE])


class _Rounds:
    """Open instances of one size; a new round is opened when one runs out."""

    def __init__(self, place: Town, size: int) -> None:
        self.place = place
        self.size = size
        self.open: list[str] = []

    def complete(self) -> float:
        """Seconds that one completion takes."""
        if len(self.open) <= LEFT:
            case = self.place.start(by="Sam", size=self.size)
            with self.place.db.read() as reader:
                self.open = [each.id for each in task_rows.open_of_case(reader, case.id)]
        task, sam = self.open.pop(), self.place.by("Sam")
        began = perf_counter()
        tasks.complete(self.place.db, task, {"stance": "JA"}, by=sam)
        return perf_counter() - began


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
