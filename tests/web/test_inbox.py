"""The inbox and the task: reading, writing, sending, coming too late."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest

from engine import cases, shipped, tasks
from store import documents, drafts, rounds
from store.tasks import Task, roles_of
from store.tasks import find as find_task
from tests.core.diagrams import diagram, end, field, start, user_task
from tests.engine.test_rounds import consultation
from tests.web.house import House, Visit, shown
from web.inbox import row_words

RIGHT: dict[str, Any] = {"f.stance": "JA", "f.text": "Vi håller med."}
ROWS = re.compile(rb'id="rows" value="(\w+)"')


@pytest.fixture
def task(house: House) -> Task:
    house.town.start(by="Sam", title="Remiss: vårdförlopp KOL")
    return house.town.open_task("Task_Answer")


def answer(visit: Visit, task: Task, **fields: Any) -> Any:
    """Press a button on the page of the task with these fields filled in."""
    page = visit.text(f"/uppgifter/{task.id}")
    return visit.send(f"/uppgifter/{task.id}", **shown(page), **{"do": "send", **fields})


def now(house: House, task: Task) -> Task:
    with house.town.db.read() as reader:
        found = find_task(reader, task.id)
    assert found is not None
    return found


def test_the_case_comes_before_the_task_in_a_row(house: House, task: Task) -> None:
    page = house.visit("Lo").text("/")
    row = re.search(r'class="row".*?</a>', page, re.DOTALL)
    assert row
    assert row.group(0).index("Remiss: vårdförlopp KOL") < row.group(0).index("Lämna synpunkter")
    assert "I morgon, tis 17 feb" in row.group(0)
    assert "25 min" in row.group(0)


def test_the_six_facts(house: House, task: Task) -> None:
    page = house.visit("Lo").text(f"/uppgifter/{task.id}")
    for words in ("Varför du", "LPO-ordförande, Lung", "Ungefär 25 minuter", "Tisdag 17 februari", "om 1 arbetsdag"):
        assert words in page
    assert "Du räknas som ”ej svar”." in page
    assert re.search(r"Kontakt</dt><dd[^>]*>Sam<", page)


def test_every_question_has_its_control(house: House, task: Task) -> None:
    page = house.visit("Lo").text(f"/uppgifter/{task.id}")
    for control in (
        '<input type="radio" name="f.stance" value="JA"',
        '<textarea class="input" rows="3" id="q-text"',
        'type="date" id="q-day"',
        'inputmode="decimal" autocomplete="off" id="q-hours"',
        '<input type="checkbox" id="q-sure"',
        '<input type="checkbox" name="f.kinds" value="V3"',
        '<select class="input" id="q-one"',
        'name="f.area" value="LUNG"',
        'type="file" id="q-appendix"',
        'name="f.comments.0.comment"',
    ):
        assert control in page, control
    assert "q-why" not in page


def test_a_right_answer_is_sent_and_says_so(house: House, task: Task) -> None:
    visit = house.visit("Lo")
    fields = {
        "f.sure": "true",
        "f.hours": "3",
        "f.kinds": ["V1", "V2"],
        "count.comments": "2",
        "f.comments.0.section": "3.2",
        "f.comments.0.comment": "Tiden går inte att hålla.",
    }
    sent = answer(visit, task, **RIGHT, **fields)
    assert sent.status_code == 303
    page = visit.text(sent.headers["Location"])
    assert "Svaret är skickat. Nu i" in page
    assert re.search(r'Nu i <a href="/arenden/\w+">Remiss: vårdförlopp KOL</a>: Läs', page)
    done = now(house, task)
    assert done.status == "completed"
    assert done.values is not None
    assert done.values["comments"] == [{"section": "3.2", "comment": "Tiden går inte att hålla."}]
    assert done.values["kinds"] == ["V1", "V2"]
    assert done.values["sure"] is True


def test_faults_are_counted_linked_and_lose_nothing(house: House, task: Task) -> None:
    visit = house.visit("Lo")
    fields = {"f.hours": "tre", "count.comments": "1", "f.comments.0.section": "3.2", "f.day": "2026-05-01"}
    sent = answer(visit, task, **fields)
    assert sent.status_code == 422
    page = sent.text
    assert "<title>4 fel:" in re.sub(r"\s+", " ", page)
    assert "Fyra saker behöver rättas" in page
    for place in ("q-stance", "q-text", "q-hours", "q-comments-0-comment"):
        assert f'href="#{place}"' in page
        assert f'id="{place}"' in page
    assert "Inget har gått förlorat. Ditt utkast sparades 08:00." in page
    assert 'value="tre"' in page
    assert 'value="3.2"' in page
    assert 'value="2026-05-01"' in page
    assert 'class="facts"' not in page
    assert page.count('aria-invalid="true"') >= 4
    assert now(house, task).status == "open"


def test_a_question_appears_when_the_answers_call_for_it(house: House, task: Task) -> None:
    visit = house.visit("Lo")
    page = answer(visit, task, do="refresh", **{"f.stance": "NEJ"}).text
    assert 'id="q-why"' in page
    sent = visit.send(f"/uppgifter/{task.id}", **shown(page), do="send", **{"f.stance": "NEJ", "f.text": "Nej."})
    assert sent.status_code == 422
    assert 'href="#q-why"' in sent.text


def test_rows_are_added_removed_and_brought_back_without_script(house: House, task: Task) -> None:
    visit = house.visit("Lo")
    first = {"count.comments": "1", "f.comments.0.comment": "Ett"}
    page = answer(visit, task, do="add:comments", **first).text
    assert 'name="f.comments.1.comment"' in page
    both = {"count.comments": "2", "f.comments.0.comment": "Ett", "f.comments.1.comment": "Två"}
    page = answer(visit, task, do="remove:comments:0", **both).text
    assert "Två</textarea>" in page
    assert "Ett</textarea>" not in page
    assert "Ångra" in page
    removed = re.search(r'name="removed" value="([^"]*)"', page)
    assert removed
    words = removed.group(1).replace("&#34;", '"')
    back = {"count.comments": "1", "f.comments.0.comment": "Två", "removed": words}
    page = answer(visit, task, do="restore:comments:0", **back).text
    assert page.index("Ett</textarea>") < page.index("Två</textarea>")
    for bad in ("[" * 5000, '{"comment": "\\ud800"}', '{"comment": NaN}', '{"comment": [1]}'):
        assert answer(visit, task, do="restore:comments:0", **back | {"removed": bad}).status_code == 200


def test_a_draft_is_saved_unchecked_and_comes_back(house: House, task: Task) -> None:
    visit = house.visit("Lo")
    page = visit.text(f"/uppgifter/{task.id}")
    saved = visit.send(f"/uppgifter/{task.id}/utkast", **shown(page), **{"f.text": "Halvfärdigt"})
    assert saved.get_json() == {"saved": "Utkast sparat 08:00"}
    page = visit.text(f"/uppgifter/{task.id}")
    assert "Halvfärdigt</textarea>" in page
    assert "Utkast sparat 08:00" in page
    assert "Halvfärdigt" not in house.visit("Sam").text(f"/uppgifter/{task.id}")
    assert "Utkast" in visit.text("/?vy=utkast")


def test_save_and_close_goes_to_the_inbox(house: House, task: Task) -> None:
    visit = house.visit("Lo")
    saved = answer(visit, task, do="save", **{"f.text": "Sedan"})
    assert saved.status_code == 303
    assert "Utkastet är sparat." in visit.text(saved.headers["Location"])


def test_a_form_that_cannot_be_worked_out_keeps_what_was_written(house: House) -> None:
    share = field("share", "long", label="Del", rule="100 / share > 1", ruleText="För stor del.")
    asked = user_task("Task_Share", share, name="Dela", candidateGroups="lpoChair@LUNG")
    house.town.deploy(diagram(start(), asked, end(), id="shared", name="Delning"))
    house.town.start("shared", by="Sam")
    task = house.town.open_task("Task_Share")
    told = answer(house.visit("Lo"), task, **{"f.share": "0"})
    assert told.status_code == 409
    assert "Det du har skrivit finns kvar i uppgiften." in told.text
    with house.town.db.read() as reader:
        draft = drafts.find(reader, task.id, house.town.keys["Lo"])
    assert draft is not None
    assert draft.values["share"] == "0"


@pytest.mark.parametrize(
    "act", ["remove:comments:²", "remove:text:0", "add:text", "restore:stance:9", "remove:kinds:0"]
)
def test_a_button_that_no_page_has_does_no_harm(house: House, task: Task, act: str) -> None:
    visit = house.visit("Lo")
    visit.see(f"/uppgifter/{task.id}")
    shown = {"shown": ["text", "kinds", "comments"], "f.text": "Ja", "f.kinds": "V1", "count.comments": "²"}
    assert visit.send(f"/uppgifter/{task.id}", **shown, do=act).status_code == 200


def test_take_it_and_give_it_back(house: House, task: Task) -> None:
    visit = house.visit("Lo")
    visit.see(f"/uppgifter/{task.id}")
    assert visit.send(f"/uppgifter/{task.id}", do="claim").status_code == 303
    assert now(house, task).assignee == house.town.keys["Lo"]
    assert "Remiss: vårdförlopp KOL" in visit.text("/?vy=mina")
    assert visit.send(f"/uppgifter/{task.id}", do="release").status_code == 303
    assert now(house, task).assignee is None


def test_taking_over_brings_the_draft_along(house: House, task: Task) -> None:
    lo, sam = house.visit("Lo"), house.visit("Sam")
    lo.see(f"/uppgifter/{task.id}")
    lo.send(f"/uppgifter/{task.id}", do="claim")
    answer(lo, task, do="save", **{"f.text": "Los text"})
    page = sam.text(f"/uppgifter/{task.id}")
    assert "Lo har uppgiften." in page
    assert 'value="send"' not in page
    assert sam.send(f"/uppgifter/{task.id}", do="take-over").status_code == 303
    assert "Los text</textarea>" in sam.text(f"/uppgifter/{task.id}")
    assert house.town.mails("Lo")[-1] == "takenOver"


def test_the_coordinator_gives_it_to_someone(house: House, task: Task) -> None:
    sam = house.visit("Sam")
    sam.see(f"/uppgifter/{task.id}")
    assert sam.send(f"/uppgifter/{task.id}/tilldela", to=house.town.keys["Lo"]).status_code == 303
    assert now(house, task).assignee == house.town.keys["Lo"]
    lo = house.visit("Lo")
    lo.see(f"/uppgifter/{task.id}")
    assert lo.send(f"/uppgifter/{task.id}/tilldela", to=house.town.keys["Sam"]).status_code == 403


def test_who_comes_too_late_gets_their_text_back(house: House, task: Task) -> None:
    lo = house.visit("Lo")
    page = lo.text(f"/uppgifter/{task.id}")
    house.town.complete("Task_Answer", "Sam", {"stance": "JA", "text": "Sams svar"})
    late = lo.send(
        f"/uppgifter/{task.id}", **shown(page), do="send", **{"f.stance": "NEJ", "f.text": "Mitt långa svar"}
    )
    assert late.status_code == 409
    assert "Redan klar: Sam svarade 08:00." in late.text
    assert "Mitt långa svar" in late.text


def test_a_task_that_has_gone_says_why(house: House, task: Task) -> None:
    lo = house.visit("Lo")
    cases.cancel(house.town.db, task.case_id, reason="Remissen drogs tillbaka", by=house.town.by("Sam"))
    gone = lo.see(f"/uppgifter/{task.id}")
    assert gone.status_code == 410
    assert "Uppgiften finns inte längre" in gone.text
    assert "Remissen drogs tillbaka" in gone.text


def test_a_paused_case_can_be_read_but_not_answered(house: House, task: Task) -> None:
    lo = house.visit("Lo")
    page = lo.text(f"/uppgifter/{task.id}")
    cases.suspend(house.town.db, task.case_id, reason="Ny version väntas", by=house.town.by("Sam"))
    read = lo.text(f"/uppgifter/{task.id}")
    assert "Ny version väntas" in read
    assert 'value="send"' not in read
    late = lo.send(f"/uppgifter/{task.id}", **shown(page), do="send", **RIGHT)
    assert late.status_code == 409
    assert "Vi håller med." in late.text
    assert now(house, task).status == "open"


def test_after_sending_comes_the_next_task(house: House, task: Task) -> None:
    house.town.start(by="Sam", title="En till")
    lo = house.visit("Lo")
    for each in house.town.open_tasks():
        tasks.claim(house.town.db, each.id, by=house.town.by("Lo"))
    sent = answer(lo, task, **RIGHT)
    page = lo.text(sent.headers["Location"])
    assert "Svaret är skickat." in page
    assert re.search(r'id="task-title"[^>]*data-focus>Lämna synpunkter<', page)


def test_an_empty_inbox_says_what_comes(house: House) -> None:
    open_now = house.visit("Ria").text("/?vy=mina")
    assert "Inget väntar på dig" in open_now
    assert "Nästa kända" not in open_now
    house.town.at("2026-07-07T08:00:00+02:00")
    assert "<strong>tisdag 15 september</strong>" in house.visit("Ria").text("/?vy=mina")


# Files --------------------------------------------------------------------------------------------------------------


def test_a_file_is_kept_with_the_task_and_can_be_read(house: House, task: Task) -> None:
    lo = house.visit("Lo")
    page = answer(lo, task, do="refresh", **{"file.f.appendix": (BytesIO(b"%PDF-1.7 hej"), "..\\bilaga å.pdf")}).text
    assert "bilaga å.pdf" in page
    with house.town.db.read() as reader:
        (kept,) = documents.of_case(reader, task.case_id)
        draft = drafts.find(reader, task.id, house.town.keys["Lo"])
    assert kept.media_type == "application/pdf"
    assert draft is not None
    assert draft.values["appendix"] == kept.id
    read = lo.see(f"/arenden/{task.case_id}/dokument/{kept.id}")
    assert read.data == b"%PDF-1.7 hej"
    assert house.visit("Hud").see(f"/arenden/{task.case_id}/dokument/{kept.id}").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("hej.exe", b"MZ", "tas emot"), ("hej.html", b"<script>", "tas emot"), ("tom.pdf", b"", "är tom")],
)
def test_files_that_are_not_taken_in(house: House, task: Task, name: str, content: bytes, words: str) -> None:
    sent = answer(house.visit("Lo"), task, **RIGHT, **{"file.f.appendix": (BytesIO(content), name)})
    assert sent.status_code == 422
    assert words in sent.text
    assert now(house, task).status == "open"


def test_a_file_of_another_task_cannot_be_pointed_at(house: House, task: Task) -> None:
    with house.town.db.transaction() as tx:
        foreign = documents.add(tx, b"x", region="jh", name="annan.pdf", media_type="application/pdf")
    answer(house.visit("Lo"), task, **RIGHT, **{"f.appendix": foreign.id})
    done = now(house, task)
    assert done.values is not None
    assert done.values["appendix"] is None


def test_too_large_a_request_is_refused(house: House, task: Task) -> None:
    sent = answer(house.visit("Lo"), task, **{"f.text": "x" * 1_200_000})
    assert sent.status_code == 413


def test_what_is_done_is_neither_late_nor_to_be_taken(house: House, task: Task) -> None:
    house.town.complete("Task_Answer", "Lo", {"stance": "JA", "text": "Ja."})
    house.town.at("2026-07-07T08:00:00+02:00")
    page = house.visit("Lo").text(f"/uppgifter/{task.id}")
    assert "du gjorde uppgiften" in page
    assert "du kan ta uppgiften" not in page
    assert "dagar sen" not in page


# Ny and Läst --------------------------------------------------------------------------------------------------------


def word_in_list(visit: Visit, view: str = "kan-tas") -> str:
    row = visit.text("/", vy=view).partition('class="meta"')[2].partition("</a>")[0]
    return re.findall(r"</svg>(\w+)</span>", row)[-1]


def test_a_task_is_new_until_its_page_is_opened(house: House, task: Task) -> None:
    lo = house.visit("Lo")
    assert word_in_list(lo) == "Ny"
    assert word_in_list(lo) == "Ny"  # shown first in the list is not the same as opened
    lo.see(f"/uppgifter/{task.id}")
    assert word_in_list(lo) == "Läst"
    assert word_in_list(house.visit("Sam")) == "Ny"


def test_a_task_chosen_in_the_list_is_opened(house: House, task: Task) -> None:
    lo = house.visit("Lo")
    lo.see("/", vy="kan-tas", uppgift=task.id)
    assert word_in_list(lo) == "Läst"


def test_what_a_machine_fetches_is_not_opened(house: House, task: Task) -> None:
    lo = house.visit("Lo")
    lo.client.head(f"/uppgifter/{task.id}")
    lo.client.get(f"/uppgifter/{task.id}", headers={"Sec-Purpose": "prefetch;prerender"})
    assert house.visit().see(f"/uppgifter/{task.id}").status_code == 303
    assert word_in_list(lo) == "Ny"


def test_the_round_shows_when_whoever_may_answer_opened_it(house: House) -> None:
    house.town.deploy(consultation())
    case = house.town.start(by="Sam")
    house.town.complete("Who", "Sam", {"asked": ["lpoChair@LUNG", "primaryCareRep@LUNG"]})
    with house.town.db.read() as reader:
        (opened,) = rounds.of_case(reader, case.id)
        asked = {each.group: each.task_id for each in rounds.invitees_of(reader, opened.id)}
    los = f"/uppgifter/{asked['lpoChair@LUNG']}"

    def unopened(name: str) -> int:
        return house.visit("Sam").text(f"/rundor/{opened.id}").count(name)

    house.visit("Sam").see(los)
    assert unopened("Inte öppnad") == 2  # the coordinator only looked on
    house.visit("Lo").see(los)
    assert unopened("Inte öppnad") == 1
    assert unopened("Läst, inte svarat") == 1


def test_the_round_says_how_many_of_each_area_have_answered(house: House) -> None:
    house.town.deploy(consultation())
    case = house.town.start(by="Sam", programAreaIds=["LUNG", "HUD"])
    house.town.complete("Who", "Sam", {"asked": ["lpoChair@LUNG", "primaryCareRep@LUNG"]})
    asked = house.town.open_tasks()
    with house.town.db.read() as reader:
        of_lo = next(each for each in asked if ("lpoChair", "LUNG") in roles_of(reader, each.id))
    tasks.complete(house.town.db, of_lo.id, {"stance": "JA"}, by=house.town.by("Lo"))
    with house.town.db.read() as reader:
        (opened,) = rounds.of_case(reader, case.id)
    page = house.visit("Sam").text(f"/rundor/{opened.id}")
    assert "1 av 2 har svarat, 50 %" in page
    assert page.count(" har svarat, ") == 1, "nobody was asked for the other area"


# An answer that may be taken back ------------------------------------------------------------------------------------


@pytest.fixture
def undoable(house: House) -> Task:
    asked = diagram(
        start(),
        user_task(
            "Task_Say",
            field("text", label="Svar", constraints={"required": "true"}),
            field("hours", "long", label="Timmar"),
            name="Svara",
            candidateGroups="lpoChair@LUNG",
            properties={"undo": "PT10M"},
        ),
        end(),
        id="undoable",
        name="Svar",
    )
    house.town.deploy(asked)
    house.town.start("undoable", by="Sam", title="Snabb fråga")
    return house.town.open_task("Task_Say")


def test_an_answer_may_be_taken_back_with_a_button(house: House, undoable: Task) -> None:
    lo = house.visit("Lo")
    sent = answer(lo, undoable, **{"f.text": "Vi håller me.", "f.hours": "3"})
    assert sent.status_code == 303
    assert sent.location.startswith(f"/uppgifter/{undoable.id}")
    page = lo.text(f"/uppgifter/{undoable.id}")
    assert "Du svarade 08:00. Ångra till i dag 08:10." in page
    assert 'value="undo"' in page
    assert "Kan ångras" in lo.text("/", vy="klara")
    assert "Du svarade 08:00." in lo.text("/", vy="klara", uppgift=undoable.id)
    others = house.visit("Sam").text(f"/uppgifter/{undoable.id}")
    assert "Lo svarade i dag 08:00. Svaret kan ångras till i dag 08:10." in others
    assert 'value="undo"' not in others
    assert lo.send(f"/uppgifter/{undoable.id}", do="undo").status_code == 303
    page = lo.text(f"/uppgifter/{undoable.id}")
    assert "Vi håller me." in page
    assert 'value="3"' in page
    assert 'value="send"' in page
    assert now(house, undoable).status == "open"


def test_too_late_to_take_back_says_so(house: House, undoable: Task) -> None:
    lo = house.visit("Lo")
    answer(lo, undoable, **{"f.text": "Ja."})
    house.town.tick(minutes=10)
    late = lo.send(f"/uppgifter/{undoable.id}", do="undo")
    assert late.status_code == 409
    assert "redan klar av Lo" in late.text
    told = house.visit("Sam").text(f"/arenden/{undoable.case_id}")
    assert "Lo svarade på ”Svara”" in told
    assert "Lo gjorde klart ”Svara”" in told


def test_every_kind_of_row_in_the_shipped_diagrams_has_a_name() -> None:
    named = {each.decode() for file in shipped.diagrams().values() for each in ROWS.findall(file)}
    assert named >= {"comments", "activities"}
    assert named <= set(row_words.ROWS)
