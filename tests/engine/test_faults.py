"""What goes wrong in the product itself, or runs without end, costs nobody their answer and stops nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import clock as clocks
from engine import incidents, mails, steps
from engine.core import stepping
from engine.core.deliveries import Delivery
from store import incidents as incident_rows
from store import people, timers
from store.database import Database, SteppedClock
from tests.core import diagrams as d
from tests.engine import partition
from tests.engine.town import Town, settle

CHAIR = "lpoChair@LUNG"
ASK = d.user_task("Ask", d.field("x", "long"), candidateGroups=CHAIR)


def ring() -> bytes:
    """After the task an effect repeats for ever, as long as x is not 0."""
    return d.diagram(
        d.start(),
        ASK,
        d.exclusive("Again"),
        d.service_task("Set", "deadline.set", extension=d.parameters({"internalDue": "'2026-12-31'"})),
        d.exclusive("More"),
        d.end(),
        d.flow("Start", "Ask"),
        d.flow("Ask", "Again"),
        d.flow("Again", "Set"),
        d.flow("Set", "More"),
        d.flow("More", "Again", "${x > 0}"),
        d.flow("More", "End", default=True),
    )


def due_on(day: str, **properties: str) -> bytes:
    return d.diagram(
        d.start(), ASK, d.user_task("Next", candidateGroups=CHAIR, dueDate=day, properties=properties), d.end()
    )


def reminded() -> bytes:
    return due_on("2026-03-27", reminder="-5")


def test_effects_that_go_in_a_ring_stop_with_an_incident(one_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "MOST_ROUNDS", 40)
    one_town.deploy(ring())
    one_town.complete_after_start("Ask", "Lo", {"x": 1})
    [incident] = one_town.incidents()
    assert (incident.element, incident.rule) == ("Set", "effect")
    assert "ring" in incident.message
    assert partition.silent_cases(one_town.db) == []


@pytest.mark.parametrize(
    ("day", "properties"), [("9999-12-31", {"escalation": "+2 coordinator"}), ("0001-01-01", {"reminder": "-5"})]
)
def test_a_day_beyond_the_calendar_has_no_reminders(town: Town, day: str, properties: dict[str, str]) -> None:
    town.deploy(due_on(f"${{'{day}'}}", **properties))
    town.complete_after_start("Ask", "Lo", {"x": 1})
    assert str(town.open_task("Next").due) == day


def test_a_reminder_that_fails_waits_and_stops_no_other(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.deploy(reminded())
    poisoned, _ = [town.complete_after_start("Ask", "Lo", {"x": 1}) for _ in range(2)]
    real = mails.reminder

    def poison(about: mails.About, to: Any) -> None:
        if about.case.id == poisoned.id:
            raise KeyError(5)
        real(about, to)

    with monkeypatch.context() as broken:
        broken.setattr(mails, "reminder", poison)
        first = town.at("2026-03-20T07:00:00+00:00")
        assert (first.reminded, first.failed) == (1, 1)
        assert town.tick().is_idle
    assert [each.element for each in town.incidents()] == ["Next"]
    assert town.tick(hours=1).reminded == 1
    assert town.incidents() == []


def test_an_incident_of_the_clock_is_over_once_the_timer_fires(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.deploy(d.diagram(d.start(), d.catch("Wait", d.timer("PT1H")), ASK, d.end()))
    town.start()
    with monkeypatch.context() as broken:
        broken.setattr(steps, "core_step", _fails)
        assert town.tick(hours=2).failed == 1
    assert len(town.incidents()) == 1
    assert town.tick(hours=1).fired == 1
    assert town.incidents() == []


def test_a_retry_wakes_the_clock_at_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.deploy(reminded())
    town.complete_after_start("Ask", "Lo", {"x": 1})
    with monkeypatch.context() as broken:
        broken.setattr(mails, "reminder", _fails)
        assert town.at("2026-03-20T07:00:00+00:00").failed == 1
    [incident] = town.incidents()
    incidents.retry(town.db, incident.id, by=town.by("Ola"))
    assert town.tick().reminded == 1


def test_one_start_that_fails_does_not_cost_the_next(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.deploy(d.diagram(d.start(trigger=d.timer(cycle="R/2026-02-23T08:00/P1W")), ASK, d.end()))
    with monkeypatch.context() as broken:
        broken.setattr(steps, "start", _fails)
        assert town.at("2026-02-23T07:00:00+00:00").failed == 1
        assert town.tick().is_idle
    assert len(town.incidents()) == 1
    assert town.at("2026-03-02T07:00:00+00:00").started == 1


def test_what_has_been_due_longest_fires_first(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also over the border of what one transaction takes, and whatever order the cases were made in."""
    monkeypatch.setattr(clocks, "PER_TRANSACTION", 2)
    order: list[str] = []
    real = stepping.step

    def watched(definition: Any, state: Any, delivery: Delivery, context: Any) -> Any:
        order.append(context.case["id"])
        return real(definition, state, delivery, context)

    town.deploy(
        d.diagram(d.start(extension=d.form(d.field("moment"))), d.catch("Wait", d.timer(date="${moment}")), d.end())
    )
    started = [town.start(moment=f"2026-03-{day:02d}T08:00:00+01:00") for day in (9, 3, 7, 5, 1, 8, 2, 6, 4)]
    monkeypatch.setattr(steps, "core_step", watched)
    town.clock.advance(timedelta(days=60))
    with town.db.read() as reader:
        by_due = sorted(started, key=lambda case: timers.of_case(reader, case.id)[0].due)
    assert clocks.tick(town.db).fired == len(started)
    assert order == [case.id for case in by_due]


def test_the_partition_can_fail(sqlite: Database, clock: SteppedClock) -> None:
    """A negative control: a case that stands still in silence is seen, and a sign of life counts."""
    town = settle(sqlite, clock)
    town.deploy(
        d.diagram(d.start(), ASK, d.end()), d.diagram(d.start(), d.catch("W", d.timer("PT1H")), d.end(), id="w")
    )
    asked, waiting = town.start(), town.start("w")
    assert partition.silent_cases(town.db) == []
    with town.db.transaction() as tx:
        [timer] = timers.of_case(tx, waiting.id)
        timers.disarm(tx, waiting.id, timer.key)
    assert partition.silent_cases(town.db) == [waiting.number]
    with town.db.transaction() as tx:
        about = {"element": "W", "process": "w", "rule": "stall", "message": "Står still."}
        incident_rows.report(tx, "jh", waiting.id, "1", **about)
    assert partition.silent_cases(town.db) == []
    with town.db.transaction() as tx:
        people.change(tx, town.keys["Lo"], name="Lo", email=None, active=False)
    assert partition.silent_cases(town.db) == [asked.number]


def _fails(*_: Any, **__: Any) -> Any:
    raise KeyError(5)
