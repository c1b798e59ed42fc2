"""Tokens: what each construct does, told by its trace. Each diagram also runs with a restart before every step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from engine.core.deliveries import CompleteTask
from tests.core.diagrams import (
    boundary,
    call,
    catch,
    chain,
    diagram,
    end,
    error,
    escalation,
    event_gateway,
    exclusive,
    flow,
    inclusive,
    link,
    manual_task,
    many,
    message,
    parallel,
    parameters,
    receive_task,
    script_task,
    service_task,
    signal,
    start,
    sub_process,
    task,
    terminate,
    throw,
    timer,
    user_task,
)
from tests.core.play import Play

Player = Callable[..., Play]


@pytest.fixture(params=[False, True], ids=["live", "restarted"])
def play(request: pytest.FixtureRequest) -> Player:
    return lambda *sources, **options: Play(*sources, restart=request.param, **options)


# Sequence, choices, loops ------------------------------------------------------------------------------------------


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


# Parallel and inclusive --------------------------------------------------------------------------------------------

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


# Events ------------------------------------------------------------------------------------------------------------


def test_a_timer_waits_for_its_instant_and_fires_at_it(play: Player) -> None:
    case = play(diagram(start(), catch("Wait", timer("PT2H")), user_task("A"), end())).begin()
    case.later(hours=1, minutes=59, seconds=59)
    assert case.waiting == []
    case.later(seconds=1)
    assert case.waiting == ["A"]
    assert case.told("fired") == ["Wait"]


def test_an_interrupting_timer_takes_the_task_away(play: Player) -> None:
    source = diagram(
        start(),
        user_task("A"),
        end(),
        boundary("Late", "A", timer("P1D")),
        chain("Late", user_task("B"), end("Missed")),
    )
    case = play(source).begin().later(days=1)
    assert case.waiting == ["B"]
    assert case.told("cancelled") == ["A"]
    order = [(each.what, each.element) for each in case.history if each.element in ("A", "Late")]
    assert order[-2:] == [("fired", "Late"), ("cancelled", "A")]
    assert case.complete("B").ended


def test_a_task_done_in_time_takes_its_timer_away(play: Player) -> None:
    source = diagram(start(), user_task("A"), end(), boundary("Late", "A", timer("P1D")), chain("Late", end("Missed")))
    case = play(source).begin().complete("A")
    assert case.ended
    assert case.timers == {}


def test_a_cycle_beside_a_task_fires_its_number_of_times(play: Player) -> None:
    source = diagram(
        start(),
        user_task("A"),
        end(),
        boundary("Remind", "A", timer(cycle="R2/P1D"), interrupting=False),
        chain("Remind", user_task("B"), end("Told")),
    )
    case = play(source).begin().later(days=1).later(days=1).later(days=5)
    assert case.waiting == ["A", "B", "B"]


def test_a_missed_cycle_is_caught_up_once(play: Player) -> None:
    source = diagram(
        start(),
        user_task("A"),
        end(),
        boundary("Remind", "A", timer(cycle="R/P1D"), interrupting=False),
        chain("Remind", user_task("B"), end("Told")),
    )
    case = play(source).begin().later(days=30)
    assert case.waiting == ["A", "B"]
    assert all(due > case.now for due in case.timers.values())


def test_a_message_beside_a_task_comes_as_often_as_it_comes(play: Player) -> None:
    source = diagram(
        start(),
        user_task("A"),
        end(),
        boundary("Told", "A", message("News"), interrupting=False, properties={"correlationKey": "${ref}"}),
        chain("Told", user_task("B"), end("Noted")),
    )
    case = play(source).begin(ref="R1")
    assert [(each.name, each.key) for each in case.subscriptions.values()] == [("News", "R1")]
    case.message("News", "R1", text="ett").message("News", "R1", text="två")
    assert case.waiting == ["A", "B", "B"]
    assert [each.variables["text"] for each in case.open.values() if each.element == "B"] == ["ett", "två"]


def test_a_receive_task_takes_the_payload(play: Player) -> None:
    source = diagram(
        start(), receive_task("R", "Answer", properties={"correlationKey": "${ref}"}), user_task("A"), end()
    )
    case = play(source).begin(ref=7).message("Answer", "7", decision="JA")
    assert case.open[case.key("A")].variables["decision"] == "JA"
    assert case.told("received") == ["R"]


def test_a_message_can_be_mapped_by_name(play: Player) -> None:
    source = diagram(
        start(), catch("M", message("News"), extension=parameters(outs={"kept": "${text}"})), user_task("A"), end()
    )
    case = play(source).begin(text="gammal").message("News", text="ny", other=1)
    assert case.variables == {"text": "gammal", "kept": "ny"}


def test_two_timers_on_an_event_gateway_each_have_their_own(play: Player) -> None:
    source = diagram(
        start(),
        event_gateway("First"),
        catch("Short", timer("PT1H")),
        catch("Long", timer("P2D")),
        catch("M", message("News")),
        end("EShort"),
        end("ELong"),
        end("EMessage"),
        flow("Start", "First"),
        flow("First", "Short"),
        flow("First", "Long"),
        flow("First", "M"),
        flow("Short", "EShort"),
        flow("Long", "ELong"),
        flow("M", "EMessage"),
    )
    case = play(source).begin()
    assert len(case.timers) == 2
    assert case.later(hours=1).done == ["Start", "First", "Short", "EShort"]
    assert play(source).begin().message("News").done[-1] == "EMessage"


def test_throwing_and_catching_a_signal_at_the_end_event(play: Player) -> None:
    source = diagram(
        start(),
        parallel("Split"),
        user_task("A"),
        end("Stop", signal("S")),
        catch("C", signal("S")),
        user_task("B"),
        end(),
        flow("Start", "Split"),
        flow("Split", "A"),
        flow("A", "Stop"),
        flow("Split", "C"),
        flow("C", "B"),
        flow("B", "End"),
    )
    case = play(source).begin().complete("A")
    assert case.waiting == ["B"]
    assert [(each.kind, each.name) for each in case.thrown] == [("signal", "S")]


def test_links_jump(play: Player) -> None:
    source = diagram(
        start(), user_task("A"), throw("To", link("X")), chain(catch("From", link("X")), user_task("B"), end())
    )
    case = play(source).begin().complete("A", x=1)
    assert case.waiting == ["B"]
    assert case.open[case.key("B")].variables["x"] == 1


def test_a_message_end_event_throws_with_key_and_payload(play: Player) -> None:
    source = diagram(
        start(),
        end(
            "Tell",
            message("Done"),
            properties={"correlationKey": "${ref}"},
            extension=parameters(ins={"what": "${title}"}),
        ),
    )
    case = play(source).begin(ref="R", title="KOL")
    assert [(each.name, each.key, each.payload) for each in case.thrown] == [("Done", "R", {"what": "KOL"})]


def test_terminate_ends_all_that_is_open(play: Player) -> None:
    source = diagram(
        start(),
        parallel("Split"),
        user_task("A"),
        end("Stop", terminate(), properties={"outcome": "STOPP"}),
        user_task("B"),
        end(),
        flow("Start", "Split"),
        flow("Split", "A"),
        flow("A", "Stop"),
        flow("Split", "B"),
        flow("B", "End"),
    )
    case = play(source).begin().complete("A")
    assert case.ended
    assert case.outcome == "STOPP"
    assert case.told("cancelled") == ["B"]


# Scopes ------------------------------------------------------------------------------------------------------------


def test_a_sub_process_sees_its_surroundings_and_gives_what_it_wrote(play: Player) -> None:
    source = diagram(
        start(),
        sub_process("P", start("S2"), script_task("X", "y = x + 1"), user_task("A"), end("E2")),
        user_task("B"),
        end(),
    )
    case = play(source).begin(x=1)
    assert case.open[case.key("A")].variables == {"x": 1, "y": 2}
    case.complete("A", z=3)
    assert case.waiting == ["B"]
    assert case.variables == {"x": 1, "y": 2, "z": 3}


def test_a_boundary_event_interrupts_a_whole_sub_process(play: Player) -> None:
    inner = sub_process("Deep", start("S3"), user_task("A"), end("E3"))
    source = diagram(
        start(),
        sub_process("P", start("S2"), inner, end("E2")),
        end(),
        boundary(
            "Stop",
            "P",
            message(
                "Withdrawn",
            ),
            properties={"correlationKey": "${ref}"},
        ),
        chain("Stop", end("Gone")),
    )
    case = play(source).begin(ref="1").message("Withdrawn", "1")
    assert case.ended
    assert case.waiting == []
    assert "Gone" in case.done


def test_an_interrupting_event_sub_process_interrupts(play: Player) -> None:
    source = diagram(
        start(),
        user_task("A"),
        end(),
        sub_process("Stop", start("Called", message("Off")), user_task("B"), end("E2"), event=True),
    )
    case = play(source).begin().message("Off", reason="sent")
    assert case.waiting == ["B"]
    assert case.told("cancelled") == ["A"]
    assert case.open[case.key("B")].variables["reason"] == "sent"
    assert case.complete("B").ended


def test_an_event_sub_process_beside_the_work_can_come_again(play: Player) -> None:
    source = diagram(
        start(),
        user_task("A"),
        end(),
        sub_process(
            "More", start("Called", message("Also"), interrupting=False), user_task("B"), end("E2"), event=True
        ),
    )
    case = play(source).begin().message("Also").message("Also")
    assert case.waiting == ["A", "B", "B"]
    case.complete("A")
    assert not case.ended
    case.complete("B").complete("B")
    assert case.ended


def test_an_event_sub_process_inside_a_sub_process_is_armed(play: Player) -> None:
    inner = sub_process("Stop", start("Called", signal("S")), user_task("B"), end("E3"), event=True)
    source = diagram(start(), sub_process("P", start("S2"), user_task("A"), end("E2"), inner), user_task("C"), end())
    case = play(source).begin().signal("S")
    assert case.waiting == ["B"]
    assert case.complete("B").waiting == ["C"]


def test_an_error_is_caught_by_the_nearest_boundary(play: Player) -> None:
    source = diagram(
        start(),
        sub_process("P", start("S2"), user_task("A"), end("Bad", error("FEL"))),
        end(),
        boundary("Other", "P", error("ANNAT")),
        chain("Other", end("E9")),
        boundary("Caught", "P", error("FEL")),
        chain("Caught", user_task("B"), end("E3")),
    )
    case = play(source).begin().complete("A", x=1)
    assert case.waiting == ["B"]
    assert case.open[case.key("B")].variables["x"] == 1


def test_an_error_nobody_catches_is_a_problem(play: Player) -> None:
    case = play(diagram(start(), user_task("A"), end("Bad", error("FEL")))).begin().complete("A")
    assert [each.rule for each in case.problems.values()] == ["error-uncaught"]


def test_an_escalation_beside_the_work_lets_it_go_on(play: Player) -> None:
    source = diagram(
        start(),
        sub_process("P", start("S2"), throw("Up", escalation("HOG")), user_task("A"), end("E2")),
        end(),
        boundary("Heard", "P", escalation("HOG"), interrupting=False),
        chain("Heard", user_task("B"), end("E3")),
    )
    case = play(source).begin()
    assert sorted(case.waiting) == ["A", "B"]
    assert case.complete("B").complete("A").ended


def test_a_call_gets_and_gives_by_name_only(play: Player) -> None:
    called = diagram(start("S2"), user_task("A"), end("E2"), id="part")
    main = diagram(start(), call("C", "part", {"given": "title"}, {"back": "answer"}), user_task("B"), end())
    case = play(main, called).begin(title="KOL", secret=1)
    assert case.open[case.key("A")].variables == {"given": "KOL"}
    assert case.open[case.key("A")].process == "part"
    case.complete("A", answer=42, noise=0)
    assert case.variables == {"title": "KOL", "secret": 1, "back": 42}


def test_a_part_that_calls_itself_without_end_stops_with_a_problem() -> None:
    main = diagram(start(), call("C", "test", {"x": "x"}, {"x": "x"}), end())
    case = Play(main).begin(x=1)
    assert [each.rule for each in case.problems.values()] == ["limit"]


# Many --------------------------------------------------------------------------------------------------------------


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


# People, dates, effects --------------------------------------------------------------------------------------------


def test_a_task_says_who_and_when(play: Player) -> None:
    source = diagram(
        start(),
        user_task(
            "A",
            candidateGroups="lpoChair@${programAreaId}, primaryCareRep@${programAreaIds}, coordinator",
            dueDate="${deadline.internalDue}",
            priority="50",
            properties={"contact": "${lead}", "reminder": "-5,-1"},
        ),
        end(),
    )
    case = play(source, deadlines={"internalDue": date(2026, 3, 27)})
    case.begin(programAreaId="LUNG", programAreaIds=["LUNG", "NERV"], lead="lo")
    opened = case.open[case.key("A")]
    assert opened.candidates == ("lpoChair@LUNG", "primaryCareRep@LUNG", "primaryCareRep@NERV", "coordinator")
    assert opened.due == date(2026, 3, 27)
    assert opened.priority == 50
    assert opened.properties == {"contact": "lo", "reminder": "-5,-1"}


def test_moving_a_deadline_moves_task_and_timer(play: Player) -> None:
    source = diagram(
        start(),
        user_task("A", dueDate="${deadline.internalDue}"),
        end(),
        boundary("Late", "A", timer(date="${deadline.externalDue}")),
        chain("Late", end("E2")),
    )
    days = {"internalDue": date(2026, 3, 27), "externalDue": date(2026, 4, 14)}
    case = play(source, deadlines=days).begin()
    assert [due.isoformat() for due in case.timers.values()] == ["2026-04-14T21:59:59+00:00"]
    case.deadline("externalDue", date(2026, 4, 20))
    assert [due.isoformat() for due in case.timers.values()] == ["2026-04-20T21:59:59+00:00"]
    case.deadline("internalDue", date(2026, 4, 1))
    assert case.redated[case.key("A")].due == date(2026, 4, 1)


def test_an_effect_is_applied_before_the_token_goes_on(play: Player) -> None:
    source = diagram(
        start(), service_task("E", "round.open", extension=parameters(ins={"title": "${title}"})), user_task("A"), end()
    )
    case = play(source).begin(title="KOL")
    assert [(each.name, each.inputs) for each in case.effects.values()] == [("round.open", {"title": "KOL"})]
    assert case.waiting == []
    case.effect_done(round="r1")
    assert case.open[case.key("A")].variables["round"] == "r1"


def test_an_effect_that_fails_is_a_problem_and_is_asked_for_again(play: Player) -> None:
    case = play(diagram(start(), service_task("E", "round.open"), end())).begin().effect_failed("Ingen mottagare.")
    assert [(each.rule, each.message) for each in case.problems.values()] == [("effect", "Ingen mottagare.")]
    assert case.effects == {}
    case.retry()
    assert len(case.effects) == 1
    assert case.effect_done().ended


def test_a_connector_waits_like_a_person(play: Player) -> None:
    source = diagram(start(), service_task("D", "registerInDiary", properties={"manualRole": "registrar"}), end())
    case = play(source).begin()
    opened = case.open[case.key("D")]
    assert (opened.kind, opened.topic, opened.properties["manualRole"]) == ("connector", "registerInDiary", "registrar")
    case.complete("D", diaryNumber="RS 2026/1")
    assert case.ended
    assert case.variables["diaryNumber"] == "RS 2026/1"


def test_cancelling_withdraws_everything(play: Player) -> None:
    case = play(BRANCHES).begin().cancel()
    assert case.ended
    assert case.told("cancelled") == ["A", "B"]


def test_data_with_dangerous_names_survives_a_restart(play: Player) -> None:
    case = play(diagram(start(), user_task("A"), user_task("B"), end())).begin(typename="x")
    case.complete("A", data={"typename": "UUID", "__class__": 1})
    assert case.complete("B").variables["data"] == {"typename": "UUID", "__class__": 1}


def test_an_empty_message_key_is_a_problem_not_an_open_door(play: Player) -> None:
    source = diagram(start(), catch("M", message("News"), properties={"correlationKey": "${ref}"}), end())
    case = play(source).begin(ref=None)
    assert [each.element for each in case.problems.values()] == ["M"]
    assert case.subscriptions == {}
