"""Long loops, wide rounds and long processes through the whole stack: no stall, no growth."""

from __future__ import annotations

from engine import tasks
from store import states
from tests.core import diagrams as d
from tests.engine.town import Town
from tests.scale import size

ROUNDS = size("ROUNDS", 500, 3_000)
"""The core goes three thousand rounds every time."""
ASKED = {"candidateGroups": "coordinator"}


def test_a_long_loop(one_town: Town) -> None:
    one_town.deploy(
        d.diagram(
            d.start(),
            d.exclusive("Again"),
            d.user_task("A", d.field("left", "long"), **ASKED),
            d.exclusive("More"),
            d.end(),
            d.flow("Start", "Again"),
            d.flow("Again", "A"),
            d.flow("A", "More"),
            d.flow("More", "Again", "${left > 0}"),
            d.flow("More", "End", default=True),
        )
    )
    case = one_town.start()
    for left in reversed(range(ROUNDS)):
        one_town.complete("A", "Sam", {"left": left})
    assert one_town.case(case).status == "completed"
    assert one_town.told(case).count("completed A") == ROUNDS


def test_a_round_of_a_thousand(one_town: Town) -> None:
    many = d.user_task("A", d.field("stance"), inside=d.many(cardinality="${1000}"), **ASKED)
    one_town.deploy(d.diagram(d.start(), many, d.end()))
    case = one_town.start()
    opened = one_town.open_tasks()
    assert len(opened) == 1_000
    for task in opened:
        tasks.complete(one_town.db, task.id, {"stance": "JA"}, by=one_town.by("Sam"))
    assert one_town.case(case).status == "completed"


def test_sixty_steps_leave_a_small_state(one_town: Town) -> None:
    steps = [d.user_task(f"Task{number}", d.field(f"answer{number}"), **ASKED) for number in range(60)]
    one_town.deploy(d.diagram(d.start(), *steps, d.end()))
    case = one_town.start()
    for number in range(60):
        with one_town.db.read() as reader:
            assert len(states.read(reader, case.id)) == 2
        one_town.complete(f"Task{number}", "Sam", {f"answer{number}": "ja"})
    assert one_town.case(case).status == "completed"
