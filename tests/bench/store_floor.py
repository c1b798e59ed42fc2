"""What one step costs in rows, beside the bare floor of the same rows: `python -m tests.bench.store_floor [steps]`.

Prints one JSON line per figure. A step is what completing a task writes: the case's revision and variables, one row of
state, one task closed and one opened, four rows of history, one mail.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from store import cases, history, outbox, states, tasks
from store.database import Database, Transaction
from store.history import Note
from store.migrations import upgrade

STEPS = 500


def main(steps: int = STEPS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        floor = _rate(_bare(Path(folder) / "floor.sqlite3"), steps)
        ours = _rate(_ours(Path(folder) / "ours.sqlite3"), steps)
    for metric, value in (("floor_steps_per_s", floor), ("steps_per_s", ours)):
        figure = {"workload": "store", "metric": metric, "params": {"steps": steps}, "value": round(value)}
        print(json.dumps(figure | {"unit": "1/s", "floor": round(floor)}))


def _rate(step: Callable[[int], None], steps: int) -> float:
    step(0)
    began = time.perf_counter()
    for number in range(1, steps + 1):
        step(number)
    return steps / (time.perf_counter() - began)


def _ours(path: Path) -> Callable[[int], None]:
    db = Database(f"sqlite:///{path}")
    upgrade(db)
    with db.transaction() as tx:
        case = cases.create(
            tx, region="jh", process_key="remiss", version="v", title="Vårdförlopp KOL", series="REM-2026"
        )
        assert case is not None
        current = [_open(tx, case.id, -1)]

    def step(number: int) -> None:
        with db.transaction() as tx:
            task = tasks.find(tx, current[0])
            locked = cases.lock(tx, case.id)
            assert task is not None
            assert locked is not None
            cases.step(tx, locked, {**locked.variables, "steps": number})
            states.write(tx, case.id, {"1": json.dumps({"number": number})})
            tasks.close(tx, task.id, "completed", by="sam", values={"svar": "JA"})
            current[0] = _open(tx, case.id, number)
            notes = [Note(what, "Task_A", "userTask", "Bedöm", "remiss", f"t{number}") for what in "abcd"]
            history.append(tx, case.id, "jh", notes)
            outbox.enqueue(tx, "jh", "mail", "ready", {"number": number}, case_id=case.id, recipient="lo")

    return step


def _open(tx: Transaction, case_id: str, number: int) -> str:
    task = tasks.open(
        tx,
        case_id=case_id,
        key=f"t{number}",
        region="jh",
        process="remiss",
        element="Task_A",
        kind="person",
        name="Bedöm",
        candidates=["coordinator"],
    )
    return task.id


def _bare(path: Path) -> Callable[[int], None]:
    """The same rows in the same number of tables, by the driver alone, with everything known beforehand."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    for table in ("cases", "states", "tasks", "candidates", "history", "heads", "outbox"):
        connection.execute(f"CREATE TABLE {table} (a TEXT, b INTEGER, content TEXT, PRIMARY KEY (a, b))")
        connection.execute(f"CREATE INDEX ix_{table} ON {table} (content)")
    for table in ("cases", "states", "heads"):
        connection.execute(f"INSERT INTO {table} VALUES ('c', 0, '')")

    def step(number: int) -> None:
        content = f"{number:06d} " + "x" * 200
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("SELECT * FROM tasks WHERE a = 'c' AND b = ?", (number - 1,)).fetchone()
        connection.execute("SELECT * FROM cases WHERE a = 'c'").fetchone()
        for table in ("cases", "states", "heads"):
            connection.execute(f"UPDATE {table} SET content = ? WHERE a = 'c'", (content,))
        for table in ("tasks", "candidates"):
            connection.execute(f"UPDATE {table} SET content = 'done' WHERE a = 'c' AND b = ?", (number - 1,))
            connection.execute(f"INSERT INTO {table} VALUES ('c', ?, ?)", (number, content))
        rows = [("c", number * 4 + each, content) for each in range(4)]
        connection.executemany("INSERT INTO history VALUES (?, ?, ?)", rows)
        connection.execute("INSERT INTO outbox VALUES ('c', ?, ?)", (number, content))
        connection.execute("COMMIT")

    return step


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
