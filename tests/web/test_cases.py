"""The case: progress in words, history, dates, and what the coordinator may do."""

from __future__ import annotations

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select, update

from engine import shipped, transfers
from engine.core.reading import read
from store import accounts, cases, deadlines, documents
from store.cases import Case
from tests.core.diagrams import (
    diagram,
    end,
    exclusive,
    flow,
    form,
    parameters,
    service_task,
    start,
    user_task,
)
from tests.core.diagrams import field as question
from tests.engine.town import REGION
from tests.web.house import HASHED, House, every_question
from web import worker
from web.cases import progress, wording
from web.start import themes


@pytest.fixture
def case(house: House) -> Case:
    return house.town.start(by="Sam", title="Remiss: vårdförlopp KOL")


def states(page: str) -> list[tuple[str, str]]:
    """State and words of each line of the progress."""
    return [
        (state, " ".join(words.split()))
        for state, words in re.findall(r'<li class="(\w+)[^"]*outline.*?class="what">(.*?)<span', page, re.DOTALL)
    ]


def test_progress_in_words(house: House, case: Case) -> None:
    visit = house.visit("Sam")
    assert states(visit.text(f"/arenden/{case.id}"))[-3:] == [
        ("now", "Nu: Lämna synpunkter"),
        ("later", "Läs"),
        ("later", "Klart"),
    ]
    house.town.complete("Task_Answer", "Lo", {"stance": "JA", "text": "Ja."})
    now = {words: state for state, words in states(visit.text(f"/arenden/{case.id}"))}
    assert now["Lämna synpunkter"] == "done"
    assert now["Nu: Läs"] == "now"
    assert now["Klart"] == "later"
    assert "För sent" not in now


def test_a_case_that_was_moved_shows_its_version_and_what_was_done_before(house: House) -> None:
    def draw(first: str, name: str) -> bytes:
        tasks = (user_task(each, name=each, candidateGroups="coordinator") for each in (first, name))
        return diagram(start(), *tasks, end(), id="moving", name="Flytt")

    town = house.town
    town.deploy(draw("Old", "Then"))
    case = town.start("moving")
    town.complete("Old", "Sam")
    town.deploy(draw("New", "Next"))
    assert "Flytt, version 1" in house.visit("Sam").text(f"/arenden/{case.id}")
    with town.db.read() as reader:
        newest = transfers.version_named(reader, REGION, "moving").version
    known = {"mapping": {"Old": "New", "Then": "Next"}, "reason": "Ny rutin", "by": town.by("Ola")}
    assert transfers.transfer(town.db, case.id, newest, **known).moved
    page = house.visit("Sam").text(f"/arenden/{case.id}")
    assert "Flytt, version 2" in page
    assert "flyttade ärendet till en annan version" in page
    assert {("done", "New"), ("now", "Nu: Next")} <= set(states(page))


def test_the_way_not_taken_is_not_shown_as_coming(house: House) -> None:
    source = diagram(
        start(),
        exclusive("G"),
        user_task("A", name="Vägen som togs", candidateGroups="coordinator"),
        user_task("B", name="Den andra vägen", candidateGroups="coordinator"),
        end("E1"),
        end("E2"),
        flow("Start", "G"),
        flow("G", "A", "1 == 1"),
        flow("G", "B", default=True),
        flow("A", "E1"),
        flow("B", "E2"),
        id="two-ways",
        attributes='camunda:candidateStarterGroups="coordinator"',
    )
    house.town.deploy(source)
    case = house.town.start("two-ways", by="Sam")
    page = house.visit("Sam").text(f"/arenden/{case.id}")
    assert "Nu: Vägen som togs" in page
    assert "Den andra vägen" not in page


def test_a_loop_ends_the_walk() -> None:
    source = diagram(
        start(),
        exclusive("G"),
        user_task("A"),
        end(),
        flow("Start", "A"),
        flow("A", "G"),
        flow("G", "A", "x"),
        flow("G", "End", default=True),
    )
    process = read(source).process
    assert process is not None
    assert [node.id for node in progress._in_order(process, None)] == ["Start", "A", "End"]


