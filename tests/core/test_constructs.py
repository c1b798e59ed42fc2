"""What SpiffWorkflow 3.2.0 gets wrong in silence, one file for each: right here, by its trace, or refused by name.

The traces are in `stepping/` and the refusals in `test_refused.py`; this is the list, so that no row is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from engine.core import state as states
from engine.core.errors import StateUnreadable
from tests.core.diagrams import (
    boundary,
    call,
    catch,
    chain,
    diagram,
    end,
    event_gateway,
    exclusive,
    flow,
    inclusive,
    link,
    manual_task,
    many,
    message,
    parallel,
    script_task,
    signal,
    start,
    sub_process,
    task,
    throw,
    timer,
    user_task,
)
from tests.core.play import Play
from tests.core.words import rules

KEY = {"correlationKey": "${case.number}"}
JOINED = [flow("A", "Join"), flow("B", "Join"), flow("Join", "End")]
LISTENING = sub_process("S", start("Called", message("Off"), properties=KEY), user_task("B"), end("E2"), event=True)


@dataclass(frozen=True)
class Right:
    """A construct that runs as the standard has it."""

    source: bytes
    moves: Callable[[Play], object]
    done: list[str]
    """All that has been passed when the moves are made."""


def line(*parts: object) -> bytes:
    return diagram(start(), *parts, end())  # type: ignore[arg-type]


def two_rounds(case: Play) -> None:
    case.begin(x=1)
    case.complete("A", x=2).complete("A", x=0)


RIGHT = {
    "a loop": Right(
        diagram(
            start(),
            exclusive("G"),
            user_task("A"),
            exclusive("H"),
            end(),
            flow("Start", "G"),
            flow("G", "A"),
            flow("A", "H"),
            flow("H", "G", "${x > 1}"),
            flow("H", "End", default=True),
        ),
        two_rounds,
        ["Start", "G", "A", "H", "G", "A", "H", "End"],
    ),
    "lists from two branches": Right(
        diagram(
            start(),
            parallel("Split"),
            user_task("A"),
            user_task("B"),
            parallel("Join"),
            end(),
            flow("Start", "Split"),
            flow("Split", "A"),
            flow("Split", "B"),
            *JOINED,
        ),
        lambda case: case.begin(v=[0]).complete("A", v=[5, 5]).complete("B", v=[7]),
        ["Start", "Split", "A", "B", "Join", "End"],
    ),
    "two timers on an event gateway": Right(
        diagram(
            start(),
            event_gateway("G"),
            catch("Short", timer("PT1H")),
            catch("Long", timer("P1D")),
            end(),
            end("E2"),
            flow("Start", "G"),
            flow("G", "Short"),
            flow("G", "Long"),
            flow("Short", "End"),
            flow("Long", "E2"),
        ),
        lambda case: case.begin().later(hours=1),
        ["Start", "G", "Short", "End"],
    ),
    "an interrupting event sub-process": Right(
        diagram(start(), user_task("A"), end(), LISTENING),
        lambda case: case.begin().message("Off").complete("B"),
        ["Start", "Called", "B", "E2", "S"],
    ),
    "an event sub-process in a sub-process": Right(
        line(sub_process("P", start("S1"), user_task("A"), end("E1"), LISTENING)),
        lambda case: case.begin().message("Off").complete("B"),
        ["Start", "S1", "Called", "B", "E2", "S", "P", "End"],
    ),
    "link events": Right(
        diagram(start(), throw("To", link("X")), chain(catch("From", link("X")), end())),
        lambda case: case.begin(),
        ["Start", "To", "From", "End"],
    ),
    "a signal end event": Right(
        diagram(
            start(),
            parallel("Split"),
            user_task("A"),
            end("Stop", signal("S")),
            catch("C", signal("S")),
            end(),
            flow("Start", "Split"),
            flow("Split", "A"),
            flow("A", "Stop"),
            flow("Split", "C"),
            flow("C", "End"),
        ),
        lambda case: case.begin().complete("A"),
        ["Start", "Split", "A", "Stop", "C", "End"],
    ),
    "flows without ids": Right(
        diagram(start(), user_task("A"), end(), flow("Start", "A", id=""), flow("A", "End", id="")),
        lambda case: case.begin().complete("A"),
        ["Start", "A", "End"],
    ),
    "a message beside the work, twice": Right(
        diagram(
            start(),
            user_task("A"),
            end(),
            boundary("M", "A", message("News"), interrupting=False, properties=KEY),
            chain("M", end("E2")),
        ),
        lambda case: case.begin().message("News").message("News").complete("A"),
        ["Start", "M", "E2", "M", "E2", "A", "End"],
    ),
    "conditions on flows out of a task": Right(
        diagram(
            start(),
            user_task("A"),
            end(),
            end("E2"),
            flow("Start", "A"),
            flow("A", "E2", "${x}"),
            flow("A", "End", default=True),
        ),
        lambda case: case.begin().complete("A", x=True),
        ["Start", "A", "E2"],
    ),
    "a plain task": Right(line(task("A")), lambda case: case.begin().complete("A"), ["Start", "A", "End"]),
    "a manual task": Right(line(manual_task("A")), lambda case: case.begin().complete("A"), ["Start", "A", "End"]),
    "a timer before the task it guards": Right(
        diagram(
            start(),
            sub_process("P", start("S1"), catch("T", timer("PT1H")), script_task("X", "x = 1"), end("E1")),
            end(),
            boundary("Late", "P", timer("PT1H")),
            chain("Late", end("E2")),
        ),
        lambda case: case.begin().later(hours=1),
        ["Start", "S1", "Late", "E2"],
    ),
    "a number of instances by expression": Right(
        line(user_task("A", inside=many(cardinality="${n}"))),
        lambda case: case.begin(n=2).complete("A", 0).complete("A", 1),
        ["Start", "A", "A", "End"],
    ),
}

REFUSED = {
    "an inclusive gateway in a loop": (
        "inclusive-in-loop",
        diagram(
            start(),
            exclusive("G"),
            inclusive("I"),
            user_task("A"),
            user_task("B"),
            inclusive("J"),
            exclusive("H"),
            end(),
            flow("Start", "G"),
            flow("G", "I"),
            flow("I", "A", "${1 > 0}"),
            flow("I", "B", default=True),
            flow("A", "J"),
            flow("B", "J"),
            flow("J", "H"),
            flow("H", "G", "${1 > 2}"),
            flow("H", "End", default=True),
        ),
    ),
    "a process that calls itself": ("self-call", line(call("C", "test", {"x": "1"}))),
    "an element nobody reaches": (
        "unreachable",
        diagram(start(), end(), user_task("A"), flow("Start", "End"), flow("A", "End")),
    ),
    "a process that is not executable": ("not-executable", diagram(start(), user_task("A"), end(), executable=False)),
    "a variable called typename": ("bad-name", line(script_task("S", "typename = 1"))),
}


@pytest.mark.parametrize("restart", [False, True], ids=["live", "restarted"])
@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str, restart: bool) -> None:
    case = Play(RIGHT[name].source, restart=restart)
    RIGHT[name].moves(case)
    assert case.done == RIGHT[name].done
    assert case.ended


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    rule, source = REFUSED[name]
    assert rule in rules(source)


def test_two_cases_do_not_share_their_number_of_instances() -> None:
    wide, narrow = Play(RIGHT["a number of instances by expression"].source), Play(line(task("A")))
    narrow.definition = wide.definition
    assert len(wide.begin(n=3).open) == 3
    assert len(narrow.begin(n=1).open) == 1


def test_an_error_with_an_odd_key_is_a_problem_like_any_other() -> None:
    case = Play(line(user_task("A"), script_task("S", "x = {}[5]"))).begin().complete("A")
    assert [each.element for each in case.problems.values()] == ["S"]


def test_state_of_another_format_is_not_read() -> None:
    case = Play(line(user_task("A"))).begin()
    with pytest.raises(StateUnreadable):
        states.load(case.definition, {**case.rows, "case": case.rows["case"].replace('"format":1', '"format":99')})
