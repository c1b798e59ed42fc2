"""Hostile expressions where a diagram can hold one: none runs, each is stopped, the next case is unharmed."""

from __future__ import annotations

import os

import pytest

from tests.core.diagrams import diagram, end, exclusive, flow, start, user_task
from tests.core.hostile import BOMBS, CANARY, ESCAPES
from tests.core.places import AFTER_A, AT_START, forced
from tests.core.play import Play

BRISK_BOMBS = [*BOMBS[:3], "any(False for x in range(10 ** 12))", "'x'.join(['y' * 10 ** 6] * 10 ** 5)"]
"""A bomb of each sort; the long suite throws them all."""
HARMLESS = "key=open)"
"""At run time a name that nothing has set is None, and without a key these are an honest `max` and `sorted`."""
HONEST = diagram(
    start(),
    exclusive("G"),
    user_task("A"),
    end(),
    flow("Start", "G"),
    flow("G", "A", "${len(title) + 1 > 3}"),
    flow("G", "End", default=True),
    flow("A", "End"),
)


def attack(sources: tuple[bytes, ...], text: str, *, complete: bool) -> Play:
    """Run the diagram to the place."""
    case = forced(sources, text)
    case.begin()
    if complete and not case.problems:
        case.complete("A")
    return case


@pytest.mark.parametrize("place", [*AT_START, *AFTER_A])
def test_nothing_hostile_runs_here(place: str) -> None:
    sources = AT_START.get(place) or AFTER_A[place]
    for text in [*ESCAPES, *BRISK_BOMBS]:
        case = attack(sources, text, complete=place in AFTER_A)
        assert case.problems or text.endswith(HARMLESS), f"{place}: {text[:80]!r} came to {case.done}"
        assert not os.path.exists(CANARY)
    assert Play(HONEST).begin(title="KOL").waiting == ["A"]


def test_the_places_are_reached_by_an_honest_expression() -> None:
    """Otherwise the test above would prove nothing: with an honest text in place there is no problem."""
    honest = {"cycle of a timer": "'R/P1D'", "length of a timer": "'P1D'", "collection": "[1]", "cardinality": "1"}
    for place, sources in {**AT_START, **AFTER_A}.items():
        text = honest.get(place, "1" if "priority" in place else "'2026-04-14'")
        case = attack(sources, text, complete=place in AFTER_A)
        assert not case.problems, place
