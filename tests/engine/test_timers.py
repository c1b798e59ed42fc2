"""An operator moves a timer, or lets it go at once; what follows a date of the case follows that."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine import cases as case_moves
from engine import deadlines, steps, timers
from engine.core.deliveries import Reschedule
from engine.errors import Forbidden, Invalid, NotFound, NotRunning
from store import cases
from store import timers as rows
from store.cases import Case
from store.timers import Timer
from tests.core import diagrams as d
from tests.engine.town import Town

THANK = d.user_task("Thank", candidateGroups="lpoChair@LUNG")


def waiting(town: Town, trigger: d.Trigger) -> Case:
    town.deploy(d.diagram(d.start(), d.catch("Wait", trigger, name="Vänta"), THANK, d.end()))
    return town.start()


def timer_of(town: Town, case: Case) -> Timer:
    with town.db.read() as reader:
        [found] = rows.of_case(reader, case.id)
    return found


def test_a_timer_is_let_go_before_its_time(town: Town) -> None:
    case = waiting(town, d.timer("P30D"))
    key = timer_of(town, case).key
    timers.fire(town.db, case.id, key, reason="Alla har svarat", by=town.by("Ola"))
    assert [each.element for each in town.open_tasks()] == ["Thank"]
    assert town.told(case).count("fired Wait") == 1
    with pytest.raises(NotFound):
        timers.fire(town.db, case.id, key, reason="En gång till", by=town.by("Ola"))
    assert town.tick(days=40).is_idle


@pytest.mark.parametrize("days", [2, 60])
def test_a_timer_gets_another_time_and_keeps_it(town: Town, days: int) -> None:
    case = waiting(town, d.timer("P30D"))
    due = town.clock.moment + timedelta(days=days)
    timers.move(town.db, case.id, timer_of(town, case).key, due, reason="Sportlov", by=town.by("Ola"))
    assert timer_of(town, case).due == due
    assert town.tick(days=days - 1).is_idle
    assert town.tick(days=2).fired == 1
    assert [each.element for each in town.open_tasks()] == ["Thank"]


def test_a_cycle_that_was_let_go_comes_again(one_town: Town) -> None:
    remind = d.boundary("Late", "Thank", d.timer(cycle="R3/P1D"), interrupting=False)
    told = d.user_task("Told", candidateGroups="lpoChair@LUNG")
    one_town.deploy(d.diagram(d.start(), THANK, d.end(), remind, d.chain("Late", told, d.end("E2"))))
    case = one_town.start()
    timers.fire(one_town.db, case.id, timer_of(one_town, case).key, reason="Nu", by=one_town.by("Ola"))
    assert timer_of(one_town, case).due > one_town.clock.moment
    assert len([each for each in one_town.open_tasks() if each.element == "Told"]) == 1


def test_a_timer_that_follows_a_date_is_moved_by_its_date(one_town: Town) -> None:
    setting = d.service_task("Set", "deadline.set", extension=d.parameters({"internalDue": "'2026-03-27'"}))
    wait = d.catch("Wait", d.timer(date="${deadline.internalDue}"))
    one_town.deploy(d.diagram(d.start(), setting, wait, THANK, d.end()))
    case = one_town.start()
    timer = timer_of(one_town, case)
    by = one_town.by("Ola")
    with pytest.raises(Invalid, match="internalDue"):
        timers.move(one_town.db, case.id, timer.key, timer.due + timedelta(days=9), reason="Nej", by=by)
    new = date(2026, 4, 10)
    deadlines.move(one_town.db, case.id, "internalDue", new, reason="Ja", by=one_town.by("Sam"))
    assert timer_of(one_town, case).due.date() == new
    timers.fire(one_town.db, case.id, timer.key, reason="Nu", by=by)
    assert [each.element for each in one_town.open_tasks()] == ["Thank"]


def test_a_moved_timer_stays_when_dates_are_read_again(one_town: Town) -> None:
    case = waiting(one_town, d.timer(date="2026-06-01"))
    due = one_town.clock.moment + timedelta(days=3)
    timers.move(one_town.db, case.id, timer_of(one_town, case).key, due, reason="Tidigare", by=one_town.by("Ola"))
    with one_town.db.transaction() as tx:
        locked = cases.lock(tx, case.id)
        assert locked is not None
        steps.take(tx, locked, Reschedule(), one_town.by("Ola"))
    assert timer_of(one_town, case).due == due


def test_who_may_and_with_what(one_town: Town) -> None:
    case = waiting(one_town, d.timer("P30D"))
    key, due = timer_of(one_town, case).key, one_town.clock.moment + timedelta(days=1)
    with pytest.raises(Forbidden):
        timers.move(one_town.db, case.id, key, due, reason="x", by=one_town.by("Sam"))
    for words, moment in (("", due), ("x", one_town.clock.moment)):
        with pytest.raises(Invalid):
            timers.move(one_town.db, case.id, key, moment, reason=words, by=one_town.by("Ola"))
    case_moves.suspend(one_town.db, case.id, reason="Paus", by=one_town.by("Sam"))
    with pytest.raises(NotRunning):
        timers.fire(one_town.db, case.id, key, reason="x", by=one_town.by("Ola"))
