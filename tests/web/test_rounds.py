"""The page of a round: who was asked, what they said, and what became of it."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from engine import tasks
from store import rounds
from store.rounds import Comment, Round
from tests.engine.test_rounds import consultation
from tests.web.house import POISON, House


@pytest.fixture
def found(house: House) -> Round:
    """A round in which Lo has commented and a role is still silent."""
    town = house.town
    town.deploy(consultation())
    case = town.complete_after_start("Who", "Sam", {"asked": [town.keys["Lo"], "primaryCareRep@LUNG"]})
    theirs = next(task for task in town.open_tasks() if task.case_id == case.id and task.assignee == town.keys["Lo"])
    answers = {"stance": "NEJ", "comments": [{"section": "3", "comment": POISON}]}
    tasks.complete(town.db, theirs.id, answers, by=town.by("Lo"))
    with town.db.read() as reader:
        return rounds.of_case(reader, case.id)[0]


def comment_of(house: House, found: Round) -> Comment:
    with house.town.db.read() as reader:
        return rounds.comments_of(reader, found.id)[0]


def test_a_comment_stands_with_whose_it_is_and_as_it_was_written(house: House, found: Round) -> None:
    page = house.visit("Sam").text(f"/rundor/{found.id}")
    assert "Bemöt" in page
    assert "onload=alert" not in page.replace("&lt;svg onload=alert", "")
    assert 'href="/rundor/' in page


def test_the_coordinator_says_what_it_led_to(house: House, found: Round) -> None:
    visit, comment = house.visit("Sam"), comment_of(house, found)
    visit.text(f"/rundor/{found.id}")
    answer = visit.send(f"/synpunkter/{comment.id}", disposition="partly", response="Delvis redan klart.")
    assert answer.status_code == 303
    page = visit.text(f"/rundor/{found.id}")
    assert "Tas med delvis" in page
    assert "Delvis redan klart." in page


def test_others_cannot_and_an_empty_reason_is_told(house: House, found: Round) -> None:
    comment = comment_of(house, found)
    lo = house.visit("Lo")
    assert "Ändra bemötandet" not in lo.text(f"/rundor/{found.id}")
    assert lo.send(f"/synpunkter/{comment.id}", disposition="accepted").status_code == 403
    sam = house.visit("Sam")
    sam.text(f"/rundor/{found.id}")
    refused = sam.send(f"/synpunkter/{comment.id}", disposition="rejected", response="")
    assert refused.status_code == 422
    assert "Skriv varför" in refused.get_data(as_text=True)


def test_the_table_as_a_sheet(house: House, found: Round) -> None:
    answer = house.visit("Sam").client.get(f"/rundor/{found.id}/synpunkter.xlsx")
    rows = load_workbook(io.BytesIO(answer.data)).active
    assert rows is not None
    assert [rows["C2"].value, rows["D2"].value] == ["3", POISON]