def test_what_a_loop_comes_back_to_stays_before_what_it_comes_from() -> None:
    source = diagram(
        start(),
        exclusive("Needed"),
        user_task("Write"),
        exclusive("Merge"),
        user_task("Weigh"),
        exclusive("Back"),
        end(),
        flow("Start", "Needed"),
        flow("Needed", "Write", default=True),
        flow("Needed", "Merge", "x"),
        flow("Write", "Merge"),
        flow("Merge", "Weigh"),
        flow("Weigh", "Back"),
        flow("Back", "Write", "x"),
        flow("Back", "End", default=True),
    )
    process = read(source).process
    assert process is not None
    assert [node.id for node in progress._in_order(process, None)] == ["Start", "Write", "Weigh", "End"]


def test_what_is_done_once_more_is_not_shown_as_done_and_history_tells_what_was_chosen(house: House) -> None:
    outcome = {"JA": "Ja", "ATER": "Återremiss"}
    source = diagram(
        start(),
        exclusive("Merge"),
        user_task("Write", name="Skriv", candidateGroups="coordinator"),
        user_task(
            "Decide",
            question("ruling", "enum", label="Beslut", choices=outcome),
            question("why", label="Motivering", requiredIf="ruling == 'ATER'"),
            candidateGroups="registrar",
        ),
        exclusive("G"),
        end(),
        flow("Start", "Merge"),
        flow("Merge", "Write"),
        flow("Write", "Decide"),
        flow("Decide", "G"),
        flow("G", "Merge", "ruling == 'ATER'"),
        flow("G", "End", default=True),
        id="again",
        attributes='camunda:candidateStarterGroups="lpoChair"',
    )
    town = house.town
    town.deploy(source)
    case = town.start("again", by="Lo")
    town.complete("Write", "Sam")
    town.complete("Decide", "Ria", {"ruling": "ATER", "why": "Kostnaden saknas"})
    page = house.visit("Sam").text(f"/arenden/{case.id}")
    assert [each for each in states(page) if each[1].endswith(("Skriv", "Decide"))] == [
        ("now", "Nu: Skriv"),
        ("later", "Decide"),
    ]
    assert "gjort tidigare: i dag, Ria" in page
    assert "Beslut: Återremiss" in page
    assert "Läs svaret" in page
    # Lo owns the case and has no task in it: what was chosen is told and why, and no link leads where Lo may not go.
    owners = house.visit("Lo").text(f"/arenden/{case.id}")
    assert "Beslut: Återremiss. Kostnaden saknas" in owners
    assert "/uppgifter/" not in owners


def test_history_tells_who_did_what(house: House, case: Case) -> None:
    house.town.complete("Task_Answer", "Lo", {"stance": "JA", "text": "Ja."})
    page = house.visit("Sam").text(f"/arenden/{case.id}")
    assert "Lo gjorde klart ”Lämna synpunkter”" in page
    assert "i dag 08:00" in page
    assert "Ärendet startades" in page


def test_the_drawing_is_the_one_the_case_runs_on(house: House, case: Case) -> None:
    visit = house.visit("Sam")
    answer = visit.see(f"/arenden/{case.id}/ritning.bpmn")
    assert answer.data == every_question()
    assert answer.mimetype == "application/xml"
    marks = visit.see(f"/arenden/{case.id}/lage").get_json()
    assert marks["states"]["Task_Answer"] == "now"
    assert marks["states"]["Task_Read"] == "later"
    assert marks["badges"] == {"Task_Answer": "1"}
    assert visit.see(f"/arenden/{case.id}/ritning").status_code == 200
    assert visit.see(f"/arenden/{case.id}/ritning?process=annan").status_code == 404


def test_cancel_wants_a_reason_and_says_what_is_lost(house: House, case: Case) -> None:
    visit = house.visit("Sam")
    page = visit.text(f"/arenden/{case.id}")
    assert "De här uppgifterna försvinner: Lämna synpunkter." in page
    assert visit.send(f"/arenden/{case.id}/avbryt", reason="  ").status_code == 422
    assert visit.send(f"/arenden/{case.id}/avbryt", reason="Dubblett").status_code == 303
    assert house.town.case(case).status == "cancelled"
    assert ("gone", "Lämna synpunkter") in states(visit.text(f"/arenden/{case.id}"))
    assert "Dubblett" in visit.text(f"/arenden/{case.id}")


