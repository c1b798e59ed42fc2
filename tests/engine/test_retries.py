"""Trying again tells the truth: solved when it is, still there with the reason when it is not, and done once."""

from __future__ import annotations

from typing import Any

import pytest

from engine import cases as moves
from engine import incidents, live, messages, steps
from engine.access import SYSTEM
from engine.errors import AlreadyDone, Conflict, Forbidden
from engine.incidents import REMAINS, SOLVED, UNDER_WAY
from store import incidents as rows
from store import links, outbox, states
from store import messages as early
from store.cases import Case
from tests.core import diagrams as d
from tests.engine.town import REGION, Town

ASK = d.user_task("Ask", candidateGroups="lpoChair@LUNG")
THANK = d.user_task("Thank", candidateGroups="lpoChair@LUNG")
TELL = d.throw("Tell", d.message("News"), properties={"correlationKey": "${'K1'}"})


def thrower(*after: d.Part) -> bytes:
    """After a task it throws the message News with the key K1."""
    return d.diagram(d.start(), ASK, TELL, *after, d.end(), id="teller")


def listener(id: str = "listener") -> bytes:
    waits = d.catch("Hear", d.message("News"), properties={"correlationKey": "${'K1'}"})
    return d.diagram(d.start(), waits, THANK, d.end(), id=id)


def two_listeners(town: Town) -> tuple[Case, list[Case]]:
    """One that throws, and two that wait for the same message: it can go to neither."""
    town.deploy(thrower(d.user_task("After", candidateGroups="lpoChair@LUNG")), listener(), listener("other"))
    waiting = [town.start("listener"), town.start("other")]
    told = town.start("teller")
    town.complete("Ask", "Lo")
    return told, waiting


def retry(town: Town, by: str = "Ola") -> incidents.Retried:
    [found] = town.incidents()
    return incidents.retry(town.db, found.id, by=town.by(by))


def spoil(town: Town, case: Case) -> dict[str, str]:
    """Make the state of a case unreadable; answers with what it was."""
    with town.db.transaction() as tx:
        before = dict(states.read(tx, case.id))
        states.write(tx, case.id, dict.fromkeys(before, "{"), ())
    live.forget()
    return before


def mend(town: Town, case: Case, before: dict[str, str]) -> None:
    with town.db.transaction() as tx:
        states.write(tx, case.id, before, ())
    live.forget()


def test_a_message_that_was_not_delivered_is_sent_by_the_retry_and_once(town: Town) -> None:
    told, (first, second) = two_listeners(town)
    assert [task.element for task in town.open_tasks()] == ["After"]
    still = retry(town)
    assert still.result == REMAINS
    assert "flera ärenden" in still.reason
    assert [each.count for each in town.incidents()] == [2]

    moves.cancel(town.db, second.id, reason="Dubblett", by=town.by("Sam"))
    [incident] = town.incidents()
    assert retry(town).result == SOLVED
    assert town.told(first).count("received Hear") == 1
    with pytest.raises(AlreadyDone, match="Ola"):
        incidents.retry(town.db, incident.id, by=town.by("Ola"))
    assert town.told(first).count("received Hear") == 1
    assert town.told(told).count("retried") == 2
    with town.db.transaction() as tx:
        assert early.take(tx, REGION, "News", None, "another") is None


def test_what_a_case_said_before_it_ended_can_still_be_delivered(town: Town) -> None:
    town.deploy(thrower(), listener(), listener("other"))
    waiting = [town.start("listener"), town.start("other")]
    town.start("teller")
    assert town.complete("Ask", "Lo").status == "completed"
    assert [each.rule for each in town.incidents()] == [messages.MESSAGE]

    moves.cancel(town.db, waiting[1].id, reason="Dubblett", by=town.by("Sam"))
    assert retry(town).result == SOLVED
    assert [task.element for task in town.open_tasks()] == ["Thank"]


def test_a_receiver_that_cannot_be_read_costs_the_thrower_nothing(town: Town) -> None:
    town.deploy(thrower(), listener())
    receiver, told = town.start("listener"), town.start("teller")
    before = spoil(town, receiver)
    assert town.complete("Ask", "Lo").status == "completed"
    [incident] = town.incidents()
    assert (incident.case_id, incident.element) == (receiver.id, "Hear")
    assert retry(town).result == REMAINS
    mend(town, receiver, before)
    assert retry(town).result == SOLVED
    assert [task.element for task in town.open_tasks()] == ["Thank"]
    assert town.incidents() == []
    assert town.case(told).status == "completed"


