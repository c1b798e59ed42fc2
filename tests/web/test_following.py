"""A finished case and what goes on from it, on its page and in the start form; and tasks of one name told apart."""

from __future__ import annotations

import re

import pytest

from store.cases import Case
from tests.core.diagrams import diagram, end, form, start, user_task
from tests.core.diagrams import field as question
from tests.web.house import House, shown


@pytest.fixture
def asked(house: House) -> Case:
    starters = 'camunda:candidateStarterGroups="coordinator"'
    questions = start("Begin", extension=form(question("title"), question("ref")))
    house.town.deploy(diagram(questions, end(), id="questions", name="Frågor", attributes=starters))
    answers = start("Begin", extension=form(question("title"), question("ref"), question("of", follows="questions")))
    told = {"about": "${ref}"}
    task = user_task("Answer", name="Svara", assignee="${''}", candidateGroups="coordinator", properties=told)
    house.town.deploy(diagram(answers, task, end(), id="answers", name="Svar", attributes=starters))
    return house.town.start("questions", by="Sam", title="KOL", ref="KS-1")


def test_a_finished_case_starts_what_follows_it_with_what_is_known(house: House, asked: Case) -> None:
    visit = house.visit("Sam")
    [path] = re.findall(r'href="(/starta/answers[^"]*)"', visit.text(f"/arenden/{asked.id}"))
    page = visit.text(path)
    for id, value in (("title", "KOL"), ("ref", "KS-1"), ("of", asked.number)):
        assert re.search(rf'name="f.{id}"[^>]* value="{value}"', page), id
    house.town.tick(minutes=1)
    given = {"f.title": "KOL", "f.ref": "KS-1", "f.of": asked.number}
    sent = visit.send("/starta/answers", **{**shown(page), **given, "do": "send"})
    assert sent.status_code == 303
    assert asked.number in visit.text(sent.location)
    assert "/starta/answers" not in visit.text(f"/arenden/{asked.id}")


def test_who_may_not_start_it_is_not_offered_it(house: House, asked: Case) -> None:
    assert house.visit("Lo").see(f"/starta/answers?efter={asked.id}").status_code == 404


def test_a_task_tells_what_it_is_about(house: House, asked: Case) -> None:
    house.town.start("answers", by="Sam", title="KOL", ref="KS-1")
    assert "Svara: KS-1" in house.visit("Sam").text("/?vy=kan-tas")


def test_a_task_about_a_person_tells_the_name(house: House, asked: Case) -> None:
    house.town.start("answers", by="Sam", title="KOL", ref=house.town.keys["Pia"])
    assert "Svara: Pia" in house.visit("Sam").text("/?vy=kan-tas")
