"""Disposal by clicks and at a terminal: the plan, the run on a decision, and what is left to see."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from store.cases import Case
from tests.core.diagrams import diagram, end, script_task, start
from tests.engine.test_disposal import DECISION, LATER
from tests.web.api.partner import good, partner
from tests.web.house import House
from web.cli import main

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


def verified(house: House) -> str:
    visit = house.visit("Ria")
    visit.see("/granskning")
    return visit.send("/granskning/kontroll").text


def test_the_plan_is_done_on_a_decision_and_told_in_the_log(house: House, case: Case) -> None:
    visit = house.visit("Ria")
    page = visit.text(PAGE)
    for words in (case.number, "Hemlig remiss", "10 år", "Rader i historiken", "Svar: 2", "Det går inte att ångra."):
        assert words in page
    assert visit.send(PAGE, decision=DECISION, number="2").status_code == 409
    assert visit.send(PAGE, decision=" ", number="1").status_code == 422
    assert visit.send(PAGE, decision=DECISION, number="alla").status_code == 422
    page = dispose(house)
    for words in (f"Gallrat enligt {DECISION}. Antal ärenden: 1.", "Inget ärende får gallras i dag.", case.number):
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
    page = verified(house)
    assert "Historiken är hel" in page
    assert f"Gallrat enligt {DECISION}. Antal ärenden: 1." in page
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


def test_programs_get_what_is_left(house: House, case: Case) -> None:
    dispose(house)
    ria = partner(house, "Ria")
    place = f"/process-instances/{case.id}"
    told = good(ria.get(place))
    assert (told["title"], told["state"], told["number"]) == ("Gallrat ärende", "completed", case.number)
    assert good(ria.get(f"{place}/variables")) == {"variables": {}}
    for path, format in (("activity-instances", ""), ("archive", "erms")):
        answer = ria.get(f"{place}/{path}", **({"format": format} if format else {}))
        assert answer.status_code == 200, path
        assert "Hemlig" not in answer.text, path


def test_at_a_terminal(tmp_path: Path) -> None:
    settings = {"KF_DATABASE_URL": f"sqlite:///{tmp_path}/house.sqlite3"}

    def run(*words: str, written: str | None = None) -> str:
        result = CliRunner().invoke(main, words, env=settings, input=written, prog_name="kunskapsflode")
        return f"{result.exit_code} {result.output}"

    file = tmp_path / "count.bpmn"
    file.write_bytes(diagram(start(), script_task("Script_Count", "n = 1", name="Räkna"), end(), id="count"))
    run("db", "upgrade")
    run("org", "load", "processes/organisation/programme-areas.yaml", "processes/organisation/demo-jh.yaml")
    run("process", "deploy", str(file))
    number = run("case", "start", "count").split()[2]
    assert run("disposal", "plan").startswith("0 Inget får gallras")
    assert run("clock", "advance", "P11Y").startswith("0 ")
    assert json.loads(run("disposal", "plan", "--json")[2:])["kinds"][0]["cases"][0]["number"] == number
    assert run("disposal", "plan", "--region", "bl").startswith("0 Inget får gallras")
    ordered = ("disposal", "run", "--decision", DECISION, "--by")
    assert "behörighet" in run(*ordered, "sam", "--cases", "1")
    assert run(*ordered, "ria", written="2\n").startswith("1 ")
    assert f"Gallrat enligt {DECISION}. Antal ärenden: 1." in run(*ordered, "ria", written="1\n")
    assert run(*ordered, "ria").startswith("0 Inget får gallras")
    assert DECISION in run("disposal", "log")
    assert f"Historiken är hel.\nGallrat enligt {DECISION}." in run("audit", "verify")
    assert run("db", "check").startswith("0 ")
