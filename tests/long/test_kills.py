"""Kill -9 in mid-step: two processes complete tasks, one after the other is killed, and nothing is lost or doubled."""

from __future__ import annotations

import random
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import text

from store import cases, history, seals
from store import tasks as task_rows
from store.database import Database
from tests.core import diagrams as d
from tests.engine import partition
from tests.engine.town import REGION, Town
from tests.long.hands import POINTS, Ledger, ended, processes, work
from tests.scale import size

KILLS = size("KILLS", 20, 200)
"""Four of five at a time of their own, the fifth is the process that worked beside them."""
LONGEST = 60.0
"""Seconds after which a process that should have died or ended is a failure."""


def five_tasks() -> bytes:
    asked = [d.user_task(f"Task{n}", d.field("answer"), candidateGroups="coordinator") for n in range(5)]
    asked.insert(2, d.service_task("Set", "deadline.set", extension=d.parameters({"internalDue": "'2026-03-27'"})))
    return d.diagram(d.start(), *asked, d.end())


def test_no_completion_is_lost_or_doubled(town: Town, tmp_path: Path) -> None:
    town.deploy(five_tasks())
    for _ in range(4):
        town.start(by="Sam")
    ledger, choose = tmp_path / "ledger", random.Random(1)
    url = town.db.engine.url.render_as_string(hide_password=False)

    def begin(seed: int, *, keep_going: bool = True, dies: tuple[str, int] | None = None) -> BaseProcess:
        process = processes.Process(target=work, args=(url, ledger, town.keys["Sam"], seed, keep_going, dies))
        process.start()
        return process

    for number in range(0, KILLS, 5):
        beside = begin(-number)
        with ended(beside):
            for each in range(number, number + 4):
                _kill_one(begin, choose, each)
    last = [begin(seed, keep_going=False) for seed in (-1, -2)]
    with ended(*last):
        for each in last:
            each.join(LONGEST * 5)
            assert each.exitcode == 0
    _check(town.db, Ledger.read(ledger))


def _kill_one(begin: object, choose: random.Random, number: int) -> None:
    """Every other process dies at a named point, the others at any time."""
    points = list(POINTS)
    named = (points[number // 2 % len(points)], choose.randrange(6)) if number % 2 else None
    process = begin(number, dies=named)  # type: ignore[operator]
    with ended(process):
        process.join(LONGEST if named else choose.uniform(0.05, 0.4))
        if named:
            assert process.exitcode == -9, f"did not come to {named}"


def _check(db: Database, ledger: dict[str, list[str]]) -> None:
    with db.read() as reader:
        every = cases.listed(reader, REGION, limit=1_000_000)
        keys = {task.id: (case.id, task.key) for case in every for task in task_rows.of_case(reader, case.id)}
        done = [
            (row.chain, row.task) for row in history.stream(reader, REGION) if row.what == "completed" and row.person
        ]
        faults = list(seals.verify(reader))
    acknowledged = [keys[task] for task in ledger["ok"]]
    assert {case.status for case in every} == {"completed"}
    assert len(done) == len(set(done)), "a completion is doubled"
    assert set(acknowledged) <= set(done), "a completion is lost"
    assert set(done) <= {keys[task] for task in ledger["try"]}, "a completion that nobody asked for"
    assert len(ledger["ok"]) > KILLS
    assert faults == []
    assert partition.silent_cases(db) == []
    if db.is_sqlite:
        with db.read() as reader:
            assert reader.scalar(text("PRAGMA integrity_check")) == "ok"
