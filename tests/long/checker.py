"""What must hold once all is quiet: nothing acknowledged is lost, nothing doubled, and nobody stands still."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text

from store import cases, history, verifying
from store import tasks as task_rows
from store.database import Database
from tests.engine import partition
from tests.engine.town import REGION


def check(db: Database, acknowledged: Collection[str], tried: Collection[str]) -> None:
    """Every case has ended; what clients were told is done is done, once; and nothing that nobody asked for.

    `acknowledged` and `tried` are ids of tasks, as the clients' own ledgers have them.
    """
    with db.read() as reader:
        every = cases.listed(reader, REGION, limit=1_000_000)
        keys = {task.id: (case.id, task.key) for case in every for task in task_rows.of_case(reader, case.id)}
        done = [
            (row.chain, row.task) for row in history.stream(reader, REGION) if row.what == "completed" and row.person
        ]
        faults = list(verifying.verify(reader))
    assert {case.status for case in every} == {"completed"}
    assert len(done) == len(set(done)), "a completion is doubled"
    assert {keys[task] for task in acknowledged} <= set(done), "a completion is lost"
    assert set(done) <= {keys[task] for task in tried}, "a completion that nobody asked for"
    assert faults == []
    assert partition.silent_cases(db) == []
    if db.is_sqlite:
        with db.read() as reader:
            assert reader.scalar(text("PRAGMA integrity_check")) == "ok"
