"""What the tests of the memory start from, and a way to let threads do something at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from store import cases, mandates, people, tasks
from store.cases import Case
from store.database import Database, Transaction
from store.people import Person
from store.roles import split_scope
from store.tasks import Task

T = TypeVar("T")


def case(tx: Transaction, **changes: Any) -> Case:
    given = {"region": "jh", "process_key": "remiss", "version": "v1", "title": "Vårdförlopp KOL", "series": "REM-2026"}
    made = cases.create(tx, **(given | changes))
    assert made is not None
    return made


def task(tx: Transaction, of: Case, key: str = "t1", **changes: Any) -> Task:
    given: dict[str, Any] = {"process": "remiss", "element": "Task_Triage", "kind": "person", "name": "Bedöm remissen"}
    return tasks.open(tx, case_id=of.id, key=key, region=of.region, **(given | changes))


def person(tx: Transaction, name: str, *roles: str, starts: date = date(2026, 1, 1)) -> Person:
    made = people.add(tx, "jh", name)
    for role, area in map(split_scope, roles):
        mandates.add(tx, made.key, "jh", role, area, starts=starts)
    return made


def together(number: int, work: Callable[[int], T]) -> list[T | Exception]:
    """Let threads run `work(0)`, `work(1)` ... from the same moment; what each gave back or raised."""
    barrier = threading.Barrier(number)
    results: list[Any] = [None] * number

    def one(index: int) -> None:
        barrier.wait()
        try:
            results[index] = work(index)
        except Exception as error:
            results[index] = error

    threads = [threading.Thread(target=one, args=(index,)) for index in range(number)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return results


def committed(db: Database, work: Callable[[Transaction], T]) -> T:
    with db.transaction() as tx:
        return work(tx)
