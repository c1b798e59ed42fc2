"""Cases: numbers, start keys, the lock, and state by difference."""

from __future__ import annotations

import pytest

from store import cases, states
from store.database import Database
from tests.store import given


def test_numbers_run_in_their_series(db: Database) -> None:
    with db.transaction() as tx:
        first, second = given.case(tx), given.case(tx)
        other = given.case(tx, series="GAP-2026")
        elsewhere = given.case(tx, region="bl")
    numbers = [each.number for each in (first, second, other, elsewhere)]
    assert numbers == ["REM-2026-001", "REM-2026-002", "GAP-2026-001", "REM-2026-001"]


def test_found_by_id_or_number(db: Database) -> None:
    with db.transaction() as tx:
        made = given.case(tx)
        assert cases.find_any(tx, made.id) == made
        assert cases.find_any(tx, "rem-2026-001", "jh") == made
        assert cases.find_any(tx, "REM-2026-001", "bl") is None


def test_a_start_key_starts_one_case(db: Database) -> None:
    def start(_: int) -> str | None:
        with db.transaction() as tx:
            made = cases.create(
                tx,
                region="jh",
                process_key="remiss",
                version="v",
                title="T",
                series="REM-2026",
                start_key="KS-2026-014",
            )
            return made.id if made else None

    started = [each for each in given.together(6, start) if each is not None]
    assert len(started) == 1
    with db.transaction() as tx:
        found = cases.by_start_key(tx, "jh", "remiss", "KS-2026-014")
        assert found is not None
        assert found.id == started[0]
        given.case(tx, process_key="annan", start_key="KS-2026-014")
        given.case(tx, start_key=None)
        assert given.case(tx, start_key=None).number == "REM-2026-004"


def test_the_lock_lets_one_step_at_a_time(db: Database) -> None:
    made = given.committed(db, given.case)

    def step(_: int) -> None:
        with db.transaction() as tx:
            case = cases.lock(tx, made.id)
            assert case is not None
            cases.step(tx, case, {"steps": case.variables.get("steps", 0) + 1})

    assert given.together(8, step) == [None] * 8
    with db.read() as reader:
        case = cases.find(reader, made.id)
    assert case is not None
    assert (case.revision, case.variables) == (8, {"steps": 8})


def test_suspended_resumed_and_ended(db: Database) -> None:
    with db.transaction() as tx:
        made = given.case(tx)
        assert cases.suspend(tx, made.id, "väntar på besked")
        assert not cases.suspend(tx, made.id, "igen")
        found = cases.find(tx, made.id)
        assert found is not None
        assert (found.status, found.reason) == ("suspended", "väntar på besked")
        assert cases.resume(tx, made.id)
        cases.end(tx, made, status="completed", outcome="BESVARAD")
        assert cases.counts(tx, "jh") == {"completed": 1}


@pytest.mark.parametrize("words", ["kol", "REM-2026-001"])
def test_listed_by_text(db: Database, words: str) -> None:
    with db.transaction() as tx:
        made = given.case(tx)
        given.case(tx, title="Vårdprogram 100 %")
        assert [each.id for each in cases.listed(tx, "jh", text=words)] == [made.id]
        assert [each.title for each in cases.listed(tx, "jh", text="100 %")] == ["Vårdprogram 100 %"]
        assert cases.listed(tx, "jh", text="_ol") == []
        assert cases.listed(tx, "jh", ids=[]) == []


def test_state_is_written_by_difference(db: Database) -> None:
    with db.transaction() as tx:
        made = given.case(tx)
        states.write(tx, made.id, {"a": "1", "b": "2", "c": "3"})
        states.write(tx, made.id, {"b": "20", "d": "4"}, removed=["c", "never"])
        assert states.read(tx, made.id) == {"a": "1", "b": "20", "d": "4"}
        states.drop(tx, made.id)
        assert states.read(tx, made.id) == {}
