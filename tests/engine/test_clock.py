"""The clock: each thing once, however many clocks, however long they were away, whatever goes wrong with one case."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from engine import clock, deadlines, steps
from engine.core.deliveries import Begin
from engine.errors import Forbidden, Invalid, NeedsConfirming
from store import history, timers
from store.cases import Case
from store.database import Reader
from tests.core import diagrams as d
from tests.engine.town import Town

CHAIR = "lpoChair@LUNG"


def waiting(duration: str = "PT1H") -> bytes:
    return d.diagram(d.start(), d.catch("Wait", d.timer(duration)), d.end(properties={"outcome": "KLAR"}))


def late() -> bytes:
    return d.diagram(
        d.start(),
        d.user_task("Answer", candidateGroups=CHAIR, dueDate="2026-03-27",
                    properties={"reminder": "-5,-1", "escalation": "+1 coordinator; +2 registrar"}),
        d.end(),
    )  # fmt: skip


def test_a_timer_fires_once_and_not_before(town: Town) -> None:
    town.deploy(waiting())
    case = town.start()
    assert town.tick(minutes=59).fired == 0
    assert town.tick(minutes=1).fired == 1
    assert town.case(case).outcome == "KLAR"
    assert town.tick(days=1).is_idle


def test_three_clocks_fire_a_timer_once(town: Town) -> None:
    town.deploy(waiting())
    started = [town.start() for _ in range(8)]
    town.clock.advance(timedelta(hours=2))
    barrier, ticked = Barrier(3), []

    def run() -> None:
        barrier.wait()
        ticked.append(clock.tick(town.db))

    threads = [Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ticked) == 3
    assert all(town.told(case).count("fired Wait") == 1 for case in started)
    assert sum(each.fired for each in ticked) == 8


def test_a_cycle_is_coalesced_after_a_long_absence(town: Town) -> None:
    cycle = d.boundary("Again", "Work", d.timer(cycle="R/PT10M"), interrupting=False)
    town.deploy(
        d.diagram(
            d.start(), d.user_task("Work", candidateGroups=CHAIR), cycle, d.end(), d.chain("Again", d.end("Told"))
        )
    )
    case = town.start()
    town.tick(days=30)
    assert town.told(case).count("fired Again") == 1
    with town.db.read() as reader:
        [timer] = timers.of_case(reader, case.id)
    assert timer.due > town.clock.moment


def test_reminders_and_escalations_come_at_eight_on_working_days(town: Town) -> None:
    town.deploy(late())
    town.start()
    days = []
    for day in range(16 + 28, 16 + 28 + 20):
        moment = f"2026-03-{day - 28 - 2:02d}T07:00:00+00:00" if day - 30 < 29 else None
        if moment and town.at(moment).reminded:
            days.append(moment[:10])
    assert days == ["2026-03-20", "2026-03-26"]
    assert town.mails("Lo") == ["taskAssigned", "reminder", "reminder"]
    town.at("2026-03-30T06:00:00+00:00")
    town.at("2026-03-31T06:00:00+00:00")
    assert town.mails("Sam") == town.mails("Ria") == ["escalation"]


def test_an_escalation_to_a_role_that_nobody_holds_reaches_the_coordinator(town: Town) -> None:
    asked = d.user_task(
        "Ask",
        candidateGroups="lpoChair@LUNG",
        dueDate="2026-03-03",
        properties={"escalation": "+1 programOwner@LUNG"},
    )
    town.deploy(d.diagram(d.start(), asked, d.end()))
    town.start()
    town.at("2026-03-04T07:00:00+00:00")
    assert town.mails("Sam") == ["escalation"]
    assert town.complete("Ask", "Sam").status == "completed"


def test_after_a_long_absence_one_reminder_is_enough(town: Town) -> None:
    town.deploy(late())
    town.start()
    town.at("2026-04-20T06:00:00+00:00")
    assert town.mails("Lo") == ["taskAssigned", "reminder"]


def test_no_reminder_after_the_task_is_done(town: Town) -> None:
    town.deploy(late())
    town.start()
    town.complete("Answer", "Lo")
    assert town.at("2026-04-20T06:00:00+00:00").is_idle


def test_what_goes_wrong_with_one_case_never_stops_the_next(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.deploy(waiting())
    poisoned, healthy = town.start(), town.start()
    real = steps.core_step

    def poison(definition: Any, state: Any, delivery: Any, context: Any) -> Any:
        if context.case["id"] == poisoned.id and not isinstance(delivery, Begin):
            raise KeyError(5)
        return real(definition, state, delivery, context)

    with monkeypatch.context() as broken:
        broken.setattr(steps, "core_step", poison)
        ticked = town.tick(hours=2)
        assert (ticked.fired, ticked.failed) == (1, 1)
        assert town.tick().is_idle
    assert town.case(healthy).status == "completed"
    assert [each.rule for each in town.incidents()] == ["clock"]
    assert town.tick(minutes=2).fired == 1
    assert town.case(poisoned).status == "completed"


def test_the_calendar_starts_a_process_at_each_window(town: Town) -> None:
    next_window = (
        "${at(window('consultation', today)['opens'] if window('consultation', today)['opens'] > today "
        "else window('consultation', workday(window('consultation', today)['closes'], 1))['opens'], '08:00')}"
    )
    town.deploy(
        d.diagram(
            d.start(trigger=d.timer(date=next_window)), d.user_task("Fetch", candidateGroups="coordinator"), d.end()
        )
    )
    assert town.at("2026-04-15T05:59:00+00:00").started == 0
    assert town.at("2026-04-15T06:00:00+00:00").started == 1
    assert town.at("2026-09-14T06:00:00+00:00").started == 0
    assert town.at("2026-09-15T06:00:00+00:00").started == 1


def test_a_cycle_of_starts_is_coalesced_and_counted(town: Town) -> None:
    weekly = d.timer(cycle="R/2026-02-23T08:00/P1W")
    town.deploy(d.diagram(d.start(trigger=weekly), d.user_task("Look", candidateGroups="coordinator"), d.end()))
    assert town.at("2026-02-23T07:00:00+00:00").started == 1
    assert town.at("2026-04-01T07:00:00+00:00").started == 1
    assert town.at("2026-04-06T05:59:00+00:00").started == 0
    assert town.at("2026-04-06T06:00:00+00:00").started == 1


# Deadlines -----------------------------------------------------------------------------------------------------------

SET = d.service_task("Set", "deadline.set", extension=d.parameters({"internalDue": "'2026-03-27'"}))


def dated() -> bytes:
    return d.diagram(
        d.start(),
        SET,
        d.user_task("Answer", candidateGroups=CHAIR, dueDate="${deadline.internalDue}", properties={"reminder": "-1"}),
        d.boundary("Closes", "Answer", d.timer(date="${workday(deadline.internalDue, 1)}")),
        d.end(),
        d.chain("Closes", d.end("Silent", properties={"outcome": "EJ_SVAR"})),
    )


def in_days(reader: Reader, case: Case) -> list[str]:
    return [each.due.isoformat() for each in timers.of_case(reader, case.id)]


def test_moving_a_deadline_moves_everything(town: Town) -> None:
    town.deploy(dated())
    case = town.start()
    new = town.clock.moment.date().replace(month=4, day=2)
    consequences = deadlines.preview(town.db, case.id, "internalDue", new, by=town.by("Sam"))
    assert [(each.kind, each.name) for each in consequences] == [("task", "Answer")]
    with pytest.raises(Forbidden):
        deadlines.move(town.db, case.id, "internalDue", new, reason="x", by=town.by("Lo"))
    with pytest.raises(Invalid):
        deadlines.move(town.db, case.id, "internalDue", new, reason="", by=town.by("Sam"))
    moved = deadlines.move(town.db, case.id, "internalDue", new, reason="RCC har förlängt", by=town.by("Sam"))
    assert (moved.day, moved.source) == (new, "person")
    assert town.open_task("Answer").due == new
    with town.db.read() as reader:
        # The working day after Thursday 2 April 2026 is Tuesday the 7th: Easter lies between.
        assert in_days(reader, case) == ["2026-04-07T21:59:59+00:00"]
    assert town.mails("Lo") == ["taskAssigned", "deadlineMoved"]
    town.at("2026-04-01T06:00:00+00:00")
    assert town.mails("Lo")[-1] == "reminder"


def test_a_deadline_in_the_past_asks_first_and_then_happens(town: Town) -> None:
    town.deploy(dated())
    case = town.start()
    past = town.clock.moment.date().replace(day=10)
    with pytest.raises(NeedsConfirming):
        deadlines.move(town.db, case.id, "internalDue", past, reason="fel datum", by=town.by("Sam"))
    deadlines.move(town.db, case.id, "internalDue", past, reason="fel datum", by=town.by("Sam"), confirmed=True)
    assert town.tick().fired == 1
    assert town.case(case).outcome == "EJ_SVAR"


def test_a_field_moves_its_deadline(town: Town) -> None:
    town.deploy(
        d.diagram(
            d.start(),
            SET,
            d.user_task("Plan", d.field("day", "date", deadline="internalDue"), candidateGroups="coordinator"),
            d.user_task("Answer", candidateGroups=CHAIR, dueDate="${deadline.internalDue}"),
            d.end(),
        )
    )
    case = town.start()
    town.complete("Plan", "Sam", {"day": "2026-03-20"})
    assert str(town.open_task("Answer").due) == "2026-03-20"
    assert any(each.startswith("deadline.moved") for each in town.told(case))


def test_a_region_whose_own_rule_differs_says_so_once(town: Town) -> None:
    from dataclasses import replace

    stated = {**town.region.data["consultation"], "regionStatedRule": "NOMINAL_START_PLUS_P2M_USUALLY"}
    source = town.region.source.replace(
        "consultation:\n", "consultation:\n  regionStatedRule: NOMINAL_START_PLUS_P2M_USUALLY\n"
    )
    town.region = replace(town.region, source=source, data={**town.region.data, "consultation": stated})
    closes = d.service_task("Set", "deadline.set", extension=d.parameters({"externalDue": "'2026-04-14'"}))
    town.deploy(d.diagram(d.start(), closes, d.user_task("A", candidateGroups=CHAIR), d.end()))
    case = town.start()
    with town.db.read() as reader:
        rows = [row for row in history.read(reader, case.id) if row.what == "deadline.conflict"]
    assert [dict(row.details or {}) for row in rows] == [
        {"severity": "WARN", "regionRuleDate": "2026-04-15", "externalDue": "2026-04-14"}
    ]


def test_ticking_an_empty_house_is_quiet(town: Town) -> None:
    assert clock.tick(town.db).is_idle
