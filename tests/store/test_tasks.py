"""Tasks: one winner in every race, and an inbox in the right order that never reads more than it shows."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Select, select

from store import inbox, tasks
from store.database import Database, SteppedClock, Transaction
from store.inbox import Count, Filters
from store.roles import Held, split_scope
from tests.store import given

TODAY = date(2026, 2, 16)


def held(person: str, *roles: str) -> list[Held]:
    return [Held(person, *split_scope(role), mandate="m", kind="ordinary") for role in roles]


@pytest.mark.parametrize("move", ["claim", "close"])
def test_one_of_many_wins(db: Database, move: str) -> None:
    with db.transaction() as tx:
        task = given.task(tx, given.case(tx), candidates=["coordinator"])

    def race(index: int) -> bool:
        with db.transaction() as tx:
            if move == "claim":
                return tasks.claim(tx, task.id, f"person{index}")
            return tasks.close(tx, task.id, "completed", by=f"person{index}", values={"by": index})

    results = given.together(6, race)
    assert sorted(map(str, results)) == ["False"] * 5 + ["True"]
    winner = results.index(True)
    with db.read() as reader:
        found = tasks.find(reader, task.id)
    assert found is not None
    if move == "claim":
        assert found.assignee == f"person{winner}"
    else:
        assert (found.status, found.completed_by, found.values) == ("completed", f"person{winner}", {"by": winner})


def test_sorted_by_due_day_then_priority_then_age_and_no_day_last(db: Database, clock: SteppedClock) -> None:
    with db.transaction() as tx:
        case = given.case(tx)
    wanted = ["soon", "urgent", "older", "newer", "none, urgent", "none"]
    opened = [
        ("none", None, 0),
        ("older", date(2026, 3, 27), 50),
        ("none, urgent", None, 90),
        ("newer", date(2026, 3, 27), 50),
        ("urgent", date(2026, 3, 27), 80),
        ("soon", date(2026, 3, 1), 0),
    ]
    for name, due, priority in opened:
        clock.advance(timedelta(seconds=1))
        with db.transaction() as tx:
            more = {"name": name, "due": due, "priority": priority}
            given.task(tx, case, f"c {name}", candidates=["lpoChair@LUNG"], **more)
            given.task(tx, case, f"m {name}", assignee="sam", **more)
    with db.read() as reader:
        roles = held("sam", "lpoChair@LUNG")
        assert [each.name for each in inbox.can_take(reader, "sam", "jh", roles, TODAY)] == wanted
        assert [each.name for each in inbox.mine(reader, ["sam"], TODAY)] == wanted
        first = inbox.mine(reader, ["sam"], TODAY, limit=4)
        rest = inbox.mine(reader, ["sam"], TODAY, after=first[-1].sort)
        assert [each.name for each in first + rest] == wanted
        assert first[0].case_title == "Vårdförlopp KOL"


def test_roles_reach_their_own_area_and_the_region_all(db: Database) -> None:
    with db.transaction() as tx:
        case = given.case(tx)
        for area in ("LUNG", "PSYK"):
            given.task(tx, case, area, name=area, candidates=[f"registrar@{area}", "editor"])
        given.task(tx, given.case(tx, region="bl"), "bl", candidates=["registrar@LUNG"])

        def names(*roles: str) -> list[str]:
            return sorted(each.name for each in inbox.can_take(tx, "sam", "jh", held("sam", *roles), TODAY))

        assert names("registrar@LUNG") == ["LUNG"]
        assert names("registrar") == ["LUNG", "PSYK"]
        assert names("registrar@LUNG", "registrar", "editor") == ["LUNG", "PSYK"]
        assert names("editor@LUNG") == []
        assert names() == []


def test_taken_released_and_closed_tasks_leave_and_enter_the_lists(db: Database) -> None:
    roles = held("sam", "coordinator")
    with db.transaction() as tx:
        task = given.task(tx, given.case(tx), candidates=["coordinator"], due=date(2026, 2, 1))

        def seen() -> tuple[int, int, int]:
            counts = inbox.counts(tx, "sam", ["sam"], "jh", roles, TODAY)
            lists = inbox.mine(tx, ["sam"], TODAY), inbox.can_take(tx, "sam", "jh", roles, TODAY)
            assert (counts["mine"].open, counts["can_take"].open) == (len(lists[0]), len(lists[1]))
            return len(lists[0]), len(lists[1]), len(inbox.done(tx, "sam"))

        assert seen() == (0, 1, 0)
        assert tasks.claim(tx, task.id, "sam")
        assert seen() == (1, 0, 0)
        assert inbox.counts(tx, "sam", ["sam"], "jh", roles, TODAY)["mine"] == Count(1, overdue=1)
        assert tasks.release(tx, task.id)
        assert seen() == (0, 1, 0)
        assert tasks.assign(tx, task.id, "lo", by="sam")
        assert seen() == (0, 0, 0)
        assert tasks.close(tx, task.id, "completed", by="lo", on_behalf_of="sam", values={})
        assert seen() == (0, 0, 1)
        assert not tasks.release(tx, task.id)


def test_excluded_and_hidden_tasks_are_not_offered(db: Database) -> None:
    with db.transaction() as tx:
        case = given.case(tx)
        mine, later = (given.task(tx, case, key, candidates=["editor"]) for key in ("a", "b"))
        tasks.exclude(tx, mine.id, "sam", "four-eyes")
        tasks.redate(tx, later, due=None, follow_up=date(2026, 3, 1))
        roles = held("sam", "editor")
        assert inbox.can_take(tx, "sam", "jh", roles, TODAY) == []
        assert inbox.counts(tx, "sam", ["sam"], "jh", roles, TODAY)["can_take"] == Count(0, 0)
        assert [each.id for each in inbox.can_take(tx, "lo", "jh", roles, TODAY)] == [mine.id]
        shown = inbox.can_take(tx, "sam", "jh", roles, TODAY, Filters(with_hidden=True))
        assert [each.id for each in shown] == [later.id]
        assert [each.id for each in inbox.can_take(tx, "sam", "jh", roles, date(2026, 3, 1))] == [later.id]
        assert tasks.excluded(tx, mine.id) == {"sam": "four-eyes"}


def test_filters(db: Database) -> None:
    with db.transaction() as tx:
        given.task(tx, given.case(tx), "a", assignee="sam", due=date(2026, 3, 1))
        given.task(tx, given.case(tx, title="VIP ADHD", process_key="nkk"), "b", assignee="sam")

        def titles(**filters: object) -> list[str]:
            return [each.case_title for each in inbox.mine(tx, ["sam"], TODAY, Filters(**filters))]  # type: ignore[arg-type]

        assert titles(text="adhd") == ["VIP ADHD"]
        assert titles(process_key="remiss") == ["Vårdförlopp KOL"]
        assert titles(due_to=date(2026, 3, 1)) == ["Vårdförlopp KOL"]
        assert titles(due_from=date(2026, 3, 2)) == []
        assert titles(without_due=True) == ["VIP ADHD"]


def test_new_dates_and_candidates_take_effect(db: Database) -> None:
    with db.transaction() as tx:
        case = given.case(tx)
        first = given.task(tx, case, "a", candidates=["editor"], due=date(2026, 3, 1))
        second = given.task(tx, case, "b", candidates=["editor"], due=date(2026, 3, 2))
        roles = held("sam", "editor")
        tasks.redate(tx, first, due=date(2026, 4, 1), follow_up=None)
        assert [each.id for each in inbox.can_take(tx, "sam", "jh", roles, TODAY)] == [second.id, first.id]
        tasks.redate(tx, second, due=date(2026, 3, 2), follow_up=None, candidates=["registrar"])
        assert [each.id for each in inbox.can_take(tx, "sam", "jh", roles, TODAY)] == [first.id]
        tasks.add_candidates(tx, second.id, ["editor", "registrar"])
        assert [each.id for each in inbox.can_take(tx, "sam", "jh", roles, TODAY)] == [second.id, first.id]
        assert tasks.roles_of(tx, second.id) == [("editor", ""), ("registrar", "")]


def test_who_took_part_in_a_case(db: Database) -> None:
    with db.transaction() as tx:
        case, other = given.case(tx), given.case(tx)
        done = given.task(tx, case, "a", element="Task_Compile", candidates=["lpoChair@LUNG"])
        given.task(tx, other, "b", assignee="lo")
        tasks.close(tx, done.id, "completed", by="sam", values={})
        assert tasks.performers(tx, case.id, ["Task_Compile", "Task_Other"]) == {"sam"}
        assert tasks.cases_of(tx, "jh", ["sam"], []) == [case.id]
        assert tasks.cases_of(tx, "jh", ["pia"], [("lpoChair", "LUNG")]) == [case.id]
        assert tasks.cases_of(tx, "jh", ["lo"], []) == [other.id]


@pytest.mark.parametrize("role", ["lpoChair@LUNG", "lpoChair"])
def test_the_most_urgent_are_read_from_an_index(sqlite: Database, role: str) -> None:
    """No sorting of what is there: the plan walks an index and stops at the limit."""
    with sqlite.transaction() as tx:
        scope = split_scope(role)
        walk = inbox._offered(scope, "sam", "jh", TODAY, Filters(), "", 50)
        plan = _plan(tx, walk)
    index = "ix_task_candidates_area" if "@" in role else "ix_task_candidates_role"
    assert index in plan.split(" | ")[0]
    assert "TEMP B-TREE" not in plan


def test_mine_is_read_from_an_index_of_open_tasks(sqlite: Database) -> None:
    with sqlite.transaction() as tx:
        query = select(tasks.tasks.c.id).where(inbox._assigned(["sam"])).order_by(tasks.tasks.c.sort)
        plan = _plan(tx, query)
    assert "ix_tasks_mine" in plan
    assert "TEMP B-TREE" not in plan


def _plan(tx: Transaction, query: Select[Any]) -> str:
    """How SQLite would walk, told without knowing the values: as a prepared statement is planned."""
    sql = query.compile(dialect=tx.connection.dialect, compile_kwargs={"render_postcompile": True})
    rows = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", tuple(None for _ in sql.positiontup or ()))
    return " | ".join(row.detail for row in rows)


def test_sort_keys_sort(clock: SteppedClock) -> None:
    keys = [
        tasks.sort_key(date(2026, 3, 1), 0, clock.moment, "a"),
        tasks.sort_key(date(2026, 10, 1), 1000, clock.moment, "a"),
        tasks.sort_key(date(2026, 10, 1), 50, clock.moment, "a"),
        tasks.sort_key(date(2026, 10, 1), 50, clock.moment + timedelta(microseconds=1), "a"),
        tasks.sort_key(date(2026, 10, 1), -5, clock.moment, "a"),
        tasks.sort_key(None, 999, clock.moment, "a"),
    ]
    assert all(before < after for before, after in pairwise(keys))
