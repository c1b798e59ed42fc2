"""W5: 1 000 due of 10 000 waiting timers fire; and a look when nothing is due.

`python -m tests.bench.w5_timers [rounds]`. Every case fires into a user task. The floor is the same rows in the same
transactions, bare.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from statistics import median
from time import perf_counter

from engine import clock, live, steps
from engine.access import SYSTEM
from tests.bench.figures import figure
from tests.bench.floor import recorded
from tests.bench.town import ASKED, START, town
from tests.core import diagrams as d
from tests.engine.town import REGION, Town

ROUNDS = 3
WAITING, DUE = 10_000, 1_000
POLLS = 300


def main(rounds: int = ROUNDS) -> None:
    with town("task.created") as place:
        _fill(place, WAITING + DUE * rounds)
        took = [_fire(place) for _ in range(rounds)]
        idle = [_poll(place) for _ in range(POLLS)]
        with recorded(place.db) as recording:
            _fire(place)
            bare = sum(recording.replay())
    figure("W5", "fire_1000_s", median(took), "s", bare, due=DUE, waiting=WAITING)
    figure("W5", "idle_poll_ms", 1000 * median(idle), "ms", None, waiting=WAITING)


def _fill(place: Town, size: int) -> None:
    """Cases that wait, 1 000 for each coming hour."""
    wait = d.catch("Wait", d.timer(date="${wakes}"))
    start = d.start(extension=d.form(d.field("wakes")))
    place.deploy(d.diagram(start, wait, d.user_task("A", **ASKED), d.end()))
    for first in range(0, size, 100):
        wakes = START + timedelta(hours=1 + first // DUE)
        with place.db.transaction() as tx:
            for _ in range(100):
                steps.start(tx, REGION, "test", {"wakes": wakes.isoformat()}, SYSTEM)


def _fire(place: Town) -> float:
    """Seconds for one tick in which 1 000 cases are due, their states read back from their rows."""
    live.forget()
    place.clock.advance(timedelta(hours=1))
    began = perf_counter()
    ticked = clock.tick(place.db)
    took = perf_counter() - began
    assert (ticked.fired, ticked.failed) == (DUE, 0)
    return took


def _poll(place: Town) -> float:
    """Seconds for one tick with nothing to do."""
    began = perf_counter()
    assert clock.tick(place.db).is_idle
    return perf_counter() - began


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
