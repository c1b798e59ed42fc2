"""Operations: what stands still, what comes, what leaves the house; and a retry that tells the truth."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import cases as moves
from store import incidents, outbox, timers, webhooks
from store.cases import Case
from tests.core.diagrams import call, diagram, end, script_task, start, user_task
from tests.engine.test_retries import listener, mend, spoil, thrower
from tests.engine.town import REGION
from tests.web.house import POISON, House


@pytest.fixture
def case(house: House) -> Case:
    return house.town.start(by="Sam", title="Remiss: KOL")


@pytest.fixture
def stopped(house: House) -> Case:
    """A case that could not take the message it waited for."""
    town = house.town
    town.deploy(thrower(), listener())
    receiver = town.start("listener", title="Lyssnar")
    town.start("teller")
    return receiver


def only_incident(house: House) -> incidents.Incident:
    [found] = house.town.incidents()
    return found


def test_a_retry_tells_the_truth(house: House, stopped: Case) -> None:
    before = spoil(house.town, stopped)
    house.town.complete("Ask", "Lo")
    visit, path = house.visit("Ola"), f"/drift/hinder/{only_incident(house).id}"
    assert "Ett meddelande kom inte fram" in visit.text("/drift")
    page = visit.text(path)
    assert "Det lämnas bara en gång" in page
    assert 'data-marks="' in page
    failed = visit.text(visit.send(f"{path}/forsok").headers["Location"])
    assert "Det gick inte den här gången heller." in failed
    assert "Löst" not in failed
    mend(house.town, stopped, before)
    solved = visit.text(visit.send(f"{path}/forsok").headers["Location"])
    assert "Hindret är löst." in solved
    assert "av Ola" in solved
    again = visit.send(f"{path}/forsok")
    assert again.status_code == 409
    assert "redan löst av Ola" in again.text
    assert "Inget står still." in visit.text("/drift")


def test_what_is_not_known_yet_is_not_said_to_be_solved(house: House) -> None:
    key = house.town.keys["Lo"]
    with house.town.db.transaction() as tx:
        outbox.enqueue(tx, REGION, "mail", "reminder", {"subject": "Hej"}, recipient=key)
        [claimed] = outbox.claim_mail(tx)
        outbox.failed(tx, claimed, "Nej", None)
        incidents.report(tx, REGION, None, key, element="reminder", process="", rule="mail", message="Nej")
    visit = house.visit("Ola")
    visit.see("/drift")
    answer = visit.send(f"/drift/hinder/{only_incident(house).id}/forsok")
    page = visit.text(answer.headers["Location"])
    assert "Ett nytt försök är i gång." in page
    assert "Löst" not in page


def test_the_drawing_of_an_incident_holds_nothing_of_the_case(house: House, stopped: Case) -> None:
    spoil(house.town, stopped)
    house.town.complete("Ask", "Lo")
    visit, path = house.visit("Ola"), f"/drift/hinder/{only_incident(house).id}"
    assert visit.see(f"{path}/lage").json["states"] == {"Hear": "stopped"}
    assert visit.see(f"{path}/ritning.bpmn").data.startswith(b"<?xml")
    assert f'href="/arenden/{stopped.id}"' not in visit.text(path), "the operator may not read the case"


def test_an_incident_in_a_called_process_is_drawn_there_though_its_caller_has_the_same_id(house: House) -> None:
    inner = diagram(start(), script_task("Count", "x = 1 / 0", name="Räkna i delen"), end(), id="inner")
    outer = diagram(
        start(),
        call("Do", "inner"),
        user_task("Count", name="Räkna i huset", candidateGroups="coordinator"),
        end(),
        id="outer",
    )
    house.town.deploy(inner, outer)
    house.town.start("outer", by="Sam")
    visit, path = house.visit("Ola"), f"/drift/hinder/{only_incident(house).id}"
    page = visit.text(path)
    assert "Räkna i delen" in page
    assert "Räkna i huset" not in page
    drawn = visit.see(f"{path}/ritning.bpmn").text
    assert 'id="inner"' in drawn
    assert 'id="outer"' not in drawn


def test_a_note_is_left_for_whoever_takes_over(house: House, stopped: Case) -> None:
    spoil(house.town, stopped)
    house.town.complete("Ask", "Lo")
    visit, path = house.visit("Ola"), f"/drift/hinder/{only_incident(house).id}"
    visit.see(path)
    visit.send(f"{path}/anteckning", text=POISON)
    assert "<svg onload" not in visit.text("/drift")
    assert "&lt;svg onload" in visit.text(path)


def test_a_timer_is_moved_and_let_go(house: House, case: Case) -> None:
    town, visit = house.town, house.visit("Ola")
    with town.db.read() as reader:
        [timer] = timers.of_case(reader, case.id)
    path = f"/drift/timrar/{case.id}/{timer.key}"
    assert f'href="/arenden/{case.id}"' in house.visit("Sam").text("/drift/timrar")
    assert "Tiden gick ut" in visit.text("/drift/timrar")
    assert "Inga timrar väntar." in visit.text("/drift/timrar", arende="REM-1999-001")
    assert "Ny tid" in visit.text(path)
    local = (town.clock.moment + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    assert visit.send(f"{path}/flytta", due=local, reason="").status_code == 422
    assert visit.send(f"{path}/flytta", due="i morgon", reason="x").status_code == 422
    moved = visit.send(f"{path}/flytta", due=local, reason="Sportlov")
    assert "Timern är flyttad." in visit.text(moved.headers["Location"])
    assert "Timern är flyttad." not in house.visit("Sam").text(moved.headers["Location"])
    assert visit.send(f"{path}/nu", reason="Alla har svarat").status_code == 303
    assert town.case(case).status == "completed"
    assert "lät en timer gå i förtid: Tiden gick ut" in house.visit("Sam").text(f"/arenden/{case.id}")


def test_the_coordinator_sees_timers_and_moves_none(house: House, case: Case) -> None:
    visit = house.visit("Sam")
    assert "Flytta eller kör nu" not in visit.text("/drift/timrar")
    with house.town.db.read() as reader:
        [timer] = timers.of_case(reader, case.id)
    assert visit.send(f"/drift/timrar/{case.id}/{timer.key}/nu", reason="x").status_code == 403


def test_late_and_held_timers_are_told_apart(house: House, case: Case) -> None:
    house.town.clock.advance(timedelta(days=31))
    visit = house.visit("Ola")
    assert "Tiden gick ut" in visit.text("/drift/timrar", vilka="sena")
    moves.suspend(house.town.db, case.id, reason="Paus", by=house.town.by("Sam"))
    assert "Inga timrar väntar." in visit.text("/drift/timrar", vilka="sena")
    assert "Tiden gick ut" in visit.text("/drift/timrar", vilka="pausade")
    sam = house.visit("Sam").text(f"/arenden/{case.id}")
    assert "Det här skulle ha hänt under pausen:" in sam
    assert "hoppas över" in sam


def test_lists_of_operations_ask_no_more_for_many_rows_than_for_one(house: House, case: Case, asked: list[str]) -> None:
    visit = house.visit("Ola")

    def questions(path: str) -> int:
        asked.clear()
        visit.text(path)
        return len(asked)

    def happen(times: int) -> None:
        with house.town.db.transaction() as tx:
            for n in range(times):
                outbox.enqueue(tx, REGION, "mail", "reminder", {}, case_id=case.id, recipient=house.town.keys["Lo"])
                about = {"element": f"E{n}", "process": "test", "rule": "no-flow", "message": "Nej"}
                incidents.report(tx, REGION, case.id, f"{times}:{n}", **about)

    happen(1)
    few = [questions(path) for path in ("/drift", "/drift/utskick", "/drift/timrar")]
    happen(5)
    assert [questions(path) for path in ("/drift", "/drift/utskick", "/drift/timrar")] == few


def test_deliveries_are_listed_shown_without_secrets_and_sent_again(house: House) -> None:
    with house.town.db.transaction() as tx:
        endpoint = webhooks.add(tx, REGION, "https://user:pw@mottagare.example/in?key=1", ["*"], "whsec_hemligt")
        payload = {"title": "Remiss", "accessToken": "abc123", "rows": [{"secret": "abc123"}]}
        out = outbox.enqueue(tx, REGION, "event", "task.created", payload, recipient=endpoint.id)
        outbox.give_up(tx, endpoint.id, "Mottagaren vill inte ha fler händelser (410).")
        webhooks.disable(tx, endpoint.id, "Mottagaren vill inte ha fler händelser (410).")
    visit = house.visit("Ola")
    page = visit.text("/drift/utskick", lage="misslyckade")
    assert "Ny uppgift" in page
    assert "mottagare.example" in page
    assert "Avstängd" in page
    shown = visit.text(f"/drift/utskick/{out}")
    assert "Remiss" in shown
    for secret in ("abc123", "whsec_hemligt", "user:pw", "key=1"):
        assert secret not in page + shown
    assert visit.send(f"/drift/mottagare/{endpoint.id}/oppna").status_code == 303
    with house.town.db.read() as reader:
        found = outbox.find(reader, out)
        assert found is not None
        assert found.status == "waiting"
        assert webhooks.of_region(reader, REGION)[0].disabled_at is None
    assert visit.send(f"/drift/utskick/{out}/igen").status_code == 303
    assert "Inga sådana utskick." in visit.text("/drift/utskick", lage="alla", typ="brev")
    assert visit.see("/drift/utskick/finns-inte").status_code == 404


def test_what_is_held_is_told_on_every_page_of_operations(house: House) -> None:
    with house.town.db.transaction() as tx:
        outbox.hold(tx)
    visit = house.visit("Ola")
    for path in ("/drift", "/drift/utskick"):
        assert "Inget lämnar huset just nu." in visit.text(path)


def test_a_case_that_ended_says_so_after_its_retry(house: House) -> None:
    """What it said before it ended is handed over; nothing claims that it goes on."""
    town = house.town
    town.deploy(thrower(), listener(), listener("other"))
    waiting = [town.start("listener"), town.start("other")]
    town.start("teller")
    town.complete("Ask", "Lo")
    moves.cancel(town.db, waiting[1].id, reason="Dubblett", by=town.by("Sam"))
    visit = house.visit("Ola")
    visit.see("/drift")
    page = visit.text(visit.send(f"/drift/hinder/{only_incident(house).id}/forsok").headers["Location"])
    assert "Ärendet är avslutat." in page
    assert "Ärendet går vidare." not in page


def test_an_incident_without_a_drawing_has_none(house: House) -> None:
    with house.town.db.transaction() as tx:
        incidents.report(tx, REGION, None, "x", element="webhook", process="", rule="delivery", message="Svarar inte")
    visit = house.visit("Ola")
    path = f"/drift/hinder/{only_incident(house).id}"
    assert 'class="drawing"' not in visit.text(path)
    assert visit.see(f"{path}/ritning.bpmn").status_code == 404