def test_the_coordinator_says_what_recusals_are_tried_against(house: House, case: Case) -> None:
    visit = house.visit("Sam")
    assert "Inga frågor är angivna." in visit.text(f"/arenden/{case.id}")
    assert visit.send(f"/arenden/{case.id}/jav", tags="Osteoporos", reason=" ").status_code == 422
    assert visit.send(f"/arenden/{case.id}/jav", tags="Osteoporos, gikt", reason="Två diagnoser").status_code == 303
    page = visit.text(f"/arenden/{case.id}")
    assert "gikt, osteoporos" in page
    assert "Sam ändrade vilka frågor jäv prövas mot" in page
    others = house.visit("Lo")
    assert "Ändra frågorna" not in others.text(f"/arenden/{case.id}")
    assert others.send(f"/arenden/{case.id}/jav", tags="", reason="Nej").status_code == 403


def test_pause_and_go_on(house: House, case: Case) -> None:
    visit = house.visit("Sam")
    visit.see(f"/arenden/{case.id}")
    assert visit.send(f"/arenden/{case.id}/pausa", reason="Ny version väntas").status_code == 303
    assert "Ny version väntas" in visit.text(f"/arenden/{case.id}")
    assert visit.send(f"/arenden/{case.id}/ateruppta", passerat="shift").status_code == 303
    assert house.town.case(case).status == "active"


def test_others_may_not_steer_the_case(house: House, case: Case) -> None:
    visit = house.visit("Lo")
    assert "Avbryt ärendet" not in visit.text(f"/arenden/{case.id}")
    assert visit.send(f"/arenden/{case.id}/avbryt", reason="x").status_code == 403
    assert visit.send(f"/arenden/{case.id}/pausa", reason="x").status_code == 403


def test_moving_a_date_shows_what_follows_first(house: House, case: Case) -> None:
    with house.town.db.transaction() as tx:
        deadlines.set_day(tx, case.id, "internalDue", date(2026, 3, 27), source="national")
    visit = house.visit("Sam")
    visit.see(f"/arenden/{case.id}")
    page = visit.send(f"/arenden/{case.id}/datum/internalDue", day="2026-03-30").text
    assert "Flytta ”Interna svar” till måndag 30 mars" in page
    moved = visit.send(f"/arenden/{case.id}/datum/internalDue", day="2026-03-30", reason="Sportlov", do="move")
    assert moved.status_code == 303
    with house.town.db.read() as reader:
        found = deadlines.find(reader, case.id, "internalDue")
    assert found is not None
    assert found.day == date(2026, 3, 30)
    assert visit.send(f"/arenden/{case.id}/datum/internalDue", day="i morgon").status_code == 422


def test_a_date_says_why_it_is_that_day_and_what_follows_it(house: House) -> None:
    dates = {"externalDue": "'2026-04-14'", "internalDue": "'2026-03-27'"}
    source = diagram(
        start(),
        service_task("Set", "deadline.set", extension=parameters(dates)),
        user_task("A", candidateGroups="coordinator"),
        end(),
        id="dated",
    )
    house.town.deploy(source)
    case = house.town.start("dated", opensAt="2026-02-16", closesAt="2026-04-14")
    visit = house.visit("Sam")
    assert "10 arbetsdagar före 14 april 2026, påsken borträknad" in visit.text(f"/arenden/{case.id}")
    page = visit.send(f"/arenden/{case.id}/datum/externalDue", day="2026-04-24").text
    assert 'Interna svar <span class="quiet">(fre 10 apr)' in page


def test_a_conflict_of_dates_is_told_in_words(house: House) -> None:
    source = diagram(
        start(),
        service_task("Set", "deadline.set", extension=parameters({"externalDue": "'2026-04-10'"})),
        user_task("A", candidateGroups="coordinator"),
        end(),
        id="dated",
    )
    house.town.deploy(source)
    case = house.town.start("dated", opensAt="2026-02-16", closesAt="2026-04-10")
    page = house.visit("Sam").text(f"/arenden/{case.id}")
    assert "Den nationella kalendern säger tis 14 apr, men fre 10 apr i utskicket gäller." in page


