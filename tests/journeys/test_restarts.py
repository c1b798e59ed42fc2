"""A fresh process after every step ends like one that never stopped: whole stack, state from the database.

The processes are made by hypothesis. Forgetting everything that a process keeps in memory (live states, compiled and
assembled definitions, the database's connections) and opening the same file again is what a new process begins with.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import clock as clocks
from engine import definitions, live, messages, tasks
from engine.access import SYSTEM
from engine.core import compiling
from store import subscriptions, timers
from store import tasks as task_rows
from store.database import Database, SteppedClock
from tests.conftest import START
from tests.core.generated import Tree, blocks, draw
from tests.engine import partition
from tests.engine.town import REGION, Town, settle
from tests.scale import SCALE

TURNS = 120


class Journey:
    """One case of a generated process, taken to its end by a seeded hand."""

    def __init__(self, path: Path, *, restart: bool) -> None:
        self.path = path
        self.clock = SteppedClock(START)
        self.db = Database(f"sqlite:///{path}", self.clock)
        self.restart = restart

    def travel(self, source: bytes, seed: int) -> tuple[list[str], Any]:
        """History and variables at the end."""
        choose = random.Random(seed)
        town = settle(self.db, self.clock)
        town.deploy(source)
        case = town.start(by=None, c=choose.randrange(4), people=["LUNG", "HUD"])
        for turn in range(TURNS):
            self._forget()
            town.db = self.db
            if town.case(case).status != "active":
                break
            self._move(town, case.id, choose, calm=turn > TURNS // 4)
        assert partition.silent_cases(self.db) == []
        found = town.case(case)
        assert found.status == "completed"
        return town.told(case), found.variables

    def _move(self, town: Town, case: str, choose: random.Random, *, calm: bool) -> None:
        with self.db.read() as reader:
            open_tasks = task_rows.open_of_case(reader, case)
            waiting = subscriptions.of_case(reader, case)
            due = [timer.due for timer in timers.of_case(reader, case)]
        ways = [("task", each.key) for each in open_tasks] + [("message", each.key) for each in waiting]
        kind, key = choose.choice(sorted(ways + ([("time", "")] if due else [])))
        if kind == "task":
            task = next(each for each in open_tasks if each.key == key)
            tasks.complete(self.db, task.id, {"c": 0 if calm else choose.randrange(4)}, by=town.by("Sam"))
        elif kind == "message":
            awaited = next(each for each in waiting if each.key == key)
            messages.correlate(self.db, REGION, awaited.name, awaited.message_key, {}, by=SYSTEM)
        else:
            self.clock.set(min(due))
            clocks.tick(self.db)

    def _forget(self) -> None:
        """Everything that a process holds in memory."""
        if self.restart:
            live.forget()
            definitions.forget()
            compiling.forget()
            self.db.close()
            self.db = Database(f"sqlite:///{self.path}", self.clock)


def travel(template: Path, folder: Path, tree: Tree, seed: int, *, restart: bool) -> tuple[list[str], Any]:
    path = folder / f"{'restarted' if restart else 'steady'}.sqlite3"
    shutil.copyfile(template, path)
    journey = Journey(path, restart=restart)
    try:
        return journey.travel(draw(tree), seed)
    finally:
        journey.db.close()
        live.forget()


@settings(max_examples=25 * SCALE, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(tree=blocks(5), seed=st.integers(0, 9))
def test_a_fresh_process_after_each_step_changes_nothing(
    tree: Tree, seed: int, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("journey")
    steady = travel(sqlite_template, folder, tree, seed, restart=False)
    restarted = travel(sqlite_template, folder, tree, seed, restart=True)
    assert steady == restarted
