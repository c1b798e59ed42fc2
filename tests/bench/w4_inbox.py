"""W4: the 50 most urgent open tasks of a role, among 1 000 and among 100 000.

`python -m tests.bench.w4_inbox [lists]`. The floor is the driver alone, fetching rows as wide along the same index.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from statistics import median
from time import perf_counter

from store import cases, inbox, standing, tasks
from store.columns import as_row
from store.tasks import Task, sort_key
from tests.bench.figures import figure
from tests.bench.town import START, town
from tests.engine.town import REGION, Town

LISTS = 300
FEW, MANY = 1_000, 100_000
SHOWN = 50


def main(lists: int = LISTS) -> None:
    with town() as few, town() as many:
        for place, size in ((few, FEW), (many, MANY)):
            _fill(place, size)
        took = [(_list(few), _list(many)) for _ in range(lists)]
        bare = 1000 * median(_bare(many) for _ in range(lists))
    among_few, among_many = (1000 * median(each) for each in zip(*took, strict=True))
    figure("W4", "list50_ms", among_few, "ms", bare, tasks=FEW)
    figure("W4", "list50_ms", among_many, "ms", bare, tasks=MANY)
    figure("W4", "growth", among_many / among_few, "ratio", 1, tasks=[FEW, MANY])


def _fill(place: Town, size: int) -> None:
    with place.db.transaction() as tx:
        case = cases.create(tx, region=REGION, process_key="test", version="v", title="Vårdförlopp KOL", series="TES")
        assert case is not None
        made = [_task(case.id, number) for number in range(size)]
        tx.insert(tasks.tasks, [as_row(each) for each in made])
        offered = {"role": "coordinator", "area": "", "region": REGION}
        tx.insert(tasks.candidates, [offered | {"task_id": each.id, "sort": each.sort} for each in made])


def _task(case: str, number: int) -> Task:
    """Due on one of 200 days, in an order that has nothing to do with the order in which they came."""
    due, id = date(2026, 3, 1) + timedelta(days=number * 7919 % 200), f"{number:032x}"
    return Task(
        id=id,
        case_id=case,
        key=str(number),
        region=REGION,
        process="test",
        element="Task_A",
        kind="person",
        name="Bedöm",
        status="open",
        assignee=None,
        due=due,
        follow_up=None,
        priority=0,
        sort=sort_key(due, 0, START, id),
        opened_at=START,
    )


def _list(place: Town) -> float:
    """Seconds to open a view of the database, look up what Sam may do, and list it."""
    sam = place.keys["Sam"]
    began = perf_counter()
    with place.db.read() as reader:
        found = inbox.can_take(
            reader, sam, REGION, standing.roles_on(reader, sam, START.date()), START.date(), limit=SHOWN
        )
    took = perf_counter() - began
    assert len(found) == SHOWN
    return took


_ROWS = (
    "SELECT tasks.*, cases.* FROM task_candidates AS c JOIN tasks ON tasks.id = c.task_id "
    "JOIN cases ON cases.id = tasks.case_id WHERE c.region = 'jh' AND c.role = 'coordinator' AND c.sort IS NOT NULL "
    f"ORDER BY c.sort LIMIT {SHOWN}"
)


def _bare(place: Town) -> float:
    """Seconds for the driver alone to fetch rows of the same width along the same index."""
    with place.db.read() as reader:
        driver = reader.connection.connection.driver_connection
        assert driver is not None
        began = perf_counter()
        assert len(driver.execute(_ROWS).fetchall()) == SHOWN
        return perf_counter() - began


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