def test_a_signal_reaches_the_others_when_one_cannot_be_read(town: Town) -> None:
    calls = d.diagram(d.start(), ASK, d.throw("Tell", d.signal("Alarm")), d.end(), id="caller")
    hears = d.diagram(d.start(), d.catch("Hear", d.signal("Alarm")), THANK, d.end(), id="hears")
    town.deploy(calls, hears)
    broken, sound = town.start("hears"), town.start("hears")
    town.start("caller")
    before = spoil(town, broken)
    assert town.complete("Ask", "Lo").status == "completed"
    assert [task.case_id for task in town.open_tasks()] == [sound.id]
    mend(town, broken, before)
    assert retry(town).result == SOLVED
    assert {task.case_id for task in town.open_tasks()} == {broken.id, sound.id}


def test_a_message_from_outside_is_kept_where_its_case_cannot_be_read(one_town: Town) -> None:
    one_town.deploy(listener())
    receiver = one_town.start("listener")
    before = spoil(one_town, receiver)
    found = messages.correlate(one_town.db, REGION, "News", "K1", {"x": 1}, by=SYSTEM)
    assert found.cases == (receiver.id,)
    mend(one_town, receiver, before)
    assert retry(one_town).result == SOLVED
    assert one_town.case(receiver).variables["x"] == 1


def test_a_start_by_message_that_breaks_costs_the_thrower_nothing(
    one_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = d.start("Begin", d.message("News"), properties={"startKey": "${'K1'}"})
    opened = d.diagram(begin, THANK, d.end(), id="opened")
    one_town.deploy(thrower(), opened)
    told = one_town.start("teller")
    with monkeypatch.context() as broken:
        broken.setattr(steps, "start", _fails)
        assert one_town.complete("Ask", "Lo").status == "completed"
        assert retry(one_town).result == REMAINS
    assert retry(one_town).result == SOLVED
    with one_town.db.read() as reader:
        assert [each.kind for each in links.of_case(reader, told.id)] == ["started"]


def test_a_case_whose_state_cannot_be_read_says_so_when_tried(one_town: Town) -> None:
    one_town.deploy(d.diagram(d.start(), ASK, d.script_task("Count", "x = 0\nn = 1 // x"), d.end()))
    case = one_town.start()
    one_town.complete("Ask", "Lo")
    spoil(one_town, case)
    assert retry(one_town).result == REMAINS
    assert [each.count for each in one_town.incidents()] == [2]


def test_a_suspended_case_is_not_tried(one_town: Town) -> None:

    told, _ = two_listeners(one_town)
    moves.suspend(one_town.db, told.id, reason="Väntar", by=one_town.by("Sam"))
    with pytest.raises(Conflict):
        retry(one_town)


def test_a_person_whom_mail_does_not_reach_gets_it_when_tried(one_town: Town) -> None:
    key = one_town.keys["Lo"]
    with one_town.db.transaction() as tx:
        out = outbox.enqueue(tx, REGION, "mail", "reminder", {"subject": "Hej", "text": "Hej"}, recipient=key)
        [claimed] = outbox.claim_mail(tx)
        outbox.failed(tx, claimed, "Adressen finns inte.", None)
        rows.report(tx, REGION, None, key, element="reminder", process="", rule="mail", message="Adressen finns inte.")
    assert retry(one_town).result == UNDER_WAY
    assert len(one_town.incidents()) == 1
    with one_town.db.read() as reader:
        found = outbox.find(reader, out)
    assert found is not None
    assert found.status == "waiting"


def test_a_start_that_the_calendar_missed_is_made(one_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    one_town.deploy(d.diagram(d.start(trigger=d.timer(cycle="R/2026-02-23T08:00/P1W")), ASK, d.end()))
    with monkeypatch.context() as broken:
        broken.setattr(steps, "start", _fails)
        assert one_town.at("2026-02-23T07:00:00+00:00").failed == 1
        assert retry(one_town).result == REMAINS
    assert retry(one_town).result == SOLVED
    assert [task.element for task in one_town.open_tasks()] == ["Ask"]


def test_what_the_clock_takes_is_not_said_to_be_solved(one_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    one_town.deploy(d.diagram(d.start(), d.catch("Wait", d.timer("PT1H")), ASK, d.end()))
    one_town.start()
    with monkeypatch.context() as broken:
        broken.setattr(steps, "core_step", _fails)
        assert one_town.tick(hours=2).failed == 1
        assert retry(one_town).result == UNDER_WAY
        assert len(one_town.incidents()) == 1
    assert one_town.tick().fired == 1
    assert one_town.incidents() == []


def test_only_the_operator_tries_and_writes_beside(one_town: Town) -> None:
    two_listeners(one_town)
    [found] = one_town.incidents()
    with pytest.raises(Forbidden):
        retry(one_town, by="Ria")
    incidents.annotate(one_town.db, found.id, "Ringt Sam.", by=one_town.by("Ola"))
    assert one_town.incidents()[0].annotation == "Ringt Sam."
    with pytest.raises(Forbidden):
        incidents.annotate(one_town.db, found.id, "Nej", by=one_town.by("Lo"))


def _fails(*_: Any, **__: Any) -> Any:
    raise KeyError(5)
