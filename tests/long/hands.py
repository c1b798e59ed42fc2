"""Processes that work on a database: each completes tasks until it is told to stop, or killed.

They are forked from a server that has imported everything, so that a new one works within a blink. What a process asked
for and was answered stands in a ledger outside the database: a line is there before the next thing happens.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, select

from engine import cases, clock, live, steps, tasks
from engine.access import Actor
from engine.errors import Conflict
from store import database, states
from store import tasks as task_rows
from store.database import Database, SteppedClock, Transaction
from store.errors import StorageUnavailable
from tests.patience import PATIENCE

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload([__name__, "tests.engine.town", "tests.long.senders"])
database.BUSY_SECONDS = PATIENCE


class Ledger:
    """Lines of `{"said": ..., "task": ...}`: `try` before a request, then `ok`, `fail` or nothing (unknown)."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY)

    def say(self, said: str, task: str) -> None:
        os.write(self._file, (json.dumps({"said": said, "task": task}) + "\n").encode())

    @staticmethod
    def read(path: Path) -> dict[str, list[str]]:
        """What was said -> tasks, in order."""
        found: dict[str, list[str]] = {"try": [], "ok": [], "fail": []}
        for line in path.read_text().splitlines():
            said = json.loads(line)
            found[said["said"]].append(said["task"])
        return found


# What a process does -------------------------------------------------------------------------------------------------


def work(url: str, ledger: Path, person: str, seed: int, keep_going: bool, dies: tuple[str, int] | None) -> None:
    """Complete whatever is open; with `keep_going` start another case when nothing is, else end."""
    if dies is not None:
        _die_at(*dies)
    choose, written, by = random.Random(seed), Ledger(ledger), Actor(person)
    db = Database(url, SteppedClock(datetime.fromisoformat("2026-02-16T07:00:00+00:00")))
    while True:
        with db.read() as reader:
            found = select(task_rows.tasks.c.id).where(task_rows.IS_OPEN).limit(8)
            waiting = [row[0] for row in reader.execute(found)]
        if waiting:
            _complete(db, choose.choice(waiting), by, written)
        elif keep_going:
            cases.start(db, "jh", "test", {}, by=by)
        else:
            return


def _complete(db: Database, task: str, by: Actor, ledger: Ledger) -> None:
    ledger.say("try", task)
    try:
        tasks.complete(db, task, {"answer": "ja"}, by=by)
    except (Conflict, StorageUnavailable):
        ledger.say("fail", task)
    else:
        ledger.say("ok", task)


def tick(url: str, moment: datetime, ready: Any) -> None:
    """One clock, from the moment when all are ready."""
    live.forget()
    db = Database(url, SteppedClock(moment))
    with db.read():
        ready.wait(PATIENCE)
    while _goes_on(db):
        pass


def _goes_on(db: Database) -> bool:
    """One tick; whether there was something to do. A database that is busy is waited for, as the worker does."""
    try:
        return not clock.tick(db).is_idle
    except StorageUnavailable:
        return True


# Where a process dies ------------------------------------------------------------------------------------------------

POINTS: dict[str, tuple[Any, str]] = {
    "begun": (tasks, "_open"),
    "after the step of the core": (steps._Walk, "remember"),
    "before the state is written": (states, "write"),
    "before the task is closed": (task_rows, "close"),
    "in an effect": (steps, "EFFECTS"),
    "before the commit": (Engine, "commit"),
    "after the commit": (Transaction, "committed"),
}
"""A name, and what is called there."""


def _die_at(name: str, times: int) -> None:
    """The process kills itself when it comes to a point for the `times`th time."""
    place, attribute = POINTS[name]
    left = iter(range(times, -1, -1))

    def count(*_: Any) -> None:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    if place is Engine:
        event.listen(Engine, "commit", count)
    elif attribute == "EFFECTS":
        _watch(steps._Walk, "_apply", count)
    else:
        _watch(place, attribute, count)


def _watch(place: Any, attribute: str, count: Callable[..., None]) -> None:
    real = getattr(place, attribute)

    def counted(*arguments: Any, **more: Any) -> Any:
        count()
        return real(*arguments, **more)

    setattr(place, attribute, counted)


@contextmanager
def ended(*started: BaseProcess) -> Iterator[None]:
    """No process outlives its test."""
    try:
        yield
    finally:
        for each in started:
            if each.is_alive():
                each.kill()
            each.join()


def killed(process: BaseProcess) -> None:
    """Kill -9."""
    process.kill()
    process.join()
