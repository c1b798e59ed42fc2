"""What the core asks of its surroundings (people, dates, effects): traces, alive and restarted before every step."""

from __future__ import annotations

from datetime import date

from tests.core.diagrams import (
    boundary,
    catch,
    chain,
    diagram,
    end,
    message,
    parameters,
    service_task,
    start,
    timer,
    user_task,
)
from tests.core.stepping.conftest import Player


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


def test_data_with_dangerous_names_survives_a_restart(play: Player) -> None:
    case = play(diagram(start(), user_task("A"), user_task("B"), end())).begin(typename="x")
    case.complete("A", data={"typename": "UUID", "__class__": 1})
    assert case.complete("B").variables["data"] == {"typename": "UUID", "__class__": 1}


def test_an_empty_message_key_is_a_problem_not_an_open_door(play: Player) -> None:
    source = diagram(start(), catch("M", message("News"), properties={"correlationKey": "${ref}"}), end())
    case = play(source).begin(ref=None)
    assert [each.element for each in case.problems.values()] == ["M"]
    assert case.subscriptions == {}
