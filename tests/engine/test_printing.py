"""Documents from the step that makes them to the PDF that follows: together with the step or not at all, set once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from engine import incidents, printing
from engine.record.press import PressFailed
from store import documents, renderings
from store.cases import Case
from store.renderings import Rendering
from tests.core import diagrams as d
from tests.engine.town import REGION, Town


def maker(*after: d.Part, **inputs: str) -> bytes:
    given = d.parameters({"template": "'decisionMemo'", "title": "ref", "situation": "said", **inputs})
    made = d.service_task("Make", "document.make", extension=given)
    asked = d.form(d.field("ref"), d.field("said"))
    return d.diagram(d.start("Begin", extension=asked), made, *after, d.end(), id="memo")


def pressed(page: bytes) -> bytes:
    return b"%PDF-1.7 of " + page[-20:]


def jammed(page: bytes) -> bytes:
    raise PressFailed("Papperet är slut.")


def made(town: Town, case: Case) -> list[Rendering]:
    with town.db.read() as reader:
        return renderings.of_case(reader, case.id)


def counted(town: Town) -> tuple[int, int, int]:
    with town.db.read() as reader:
        tables = (documents.documents, documents.blobs, renderings.renderings)
        first, second, third = (len(reader.execute(each.select()).all()) for each in tables)
    return first, second, third


def test_a_document_is_stored_with_the_step_and_set_afterwards(town: Town) -> None:
    town.deploy(maker())
    case = town.start("memo", ref="Spirometri", said="Saknas.")
    [row] = made(town, case)
    assert (row.title, row.version, row.status, row.pdf_id) == ("Spirometri", 1, "waiting", None)
    assert town.case(case).variables["documentId"] == row.document_id
    assert printing.print_waiting(town.db, pressed) == printing.Printed(done=1)
    with town.db.read() as reader:
        page, pdf = sorted(documents.of_case(reader, case.id), key=lambda each: each.name)
        assert b"Saknas." in documents.content(reader, page)
        assert documents.content(reader, pdf) == pressed(documents.content(reader, page))
    assert (page.name, pdf.name) == (
        "Beslutsunderlag, Spirometri, version 1.html",
        "Beslutsunderlag, Spirometri, version 1.pdf",
    )
    assert made(town, case)[0].pdf_id == pdf.id
    assert [each for each in town.told(case) if each.startswith("document")] == ["document.made", "document.rendered"]


def test_the_next_of_the_same_kind_and_title_is_the_next_version(town: Town) -> None:
    town.deploy(
        maker(
            d.service_task(
                "Again", "document.make", extension=d.parameters({"template": "'decisionMemo'", "title": "ref"})
            )
        )
    )
    case = town.start("memo", ref="Spirometri", said="")
    assert sorted(each.version for each in made(town, case)) == [1, 2]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [({"template": "'kvitto'"}, "ingen dokumentmall ”kvitto”"), ({"situation": "ref * 500000"}, "")],
)
def test_what_cannot_be_made_is_an_incident_and_leaves_nothing(town: Town, inputs: dict[str, str], said: str) -> None:
    town.deploy(maker(**inputs))
    town.start("memo", ref="Spirometri", said="")
    [found] = town.incidents()
    assert said in found.message
    assert counted(town) == (0, 0, 0)


def test_a_step_that_is_rolled_back_leaves_neither_row_nor_bytes(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.deploy(maker())

    def fall(*_: object, **__: object) -> None:
        raise RuntimeError("the storage is gone")

    monkeypatch.setattr("store.cases.step", fall)
    with pytest.raises(RuntimeError):
        town.start("memo", ref="Spirometri", said="")
    monkeypatch.undo()
    assert counted(town) == (0, 0, 0)


def test_a_page_is_set_once_however_many_workers_look(town: Town) -> None:
    town.deploy(maker())
    case = town.start("memo", ref="Spirometri", said="")

    def while_another_looks(page: bytes) -> bytes:
        assert printing.print_waiting(town.db, pressed) == printing.Printed()
        return pressed(page)

    assert printing.print_waiting(town.db, while_another_looks) == printing.Printed(done=1)
    assert printing.print_waiting(town.db, pressed) == printing.Printed()
    assert town.told(case).count("document.rendered") == 1


def test_a_worker_that_dies_while_it_sets_is_followed_by_another(town: Town) -> None:
    town.deploy(maker())
    case = town.start("memo", ref="Spirometri", said="")

    def killed(page: bytes) -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        printing.print_waiting(town.db, killed)
    assert printing.print_waiting(town.db, pressed) == printing.Printed()
    town.clock.advance(renderings.LEASE)
    assert printing.print_waiting(town.db, pressed) == printing.Printed(done=1)
    assert town.told(case).count("document.rendered") == 1


def test_one_who_wakes_up_late_changes_nothing(town: Town) -> None:
    town.deploy(maker())
    case = town.start("memo", ref="Spirometri", said="")

    def late(page: bytes) -> bytes:
        town.clock.advance(renderings.LEASE)
        assert printing.print_waiting(town.db, pressed) == printing.Printed(done=1)
        return b"%PDF-1.7 late"

    printing.print_waiting(town.db, late)
    with town.db.read() as reader:
        assert len(documents.of_case(reader, case.id)) == 2
    assert town.told(case).count("document.rendered") == 1


def fails_for(wrong: bytes) -> Callable[[bytes], bytes]:
    return lambda page: jammed(page) if wrong in page else pressed(page)


def test_a_page_that_cannot_be_set_rests_and_never_stops_the_next(town: Town) -> None:
    town.deploy(maker())
    bad, good = town.start("memo", ref="Bad", said=""), town.start("memo", ref="Good", said="")
    press = fails_for(b"<h1>Bad")
    assert printing.print_waiting(town.db, press) == printing.Printed(done=1, failed=1)
    assert [each.status for case in (bad, good) for each in made(town, case)] == ["waiting", "set"]
    assert town.incidents() == []
    for rest in printing.BACK_OFF:
        town.clock.advance(rest + timedelta(seconds=1))
        printing.print_waiting(town.db, press)
    [told] = town.incidents()
    assert (told.rule, told.task) == (printing.DOCUMENT, made(town, bad)[0].document_id)
    assert "Papperet är slut." in told.message
    assert printing.print_waiting(town.db, pressed) == printing.Printed()
    assert incidents.retry(town.db, told.id, by=town.by("Ola")).result == incidents.UNDER_WAY
    assert printing.print_waiting(town.db, pressed) == printing.Printed(done=1)
    assert town.incidents() == []


def test_without_the_press_pages_wait_and_nothing_is_counted(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.deploy(maker())
    case = town.start("memo", ref="Spirometri", said="")
    monkeypatch.setattr("engine.record.press.missing", lambda: "Det saknas bibliotek.")
    assert printing.print_waiting(town.db) == printing.Printed()
    assert [(each.status, each.attempts) for each in made(town, case)] == [("waiting", 0)]
    with town.db.read() as reader:
        assert renderings.waiting(reader, REGION) == 1
