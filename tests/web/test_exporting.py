"""`kunskapsflode export` and `audit`: files that other programs read, and refusals in words."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.core import xml
from tests.core.diagrams import diagram, end, script_task, start
from web.cli import main

Run = Callable[..., Result]
AREAS, PEOPLE = "processes/organisation/programme-areas.yaml", "processes/organisation/demo-jh.yaml"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A command on a database with one case that has ended."""
    folder = tmp_path_factory.mktemp("house")
    settings = {"KF_DATABASE_URL": f"sqlite:///{folder}/house.sqlite3"}

    def command(*words: str) -> Result:
        result = CliRunner().invoke(main, words, env=settings, prog_name="kunskapsflode")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    file = folder / "count.bpmn"
    file.write_bytes(diagram(start(), script_task("Script_Count", "n = 1", name="Räkna"), end(), id="count"))
    assert command("db", "upgrade").exit_code == 0
    assert command("org", "load", AREAS, PEOPLE).exit_code == 0
    assert command("process", "deploy", str(file)).exit_code == 0
    assert command("case", "start", "count").exit_code == 0
    return command


def exported(run: Run, path: Path, *words: str) -> str:
    result = run("export", *words, "-o", str(path))
    assert result.exit_code == 0, result.output
    return path.read_bytes().decode("utf-8")


def test_each_format_is_a_file_of_its_kind(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    of_process = ("--process", "count", "--version", "1")
    assert xml.parse(exported(run, out, "xes", *of_process).encode()).tag.endswith("}log")
    assert xml.parse(exported(run, out, "pnml", "count").encode()).tag.endswith("}pnml")
    assert len(json.loads(exported(run, out, "ocel"))["events"]) == 1
    assert [row["activityName"] for row in csv.DictReader(exported(run, out, "csv").splitlines())] == ["Räkna"]
    told = [json.loads(line) for line in exported(run, out, "jsonl").splitlines()]
    assert [row["details"]["format"] for row in told if row["what"] == "exported"] == [
        "xes",
        "pnml",
        "ocel",
        "csv",
        "jsonl",
    ]


def test_a_refused_export_leaves_the_file_of_yesterday(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    yesterday = exported(run, out, "csv")
    for words in (("csv", "--as", "lo"), ("csv", "--process", "nowhere"), ("pnml", "nowhere")):
        result = run("export", *words, "-o", str(out))
        assert result.exit_code == 1
        assert result.output.startswith("Fel: ")
        assert out.read_bytes().decode("utf-8") == yesterday
    assert run("export", "csv", "--version", "1").exit_code == 2


def test_a_head_that_was_taken_out_proves_what_came_before(run: Run, tmp_path: Path) -> None:
    head = tmp_path / "head.json"
    head.write_text(run("audit", "head").output, encoding="utf-8")
    assert run("audit", "verify", "--head", str(head)).exit_code == 0
    head.write_text(json.dumps(json.loads(head.read_text("utf-8")) | {"hash": "0" * 64}), encoding="utf-8")
    assert run("audit", "verify", "--head", str(head)).exit_code == 1
    head.write_text("{}", encoding="utf-8")
    assert run("audit", "verify", "--head", str(head)).exit_code == 2
