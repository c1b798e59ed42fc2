"""Timers, messages, signals, links and ends: traces, alive and restarted before every step."""

from __future__ import annotations

from tests.core.diagrams import (
    boundary,
    catch,
    chain,
    diagram,
    end,
    event_gateway,
    flow,
    link,
    message,
    parallel,
    parameters,
    receive_task,
    signal,
    start,
    terminate,
    throw,
    timer,
    user_task,
)
from tests.core.stepping.conftest import Player


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
