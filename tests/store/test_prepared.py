"""Statements that are handed to the driver as it takes them mean what SQLAlchemy would have made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, event, select, text
from sqlalchemy.exc import IntegrityError

from store import cases, settings
from store.cases import Case
from store.database import Database, SteppedClock
from tests.store import given

_WANTED = select(cases.cases).where(cases.cases.c.id == bindparam("case"))


@dataclass(frozen=True, slots=True)
class Backwards:
    """Some columns in another order than the table's."""

    started_at: datetime
    id: str


def test_what_goes_in_comes_out(db: Database, clock: SteppedClock) -> None:
    case = given.committed(db, given.case)
    with db.read() as reader:
        assert reader.find(_WANTED, Case, {"case": case.id}) == case
        assert reader.all(_WANTED, dict, {"case": case.id}) == [{each: getattr(case, each) for each in case.__slots__}]
        assert reader.scalar(_WANTED, {"case": "another"}) is None
    assert case.started_at == clock.moment


def test_columns_are_fields_by_their_names(db: Database) -> None:
    case = given.committed(db, given.case)
    some = select(cases.cases.c.id, cases.cases.c.started_at).where(cases.cases.c.id == bindparam("case"))
    with db.read() as reader:
        assert reader.find(some, Backwards, {"case": case.id}) == Backwards(case.started_at, case.id)


def test_what_stands_in_the_statement_goes_along(db: Database) -> None:
    case = given.committed(db, given.case)
    active = _WANTED.where(cases.cases.c.status == "active")
    with db.transaction() as tx:
        assert tx.find(active, Case, {"case": case.id}) == case
        assert cases.suspend(tx, case.id, "Vi väntar.")
        assert tx.find(active, Case, {"case": case.id}) is None


def test_a_list_may_have_any_length(db: Database) -> None:
    made = [given.committed(db, given.case).id for _ in range(3)]
    among = select(cases.cases.c.id).where(cases.cases.c.id.in_(bindparam("ids", expanding=True)))
    with db.read() as reader:
        for most in range(4):
            assert set(reader.execute(among, {"ids": made[:most]}).scalars()) == set(made[:most])


def test_plain_text_takes_parameters(db: Database) -> None:
    case = given.committed(db, given.case)
    with db.read() as reader:
        assert reader.scalar(text("SELECT number FROM cases WHERE id = :id"), {"id": case.id}) == case.number


def test_an_error_is_told_without_the_values(db: Database) -> None:
    with db.transaction() as tx:
        settings.put(tx, "there", "already")
    with pytest.raises(IntegrityError) as raised, db.transaction() as tx:
        tx.insert(settings.settings, {"key": "there", "value": "ett hemligt svar", "set_at": tx.now})
    assert "settings" in str(raised.value)
    assert "hemligt" not in str(raised.value)
    with db.read() as reader:
        assert settings.get(reader, "there", None) == "already"


def test_whoever_listens_to_the_engine_hears_it(db: Database) -> None:
    heard: list[tuple[str, bool]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, many: bool) -> None:
        heard.append((statement.split()[0], many))

    event.listen(db.engine, "before_cursor_execute", listen)
    with db.transaction() as tx:
        tx.insert(settings.settings, [{"key": key, "value": key, "set_at": tx.now} for key in "ab"])
        settings.get(tx, "a", None)
    assert heard[-2:] == [("INSERT", True), ("SELECT", False)]
