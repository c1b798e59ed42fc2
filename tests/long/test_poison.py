"""Ten poisoned cases among many healthy ones: one incident each, and the others never notice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from engine import effects, incidents, steps, tasks
from engine.effects.reach import Reach
from engine.incidents import REMAINS, SOLVED
from store import tasks as task_rows
from tests.core import diagrams as d
from tests.engine.town import Town
from tests.figures import Figure
from tests.scale import size

HEALTHY = size("HEALTHY", 60, 2_000)
POISON = 10
CHAIR = "lpoChair@LUNG"
ASK = d.user_task("Ask", d.field("x", "long"), candidateGroups=CHAIR)
BOMBS = (
    "v = 'x' * (x * 10**7)",
    "v = 10 ** (10 ** x)",
    "v = [0] * (x * 10**8)",
    "v = 1 / (x - 9)",
    "v = '\\x00' * x",
)


def script(text: str, id: str) -> bytes:
    return d.diagram(d.start(), ASK, d.script_task("Bomb", text), d.end(), id=id)


def test_bombs_among_healthy_cases(one_town: Town, figure: Figure) -> None:
    healthy = d.diagram(d.start(), ASK, d.end())
    one_town.deploy(healthy, *(script(bomb, f"bomb{number}") for number, bomb in enumerate(BOMBS)))
    poisoned = [one_town.start(f"bomb{number % len(BOMBS)}") for number in range(POISON)]
    cases = [one_town.start() for _ in range(HEALTHY)]
    with one_town.db.read() as reader:
        waiting = [task for case in (*poisoned, *cases) for task in task_rows.open_of_case(reader, case.id)]
    for task in waiting:
        tasks.complete(one_town.db, task.id, {"x": 9}, by=one_town.by("Lo"))
    found = one_town.incidents()
    assert [each.count for each in found] == [1] * POISON
    assert len({each.case_id for each in found}) == POISON
    assert all(one_town.case(case).status == "completed" for case in cases)
    again = incidents.retry(one_town.db, found[0].id, by=one_town.by("Ola"))
    assert again.result == REMAINS
    assert len(one_town.incidents()) == POISON
    figure(
        "Cases that cannot go on among healthy ones",
        f"{POISON} among {HEALTHY}",
        "one incident each, every healthy case ended",
    )


@pytest.mark.parametrize("fault", [KeyError(5), RecursionError(), MemoryError(), TypeError("x")])
def test_an_effect_that_fails_goes_on_after_repair(
    town: Town, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    setting = d.service_task("Set", "deadline.set", extension=d.parameters({"internalDue": "'2026-03-27'"}))
    town.deploy(d.diagram(d.start(), ASK, setting, d.end()))
    case = town.start()

    def fail(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        raise fault

    broken = {**effects.EFFECTS, "deadline.set": effects.EffectKind(fail, any_inputs=True)}
    with monkeypatch.context() as poisoned:
        poisoned.setattr(steps, "EFFECTS", broken)
        town.complete("Ask", "Lo", {"x": 1})
        [incident] = town.incidents()
        assert (incident.element, incident.count) == ("Set", 1)
    assert town.told(case).count("completed Ask") == 1
    assert incidents.retry(town.db, incident.id, by=town.by("Ola")).result == SOLVED
    assert town.case(case).status == "completed"
    assert town.told(case).count("completed Ask") == 1
