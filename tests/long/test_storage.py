"""The storage fails at the n-th statement of a completion, for every n: nothing is half-done, nothing is forgotten.

The completion does all that one step can: a form, effects in savepoints, another case started, a message, a reminder.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

from engine import tasks
from store import drafts
from store import tasks as task_rows
from store.cases import Case
from store.database import Database
from store.errors import StorageFull, StorageUnavailable
from tests.core import diagrams as d
from tests.engine.town import Town
from tests.long.tables import changed, contents
from tests.scale import size

CHAIR = "lpoChair@LUNG"
ANSWER = {"answer": "Det här tog mig en timme att skriva."}
EVERY = size("STATEMENTS_BETWEEN", 13, 1)
"""Which statements fail: every one at full size."""
Break = Callable[[Connection, Any], tuple[str, tuple[()]] | None]
"""Makes the statement at hand fail: raises, or gives another one to run in its place."""


def busy_step() -> list[bytes]:
    child = d.diagram(d.start(), d.user_task("Child", candidateGroups=CHAIR), d.end(), id="child")
    parent = d.diagram(
        d.start(),
        d.user_task("Ask", d.field("answer"), candidateGroups=CHAIR),
        d.service_task("Set", "deadline.set", extension=d.parameters({"internalDue": "'2026-03-27'"})),
        d.service_task("Begin", "case.start", extension=d.parameters({"process": "'child'"})),
        d.throw("Tell", d.message("Told")),
        d.user_task("Next", candidateGroups=CHAIR, dueDate="${deadline.internalDue}", properties={"reminder": "-5,-1"}),
        d.boundary("Late", "Next", d.timer("P10D")),
        d.end(),
        d.chain("Late", d.end("Over")),
    )
    return [child, parent]


# How a statement fails -----------------------------------------------------------------------------------------------


def sqlite_says(code: str, *, undone: bool = False) -> Break:
    """SQLite's own error; `undone` when it has rolled the transaction back by itself, as a full disk may make it do."""

    def fail(connection: Connection, cursor: Any) -> None:
        if undone:
            cursor.connection.rollback()
        error = sqlite3.OperationalError(code)
        error.sqlite_errorname = code  # type: ignore[misc]
        raise OperationalError("", {}, error)

    return fail


def postgresql_says(code: str) -> Break:
    """The server itself refuses."""
    statement = f"DO $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'; END $$"
    return lambda connection, cursor: (statement, ())


def postgresql_is_gone(connection: Connection, cursor: Any) -> None:
    """The server ends this connection before the statement reaches it."""
    killer = Database(connection.engine.url.render_as_string(hide_password=False))
    with killer.transaction() as tx:
        tx.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": cursor.connection.info.backend_pid})
    killer.close()


FAILURES: dict[str, list[tuple[str, Break]]] = {
    "sqlite": [
        ("full", sqlite_says("SQLITE_FULL")),
        ("full, undone", sqlite_says("SQLITE_FULL", undone=True)),
        ("busy", sqlite_says("SQLITE_BUSY")),
        ("unreadable", sqlite_says("SQLITE_IOERR", undone=True)),
    ],
    "postgresql": [
        ("full", postgresql_says("53100")),
        ("locked", postgresql_says("55P03")),
        ("stopping", postgresql_says("57P01")),
        ("gone", postgresql_is_gone),
    ],
}


@contextmanager
def failing_at(db: Database, number: int, fail: Break) -> Iterator[list[str]]:
    """The `number`th statement fails; yields the statements that were tried."""
    tried: list[str] = []

    def watch(
        connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
    ) -> tuple[str, Any]:
        tried.append(statement)
        instead = fail(connection, cursor) if len(tried) == number else None
        if instead is None:
            return statement, parameters
        return instead[0], [()] if executemany else ()  # many times no row would be no statement at all

    event.listen(db.engine, "before_cursor_execute", watch, retval=True)
    try:
        yield tried
    finally:
        event.remove(db.engine, "before_cursor_execute", watch)


# The tests -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", range(4))
def test_a_failure_at_any_statement_leaves_nothing_half_done(town: Town, which: int) -> None:
    town.deploy(*busy_step())
    _, fail = FAILURES[town.db.engine.dialect.name][which]
    usual, numbers = _counted(town)
    for number in numbers[::EVERY]:
        case = _asked(town)
        before = contents(town.db)
        with failing_at(town.db, number, fail) as tried, pytest.raises(StorageUnavailable):
            _answer(town, case)
        assert changed(before, contents(town.db)) == [], f"half-done after {tried[-1]}"
        assert _finished(town, case) == usual


def _counted(town: Town) -> tuple[Any, list[int]]:
    """How a case ends when nothing fails, and the numbers of the statements of its first completion that may fail."""
    usual = _finished(town, _asked(town))  # and now every definition is in memory
    case = _asked(town)
    with failing_at(town.db, 0, lambda connection, cursor: None) as tried:
        _answer(town, case)
    # A BEGIN that fails because the database is busy is tried again.
    return usual, [number for number, said in enumerate(tried, start=1) if not said.startswith("BEGIN")]


def test_a_disk_that_fills_up_on_the_way(one_town: Town) -> None:
    """One page more for each try, until the completion fits: SQLite itself says that the disk is full."""
    town = one_town
    town.deploy(*busy_step())
    usual = _finished(town, _asked(town))
    refused = 0
    while True:
        case = _asked(town)
        before = contents(town.db)
        _limit(town.db, refused)
        try:
            _answer(town, case, {"answer": "å" * 20_000})
            break
        except StorageFull:
            assert changed(before, contents(town.db)) == []
            refused += 1
        finally:
            _limit(town.db, 100_000)
        assert _finished(town, case) == usual
    assert refused > 5


def _limit(db: Database, more: int) -> None:
    with db.transaction() as tx:
        pages = tx.execute(text("PRAGMA page_count")).scalar_one()
        tx.execute(text(f"PRAGMA max_page_count = {pages + more}"))


def _asked(town: Town) -> Case:
    """A case at its first task, with a draft of the answer."""
    case = town.start("test")
    task = _task(town, case)
    with town.db.transaction() as tx:
        drafts.save(tx, task, town.keys["Lo"], ANSWER)
    return case


def _answer(town: Town, case: Case, answers: dict[str, str] = ANSWER) -> None:
    tasks.complete(town.db, _task(town, case), answers, by=town.by("Lo"))


def _finished(town: Town, case: Case) -> tuple[list[str], Any, str | None]:
    """The case completed as if nothing had been wrong: its history, its answer and its outcome."""
    task = _task(town, case)
    with town.db.read() as reader:
        draft = drafts.find(reader, task, town.keys["Lo"])
    assert draft is not None, "the person's text is still there"
    assert draft.values == ANSWER
    tasks.complete(town.db, task, ANSWER, by=town.by("Lo"))
    tasks.complete(town.db, _task(town, case), {}, by=town.by("Lo"))
    ended = town.case(case)
    return town.told(case), ended.variables["answer"], ended.status


def _task(town: Town, case: Case) -> str:
    with town.db.read() as reader:
        [task] = task_rows.open_of_case(reader, case.id)
    return task.id
