"""Sequences, choices and loops: traces, alive and restarted before every step."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.core.diagrams import (
    diagram,
    end,
    exclusive,
    flow,
    manual_task,
    script_task,
    start,
    task,
    user_task,
)
from tests.core.play import Play
from tests.core.stepping.conftest import Player


def test_tasks_follow_each_other_and_the_case_ends(play: Player) -> None:
    case = play(diagram(start(), user_task("A"), user_task("B"), end(properties={"outcome": "KLAR"}))).begin(
        title="KOL"
    )
    assert case.waiting == ["A"]
    case.complete("A", x=1)
    assert case.waiting == ["B"]
    case.complete("B", y=[1])
    assert case.ended
    assert case.outcome == "KLAR"
    assert case.variables == {"title": "KOL", "x": 1, "y": [1]}
    assert case.done == ["Start", "A", "B", "End"]


@pytest.mark.parametrize("made", [task, manual_task])
def test_plain_and_manual_tasks_wait_for_a_person(play: Player, made: Callable[..., object]) -> None:
    case = play(diagram(start(), made("A"), end())).begin()
    assert case.waiting == ["A"]
    assert case.complete("A").ended


def test_exclusive_gateway_takes_the_first_that_holds_or_the_default(play: Player) -> None:
    source = diagram(
        start(),
        exclusive("G"),
        end("Many"),
        end("Few"),
        end("None"),
        flow("Start", "G"),
        flow("G", "Many", "${x > 5}"),
        flow("G", "Few", "${x > 1}"),
        flow("G", "None", default=True),
    )
    assert play(source).begin(x=9).done[-1] == "Many"
    assert play(source).begin(x=3).done[-1] == "Few"
    assert play(source).begin(x=0).taken[-1] == "Flow_G_None"


def test_no_way_out_of_a_gateway_is_a_problem_that_a_retry_cannot_hide(play: Player) -> None:
    source = diagram(
        start(), user_task("A"), exclusive("G"), end(), flow("Start", "A"), flow("A", "G"), flow("G", "End", "${x > 1}")
    )
    case = play(source).begin().complete("A", x=0)
    assert [each.rule for each in case.problems.values()] == ["no-flow"]
    case.retry()
    assert len(case.problems) == 1
    assert not case.ended


def test_a_persons_answer_survives_a_failing_step_and_retry_goes_on(play: Player) -> None:
    answers: list[str] = []

    def holders(role: str, area: str) -> str:
        return answers[0]

    source = diagram(start(), user_task("A"), script_task("S", "who = holders('registrar', area)"), end())
    case = play(source, functions={"holders": holders}).begin().complete("A", area="LUNG")
    assert case.waiting == []
    assert case.told("completed")[-1] == "A"
    assert [each.element for each in case.problems.values()] == ["S"]
    assert case.variables["area"] == "LUNG"
    answers.append("Ria")
    case.retry()
    assert case.problems == {}
    assert case.ended
    assert case.variables["who"] == "Ria"


def test_a_loop_of_three_thousand_rounds_never_stalls() -> None:
    source = diagram(
        start(),
        exclusive("Again"),
        user_task("A"),
        exclusive("More"),
        end(),
        flow("Start", "Again"),
        flow("Again", "A"),
        flow("A", "More"),
        flow("More", "Again", "${x < 3000}"),
        flow("More", "End", default=True),
    )
    case = Play(source).begin()
    for number in range(3000):
        case.complete("A", x=number + 1)
    assert case.ended
    assert case.told("completed").count("A") == 3000
    assert len(case.rows) == 1


def test_a_loop_without_a_waiting_step_stops_with_a_problem() -> None:
    source = diagram(
        start(),
        exclusive("Again"),
        exclusive("More"),
        end(),
        flow("Start", "Again"),
        flow("Again", "More"),
        flow("More", "Again", "${x}"),
        flow("More", "End", default=True),
    )
    case = Play(source).begin(x=1)
    assert [each.rule for each in case.problems.values()] == ["limit"]


def test_sixty_tasks_in_a_row(play: Player) -> None:
    case = play(diagram(start(), *(user_task(f"T{number}") for number in range(60)), end())).begin()
    for number in range(60):
        case.complete(f"T{number}")
    assert case.ended


def test_flows_without_ids_are_taken(play: Player) -> None:
    source = diagram(start(), user_task("A"), end(), flow("Start", "A", id=""), flow("A", "End", id=""))
    assert play(source).begin().complete("A").ended


def test_conditions_and_default_on_flows_out_of_a_task(play: Player) -> None:
    source = diagram(
        start(),
        user_task("A"),
        end("Yes"),
        end("No"),
        flow("Start", "A"),
        flow("A", "Yes", "${ok}"),
        flow("A", "No", default=True),
    )
    assert play(source).begin().complete("A", ok=True).taken == ["Flow_Start_A", "Flow_A_Yes"]
    assert play(source).begin().complete("A", ok=False).taken == ["Flow_Start_A", "Flow_A_No"]


def test_several_plain_flows_out_of_a_task_are_parallel_branches(play: Player) -> None:
    source = diagram(
        start(),
        user_task("A"),
        user_task("B"),
        user_task("C"),
        end(),
        flow("Start", "A"),
        flow("A", "B"),
        flow("A", "C"),
        flow("B", "End"),
        flow("C", "End"),
    )
    case = play(source).begin().complete("A")
    assert case.waiting == ["B", "C"]
    case.complete("B")
    assert not case.ended
    assert case.complete("C").ended
