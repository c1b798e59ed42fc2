"""Timers, reminders and start timers: each once, however many clocks run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event

from store import cases, reminders, schedules, tasks, timers
from store.database import Database, Reader, SteppedClock
from store.schedules import Schedule
from tests.store import given

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("look", "index"),
    [
        (timers.next_wake, "ix_timers_wake"),
        (reminders.next_wake, "ix_reminders_wake"),
        (schedules.next_due, "ix_schedules_due"),
    ],
)
def test_a_look_at_what_comes_next_reads_one_row_of_an_index(
    sqlite: Database, look: Callable[[Reader], object], index: str
) -> None:
    asked: list[str] = []
    event.listen(sqlite.engine, "before_cursor_execute", lambda *heard: asked.append(heard[2]))
    with sqlite.read() as reader:
        look(reader)
        (plan,) = reader.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[-1]}")
    assert f"SEARCH {index[3:].rpartition('_')[0]} USING COVERING INDEX {index}" in plan.detail


def test_three_clocks_fire_each_timer_once(db: Database, clock: SteppedClock) -> None:
    with db.transaction() as tx:
        for number in range(30):
            timers.arm(tx, given.case(tx).id, f"t{number}", "Timer", clock.moment)
    fired: list[str] = []

    def tick(_: int) -> None:
        for _round in range(40):
            with db.transaction() as tx:
                for case_id, due in timers.claim_due(tx, limit=4).items():
                    for timer in due:
                        timers.disarm(tx, case_id, timer.key)
                        tx.after_commit(lambda key=timer.key: fired.append(key))  # type: ignore[misc]

    assert given.together(3, tick) == [None] * 3
    assert Counter(fired) == Counter({f"t{number}": 1 for number in range(30)})


def test_a_case_that_is_held_is_passed_over(postgresql_only: Database, clock: SteppedClock) -> None:
    db = postgresql_only
    with db.transaction() as tx:
        held, free = given.case(tx), given.case(tx)
        for each in (held, free):
            timers.arm(tx, each.id, "t", "Timer", clock.moment)

    def second_clock(_: int) -> list[str]:
        with db.transaction() as tx:
            return list(timers.claim_due(tx, limit=5))

    with db.transaction() as tx:
        cases.lock(tx, held.id)
        assert given.together(1, second_clock) == [[free.id]]


def test_due_at_its_moment_and_not_before(db: Database, clock: SteppedClock) -> None:
    with db.transaction() as tx:
        case = given.case(tx)
        timers.arm(tx, case.id, "late", "B", clock.moment + HOUR)
        timers.arm(tx, case.id, "early", "A", clock.moment + HOUR / 2)
        assert timers.claim_due(tx) == {}
        assert timers.next_wake(tx) == clock.moment + HOUR / 2
    clock.advance(HOUR)
    with db.transaction() as tx:
        assert [each.key for each in timers.claim_due(tx)[case.id]] == ["early", "late"]
        timers.arm(tx, case.id, "early", "A", clock.moment + HOUR)
        assert [each.key for each in timers.claim_due(tx)[case.id]] == ["late"]
        assert [each.key for each in timers.coming(tx, timers.Wanted("jh"))] == ["late", "early"]


def test_nothing_fires_while_suspended_or_ended(db: Database, clock: SteppedClock) -> None:
    with db.transaction() as tx:
        case, ended = given.case(tx), given.case(tx)
        for each in (case, ended):
            timers.arm(tx, each.id, "t", "Timer", clock.moment)
        cases.end(tx, ended, status="cancelled", reason="dubblett")
        cases.suspend(tx, case.id, "paus")
        timers.hold(tx, case.id)
        assert timers.claim_due(tx, 9) == {}
        assert [each.case_id for each in timers.coming(tx, timers.Wanted("jh")) if each.wake is None] == [case.id]
        cases.resume(tx, case.id)
        timers.release(tx, case.id, shift=HOUR)
        assert timers.claim_due(tx, 9) == {}
    clock.advance(HOUR)
    with db.transaction() as tx:
        assert list(timers.claim_due(tx, 9)) == [case.id]


def test_a_failed_try_waits_its_turn(db: Database, clock: SteppedClock) -> None:
    with db.transaction() as tx:
        case = given.case(tx)
        timers.arm(tx, case.id, "t", "Timer", clock.moment)
        timers.postpone(tx, case.id, clock.moment + HOUR)
        assert timers.claim_due(tx) == {}
    clock.advance(HOUR)
    with db.transaction() as tx:
        (timer,) = timers.claim_due(tx)[case.id]
        assert (timer.attempts, timer.due) == (1, clock.moment - HOUR)


def test_a_reminder_is_sent_once_for_its_day(db: Database, clock: SteppedClock) -> None:
    with db.transaction() as tx:
        case = given.case(tx)
        task = given.task(tx, case)
        assert reminders.schedule(tx, case.id, task.id, "reminder", "-5 2026-03-27", clock.moment)
        assert not reminders.schedule(tx, case.id, task.id, "reminder", "-5 2026-03-27", clock.moment)
        (due,) = reminders.claim_due(tx)[case.id]
        assert reminders.fired(tx, due.id)
        assert not reminders.fired(tx, due.id)
        assert reminders.claim_due(tx) == {}
        reminders.withdraw(tx, task.id)
        assert not reminders.schedule(tx, case.id, task.id, "reminder", "-5 2026-03-27", clock.moment)
        assert reminders.schedule(tx, case.id, task.id, "reminder", "-5 2026-04-10", clock.moment + HOUR)
        reminders.hold(tx, case.id)
        reminders.release(tx, case.id, shift=-HOUR)
        assert [each.occurrence for each in reminders.claim_due(tx)[case.id]] == ["-5 2026-04-10"]
        tasks.close(tx, task.id, "cancelled")
        reminders.withdraw(tx, task.id)
        assert reminders.claim_due(tx) == {}
        assert not reminders.schedule(tx, case.id, task.id, "reminder", "-5 2026-03-27", clock.moment)


def test_a_start_timer_is_claimed_and_set_anew(db: Database, clock: SteppedClock) -> None:
    def schedule(due: int | None) -> Schedule:
        moment = None if due is None else clock.moment + due * HOUR
        return Schedule("jh", "arshjul", "Start", "v1", "R/P1Y", moment)

    with db.transaction() as tx:
        schedules.put(tx, schedule(0))
        assert schedules.claim_due(tx) == [schedule(0)]
        schedules.put(tx, schedule(1))
        assert schedules.claim_due(tx) == []
        schedules.put(tx, schedule(None))
        assert schedules.of_region(tx, "jh") == [schedule(None)]
        schedules.remove(tx, "jh", "arshjul")
        assert schedules.of_region(tx, "jh") == []
