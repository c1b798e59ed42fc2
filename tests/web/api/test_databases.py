"""Lists, tags and receipts on SQLite and on PostgreSQL: a whole story, and two who want the same task."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from store.database import Database, SteppedClock
from tests.web.api.partner import Partner, good, partner
from tests.web.conftest import furnished
from tests.web.house import House

START = "/process-definitions/key/test/start"
LISTS = (
    "/tasks",
    "/process-instances",
    "/process-definitions",
    "/history/process-instances",
    "/history/activity-instances",
    "/history/tasks",
    "/history/user-operations",
    "/incidents",
)


@pytest.fixture
def both(db: Database, clock: SteppedClock) -> House:
    return furnished(db, clock)


def test_every_list_holds_each_thing_once(both: House, clock: SteppedClock) -> None:
    sam = partner(both, "Sam")
    for n in range(3):
        good(sam.post(START, {"Idempotency-Key": f"k{n}"}, variables={"title": f"Remiss {n}"}), 201)
        clock.advance(timedelta(seconds=n))
    for each in both.town.open_tasks()[:2]:
        good(sam.post(f"/tasks/{each.id}/complete", variables={"stance": "JA", "text": "Ja"}))
    for name in ("Sam", "Lo", "Ria", "Hud"):
        program = partner(both, name)
        for path in LISTS:
            whole = program.items(path, limit=200)
            assert program.items(path, limit=2) == whole, (name, path)
            if name == "Hud" and path != "/process-definitions":
                assert whole == []
            if name == "Lo" and path != "/incidents":
                assert whole


def test_every_filter_is_understood(both: House) -> None:
    sam = partner(both, "Sam")
    case = good(sam.post(START, businessKey="A"), 201)
    moments = {"startedAfter": "2026-01-01T00:00:00Z", "startedBefore": "2027-01-01T00:00:00+01:00"}
    task = {"candidateGroup": "lpoChair@LUNG", "dueBefore": "2027-01-01", "processDefinitionKey": "test"}
    assert len(sam.items("/tasks", **task)) == 1
    assert len(sam.items("/history/tasks", **task)) == 1
    assert len(sam.items("/process-instances", businessKey="A", **moments)) == 1
    assert len(sam.items("/history/activity-instances", processInstanceId=case["id"], **moments)) == 2
    between = {"after": "2026-01-01T00:00:00Z", "before": "2027-01-01T00:00:00Z"}
    assert len(sam.items("/history/user-operations", operationType="started", **between)) == 1


def test_two_who_want_the_same_task(both: House) -> None:
    """One gets it, the other hears who did; nobody hears of an error of ours."""
    both.town.start(by="Sam")
    task = both.town.open_task("Task_Answer").id
    programs = [partner(both, name) for name in ("Sam", "Lo") * 4]
    tag = programs[0].get(f"/tasks/{task}").headers["ETag"]
    body = {"variables": {"stance": "JA", "text": "Ja"}}

    def complete(program: Partner) -> int:
        return program.post(f"/tasks/{task}/complete", {"If-Match": tag}, **body).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(complete, programs))
    assert answers[200] == 1
    assert set(answers) <= {200, 409, 412}
