"""Disposal: what a case held is gone from every table, what it was stands, and the chain of its history is whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, Table

from engine import disposal, regions
from engine.errors import Conflict, Forbidden, Invalid, NeedsConfirming
from engine.record import audit, exports
from store import additions, cases, disposals, documents, history, incidents, links, webhooks
from store.cases import Case
from store.columns import Instant, Json
from store.database import Transaction
from store.tables import metadata
from tests.core import diagrams as d
from tests.engine.test_recusals import recuse, working
from tests.engine.town import REGION, Town

SECRET = "Hemligheten"
DECISION = "RS/2036/17"
LATER = timedelta(days=366 * 11)


def ended(town: Town, **variables: Any) -> Case:
    """A case that has ended, and whose text is in its title, its variables, an answer and its history."""
    town.deploy(working(d.field("text")))
    case = town.start(title=SECRET, **variables)
    town.complete("Decide", "Lo", {"text": SECRET})
    return town.case(case)


def planned(town: Town, day: date | None = None) -> disposal.Plan:
    with town.db.read() as reader:
        return disposal.plan(reader, REGION, day)


def run(town: Town, number: int, by: str = "Ria", decision: str = DECISION) -> int:
    return disposal.run(town.db, REGION, decision=decision, number=number, by=town.by(by))


def everything(town: Town) -> str:
    """All that the database says, in text."""
    with town.db.read() as reader:
        return "\n".join(str(row) for table in metadata.sorted_tables for row in reader.execute(table.select()))


def fill(tx: Transaction, case: Case, person: str) -> None:
    """A row that tells the secret in every table that disposal says holds the content of a case."""
    document = documents.add(tx, SECRET.encode(), region=REGION, name=SECRET, media_type="text/plain", case_id=case.id)
    endpoint = webhooks.add(tx, REGION, "https://mottagare.example", [], "nyckel")
    known = {"case_id": case.id, "taken_by": case.id, "cases.id": case.id, "persons.key": person}
    known |= {"documents.id": document.id, "endpoints.id": endpoint.id}
    for table in reversed(disposals.CONTENT):
        if table is not documents.documents:
            row = {each.name: _value(each, known) for each in table.columns}
            tx.insert(table, row)
            known[f"{table.name}.id"] = row.get("id", "")
            known["delivery"] = known.get("outbox.id", "")


def _value(column: Column[Any], known: dict[str, str]) -> Any:
    for reference in (each.target_fullname for each in column.foreign_keys):
        return known[reference]
    if column.name in known:
        return known[column.name]
    by_type: dict[type, Any] = {
        Integer: 1,
        Boolean: False,
        Date: date(2020, 1, 1),
        Instant: datetime.fromisoformat("2020-01-01T00:00Z"),
    }
    found = next((value for kind, value in by_type.items() if isinstance(column.type, kind)), SECRET)
    return {"said": SECRET} if isinstance(column.type, Json) else found


def test_nothing_that_a_case_held_is_left_anywhere(town: Town) -> None:
    case = ended(town)
    with town.db.transaction() as tx:
        fill(tx, case, town.keys["Lo"])
        assert min(disposals.count(tx, [case.id]).values()) >= 1
    with town.db.read() as reader:
        before = history.read(reader, case.id)
    audit.seal(town.db)
    town.clock.advance(LATER)
    assert SECRET in everything(town)
    assert run(town, 1) == 1
    assert SECRET not in everything(town)
    with town.db.read() as reader:
        left, rows, log = cases.find(reader, case.id), history.read(reader, case.id), disposals.find(reader, case.id)
        assert set(disposals.count(reader, [case.id]).values()) == {0}
        assert reader.execute(documents.blobs.select()).all() == []
    assert left is not None
    assert log is not None
    assert (left.number, left.status, left.outcome, left.ended_at) == (
        *(case.number, case.status, case.outcome),
        case.ended_at,
    )
    assert [(row.what, row.at, row.person, row.hash) for row in rows[:-1]] == [
        (row.what, row.at, row.person, row.hash) for row in before
    ]
    assert (rows[-1].what, rows[-1].person) == ("erased", town.keys["Ria"])
    assert (log.decision, log.rule, log.person, log.rows) == (DECISION, "cases", town.keys["Ria"], len(log_rows(rows)))
    assert audit.verify(town.db) == []
    assert SECRET not in "".join(
        piece for each in exports.FORMATS for piece in exports.export(town.db, REGION, each, by=town.by("Ria"))
    )


def log_rows(rows: list[history.Entry]) -> list[int]:
    details = rows[-1].details or {}
    assert (details["decision"], details["rule"]) == (DECISION, "cases")
    return list(details["rows"])


def test_the_plan_has_what_has_passed_its_last_day_by_kind_and_rule(one_town: Town) -> None:
    case = ended(one_town)
    ended(one_town, diaryNumber="RS/1/2026")
    until = disposal.kept_until(one_town.region, case)
    assert until is not None
    assert planned(one_town, until).kinds == []
    [kind] = planned(one_town, until + timedelta(days=1)).kinds
    assert (kind.process, kind.rule, kind.period, [each.case.id for each in kind.cases]) == (
        *("test", "cases", "P10Y"),
        [case.id],
    )
    assert (kind.counts["answers"], kind.counts["documents"]) == (1, 0)
    assert kind.counts["history"] > 1


def test_what_the_profile_keeps_for_good_is_in_no_plan(one_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    ended(one_town)
    for_good = regions.varied(one_town.region, {"retention": {"cases": "bevaras"}})
    monkeypatch.setattr(regions, "load", lambda region: for_good)
    assert planned(one_town, date(2080, 1, 1)) == disposal.Plan(date(2080, 1, 1), [], [])


def link_to_open(town: Town, case: Case) -> None:
    other = town.start()
    with town.db.transaction() as tx:
        links.add(tx, other.id, case.id)


def make_addition(town: Town, case: Case) -> None:
    about = {"article": "A1", "article_version": "1", "article_title": "KOL", "anchor": "", "title": "Spirometri"}
    with town.db.transaction() as tx:
        made = additions.register(tx, region=REGION, case_id=case.id, **about)
        additions.change(tx, made.id, status="published")


def stop(town: Town, case: Case) -> None:
    about = {"element": "Decide", "process": "test", "rule": "stall", "message": "Stopp"}
    with town.db.transaction() as tx:
        incidents.report(tx, REGION, case.id, "t1", **about)


def keep(town: Town, case: Case) -> None:
    disposal.hold(town.db, case.number, REGION, reason="Forskning", by=town.by("Ria"))


@pytest.mark.parametrize(
    ("hold", "why"),
    [
        (link_to_open, "Hör ihop med TES-2026-002, som inte är avslutat."),
        (make_addition, "Har beslutet om det lokala tillägget ”Spirometri”, som gäller."),
        (stop, "Har ett stopp som ingen har löst."),
        (keep, "Ska bevaras: Forskning"),
    ],
)
def test_a_held_case_stays_and_the_plan_says_why(one_town: Town, hold: Callable[[Town, Case], None], why: str) -> None:
    case = ended(one_town)
    hold(one_town, case)
    one_town.clock.advance(LATER)
    [held] = planned(one_town).held
    assert (held.case.id, list(held.held)) == (case.id, [why])
    assert run(one_town, 0) == 0
    assert not disposal.dispose(one_town.db, case.id, decision=DECISION, by=one_town.by("Ria"))
    assert one_town.case(case).title == SECRET


def test_a_decision_that_someone_is_recused_holds_its_case_as_long_as_it_applies(one_town: Town) -> None:
    case = recuse(one_town, "Lo", "osteoporos", until="2040-01-01")
    assert [each.case.id for each in planned(one_town, date(2039, 12, 31)).held] == [case.id]
    assert [each.id for each in planned(one_town, date(2040, 1, 2)).cases] == [case.id]


def test_a_hold_is_lifted_for_a_reason_and_told(one_town: Town) -> None:
    case = ended(one_town)
    keep(one_town, case)
    with pytest.raises(Invalid, match="varför"):
        disposal.lift(one_town.db, case.number, REGION, reason=" ", by=one_town.by("Ria"))
    disposal.lift(one_town.db, case.number, REGION, reason="Klart", by=one_town.by("Ria"))
    with pytest.raises(Conflict, match="inte märkt"):
        disposal.lift(one_town.db, case.number, REGION, reason="Klart", by=one_town.by("Ria"))
    assert one_town.told(case)[-2:] == ["held", "hold.lifted"]
    one_town.clock.advance(LATER)
    assert run(one_town, 1) == 1
    with pytest.raises(Conflict, match="redan gallrat"):
        keep(one_town, case)


def test_only_on_a_decision_by_auditor_or_registrar_who_has_read_the_plan(one_town: Town) -> None:
    ended(one_town)
    one_town.clock.advance(LATER)
    for name in ("Sam", "Lo", "Ola"):
        with pytest.raises(Forbidden):
            run(one_town, 1, by=name)
    for decision in ("  ", "x" * 201):
        with pytest.raises(Invalid, match="gallringsbeslut"):
            run(one_town, 1, decision=decision)
    with pytest.raises(NeedsConfirming, match="Antalet ärenden i planen är 1, inte 2"):
        run(one_town, 2)
    assert SECRET in everything(one_town)


def test_a_run_that_is_broken_off_has_done_no_case_by_half_and_goes_on_when_it_is_made_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [ended(town) for _ in range(3)]
    town.clock.advance(LATER)
    forget, done = documents.forget, iter(range(3))

    def broken_at_the_second(tx: Transaction, case_id: str) -> None:
        if next(done) == 1:
            raise KeyboardInterrupt
        forget(tx, case_id)

    with monkeypatch.context() as patch:
        patch.setattr(documents, "forget", broken_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            run(town, 3)
    assert [town.case(each).title for each in found] == [disposal.TITLE, SECRET, SECRET]
    assert town.told(found[1])[-1] != "erased"
    assert run(town, 2) == 2
    assert SECRET not in everything(town)
    assert audit.verify(town.db) == []
    assert run(town, 0) == 0
    assert [town.told(each).count("erased") for each in found] == [1, 1, 1]
    with town.db.read() as reader:
        [decision] = disposals.decisions(reader, REGION)
    assert (decision.decision, decision.cases) == (DECISION, 3)


def test_every_table_that_says_something_of_a_case_is_disposed_of_or_kept_for_a_reason() -> None:
    """A new table is seen by its references, or by a column that is named as those that refer to a case are."""
    content = {table.name for table in disposals.CONTENT}
    silent = {each.name for each in metadata.sorted_tables if says_of_a_case(each)} - content - disposals.KEPT.keys()
    assert silent == set()
    assert content & disposals.KEPT.keys() == set()
    assert content | disposals.KEPT.keys() <= metadata.tables.keys()


def says_of_a_case(table: Table) -> bool:
    content = {"cases", *(each.name for each in disposals.CONTENT)}
    refers = any(each.column.table.name in content for each in table.foreign_keys)
    named = {each.name for each in table.columns} & {"case", "case_id", "chain", "task_id", "delivery", "document_id"}
    holds_bytes = any(isinstance(each.type, LargeBinary) for each in table.columns)
    return refers or bool(named) or (holds_bytes and table.name != "contents")