def test_the_list_finds_by_name_and_number(house: House, case: Case) -> None:
    visit = house.visit("Sam")
    for words in ("kol", case.number.lower()):
        assert case.number in visit.text("/arenden", sok=words)
    assert "Inget ärende" in visit.text("/arenden", sok="finns inte alls")


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("lpoChair@HUD", True),
        ("lpoChair@LUNG", True),
        ("lpoChair", True),
        ("primaryCareRep@HUD", False),
        ("primaryCareRep", False),
        ("registrar", True),
        ("auditor", True),
        ("operator", False),
    ],
)
def test_the_list_shows_the_cases_whose_page_can_be_opened(house: House, role: str, sees: bool) -> None:
    """The chair of an area sees its cases without a task in them; a role for the whole region covers every area."""
    case = house.town.start(by="Sam", title="Remiss: psoriasis", programAreaIds=["HUD", "ALLM"])
    house.town.person("Ny", role)
    with house.town.db.transaction() as tx:
        accounts.add(tx, house.town.keys["Ny"], "ny", HASHED)
    visit = house.visit("Ny")
    assert (case.number in visit.text("/arenden")) is sees
    assert (visit.see(f"/arenden/{case.id}").status_code == 200) is sees


def test_who_owns_a_case_finds_it_in_the_list(house: House, case: Case) -> None:
    visit = house.visit("Pia")
    assert case.number not in visit.text("/arenden")
    with house.town.db.transaction() as tx:
        tx.execute(update(cases.cases).where(cases.cases.c.id == case.id).values(owner=house.town.keys["Pia"]))
    assert case.number in visit.text("/arenden")
    assert visit.see(f"/arenden/{case.id}").status_code == 200


def test_start_by_form(house: House) -> None:
    visit = house.visit("Sam")
    page = visit.text("/starta")
    assert re.search(r"<h2[^>]*>Annat</h2>.*<h3>Synpunkter</h3>", page, re.DOTALL)
    visit.see("/starta/test")
    started = visit.send("/starta/test", do="send")
    assert started.status_code == 303
    with house.town.db.read() as reader:
        assert cases.counts(reader, "jh") == {"active": 1}
    assert "Du kan inte starta något ärende" in house.visit("Lo").text("/starta")
    assert house.visit("Lo").see("/starta/test").status_code == 404


def test_a_start_form_that_cannot_be_worked_out_is_shown_again_with_what_was_written(house: House) -> None:
    asked = [question("share", "long", label="Del", rule="100 / share > 1", ruleText="För stor."), question("title")]
    house.town.deploy(
        diagram(start(extension=form(*asked)), end(), id="s", attributes='camunda:candidateStarterGroups="coordinator"')
    )
    visit = house.visit("Sam")
    visit.see("/starta/s")
    sent = {"shown": ["share", "title"], "f.share": "0", "f.title": "Remissen om stroke", "do": "send"}
    told = visit.send("/starta/s", **sent)
    assert told.status_code == 422
    assert "Division med noll" in told.text
    assert 'value="Remissen om stroke"' in told.text


def test_a_list_asks_no_more_for_many_cases_than_for_one(house: House, asked: list[str]) -> None:
    visit = house.visit("Sam")

    def questions() -> int:
        asked.clear()
        visit.text("/arenden")
        return len(asked)

    house.town.start(by="Sam")
    one = questions()
    for _ in range(5):
        house.town.start(by="Sam")
    assert questions() == one


@pytest.mark.parametrize(
    "path", ["/arenden?fran=²", "/kalender?ar=²", "/drift/timrar?sida=²", "/arenden?fran=9999999999"]
)
def test_what_is_no_number_of_an_address_is_passed_over(house: House, path: str) -> None:
    assert house.visit("Sam").see(path).status_code == 200


def test_operations_show_what_comes(house: House, case: Case) -> None:
    page = house.visit("Ola").text("/drift")
    assert "Tiden gick ut" in page
    assert "Remiss: vårdförlopp KOL" in page
    assert "Inget står still." in page


