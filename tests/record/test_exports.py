"""Exports: who may, that each is a row of history, and that other readers read what is written."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pm4py
import pytest
from sqlalchemy import update

from engine.access import SYSTEM
from engine.core import xml
from engine.errors import Forbidden, Invalid, NotFound
from engine.record import audit, exports
from engine.record.csv import cell
from engine.record.log import Part, Progress
from store import documents, history, tasks
from store.cases import Case
from store.history import history as rows
from tests.core import diagrams as d
from tests.engine.town import REGION, Town
from tests.record.replay import CASE, Exported, Replay, read_xes

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning", "ignore:Install the optional")

XES = "{http://www.xes-standard.org/}"
PART = d.diagram(d.start(), d.user_task("B", candidateGroups="lpoChair@LUNG"), d.end(), id="part")
WHOLE = d.diagram(
    d.start(),
    d.user_task("A", d.field("answer"), name="Svara på frågan", candidateGroups="coordinator"),
    d.call("Call", "part"),
    d.script_task("Tally", "n = 1"),
    d.end(),
)


def written(town: Town, format: str, progress: Progress = lambda done, of: None, **part: Any) -> str:
    return "".join(exports.export(town.db, REGION, format, by=SYSTEM, part=Part(**part), progress=progress))


def run_one(town: Town) -> Case:
    town.deploy(PART, WHOLE)
    town.start()
    town.complete("A", "Sam", {"answer": "åäö"})
    return town.complete("B", "Lo")


# Who, and what is noted ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", exports.FORMATS)
def test_exports_are_for_auditors(town: Town, format: str) -> None:
    run_one(town)
    with pytest.raises(Forbidden):
        exports.export(town.db, REGION, format, by=town.by("Lo"))
    assert "".join(exports.export(town.db, REGION, format, by=town.by("Ria")))


def test_nets_are_for_auditors(town: Town) -> None:
    run_one(town)
    with pytest.raises(Forbidden):
        exports.export_net(town.db, REGION, "test", by=town.by("Lo"))
    assert exports.export_net(town.db, REGION, "test", by=town.by("Ria"))


def test_an_export_is_of_one_case_or_of_those_of_a_time(one_town: Town) -> None:
    first = run_one(one_town)
    one_town.clock.advance(timedelta(days=2))
    second = run_one(one_town)
    for part in ({"case": first.number}, {"case": first.id}, {"before": second.started_at}):
        found = written(one_town, "csv", **part)
        assert 0 < len(found.splitlines()) < len(written(one_town, "csv").splitlines()), part
    assert written(one_town, "csv", since=second.started_at + timedelta(days=1)).count("\n") == 1
    with pytest.raises(NotFound):
        written(one_town, "csv", case="REM-1999-001")


def test_every_export_is_a_row_of_history(town: Town) -> None:
    run_one(town)
    exports.export(town.db, REGION, "xes", by=town.by("Ria"), part=Part("test", 1))
    exports.export_net(town.db, REGION, "test", by=town.by("Ria"))
    with town.db.read() as reader:
        told = [each for each in history.read(reader, history.of_region(REGION)) if each.what == "exported"]
    assert [each.details for each in told] == [
        {"format": "xes", "process": "test", "version": 1},
        {"format": "pnml", "process": "test", "version": 1},
    ]
    assert {each.person for each in told} == {town.keys["Ria"]}


def test_a_process_or_version_that_is_not_there_is_said_before_anything_is_written(one_town: Town) -> None:
    run_one(one_town)
    with pytest.raises(NotFound):
        exports.export(one_town.db, REGION, "csv", by=SYSTEM, part=Part("elsewhere"))
    with pytest.raises(NotFound):
        exports.export(one_town.db, REGION, "csv", by=SYSTEM, part=Part("test", 2))
    with pytest.raises(NotFound):
        exports.export_net(one_town.db, REGION, "elsewhere", by=SYSTEM)


def test_progress_is_told_to_the_end(one_town: Town) -> None:
    run_one(one_town)
    for format in exports.FORMATS:
        told: list[tuple[int, int]] = []
        written(one_town, format, progress=lambda done, of, told=told: told.append((done, of)))
        assert told[-1][0] == told[-1][1]


# The formats ---------------------------------------------------------------------------------------------------------


def test_json_lines_are_the_rows_of_history(town: Town) -> None:
    run_one(town)
    found = [json.loads(line) for line in written(town, "jsonl").splitlines()]
    with town.db.read() as reader:
        assert len(found) == history.count(reader, REGION)
    done = next(row for row in found if row["what"] == "completed" and row["element"] == "A")
    assert done["details"]["values"] == {"answer": "åäö"}
    assert done["person"] == town.keys["Sam"]
    assert any(row["what"] == "exported" for row in found)
    of_process = [json.loads(line) for line in written(town, "jsonl", process="test").splitlines()]
    assert {row["chain"] for row in of_process} == {done["chain"]}


def test_a_log_holds_what_was_done_and_nothing_around_it(town: Town, tmp_path: Path) -> None:
    run_one(town)
    log = read_xes(written(town, "xes"), tmp_path)
    assert list(log["concept:name"]) == ["A", "part/B", "Tally"]
    assert list(log["activityName"]) == ["Svara på frågan", "B", "Tally"]
    assert list(log["org:resource"].fillna("")) == [town.keys["Sam"], town.keys["Lo"], ""]
    assert list(log["org:role"].fillna("")) == ["coordinator", "lpoChair@LUNG", ""]
    assert set(log["case:status"]) == {"completed"}


def test_xes_is_well_formed_in_order_and_in_utc(town: Town) -> None:
    run_one(town)
    town.start()
    root = xml.parse(written(town, "xes").encode())
    assert root.tag == f"{XES}log"
    traces = root.findall(f"{XES}trace")
    assert len(traces) == 2
    for trace in traces:
        moments = [each.get("value", "") for each in trace.iter(f"{XES}date")]
        assert all(earlier < later for earlier, later in pairwise(moments))
        assert all(each.endswith("Z") for each in moments)
    assert {each.get("value") for each in root.iter(f"{XES}string") if each.get("key") == "lifecycle:transition"} == {
        "complete"
    }


def test_a_text_that_xml_cannot_hold_does_not_break_the_log(one_town: Town, tmp_path: Path) -> None:
    run_one(one_town)
    with one_town.db.transaction() as tx:
        tx.execute(update(rows).where(rows.c.element == "A").values(name="<b> & \u0001 åäö"))
    assert read_xes(written(one_town, "xes"), tmp_path)["activityName"][0] == "<b> & \ufffd åäö"


def test_csv_reads_back_and_is_a_log(town: Town) -> None:
    run_one(town)
    text = written(town, "csv")
    assert text.count("\r\n") == text.count("\n") == 4
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [each["concept:name"] for each in read] == ["A", "part/B", "Tally"]
    assert [each["activityName"] for each in read] == ["Svara på frågan", "B", "Tally"]
    assert len({each["case:concept:name"] for each in read}) == 1


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1+1", "'+1+1"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("  =1", "'  =1"),
        ("＝1+1", "'＝1+1"),
        ("a;=1", "a;'=1"),
        (';"=1', ";'\"=1"),
        ("a\n=1", "a\n'=1"),
        ("-5", "-5"),
        ("-5,5", "-5,5"),
        (-5, -5),
        (None, ""),
        ("Svara – senast 14 april; 5 = fem", "Svara – senast 14 april; 5 = fem"),
    ],
)
def test_no_cell_is_taken_for_a_formula(text: Any, safe: Any) -> None:
    assert cell(text) == safe


def test_ocel_reads_back_with_documents_of_several_cases(town: Town, tmp_path: Path) -> None:
    run_one(town)
    other = town.start()
    with town.db.transaction() as tx:
        task = next(each for each in tasks.of_case(tx, other.id) if each.element == "A")
        for name in ("a.txt", "b.txt"):
            documents.add(
                tx, b"samma", region=REGION, name=name, media_type="text/plain", case_id=other.id, task_id=task.id
            )
    town.complete("A", "Sam", {"answer": ""})
    path = tmp_path / "log.json"
    path.write_text(written(town, "ocel"), encoding="utf-8")
    log = pm4py.read_ocel2_json(str(path))
    assert len(log.events) == 4
    assert set(log.events["ocel:activity"]) == {"A", "part/B", "Tally"}
    assert set(log.objects["ocel:type"]) == {"case", "task", "document", "person", "role"}
    assert (log.objects["ocel:type"] == "document").sum() == 1
    around = log.relations[log.relations["ocel:type"] == "document"]
    assert list(around["ocel:activity"]) == ["A"]
    flat = pm4py.ocel_flattening(log, "case")
    assert flat[CASE].nunique() == 2


def test_an_ocel_log_on_its_net(one_town: Town, tmp_path: Path) -> None:
    run_one(one_town)
    path = tmp_path / "log.json"
    path.write_text(written(one_town, "ocel", process="test"), encoding="utf-8")
    flat = pm4py.ocel_flattening(pm4py.read_ocel2_json(str(path)), "case")
    replay = Replay(Exported.of(one_town.db, REGION, "test"), tmp_path)
    assert pm4py.fitness_alignments(flat, *replay.net)["percentage_of_fitting_traces"] == 100.0


def test_a_log_without_cases_is_a_log(one_town: Town, tmp_path: Path) -> None:
    one_town.deploy(PART, WHOLE)
    assert len(read_xes(written(one_town, "xes"), tmp_path)) == 0
    assert len(written(one_town, "csv").splitlines()) == 1
    assert json.loads(written(one_town, "ocel"))["events"] == []


def test_logs_and_nets_keep_to_one_version(town: Town) -> None:
    run_one(town)
    town.deploy(PART, WHOLE.replace(b"Tally", b"Total"))
    town.start()
    town.complete("A", "Sam", {"answer": ""})
    town.complete("B", "Lo")
    first, second = (written(town, "csv", process="test", version=number) for number in (1, 2))
    assert ("Tally" in first, "Total" in first) == (True, False)
    assert ("Tally" in second, "Total" in second) == (False, True)
    assert "Tally" in exports.export_net(town.db, REGION, "test", by=SYSTEM, version=1)
    assert "Total" in exports.export_net(town.db, REGION, "test", by=SYSTEM)


def test_a_process_without_a_net_is_said(one_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    run_one(one_town)
    monkeypatch.setattr("engine.core.net.LARGEST", 2)
    with pytest.raises(Invalid, match="petrinät"):
        exports.export_net(one_town.db, REGION, "test", by=SYSTEM)


# Proofs --------------------------------------------------------------------------------------------------------------


def test_a_changed_row_is_found(town: Town) -> None:
    run_one(town)
    assert audit.verify(town.db, audit.head(town.db)) == []
    with town.db.transaction() as tx:
        tx.execute(update(rows).where(rows.c.element == "A", rows.c.what == "completed").values(name="B"))
    assert audit.verify(town.db)
