"""Parallel and inclusive branches, and where they meet: traces, alive and restarted before every step."""

from __future__ import annotations

import pytest

from tests.core.diagrams import (
    diagram,
    end,
    exclusive,
    flow,
    inclusive,
    parallel,
    start,
    user_task,
)
from tests.core.stepping.conftest import Player

BRANCHES = diagram(
    start(),
    parallel("Split"),
    user_task("A"),
    user_task("B"),
    parallel("Join"),
    user_task("C"),
    end(),
    flow("Start", "Split"),
    flow("Split", "A"),
    flow("Split", "B"),
    flow("A", "Join"),
    flow("B", "Join"),
    flow("Join", "C"),
    flow("C", "End"),
)


def test_parallel_branches_join_and_lists_are_replaced_whole(play: Player) -> None:
    case = play(BRANCHES).begin(v=[0])
    assert case.waiting == ["A", "B"]
    case.complete("A", v=[5, 5], a=1)
    assert case.waiting == ["B"]
    case.complete("B", v=[7], b=2)
    assert case.waiting == ["C"]
    assert case.variables == {"v": [7], "a": 1, "b": 2}
    conflicts = [each.details for each in case.history if each.what == "conflict"]
    assert conflicts == [{"variable": "v", "kept": [7], "lost": [5, 5]}]


def test_what_only_one_branch_writes_is_no_conflict(play: Player) -> None:
    case = play(BRANCHES).begin(v=[0]).complete("B", v=[7]).complete("A")
    assert case.variables["v"] == [7]
    assert case.told("conflict") == []


def test_branches_do_not_see_each_others_half_done_work(play: Player) -> None:
    case = play(BRANCHES).begin(v={"n": 1}).complete("A", v={"n": 2})
    assert case.open[case.key("B")].variables["v"] == {"n": 1}


def test_a_parallel_join_inside_a_loop_counts_tokens_by_flow(play: Player) -> None:
    source = diagram(
        start(),
        exclusive("Again"),
        parallel("Split"),
        user_task("A"),
        user_task("B"),
        parallel("Join"),
        exclusive("More"),
        end(),
        flow("Start", "Again"),
        flow("Again", "Split"),
        flow("Split", "A"),
        flow("Split", "B"),
        flow("A", "Join"),
        flow("B", "Join"),
        flow("Join", "More"),
        flow("More", "Again", "${x < 3}"),
        flow("More", "End", default=True),
    )
    case = play(source).begin(x=0)
    for number in range(3):
        case.complete("A", x=number + 1).complete("B")
    assert case.ended
    assert case.done.count("Join") == 3


def test_a_join_that_can_never_be_full_is_a_problem_not_a_silence(play: Player) -> None:
    source = diagram(
        start(),
        exclusive("Choose"),
        user_task("A"),
        user_task("B"),
        parallel("Join"),
        end(),
        flow("Start", "Choose"),
        flow("Choose", "A", "${x}"),
        flow("Choose", "B", default=True),
        flow("A", "Join"),
        flow("B", "Join"),
        flow("Join", "End"),
    )
    case = play(source).begin(x=True).complete("A")
    assert [(each.element, each.rule) for each in case.problems.values()] == [("Join", "stall")]


INCLUSIVE = diagram(
    start(),
    inclusive("Split"),
    user_task("A"),
    user_task("B"),
    user_task("C"),
    inclusive("Join"),
    user_task("D"),
    end(),
    flow("Start", "Split"),
    flow("Split", "A", "${a}"),
    flow("Split", "B", "${b}"),
    flow("Split", "C", default=True),
    flow("A", "Join"),
    flow("B", "Join"),
    flow("C", "Join"),
    flow("Join", "D"),
    flow("D", "End"),
)


@pytest.mark.parametrize(("a", "b", "opened"), [(1, 0, ["A"]), (1, 1, ["A", "B"]), (0, 0, ["C"])])
def test_an_inclusive_join_waits_for_those_who_can_come(play: Player, a: int, b: int, opened: list[str]) -> None:
    case = play(INCLUSIVE).begin(a=a, b=b)
    assert case.waiting == opened
    for element in opened:
        assert "D" not in case.waiting
        case.complete(element)
    assert case.waiting == ["D"]
    assert case.done.count("Join") == 1
    assert case.complete("D").ended


def test_cancelling_withdraws_everything(play: Player) -> None:
    case = play(BRANCHES).begin().cancel()
    assert case.ended
    assert case.told("cancelled") == ["A", "B"]
