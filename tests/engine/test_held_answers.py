"""Answers that may be taken back for a while: nothing moves until they count, and none is ever lost."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import cases, clock, completions, live, messages, steps, tasks
from engine.access import SYSTEM
from engine.errors import AlreadyDone, Conflict, Forbidden, FormErrors, MoveError, NotRunning
from store import drafts, held_answers, history, inbox, mandates, standing
from store import tasks as task_rows
from store.cases import Case
from store.database import Reader, Transaction
from store.roles import Held
from store.tasks import Task
from tests.core import diagrams as d
from tests.engine.town import REGION, Town

CHAIR = "lpoChair@LUNG"


def undoable(**more: Any) -> d.Part:
    answer = d.field("answer", constraints={"required": "true"})
    return d.user_task("Write", answer, candidateGroups=CHAIR, properties={"undo": "PT10M"}, **more)


def written() -> bytes:
    return d.diagram(d.start(), undoable(), d.end(properties={"outcome": "${answer}"}))


def beside(boundary: d.Part, **more: Any) -> bytes:
    """Something that interrupts the task."""
    late = d.chain(boundary.id, d.end("Late", properties={"outcome": "SENT"}))
    return d.diagram(d.start(), undoable(), d.end(properties={"outcome": "${answer}"}), boundary, late, **more)


def task(town: Town, case_id: str) -> Task:
    with town.db.read() as reader:
        return next(each for each in task_rows.of_case(reader, case_id) if each.element == "Write")


def held(town: Town) -> int:
    with town.db.read() as reader:
        return int(reader.scalar(select(func.count()).select_from(held_answers.held_answers)))


def test_an_answer_counts_when_its_time_is_out(town: Town) -> None:
    town.deploy(written())
    case = town.start()
    town.complete("Write", "Lo", {"answer": "KLAR"})
    assert town.case(case).status == "active"
    assert town.case(case).revision == case.revision
    assert town.told(case)[-1] == "answered Write"
    assert town.tick(minutes=9).is_idle
    live.forget()
    assert town.tick(minutes=1).completed == 1
    assert town.case(case).outcome == "KLAR"
    assert town.tick(days=1).is_idle
    with town.db.read() as reader:
        rows = {row.what: row for row in history.read(reader, case.id) if row.element == "Write"}
        done = inbox.done(reader, town.keys["Lo"])
    assert rows["answered"].person == rows["completed"].person == town.keys["Lo"]
    assert rows["answered"].mandate == rows["completed"].mandate is not None
    assert rows["completed"].at - rows["answered"].at > timedelta(minutes=9, seconds=59)
    assert [each.id for each in done] == [task(town, case.id).id]
    assert held(town) == 0


def test_what_is_answered_is_nobody_elses(town: Town) -> None:
    town.person("Li", CHAIR)
    town.deploy(written())
    town.start()
    wanted = town.open_task("Write")
    town.complete("Write", "Lo", {"answer": "KLAR"})
    for again in (
        lambda: town.complete("Write", "Li", {"answer": "NEJ"}),
        lambda: tasks.claim(town.db, wanted.id, by=town.by("Li")),
        lambda: tasks.take_over(town.db, wanted.id, by=town.by("Li")),
        lambda: tasks.assign(town.db, wanted.id, town.keys["Li"], by=town.by("Sam")),
    ):
        with pytest.raises(AlreadyDone, match="besvarad av Lo"):
            again()
    with pytest.raises(Forbidden, match="Bara den som svarade"):
        tasks.take_back(town.db, wanted.id, by=town.by("Li"))
    with town.db.read() as reader:
        held_roles = [each for name in ("Lo", "Li") for each in _roles(reader, town, name)]
        assert inbox.can_take(reader, town.keys["Li"], REGION, held_roles, reader.now.date()) == []


def _roles(reader: Reader, town: Town, name: str) -> tuple[Held, ...]:
    return standing.of(reader, town.keys[name], reader.now.date()).held


def test_an_answer_is_taken_back_in_time_and_stands_in_the_form(town: Town) -> None:
    town.deploy(written())
    case = town.start()
    town.complete("Write", "Lo", {"answer": "FEL"})
    wanted = town.open_task("Write")
    assert tasks.take_back(town.db, wanted.id, by=town.by("Lo")).status == "open"
    with town.db.read() as reader:
        draft = drafts.find(reader, wanted.id, town.keys["Lo"])
        offered = inbox.can_take(reader, town.keys["Lo"], REGION, _roles(reader, town, "Lo"), reader.now.date())
        assert inbox.done(reader, town.keys["Lo"]) == []
    assert draft is not None
    assert draft.values == {"answer": "FEL"}
    assert [each.id for each in offered] == [wanted.id]
    assert town.told(case)[-2:] == ["answered Write", "answer.taken-back Write"]
    assert town.tick(hours=1).is_idle
    with pytest.raises(Conflict, match="inget svar"):
        tasks.take_back(town.db, wanted.id, by=town.by("Lo"))
    town.complete("Write", "Lo", {"answer": "RÄTT"})
    town.tick(minutes=10)
    assert town.case(case).outcome == "RÄTT"


def test_too_late_is_too_late(town: Town) -> None:
    town.deploy(written())
    town.start()
    town.complete("Write", "Lo", {"answer": "KLAR"})
    wanted = town.open_task("Write")
    town.clock.advance(timedelta(minutes=10))
    with pytest.raises(Conflict, match="Tiden för att ångra är ute"):
        tasks.take_back(town.db, wanted.id, by=town.by("Lo"))
    clock.tick(town.db)
    with pytest.raises(AlreadyDone, match="redan klar av Lo"):
        tasks.take_back(town.db, wanted.id, by=town.by("Lo"))


def test_a_bad_answer_is_refused_at_once(town: Town) -> None:
    town.deploy(written())
    town.start()
    with pytest.raises(FormErrors):
        town.complete("Write", "Lo", {"answer": ""})
    assert held(town) == 0


def test_the_coordinator_answers_for_someone_and_history_says_so_twice(town: Town) -> None:
    town.deploy(written())
    case = town.start()
    town.complete("Write", "Sam", {"answer": "KLAR"}, on_behalf_of=town.keys["Lo"], reason="Lo ringde.")
    wanted = town.open_task("Write")
    with pytest.raises(Forbidden):
        tasks.take_back(town.db, wanted.id, by=town.by("Lo"))
    town.tick(minutes=10)
    with town.db.read() as reader:
        rows = [
            each for each in history.read(reader, case.id) if each.what in ("answered", "completed") and each.person
        ]
    assert [(each.what, each.person, each.on_behalf_of) for each in rows] == [
        (what, town.keys["Sam"], town.keys["Lo"]) for what in ("answered", "completed")
    ]
    assert all((each.details or {}).get("reason") == "Lo ringde." for each in rows)


def test_a_mandate_that_ends_meanwhile_takes_nothing_from_the_answer(town: Town) -> None:
    town.deploy(written())
    case = town.start()
    town.complete("Write", "Lo", {"answer": "KLAR"})
    with town.db.transaction() as tx:
        for mandate in mandates.of(tx, person=town.keys["Lo"]):
            mandates.end(tx, mandate.id, tx.now.date() - timedelta(days=1))
    town.tick(minutes=10)
    assert town.case(case).outcome == "KLAR"


@pytest.mark.parametrize("away", [0, 3])
def test_a_timer_finds_the_answer_taken(town: Town, away: int) -> None:
    """Also when the clock was away while both fell due."""
    town.deploy(beside(d.boundary("B", "Write", d.timer("PT5M"))))
    case = town.start()
    town.complete("Write", "Lo", {"answer": "KLAR"})
    town.tick(minutes=5 + 10 * away)
    assert town.case(case).outcome == "KLAR"
    assert "fired B" not in town.told(case)


def test_a_message_finds_the_answer_taken(town: Town) -> None:
    town.deploy(beside(d.boundary("B", "Write", d.message("Withdrawn"), properties={"correlationKey": "${case.id}"})))
    case = town.start()
    town.complete("Write", "Lo", {"answer": "KLAR"})
    messages.correlate(town.db, REGION, "Withdrawn", case.id, by=SYSTEM)
    assert town.case(case).outcome == "KLAR"
    assert "completed Write" in town.told(case)


def test_cancelling_the_case_withdraws_the_answer_and_says_so(town: Town) -> None:
    town.deploy(written())
    case = town.start()
    town.complete("Write", "Lo", {"answer": "KLAR"})
    cases.cancel(town.db, case.id, reason="Fel remiss.", by=town.by("Sam"))
    assert "answer.withdrawn Write" in town.told(case)
    gone = task(town, case.id)
    assert (gone.status, gone.values) == ("cancelled", {"answer": "KLAR"})
    assert held(town) == 0
    assert town.tick(hours=1).is_idle


def test_a_suspended_case_waits_with_its_answer(town: Town) -> None:
    town.deploy(written())
    case = town.start()
    town.complete("Write", "Lo", {"answer": "KLAR"})
    cases.suspend(town.db, case.id, reason="Utredning.", by=town.by("Sam"))
    with pytest.raises(NotRunning):
        tasks.take_back(town.db, task(town, case.id).id, by=town.by("Lo"))
    assert town.tick(hours=1).is_idle
    cases.resume(town.db, case.id, by=town.by("Sam"))
    assert town.tick().completed == 1
    assert town.case(case).outcome == "KLAR"


def test_an_answer_in_waiting_counts_for_four_eyes(town: Town) -> None:
    both = d.user_task("Approve", candidateGroups=CHAIR, properties={"fourEyes": "Write"})
    split = [
        d.flow("Start", "Both"),
        d.flow("Both", "Write"),
        d.flow("Both", "Approve"),
        d.flow("Write", "E1"),
        d.flow("Approve", "E2"),
    ]
    town.deploy(d.diagram(d.start(), d.parallel("Both"), undoable(), both, d.end("E1"), d.end("E2"), *split))
    town.start()
    town.complete("Write", "Lo", {"answer": "KLAR"})
    with pytest.raises(Forbidden, match="någon annan"):
        town.complete("Approve", "Lo")


def test_a_storage_failure_leaves_the_answer_where_it_was(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.deploy(written())
    case = town.start()
    with monkeypatch.context() as broken:
        broken.setattr(held_answers, "hold", _breaks)
        with pytest.raises(OSError, match="skiva"):
            town.complete("Write", "Lo", {"answer": "KLAR"})
    assert (task(town, case.id).status, held(town)) == ("open", 0)
    town.complete("Write", "Lo", {"answer": "KLAR"})
    with monkeypatch.context() as broken:
        broken.setattr(steps, "take", _breaks)
        assert town.tick(minutes=10).failed == 1
    assert (task(town, case.id).status, held(town)) == ("answered", 1)
    assert [each.rule for each in town.incidents()] == ["clock"]
    assert town.tick(minutes=1).completed == 1
    assert town.incidents() == []
    assert town.case(case).outcome == "KLAR"


def _breaks(*_: Any, **__: Any) -> Any:
    raise OSError("Ingen skiva.")


def test_an_answer_that_cannot_be_taken_may_be_taken_back(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.deploy(written())
    case = town.start()
    town.complete("Write", "Lo", {"answer": "KLAR"})
    with monkeypatch.context() as broken:
        broken.setattr(steps, "take", _breaks)
        town.tick(minutes=10)
    assert tasks.take_back(town.db, task(town, case.id).id, by=town.by("Lo")).status == "open"


def test_three_clocks_take_an_answer_once(town: Town) -> None:
    town.deploy(written())
    started = [town.start() for _ in range(4)]
    for each in town.open_tasks():
        tasks.complete(town.db, each.id, {"answer": "KLAR"}, by=town.by("Lo"))
    town.clock.advance(timedelta(minutes=10))
    ticked = at_once(*[lambda: clock.tick(town.db)] * 3)
    assert sum(each.completed for each in ticked) == 4
    assert all(town.told(case).count("completed Write") == 1 for case in started)


def test_of_two_who_answer_at_once_one_is_held(town: Town) -> None:
    town.person("Li", CHAIR)
    town.deploy(written())
    case = town.start()
    wanted = town.open_task("Write").id
    tried = at_once(*(lambda name=name: complete(town, wanted, name) for name in ("Lo", "Li")))
    assert sorted(tried) == ["AlreadyDone", "answered"]
    assert town.told(case).count("answered Write") == 1


def complete(town: Town, wanted: str, name: str) -> str:
    try:
        tasks.complete(town.db, wanted, {"answer": name}, by=town.by(name))
    except MoveError as error:
        return type(error).__name__
    return "answered"


def test_undo_against_another_undo_and_the_clock_has_one_winner(town: Town) -> None:
    """The clock is let in a moment before its time: whoever holds the case first wins, and the other hears it."""
    town.deploy(written())
    case = town.start()
    town.complete("Write", "Lo", {"answer": "KLAR"})
    wanted = town.open_task("Write").id

    def undo() -> str:
        try:
            return tasks.take_back(town.db, wanted, by=town.by("Lo")).status
        except MoveError as error:
            return type(error).__name__

    def count() -> str:
        with town.db.transaction() as tx:
            locked = task_rows.lock_case(tx, wanted)
            assert locked is not None
            return "counted" if _take(tx, locked) else "nothing"

    tried = at_once(undo, undo, count)
    told = town.told(case)
    assert told.count("answer.taken-back Write") + told.count("completed Write") == 1
    assert sum(each in ("open", "counted") for each in tried) == 1


def _take(tx: Transaction, case: Case) -> bool:
    return completions.finish_all_held(tx, case) is not case


def at_once(*moves: Any) -> list[Any]:
    barrier, answers = Barrier(len(moves)), []

    def run(move: Any) -> None:
        barrier.wait()
        answers.append(move())

    threads = [Thread(target=run, args=(move,)) for move in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == len(moves)
    return answers


def test_a_task_without_undo_costs_no_statement_more(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.deploy(d.diagram(d.start(), d.user_task("Write", candidateGroups=CHAIR), d.end()))
    town.start()
    for name in ("hold", "find", "of_case", "of_tasks", "drop"):
        monkeypatch.setattr(held_answers, name, _breaks)
    town.complete("Write", "Lo")
