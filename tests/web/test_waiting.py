"""Where cases wait, as pages: the same numbers in a table and for the drawing, and none of what one may not see."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.core.diagrams import call, diagram, end, start, user_task
from tests.web.house import House

LIST = "/arenden?vantar=test&amp;process=test&amp;steg=Task_Answer"


def row(page: str) -> list[str]:
    """The words of the only row of the table."""
    [found] = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    return re.sub(r"<[^>]*>", " ", found).split()


def test_the_numbers_are_of_the_cases_that_one_may_see(house: House) -> None:
    case = house.town.start(by="Sam", title="Remiss: KOL")
    house.town.clock.advance(timedelta(days=4))
    sam, operator, other = house.visit("Sam"), house.visit("Ola"), house.visit("Hud")
    for visit in (sam, operator):
        assert row(visit.text("/vantar")) == "Synpunkter 1 1 av 1".split()
        assert row(visit.text("/vantar/test")) == "Lämna synpunkter 1 4 dagar 1 av 1".split()
        marks = visit.see("/vantar/test/lage").json
        assert marks["heat"] == {"Task_Answer": {"now": "1 nu", "more": "4 dagar\n1 av 1 sena", "tone": "fel"}}
    assert operator.see("/vantar/test/ritning.bpmn").data.startswith(b"<?xml")
    assert LIST in sam.text("/vantar/test")
    assert LIST not in operator.text("/vantar/test"), "the operator may not read the cases"
    assert "Inga pågående ärenden" in other.text("/vantar")
    assert "Inget ärende väntar här." in other.text("/vantar/test")
    assert other.see("/vantar/test/lage").json["heat"] == {}
    assert case.title in sam.text(LIST.replace("&amp;", "&"))
    assert case.title not in other.text(LIST.replace("&amp;", "&"))


def test_the_page_asks_as_much_for_many_cases_as_for_one(house: House, asked: list[str]) -> None:
    inner = diagram(start(), user_task("Inner", name="Inre", candidateGroups="coordinator"), end(), id="inner")
    house.town.deploy(diagram(start(), call("Call", "inner", name="Yttre"), end(), id="outer", name="Utanför"), inner)
    visit, counts = house.visit("Sam"), []
    for _ in range(2):
        house.town.start("outer")
        asked.clear()
        page = visit.text("/vantar/outer")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert row(page)[:4] == ["Yttre", "Stegen", "i", "Yttre"]
    assert row(visit.text("/vantar/outer?process=inner"))[:2] == ["Inre", "2"]
    for path in ("/vantar/none", "/vantar/outer?process=test", "/arenden?vantar=outer&steg=Elsewhere"):
        assert visit.see(path).status_code == 404, path
