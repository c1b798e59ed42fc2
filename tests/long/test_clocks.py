"""Three clocks on one database, much that is due at once, the busiest killed: each thing happens once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine import calendar, clock
from store import cases, outbox, timers
from tests.core import diagrams as d
from tests.engine.town import REGION, Town
from tests.figures import Figure
from tests.long.hands import ended, killed, processes, tick
from tests.long.servers import until
from tests.patience import PATIENCE
from tests.scale import size

DUE = size("TIMERS", 300, 5_000)
STOCKHOLM = ZoneInfo("Europe/Stockholm")
NIGHTS = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]
"""When the clocks of Sweden are put forward or back."""
ASK = d.user_task("Ask", candidateGroups="lpoChair@LUNG", dueDate="2026-03-27", properties={"reminder": "-5"})


def test_three_clocks_and_one_killed(town: Town, figure: Figure) -> None:
    weekly = d.start(trigger=d.timer(cycle="R/2026-02-23T08:00/P1W"))
    town.deploy(
        d.diagram(d.start(), d.catch("Wait", d.timer("P40D")), d.end()),
        d.diagram(d.start(), ASK, d.end(), id="asked"),
        d.diagram(weekly, d.user_task("Look", candidateGroups="coordinator"), d.end(), id="weekly"),
    )
    for _ in range(DUE):
        town.start()
    for _ in range(DUE // 10):
        town.start("asked")
    _run_three(town, town.clock.moment + timedelta(days=40))
    with town.db.read() as reader:
        every = cases.listed(reader, REGION, limit=1_000_000)
        told = [each.name for each in outbox.to_recipient(reader, town.keys["Lo"])]
        assert timers.next_wake(reader) is None
    assert told.count("reminder") == DUE // 10
    assert [each.process_key for each in every].count("weekly") == 1
    waited = [each for each in every if each.process_key == "test"]
    assert all(each.status == "completed" for each in waited)
    assert all(town.told(each).count("fired Wait") == 1 for each in waited)
    figure(
        "Three clocks, much due at once, the busiest killed",
        f"{DUE} timers, {DUE // 10} reminders, 1 start",
        "each once: 0 twice, 0 missed",
    )


def _run_three(town: Town, moment: datetime) -> None:
    """Three clocks begin together; one is killed while it works, and the others do the rest."""
    url, ready = town.db.engine.url.render_as_string(hide_password=False), processes.Barrier(4)
    three = [processes.Process(target=tick, args=(url, moment, ready)) for _ in range(3)]
    for each in three:
        each.start()
    with ended(*three):
        ready.wait(PATIENCE)
        _until_something_fired(town)
        busiest = max(three, key=_worked)
        killed(busiest)
        for each in three:
            each.join(PATIENCE)
        assert [each.exitcode for each in three if each is not busiest] == [0, 0]
    town.clock.set(moment)
    while not clock.tick(town.db).is_idle:
        pass


def _until_something_fired(town: Town) -> None:
    def fired() -> bool:
        with town.db.read() as reader:
            return bool(cases.counts(reader, REGION).get("completed"))

    until(fired, "a timer that fires")


def _worked(process: BaseProcess) -> int:
    """How long a process has worked, in ticks of the machine."""
    return sum(map(int, Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]))


def test_after_thirty_days_of_silence(town: Town) -> None:
    """One-shots fire once, cycles once with the next in the future, whatever they missed."""
    often = d.boundary("Often", "Work", d.timer(cycle="R/PT1M"), interrupting=False)
    work = d.user_task("Work", candidateGroups="coordinator")
    town.deploy(
        d.diagram(d.start(), d.catch("Wait", d.timer("PT1H")), d.end()),
        d.diagram(d.start(), work, often, d.end(), d.chain("Often", d.end("Told")), id="often"),
    )
    once = [town.start() for _ in range(DUE // 15)]
    cycling = [town.start("often") for _ in range(DUE // 60)]
    assert town.tick(days=30).fired == len(once) + len(cycling)
    assert town.tick().is_idle
    assert all(town.told(each).count("fired Wait") == 1 for each in once)
    with town.db.read() as reader:
        ahead = {timer.due - town.clock.moment for each in cycling for timer in timers.of_case(reader, each.id)}
    assert all(timedelta(0) < each <= timedelta(minutes=1) for each in ahead)
    assert all(town.told(each).count("fired Often") == 1 for each in cycling)


def test_a_clock_that_jumps_fires_nothing_twice_and_nothing_early(town: Town) -> None:
    town.deploy(d.diagram(d.start(), d.catch("Wait", d.timer("PT2H")), ASK, d.end()))
    case, began = town.start(), town.clock.moment
    assert town.tick(hours=1).is_idle
    assert town.tick(days=-365).is_idle
    town.clock.set(began)
    assert town.tick(hours=2).fired == 1
    assert town.tick(hours=-2).fired == 0
    assert town.tick(days=10).fired == 0
    assert town.told(case).count("fired Wait") == 1
    assert town.tick(days=-30).is_idle
    town.complete("Ask", "Lo")
    assert town.case(case).status == "completed"


@pytest.mark.parametrize("night", NIGHTS)
def test_eight_o_clock_is_eight_o_clock_when_the_clocks_change(one_town: Town, night: date) -> None:
    town, first = one_town, night - timedelta(days=2)
    town.clock.set(datetime(first.year, first.month, first.day, 1, tzinfo=UTC))
    daily = d.boundary("Daily", "Work", d.timer(cycle=f"R/{first}T08:00/P1D"), interrupting=False)
    work = d.user_task("Work", candidateGroups="coordinator")
    town.deploy(d.diagram(d.start(), work, daily, d.end(), d.chain("Daily", d.end("Told"))))
    case = town.start()
    days = [first + timedelta(days=n) for n in range(5)]
    for day in days:
        with town.db.read() as reader:
            [timer] = timers.of_case(reader, case.id)
        assert timer.due.astimezone(STOCKHOLM).isoformat()[:16] == f"{day}T08:00"
        town.clock.set(timer.due - timedelta(seconds=1))
        assert clock.tick(town.db).fired == 0
        assert town.tick(seconds=1).fired == 1
    assert town.told(case).count("fired Daily") == len(days)


@pytest.mark.parametrize("night", NIGHTS)
def test_working_days_and_reminders_over_a_change_of_clocks(one_town: Town, night: date) -> None:
    town, friday = one_town, night - timedelta(days=2)
    due = calendar.workday(friday, 2)
    town.clock.set(datetime(friday.year, friday.month, friday.day, 6, tzinfo=UTC))
    town.deploy(
        d.diagram(
            d.start(),
            d.user_task("Ask", candidateGroups="lpoChair@LUNG", dueDate=f"{due}", properties={"reminder": "-1"}),
            d.end(),
        )
    )
    town.start()
    eight = calendar.opening(calendar.workday(due, -1))
    assert eight.astimezone(STOCKHOLM).hour == 8
    assert eight.astimezone(STOCKHOLM).date() > night
    town.clock.set(eight - timedelta(seconds=1))
    assert clock.tick(town.db).reminded == 0
    assert town.tick(seconds=1).reminded == 1
