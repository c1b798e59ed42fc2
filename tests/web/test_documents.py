"""Documents on the pages of a case: found by those who see it, shown without doing anything, hidden from all others."""

from __future__ import annotations

import pytest

from engine import printing
from store import documents
from store.cases import Case
from store.documents import Document
from tests.core import diagrams as d
from tests.engine.town import Town
from tests.web.house import House

SCRIPT = "<script>alert(1)</script>"


def maker() -> bytes:
    given = d.parameters({"template": "'decisionMemo'", "title": "ref", "situation": "ref"})
    return d.diagram(
        d.start("Begin", extension=d.form(d.field("ref"))),
        d.service_task("Make", "document.make", extension=given),
        d.user_task("Read", candidateGroups="lpoChair@LUNG"),
        d.end(),
        id="memo",
    )


@pytest.fixture
def case(house: House) -> Case:
    house.town.deploy(maker())
    return house.town.start("memo", ref=SCRIPT)


def of_case(town: Town, case: Case) -> list[Document]:
    with town.db.read() as reader:
        return sorted(documents.of_case(reader, case.id), key=lambda each: each.name)


def address(case: Case, document: Document) -> str:
    return f"/arenden/{case.id}/dokument/{document.id}"


def test_a_page_is_listed_at_once_and_its_pdf_when_it_is_set(house: House, case: Case) -> None:
    lo = house.visit("Lo")
    before = lo.see(f"/arenden/{case.id}").text
    assert "Beslutsunderlag, version 1" in before
    assert "PDF är på väg" in before
    assert SCRIPT not in before
    printing.print_waiting(house.town.db, lambda page: b"%PDF-1.7")
    page, pdf = of_case(house.town, case)
    after = lo.see(f"/arenden/{case.id}").text
    assert "PDF är på väg" not in after
    assert all(address(case, each) in after and each.hash in after for each in (page, pdf))


def test_a_page_is_shown_in_a_sandbox_and_a_pdf_as_one(house: House, case: Case) -> None:
    printing.print_waiting(house.town.db, lambda page: b"%PDF-1.7")
    page, pdf = (house.visit("Lo").client.get(address(case, each)) for each in of_case(house.town, case))
    policy = page.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "allow-" not in policy
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["X-Content-Type-Options"] == pdf.headers["X-Content-Type-Options"] == "nosniff"
    assert SCRIPT not in page.text
    assert (pdf.mimetype, pdf.data) == ("application/pdf", b"%PDF-1.7")


def test_a_page_that_someone_added_is_only_ever_fetched(house: House, case: Case) -> None:
    with house.town.db.transaction() as tx:
        added = documents.add(
            tx, b"<script>", region="jh", name="x.html", media_type="text/html; charset=utf-8", case_id=case.id
        )
    answer = house.visit("Lo").see(address(case, added))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_others_find_neither_the_document_nor_another_case_s(house: House, case: Case) -> None:
    [page] = of_case(house.town, case)
    other = house.town.start("memo", ref="Annat")
    assert house.visit("Hud").see(address(case, page)).status_code == 404
    assert house.visit("Lo").see(address(other, page)).status_code == 404
    assert house.visit().see(address(case, page)).status_code == 303


def test_operations_say_why_there_is_no_pdf(house: House, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    ola = house.visit("Ola")
    assert "PDF görs inte" not in ola.text("/drift")
    monkeypatch.setattr("engine.record.press.missing", lambda: "Det saknas bibliotek.")
    told = ola.text("/drift")
    assert "Det saknas bibliotek." in told
    assert "1 väntar på sin PDF." in told
