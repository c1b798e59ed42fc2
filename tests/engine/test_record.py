"""Exports and proofs of history."""

from __future__ import annotations

import io
import json

import pytest
from sqlalchemy import update

from engine.access import SYSTEM
from engine.errors import Forbidden
from engine.record import audit, jsonl
from store.history import history
from tests.core import diagrams as d
from tests.engine.town import REGION, Town


def run_one(town: Town) -> None:
    town.deploy(d.diagram(d.start(), d.user_task("A", d.field("answer"), candidateGroups="coordinator"), d.end()))
    town.start()
    town.complete("A", "Sam", {"answer": "åäö"})


def test_history_is_exported_a_row_a_line(town: Town) -> None:
    run_one(town)
    out = io.StringIO()
    count = jsonl.export(town.db, REGION, out, by=SYSTEM)
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert len(rows) == count
    done = next(row for row in rows if row["what"] == "completed" and row["element"] == "A")
    assert done["details"]["values"] == {"answer": "åäö"}
    assert done["person"] == town.keys["Sam"]
    assert any(row["what"] == "exported" for row in rows)


def test_exports_are_for_auditors(town: Town) -> None:
    with pytest.raises(Forbidden):
        jsonl.export(town.db, REGION, io.StringIO(), by=town.by("Lo"))
    assert jsonl.export(town.db, REGION, io.StringIO(), by=town.by("Ria"))


def test_a_changed_row_is_found(town: Town) -> None:
    run_one(town)
    audit.seal(town.db)
    assert audit.verify(town.db, audit.head(town.db)) == []
    with town.db.transaction() as tx:
        tx.execute(update(history).where(history.c.element == "A", history.c.what == "completed").values(name="B"))
    assert audit.verify(town.db)
