"""Multi-instance activities: traces, alive and restarted before every step."""

from __future__ import annotations

import pytest

from engine.core.deliveries import AddInstance, CompleteTask
from tests.core.diagrams import (
    boundary,
    call,
    chain,
    diagram,
    end,
    many,
    start,
    timer,
    user_task,
)
from tests.core.play import Play
from tests.core.stepping.conftest import Player


def test_parallel_instances_see_their_element_and_the_counters(play: Player) -> None:
    source = diagram(start(), user_task("A", assignee="${who}", inside=many("people", "who")), user_task("B"), end())
    case = play(source).begin(people=["Lo", "Pia", "Sam"])
    assert [each.assignee for each in case.open.values()] == ["Lo", "Pia", "Sam"]
    seen = case.open[case.key("A", 1)].variables
    assert (seen["loopCounter"], seen["nrOfInstances"], seen["nrOfActiveInstances"]) == (1, 3, 3)
    case.complete("A", 2, stance="JA").complete("A", 0, stance="NEJ").complete("A", 1)
    assert case.waiting == ["B"]
    assert case.variables["stance"] == "NEJ"
    assert "who" not in case.variables


def test_what_each_instance_wrote_can_be_gathered(play: Player) -> None:
    gathered = {"outputCollection": "views"}
    source = diagram(start(), user_task("A", inside=many("people", "who"), properties=gathered), end())
    case = play(source).begin(people=["Lo", "Pia"]).complete("A", 1, stance="NEJ").complete("A", 0, stance="JA")
    assert case.variables["views"] == [
        {"loopCounter": 0, "who": "Lo", "stance": "JA"},
        {"loopCounter": 1, "who": "Pia", "stance": "NEJ"},
    ]


RESPONDENTS = [{"person": "Lo", "group": None}, {"person": None, "group": "primaryCareRep@LUNG"}]


def asked_in_parts(play: Player, elements: list[object]) -> Play:
    part = diagram(
        start("S2"), user_task("A", assignee="${asked.person}", candidateGroups="${asked.group}"), end("E2"), id="part"
    )
    main = diagram(
        start(), call("Ask", "part", {"asked": "asked"}, inside=many("people", "asked")), user_task("B"), end()
    )
    return play(main, part).begin(people=elements)


def test_a_part_that_asks_one_respondent_is_their_instance(play: Player) -> None:
    case = asked_in_parts(play, list(RESPONDENTS))
    first, second = case.open.values()
    assert first.multi_instance is not None
    assert first.multi_instance == second.multi_instance
    assert [first.element_value, second.element_value] == RESPONDENTS


def test_a_respondent_in_a_part_may_send_on(play: Player) -> None:
    case = asked_in_parts(play, list(RESPONDENTS))
    case.deliver(AddInstance(case.key("A"), {"person": "Pia", "group": None}))
    assert [each.assignee for each in case.open.values()] == ["Lo", None, "Pia"]
    case.complete("A").complete("A")
    assert case.waiting == ["A"]
    assert case.complete("A").waiting == ["B"]


def test_a_part_for_each_row_asks_nobody(play: Player) -> None:
    case = asked_in_parts(play, [{"person": "Lo", "group": None, "profession": "Läkare"}])
    assert [each.multi_instance for each in case.open.values()] == [None]


def test_sequential_instances_come_one_at_a_time(play: Player) -> None:
    source = diagram(start(), user_task("A", inside=many(cardinality="${n}", sequential=True)), end())
    case = play(source).begin(n=3)
    for number in range(3):
        assert case.waiting == ["A"]
        assert case.open[case.key("A")].loop_counter == number
        case.complete("A")
    assert case.ended


def test_a_completion_condition_ends_the_rest(play: Player) -> None:
    source = diagram(
        start(), user_task("A", inside=many("people", "who", until="${nrOfCompletedInstances >= 2}")), end()
    )
    case = play(source).begin(people=[1, 2, 3, 4]).complete("A", 0)
    assert not case.ended
    case.complete("A", 3)
    assert case.ended
    assert case.told("cancelled") == ["A", "A"]


@pytest.mark.parametrize("people", [[], None])
def test_nobody_to_ask_goes_on_at_once(play: Player, people: list[str] | None) -> None:
    assert play(diagram(start(), user_task("A", inside=many("people", "who")), end())).begin(people=people).ended


def test_someone_missed_is_added_and_the_join_waits(play: Player) -> None:
    source = diagram(start(), user_task("A", inside=many("people", "who")), user_task("B"), end())
    case = play(source).begin(people=["Lo"]).add("A", "Hab")
    assert case.waiting == ["A", "A"]
    case.complete("A", 0)
    assert case.waiting == ["A"]
    assert case.open[case.key("A")].element_value == "Hab"
    assert case.complete("A", 1).waiting == ["B"]


def test_a_timer_closes_a_round_for_those_who_have_not_answered(play: Player) -> None:
    source = diagram(
        start(),
        user_task("A", inside=many("people", "who")),
        end(),
        boundary("Closes", "A", timer("P10D")),
        chain("Closes", user_task("B"), end("E2")),
    )
    case = play(source).begin(people=["Lo", "Pia"]).complete("A", 0).later(days=10)
    assert case.waiting == ["B"]
    assert case.told("cancelled") == ["A"]


def test_calls_in_parallel_give_back_to_the_round(play: Player) -> None:
    called = diagram(start("S2"), user_task("A"), end("E2"), id="part")
    one = call(
        "C",
        "part",
        {"who": "who"},
        {"answer": "answer"},
        inside=many("people", "who"),
        properties={"outputCollection": "all"},
    )
    case = play(diagram(start(), one, end()), called).begin(people=["Lo", "Pia"])
    assert [each.variables["who"] for each in case.open.values()] == ["Lo", "Pia"]
    for key in list(case.open):
        case.deliver(CompleteTask(key, {"answer": key}))
    assert case.ended
    assert [row["who"] for row in case.variables["all"]] == ["Lo", "Pia"]


def test_a_thousand_instances() -> None:
    case = Play(diagram(start(), user_task("A", inside=many(cardinality="${n}")), end())).begin(n=1000)
    assert len(case.open) == 1000
    for number in range(1000):
        case.complete("A", number)
    assert case.ended
