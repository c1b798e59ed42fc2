"""Sub-processes, calls, errors and escalations: traces, alive and restarted before every step."""

from __future__ import annotations

from tests.core.diagrams import (
    boundary,
    call,
    chain,
    diagram,
    end,
    error,
    escalation,
    message,
    script_task,
    signal,
    start,
    sub_process,
    throw,
    user_task,
)
from tests.core.play import Play
from tests.core.stepping.conftest import Player


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
