"""Audit: history searched and traced, verified, and taken out; for auditors and registrars."""

from __future__ import annotations

import json
import re
from io import BytesIO

import pytest
from sqlalchemy import update

from store import history, people, seals
from store.cases import Case
from store.history import history as rows
from tests.engine.town import REGION
from tests.web.house import House
from web.audit import telling, views
from web.cases import timeline


@pytest.fixture
def case(house: House) -> Case:
    started = house.town.start(by="Sam", title="Remiss: KOL")
    house.town.complete("Task_Answer", "Lo", {"stance": "JA", "text": "Bra."})
    return started


def test_audit_is_there_for_auditors_and_registrars_only(house: House) -> None:
    assert house.visit("Ria").see("/granskning").status_code == 200
    for name in ("Sam", "Lo", "Ola"):
        assert house.visit(name).see("/granskning").status_code == 404, name


def test_who_decided_what_in_which_mandate_on_which_text(house: House, case: Case) -> None:
    visit = house.visit("Ria")
    page = visit.text("/granskning", arende=case.number, handelse="beslut", person="lo")
    assert "Lämna synpunkter" in page
    assert "LPO-ordförande" in page
    assert page.count("<tr>") == 2
    with house.town.db.read() as reader:
        done = next(each for each in history.read(reader, case.id) if each.what == "completed" and each.person)
    row = visit.text(f"/granskning/rad/{done.chain}/{done.seq}")
    for words in ("LPO-ordförande", "Synpunkter, version 1", "Bra.", done.hash):
        assert words in row
    assert visit.see(f"/granskning/rad/{done.chain}/999").status_code == 404


def test_search_narrows_and_says_what_there_is_not(house: House, case: Case) -> None:
    visit = house.visit("Ria")
    assert "Inget ärende har numret REM-1999-001." in visit.text("/granskning", arende="REM-1999-001")
    assert "Ingen person heter Nobody." in visit.text("/granskning", person="Nobody")
    assert "Inga händelser passar sökningen." in visit.text("/granskning", to="2020-01-01")
    assert case.number in visit.text("/granskning", **{"from": "2026-01-01", "to": "2026-12-31"})
    for day in ("i går", "0001-01-01"):
        assert visit.see("/granskning", to=day).status_code == 422


def test_the_pages_of_a_search_hold_every_row_once(house: House, monkeypatch: pytest.MonkeyPatch, case: Case) -> None:
    monkeypatch.setattr(views, "SHOWN", 4)
    visit, seen = house.visit("Ria"), []
    page = visit.text("/granskning", arende=case.number)
    while True:
        seen += re.findall(r'href="(/granskning/rad/[^"]+)"', page)
        older = re.search(r'href="(/granskning\?[^"]*efter=[^"]+)"', page)
        if not older:
            break
        page = visit.text(older.group(1).replace("&amp;", "&"))
    with house.town.db.read() as reader:
        assert len(seen) == len(set(seen)) == len(history.read(reader, case.id))


def test_verifying_says_whether_history_is_whole(house: House, case: Case) -> None:
    visit = house.visit("Ria")
    visit.see("/granskning")
    assert "Historiken är hel" in visit.send("/granskning/kontroll").text
    with house.town.db.transaction() as tx:
        tx.execute(update(rows).where(rows.c.chain == case.id, rows.c.seq == 2).values(name="Annat"))
    page = visit.send("/granskning/kontroll").text
    assert "Historiken är ändrad" in page
    assert case.id in page


def test_a_seal_kept_outside_proves_the_end(house: House, case: Case) -> None:
    visit = house.visit("Ria")
    visit.see("/granskning")
    sealed = json.loads(visit.send("/granskning/sigill").data)
    assert sealed["number"] == 1
    good = BytesIO(json.dumps(sealed).encode())
    assert "Sigillet du lämnade stämmer också." in visit.send("/granskning/kontroll", head=(good, "s.json")).text
    other = BytesIO(json.dumps(sealed | {"hash": "0" * 64}).encode())
    assert "Historiken är ändrad" in visit.send("/granskning/kontroll", head=(other, "s.json")).text
    for bad in (b"hej", b'{"number": 1e400, "hash": ""}', b"[" * 5000):
        assert visit.send("/granskning/kontroll", head=(BytesIO(bad), "s.json")).status_code == 422
    with house.town.db.read() as reader:
        assert seals.head(reader)["number"] == 1


@pytest.mark.parametrize("format", ["xes", "csv", "jsonl", "ocel"])
def test_exports_stream_and_leave_a_row(house: House, case: Case, format: str) -> None:
    visit = house.visit("Ria")
    visit.see("/granskning")
    answer = visit.send("/granskning/export", format=format, case=case.number)
    assert answer.status_code == 200
    assert "Content-Length" not in answer.headers
    assert "attachment" in answer.headers["Content-Disposition"]
    assert case.number in answer.text or case.id in answer.text
    with house.town.db.read() as reader:
        told = [each for each in history.read(reader, history.of_region(REGION)) if each.what == "exported"]
    assert [(each.person, (each.details or {})["case"]) for each in told] == [(house.town.keys["Ria"], case.number)]
    assert "Historik lämnades ut" in visit.text("/granskning", handelse="exported")


def test_a_net_needs_its_process_and_an_export_what_there_is(house: House, case: Case) -> None:
    visit = house.visit("Ria")
    visit.see("/granskning")
    assert visit.send("/granskning/export", format="pnml").status_code == 422
    assert visit.send("/granskning/export", format="exe").status_code == 422
    assert visit.send("/granskning/export", format="csv", case="REM-1999-001").status_code == 404
    net = visit.send("/granskning/export", format="pnml", process="test")
    assert b"pnml" in net.data


def test_an_auditor_reads_another_region_nowhere(house: House, case: Case) -> None:
    with house.town.db.transaction() as tx:
        history.append(tx, "region:bl", "bl", [history.Note("exported", name="Hemligt")])
        people.add(tx, "bl", "Bo")
    visit = house.visit("Ria")
    assert "Hemligt" not in visit.text("/granskning", handelse="exported")
    assert visit.see("/granskning/rad/region:bl/1").status_code == 404


def test_a_case_tells_of_no_act_that_the_auditor_does_not_know() -> None:
    assert set(timeline.WORDS) <= set(telling.ACTS)