def test_a_file_of_the_start_form_belongs_to_the_case_also_after_a_fault(house: House) -> None:
    asked = question("title", label="Namn", constraints={"required": "true"})
    house.town.deploy(
        diagram(
            start(extension=form(question("documents", label="Underlag", file="many"), asked)),
            user_task("Task_Read", name="Läs", candidateGroups="coordinator"),
            end("End_Done", name="Klart"),
            name="Med underlag",
            id="papers",
            attributes='camunda:candidateStarterGroups="coordinator"',
        )
    )
    visit, asks = house.visit("Sam"), {"shown": ["documents", "title"], "do": "send"}
    visit.see("/starta/papers")
    refused = visit.send("/starta/papers", **asks, **{"file.f.documents": (BytesIO(b"%PDF-1.7 remiss"), "remiss.pdf")})
    assert refused.status_code == 422
    assert "innan ärendet kan starta" in refused.text
    assert "remiss.pdf" in refused.text
    kept = re.findall(r'name="f.documents" value="([^"]+)"', refused.text)
    begun = visit.send("/starta/papers", **asks, **{"f.documents": kept, "f.title": "Remissen"})
    assert begun.status_code == 303
    assert "remiss.pdf" in visit.text(begun.location)


def test_a_file_of_a_start_form_that_was_never_sent_goes_after_a_month_and_no_other(house: House) -> None:
    papers = [question("documents", label="Underlag", file="many"), question("title", constraints={"required": "true"})]
    paper = question("parts_paper", label="Del", file="one", rows="parts")
    house.town.deploy(
        diagram(
            start(extension=form(*papers, paper)),
            user_task("Task_Read", candidateGroups="coordinator"),
            end(),
            id="papers",
            attributes='camunda:candidateStarterGroups="coordinator"',
        )
    )
    visit, asks = house.visit("Sam"), {"shown": ["documents", "title", "parts"], "do": "send"}
    visit.see("/starta/papers")

    def upload(content: bytes, **more: str) -> int:
        rows = {"count.parts": "1", "file.f.parts.0.paper": (BytesIO(content + b" del"), "del.pdf")}
        sent = {"file.f.documents": (BytesIO(content), "underlag.pdf")}
        return visit.send("/starta/papers", **asks, **rows, **sent, **more).status_code

    assert upload(b"%PDF samma") == upload(b"%PDF bara h\xc3\xa4r") == 422
    assert upload(b"%PDF samma", **{"f.title": "Remissen"}) == 303
    for days, left in ((29, 6), (2, 2)):
        house.town.clock.advance(timedelta(days=days))
        worker.sweep(house.town.db)
        with house.town.db.read() as reader:
            assert reader.scalar(select(func.count()).select_from(documents.documents)) == left
    with house.town.db.read() as reader:
        assert None not in set(reader.execute(select(documents.documents.c.case_id)).scalars())
        kept = sorted(reader.execute(select(documents.blobs.c.bytes)).scalars())
    assert kept == [b"%PDF samma", b"%PDF samma del"]


def test_every_date_and_outcome_of_the_shipped_processes_has_words() -> None:
    files = list(shipped.diagrams().values())
    dates = {each.decode() for file in files for each in re.findall(rb'name="deadline\.(\w+)"', file)}
    outcomes = {each.decode() for file in files for each in re.findall(rb'name="outcome" value="([A-Z_]+)"', file)}
    assert dates >= {"externalDue", "reGapAsk"}
    assert dates <= set(wording.DEADLINES)
    assert outcomes >= {"BESVARAD", "UTFASAD"}
    assert outcomes <= set(wording.OUTCOMES)


def test_a_closed_case_says_how_long_it_is_kept(house: House) -> None:
    closed = house.town.start(by="Sam", title="Klar")
    sam = house.visit("Sam")
    assert "Sparas till och med" not in sam.text(f"/arenden/{closed.id}")
    with house.town.db.transaction() as tx:
        tx.execute(update(cases.cases).where(cases.cases.c.id == closed.id).values(status="completed", ended_at=tx.now))
    assert re.search(r"Sparas till och med \d+ \w+ 2036", sam.text(f"/arenden/{closed.id}"))


def test_the_headings_of_what_can_be_started_name_processes_that_exist() -> None:
    keys = {key for inside in themes.THEMES.values() for key in inside}
    assert {f"{key}.bpmn" for key in keys} <= set(shipped.diagrams())
