"""What stands beside a form: what a hand-over hands over, what was said before, and what must be answered."""

from __future__ import annotations

import re

import pytest

from tests.core.diagrams import diagram, end, field, parameters, start, user_task
from tests.core.diagrams import service_task as connector
from tests.web.house import House, shown


@pytest.fixture
def asked(house: House) -> House:
    """Someone says what is wanted; someone else asks for it, outside."""
    say = user_task(
        "Task_Say",
        field("outcome", "enum", label="Vad gör vi?", choices={"JA": "Ber om det", "NEJ": "Låter bli"}),
        field("why", label="Varför inte?", requiredIf="${outcome == 'NEJ'}"),
        field("actions_measure", label="Åtgärd", rows="actions"),
        name="Säg",
        candidateGroups="lpoChair@LUNG",
    )
    wants = parameters({"actions": "${actions}", "title": "${'Siffror till ' + case.title}"})
    record = connector("Task_Ask", "recordInStratsys", extension=wants, name="För in")
    house.town.deploy(diagram(start(), say, record, end(), id="asking"))
    house.town.start("asking", by="Sam", title="KOL")
    return house


def label_of(page: str, id: str) -> str:
    found = re.search(rf'<label for="q-{id}">(.*?)</label>', page)
    assert found
    return found.group(1)


def test_a_question_is_marked_as_the_answers_stand(asked: House) -> None:
    visit, task = asked.visit("Lo"), asked.town.open_task("Task_Say")
    page = visit.text(f"/uppgifter/{task.id}")
    assert "valfritt" not in label_of(page, "why")  # nobody knows yet
    for outcome, optional in (("JA", True), ("NEJ", False)):
        drawn = visit.send(f"/uppgifter/{task.id}", **shown(page), **{"do": "refresh", "f.outcome": outcome}).text
        assert ("valfritt" in label_of(drawn, "why")) is optional


def test_a_hand_over_shows_what_is_handed_over(asked: House) -> None:
    rows = [{"measure": "Starta grupper"}, {"measure": "Utbilda"}]
    asked.town.complete("Task_Say", "Lo", {"outcome": "JA", "actions": rows})
    task = asked.town.open_task("Task_Ask")
    for page in (asked.visit("Sam").text(f"/uppgifter/{task.id}"), asked.visit("Sam").text("/", uppgift=task.id)):
        assert "Det som lämnas till Stratsys" in page
        assert "Siffror till KOL" in page
        assert "1. Åtgärd: Starta grupper\n2. Åtgärd: Utbilda" in page
        assert "Säg<span" in page  # what Lo said is folded in above the form
