"""Days of a case that are moved: a diagram that waits for one hears `DeadlineMoved`, and instances keep their own."""

from __future__ import annotations

from datetime import date

import pytest

from engine import cases, deadlines, tasks
from engine.errors import NeedsConfirming
from store import deadlines as rows
from store.cases import Case
from tests.core import diagrams as d
from tests.engine.town import Town

DAY = {"meetingDay": "'2026-03-20'", "otherDay": "'2026-03-27'"}


def waiting(key: str = "meetingDay") -> bytes:
    """A case with two days and a task, which another task follows when the one day is moved."""
    listening = d.boundary(
        "Moved",
        "Prepare",
        d.message("DeadlineMoved"),
        properties={"correlationKey": f"${{case.id + ':{key}'}}"},
        extension=d.parameters(outs={"movedTo": "movedTo", "movedWhy": "movedWhy"}),
    )
    return d.diagram(
        d.start(),
        d.service_task("SetDays", "deadline.set", extension=d.parameters(DAY)),
        d.user_task("Prepare", candidateGroups="coordinator"),
        listening,
        d.end(),
        d.chain("Moved", d.user_task("Tell", candidateGroups="coordinator"), d.end("Told")),
    )


def move(town: Town, case: Case, key: str, day: str, **more: bool) -> None:
    moved_to = date.fromisoformat(day)
    deadlines.move(town.db, case.id, key, moved_to, reason="Lokalen är upptagen", by=town.by("Sam"), **more)


def test_the_diagram_gets_the_new_day_and_why(town: Town) -> None:
    town.deploy(waiting())
    case = town.start()
    move(town, case, "meetingDay", "2026-03-24")
    assert [each.element for each in town.open_tasks()] == ["Tell"]
    told = town.case(case).variables
    assert (told["movedTo"], told["movedWhy"]) == ("2026-03-24", "Lokalen är upptagen")
    assert "received Moved" in town.told(case)


def test_another_day_of_the_case_and_a_day_that_stays_say_nothing(one_town: Town) -> None:
    one_town.deploy(waiting())
    case = one_town.start()
    move(one_town, case, "otherDay", "2026-03-31")
    move(one_town, case, "meetingDay", "2026-03-20")
    assert [each.element for each in one_town.open_tasks()] == ["Prepare"]


def test_another_case_that_waits_for_the_same_day_of_its_own_hears_nothing(one_town: Town) -> None:
    one_town.deploy(waiting())
    first, second = one_town.start(), one_town.start()
    move(one_town, first, "meetingDay", "2026-03-24")
    assert sorted((each.case_id, each.element) for each in one_town.open_tasks()) == sorted(
        [(first.id, "Tell"), (second.id, "Prepare")]
    )


def test_a_case_that_no_longer_waits_keeps_no_message(one_town: Town) -> None:
    """Else a later wait would hear of a move that is over."""
    one_town.deploy(waiting())
    case = one_town.start()
    move(one_town, case, "meetingDay", "2026-03-24")
    move(one_town, case, "meetingDay", "2026-03-26")
    assert [each.element for each in one_town.open_tasks()] == ["Tell"]
    assert one_town.case(case).variables["movedTo"] == "2026-03-24"


def test_a_suspended_case_is_told_nothing_and_keeps_the_day(one_town: Town) -> None:
    one_town.deploy(waiting())
    case = one_town.start()
    cases.suspend(one_town.db, case.id, reason="Paus", by=one_town.by("Sam"))
    move(one_town, case, "meetingDay", "2026-03-24")
    assert "received Moved" not in one_town.told(case)
    cases.resume(one_town.db, case.id, by=one_town.by("Sam"))
    assert [each.element for each in one_town.open_tasks()] == ["Prepare"]


def test_a_move_into_the_past_asks_and_then_tells(one_town: Town) -> None:
    one_town.deploy(waiting())
    case = one_town.start()
    with pytest.raises(NeedsConfirming, match="har passerat"):
        move(one_town, case, "meetingDay", "2026-01-02")
    assert [each.element for each in one_town.open_tasks()] == ["Prepare"]
    move(one_town, case, "meetingDay", "2026-01-02", confirmed=True)
    assert [each.element for each in one_town.open_tasks()] == ["Tell"]


def called(**properties: str) -> tuple[bytes, bytes]:
    """A part that sets a day and has a task until then; and a process that calls it for several days at once."""
    writing = d.user_task(
        "Write",
        d.field("newDay", "date", deadline="memoDue"),
        candidateGroups="coordinator",
        dueDate="${deadline.memoDue}",
    )
    part = d.diagram(
        d.start(),
        d.service_task("SetDay", "deadline.set", extension=d.parameters({"memoDue": "day"})),
        writing,
        d.end(),
        id="part",
        properties={"part": "true"},
    )
    days = d.many("['2026-03-20', '2026-03-27']", "day")
    return part, d.diagram(d.start(), d.call("Do", "part", {"day": "day"}, properties=properties, inside=days), d.end())


def due_days(town: Town) -> list[str]:
    return sorted(str(each.due) for each in town.open_tasks())


def test_instances_that_have_days_of_their_own_do_not_share_them(town: Town) -> None:
    town.deploy(*called(ownDeadlines="true"))
    case = town.start()
    assert due_days(town) == ["2026-03-20", "2026-03-27"]
    move(town, case, "memoDue-2", "2026-04-10")
    assert due_days(town) == ["2026-03-20", "2026-04-10"]
    first = next(each for each in town.open_tasks() if str(each.due) == "2026-03-20")
    tasks.complete(town.db, first.id, {"newDay": "2026-03-24"}, by=town.by("Sam"))
    with town.db.read() as reader:
        kept = {each.key: str(each.day) for each in rows.of_case(reader, case.id)}
    assert kept == {"memoDue-1": "2026-03-24", "memoDue-2": "2026-04-10"}


def test_without_it_the_last_word_is_the_day_of_all(one_town: Town) -> None:
    one_town.deploy(*called())
    one_town.start()
    assert due_days(one_town) == ["2026-03-27", "2026-03-27"]
