"""The outline: a process in reading order."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.definition import assemble
from engine.core.outline import Line, outline
from engine.core.reading import read
from tests.core.diagrams import (
    boundary,
    call,
    chain,
    diagram,
    end,
    exclusive,
    flow,
    parallel,
    start,
    sub_process,
    timer,
    user_task,
)
from tests.core.words import Library

PART = diagram(start("PS"), user_task("PA"), end("PE"), id="part")


def lines(source: bytes, titles: Mapping[str, str] | None = None) -> list[Line]:
    process = read(PART).process
    assert process is not None
    return outline(assemble(read(source), Library({"part": process})), titles or {})


def shown(source: bytes) -> list[str]:
    return ["  " * line.depth + line.text for line in lines(source)]


def test_a_line_of_steps() -> None:
    assert shown(diagram(start(), user_task("A", candidateGroups="coordinator"), end())) == [
        "Börjar: Start",
        "A – coordinator",
        "Slutar: End",
    ]


def test_branches_come_one_after_the_other_and_the_join_after_both() -> None:
    source = diagram(
        start(),
        *(exclusive("G", name="Ska vi?"), user_task("A"), user_task("B"), exclusive("J"), user_task("C"), end()),
        *(flow("Start", "G"), flow("G", "A", "x == 1", name="Ja"), flow("G", "B", default=True)),
        *(flow("A", "J"), flow("B", "J"), flow("J", "C"), flow("C", "End")),
    )
    assert shown(source) == ["Börjar: Start", "Ska vi?", "Ja", "  A", "Annars", "  B", "C", "Slutar: End"]


def test_a_way_back_is_said_and_not_followed() -> None:
    source = diagram(
        start(),
        *(exclusive("M"), user_task("A"), exclusive("S", name="Klart?"), end()),
        *(flow("Start", "M"), flow("M", "A"), flow("A", "S")),
        *(flow("S", "M", "x", name="Nej"), flow("S", "End", default=True, name="Ja")),
    )
    assert shown(source) == ["Börjar: Start", "A", "Klart?", "Nej – tillbaka", "Ja", "  Slutar: End"]


def test_frames_calls_and_interruptions_lie_one_level_down() -> None:
    source = diagram(
        start(),
        *(sub_process("F", start("S"), user_task("A"), end("E")), boundary("B", "F", timer("P1D"))),
        *(call("C", "part"), end(), chain("B", end("E2"))),
        sub_process("O", start("OS", timer("P1D")), end("OE"), event=True),
    )
    assert shown(source) == [
        *("Börjar: Start", "F", "  Börjar: S", "  A", "  Slutar: E"),
        *("När tiden är inne: B", "  Slutar: E2"),
        *("C", "  Börjar: PS", "  PA", "  Slutar: PE", "Slutar: End"),
        *("När som helst: O", "  Börjar: OS", "  Slutar: OE"),
    ]


def test_parallel_tracks() -> None:
    source = diagram(
        start(),
        *(parallel("P", name=""), user_task("A"), user_task("B"), parallel("J"), end()),
        *(flow("Start", "P"), flow("P", "A"), flow("P", "B"), flow("A", "J"), flow("B", "J"), flow("J", "End")),
    )
    assert shown(source) == ["Börjar: Start", "Samtidigt", "Spår 1", "  A", "Spår 2", "  B", "Slutar: End"]


def test_long_processes_do_not_exhaust_the_stack() -> None:
    found = lines(diagram(start(), *(user_task(f"T{n}") for n in range(900)), end()))
    assert len(found) == 902


def test_roles_are_told_by_their_titles_and_an_expression_as_nothing() -> None:
    chosen = "${'lpoChair@' + programAreaId if holders('lpoChair', programAreaId) else region.lag.noLpoAppoints}"
    groups = f"{chosen}, coordinator, lpoChair@${{programAreaId}}"
    source = diagram(start(), user_task("A", candidateGroups=groups), end())
    [_, step, _] = lines(source, {"coordinator": "Samordnare"})
    assert step.text == "A – Samordnare, lpoChair"
