"""Disposal by clicks: the plan, the run on a decision, and what a case that has lost its content shows."""

from __future__ import annotations

import pytest

from store.cases import Case
from tests.engine.test_disposal import DECISION, LATER
from tests.web.house import House

PAGE = "/granskning/gallring"


@pytest.fixture
def case(house: House) -> Case:
    """A case that ended eleven years ago."""
    found = house.town.start(by="Sam", title="Hemlig remiss")
    house.town.complete("Task_Answer", "Lo", {"stance": "JA", "text": "Hemligt svar"})
    house.town.complete("Task_Read", "Lo")
    house.town.clock.advance(LATER)
    return found


def dispose(house: House) -> str:
    visit = house.visit("Ria")
    visit.see(PAGE)
    answer = visit.send(PAGE, decision=DECISION, number="1")
    return visit.text(answer.headers["Location"])


def test_the_plan_is_done_on_a_decision_and_told_in_the_log(house: House, case: Case) -> None:
    visit = house.visit("Ria")
    page = visit.text(PAGE)
    for words in (case.number, "Hemlig remiss", "10 år", "Rader i historiken", "Svar: 2", "Det går inte att ångra."):
        assert words in page
    assert visit.send(PAGE, decision=DECISION, number="2").status_code == 409
    assert visit.send(PAGE, decision=" ", number="1").status_code == 422
    assert visit.send(PAGE, decision=DECISION, number="alla").status_code == 422
    page = dispose(house)
    for words in (f"Gallrat enligt {DECISION}. Antal ärenden: 1.", "Inget ärende har passerat sin tid", case.number):
        assert words in page
    assert "Hemlig" not in page


def test_the_page_of_a_case_that_was_disposed_of_says_so(house: House, case: Case) -> None:
    dispose(house)
    for name in ("Ria", "Sam"):
        visit = house.visit(name)
        page = visit.text(f"/arenden/{case.id}")
        for words in ("Gallrat ärende", case.number, "Innehållet är gallrat.", DECISION, "Synpunkter, version 1"):
            assert words in page
        assert "Hemlig" not in page + visit.text("/arenden", lage="alla")
        assert visit.see(f"/arenden/{case.id}/ritning").status_code == 200
    assert "Uppgifter gallrades" in house.visit("Ria").text("/granskning", arende=case.number)


def test_what_is_to_be_preserved_is_marked_and_freed_on_the_page(house: House, case: Case) -> None:
    visit = house.visit("Ria")
    visit.see(PAGE)
    kept = visit.send(f"{PAGE}/bevara", case=case.number, reason="Forskning")
    page = visit.text(kept.headers["Location"])
    assert f"{case.number} ska bevaras." in page
    assert "Ska bevaras: Forskning" in page
    assert visit.send(PAGE, decision=DECISION, number="1").status_code == 409
    freed = visit.send(f"{PAGE}/sluta-bevara", case=case.number, reason="Klart")
    assert "får gallras i sin tid" in visit.text(freed.headers["Location"])
    assert visit.send(f"{PAGE}/bevara", case="REM-1999-001", reason="x").status_code == 404


def test_only_auditors_and_registrars_come_here(house: House) -> None:
    for name in ("Sam", "Lo", "Ola"):
        visit = house.visit(name)
        visit.see("/")
        assert visit.see(PAGE).status_code == 404
        assert visit.send(PAGE, decision=DECISION, number="0").status_code == 404
