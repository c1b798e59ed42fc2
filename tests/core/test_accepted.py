"""Constructs that the engine makes right are let through: one file each, no finding."""

from __future__ import annotations

import pytest

from tests.core.diagrams import (
    boundary,
    call,
    catch,
    chain,
    decision_task,
    diagram,
    end,
    error,
    escalation,
    event_gateway,
    exclusive,
    field,
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
    send_task,
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
from tests.core.words import findings

KEY = {"correlationKey": "${case.id}"}
PART = diagram(start("S"), user_task("A", field("answer"), dueDate="${given}"), end("E"), id="part")
CHOICE = {"JA": "Ja", "NEJ": "Nej"}

ACCEPTED = {
    "plain and manual tasks": diagram(start(), task("A"), manual_task("B"), end()),
    "message start beside a plain one": diagram(
        start("S2", message("M"), properties={"startKey": "${ref}"}),
        start(),
        exclusive("Merge"),
        user_task("A", dueDate="${ref}"),
        end(),
        *(flow("S2", "Merge"), flow("Start", "Merge"), flow("Merge", "A"), flow("A", "End")),
    ),
    "event sub-processes of every kind": diagram(
        start(),
        sub_process(
            "Frame",
            start("FS"),
            user_task("A"),
            end("FE", error("X")),
            sub_process("OnError", start("S1", error("X")), end("E1"), event=True),
            sub_process("OnEscalation", start("S2", escalation("Y"), interrupting=False), end("E2"), event=True),
        ),
        end(),
        sub_process("OnTime", start("S3", timer("P1D"), interrupting=False), end("E3"), event=True),
        sub_process("OnCycle", start("S6", timer(cycle="R/P1D"), interrupting=False), end("E6"), event=True),
        sub_process("OnMessage", start("S4", message("M"), properties=KEY), end("E4"), event=True),
        sub_process("OnSignal", start("S5", signal("Q")), end("E5"), event=True),
    ),
    "ends that throw": diagram(
        start(),
        parallel("G"),
        *(end("E1", signal("Q")), end("E2", terminate()), end("E3", message("M")), end("E4", escalation("X"))),
        *(flow("Start", "G"), flow("G", "E1"), flow("G", "E2"), flow("G", "E3"), flow("G", "E4")),
    ),
    "links": diagram(start(), throw("T", link("L")), chain(catch("C", link("L")), end())),
    "event gateway with several timers": diagram(
        start(),
        event_gateway("G"),
        *(catch("T1", timer("PT1H")), catch("T2", timer("P1D")), receive_task("R", "M", properties=KEY)),
        *(end("E1"), end("E2"), end("E3")),
        *(flow("Start", "G"), flow("G", "T1"), flow("G", "T2"), flow("G", "R")),
        *(flow("T1", "E1"), flow("T2", "E2"), flow("R", "E3")),
    ),
    "conditions and default out of a task": diagram(
        start(),
        user_task("A", field("x", "enum", choices=CHOICE)),
        *(end("E1"), end("E2")),
        *(flow("Start", "A"), flow("A", "E1", "${x == 'JA'}"), flow("A", "E2", default=True)),
    ),
    "many in parallel and in turn": diagram(
        start(),
        user_task("A", field("who", picker="person", multiple="true")),
        user_task("B", assignee="${each}", inside=many("who", "each", until="nrOfCompletedInstances > 1")),
        user_task("C", inside=many(cardinality="3", sequential=True), properties={"outputCollection": "rows"}),
        sub_process("D", start("S1"), user_task("F", assignee="${each}"), end("E1"), inside=many("who", "each")),
        end(),
    ),
    "call with data in and out": diagram(
        start(), call("C", "part", {"given": "today"}, {"answer": "answer"}), user_task("A", dueDate="${answer}"), end()
    ),
    "flows without ids": diagram(
        start(), user_task("A"), end(), flow("Start", "A", id=""), flow("A", "End", id=""), flow("A", "End", id="")
    ),
    "errors and escalations on a border": diagram(
        start(),
        sub_process("S", start("S1"), throw("T", escalation("Y")), end("E1", error("X"))),
        *(boundary("B1", "S", error("X")), boundary("B2", "S", escalation("Y"), interrupting=False)),
        end(),
        *(chain("B1", end("E2")), chain("B2", end("E3"))),
    ),
    "repeated message on a border": diagram(
        start(),
        user_task("A"),
        boundary("B", "A", message("M"), interrupting=False, properties=KEY),
        end(),
        chain("B", task("C"), end("E2")),
    ),
    "inclusive gateways outside loops": diagram(
        start(),
        inclusive("G"),
        *(task("A"), task("B"), inclusive("J"), end()),
        *(flow("Start", "G"), flow("G", "A", "1 < 2"), flow("G", "B", default=True)),
        *(flow("A", "J"), flow("B", "J"), flow("J", "End")),
    ),
    "sending": diagram(
        start(),
        send_task("A", "M", extension=parameters({"ref": "case.id"}), properties={"correlationKey": "${case.id}"}),
        send_task("B", topic="sendNotice"),
        throw("T", message("N"), extension=parameters({"ref": "case.id"})),
        throw("Q", signal("S")),
        end(),
    ),
    "connectors, effects, tables and scripts": diagram(
        start(),
        service_task("A", "registerInDiary", extension=parameters({"title": "case.title"}, {"number": "diaryNumber"})),
        service_task("B", "deadline.set", extension=parameters({"ownDue": "workday(today, 3)"})),
        service_task("R", "round.open"),
        decision_task("D", "route", "route", properties={"deadline.thirdDue": "${route.day}"}),
        script_task("S", "status = number + roundId\nlength = len(status)"),
        user_task("C", dueDate="${deadline.ownDue}", followUpDate="${deadline.thirdDue}", priority="${length}"),
        end("End", properties={"outcome": "${status}"}),
    ),
    "a rich form": diagram(
        start(),
        user_task(
            "A",
            field("respond", "enum", choices=CHOICE, default="JA", constraints={"required": "true"}),
            field("reason", multiline="true", visibleIf="${respond == 'NEJ'}", requiredIf="${respond == 'NEJ'}"),
            field("comments_section", rows="comments", minRows="1", constraints={"maxlength": "20"}),
            field("comments_text", rows="comments", requiredInRow="true", visibleIf="${section != ''}"),
            field("day", "date", default="${deadline.internalDue}", deadline="internalDue", maxDate="${today}"),
            field("count", "long", constraints={"min": "1", "max": "9"}, rule="${count > 2}", ruleText="Minst tre."),
            field("who", picker="personOrRole", roles="coordinator,lpoChair", multiple="true"),
            field("papers", file="many"),
            candidateGroups="lpoChair@${programAreaId}, coordinator",
            properties={
                "reminder": "-5,-1",
                "escalation": "+1 programOwner@${programAreaId}; +2 coordinator",
                "minutes": "20",
                "contact": "coordinator",
                "ifNothing": "Inget svar.",
                "fourEyes": "B",
            },
        ),
        user_task("B", field("programAreaIds", picker="programArea", multiple="true")),
        end(),
    ),
    "a loop that waits": diagram(
        start(),
        exclusive("Merge"),
        user_task("A", field("again", "boolean")),
        exclusive("Split"),
        end(),
        *(flow("Start", "Merge"), flow("Merge", "A"), flow("A", "Split")),
        *(flow("Split", "Merge", "${again}"), flow("Split", "End", default=True)),
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_let_through(name: str) -> None:
    found = findings(ACCEPTED[name], PART, decisions=("route",))
    assert [(each.rule, each.element, each.message) for each in found] == []


def test_a_part_alone_may_use_what_its_callers_give() -> None:
    source = diagram(start(), user_task("A", dueDate="${given}"), end(), properties={"part": "true"})
    assert findings(source) == []


def test_names_that_a_caller_gives_are_known() -> None:
    part = diagram(start(), user_task("A", dueDate="${given}"), end(), id="part")
    caller = diagram(start(), call("C", "part", {"given": "today"}), end(), id="caller")
    assert findings(part, caller) == []
    assert [each.rule for each in findings(part)] == ["unknown-variable"]


def test_all_findings_come_at_once() -> None:
    source = diagram(
        start(), user_task("A", field("len"), assignee="lo"), task("B"), task("B"), end(), executable=False
    )
    rules = {each.rule for each in findings(source)}
    assert rules >= {"bad-name", "literal-person", "duplicate-id", "not-executable"}
