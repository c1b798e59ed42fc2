"""`kunskapsflode process migrate`: what an operator sees of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.core.diagrams import Part, diagram, end, start, user_task
from web.cli import main

Run = Callable[..., Result]
ORGANISATION = ("processes/organisation/programme-areas.yaml", "processes/organisation/demo-jh.yaml")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A command on a database of its own; `deploy` writes the parts as the next version of the process `ask`."""
    settings = {"KF_DATABASE_URL": f"sqlite:///{tmp_path}/house.sqlite3"}

    def command(*words: str) -> Result:
        result = CliRunner().invoke(main, words, env=settings, prog_name="kunskapsflode")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    assert command("db", "upgrade").exit_code == 0
    assert command("org", "load", *ORGANISATION).exit_code == 0
    return command


def deploy(run: Run, folder: Path, *parts: Part) -> None:
    file = folder / "ask.bpmn"
    file.write_bytes(diagram(start(), *parts, end(), id="ask"))
    assert run("process", "deploy", str(file)).exit_code == 0


def ask(id: str = "Ask", name: str = "Svara") -> Part:
    return user_task(id, name=name, candidateGroups="registrar")


def migrate(run: Run, *words: str) -> Result:
    return run("process", "migrate", "ask", "--as", "drift", "--reason", "Ny rutin", *words)


def test_cases_are_tried_then_moved_and_history_says_who_and_why(run: Run, tmp_path: Path) -> None:
    deploy(run, tmp_path, ask())
    one, two = (run("case", "start", "ask").output.split()[1] for _ in range(2))
    deploy(run, tmp_path, ask(name="Svara skriftligt"))
    assert "kan flyttas till version 2" in migrate(run, "--dry-run").output
    assert "Svara skriftligt" not in run("case", "show", one).output
    moved = migrate(run, "--from", "1", "--to", "2", "--case", one)
    assert (moved.exit_code, moved.output.count("flyttat till version 2")) == (0, 1)
    assert "Svara skriftligt" in run("case", "show", one).output
    assert "Svara skriftligt" not in run("case", "show", two).output
    [told] = json.loads(migrate(run, "--json").output)
    assert (told["number"], told["moved"], told["findings"]) == (two, True, [])
    assert "Inga ärenden att flytta." in migrate(run).output


def test_a_case_that_cannot_be_moved_is_listed_with_a_remedy_and_the_map_is_one(run: Run, tmp_path: Path) -> None:
    deploy(run, tmp_path, ask())
    run("case", "start", "ask")
    deploy(run, tmp_path, ask("Reply", "Besvara"))
    refused = migrate(run)
    assert refused.exit_code == 1
    assert "FEL Ask (Svara) [element-gone]" in refused.output
    assert "--map Ask=" in refused.output
    assert migrate(run, "--map", "Ask=Reply").exit_code == 0


def test_what_cannot_be_meant_is_said(run: Run, tmp_path: Path) -> None:
    deploy(run, tmp_path, ask())
    number = run("case", "start", "ask").output.split()[1]
    assert "står redan på den versionen" in migrate(run, "--case", number).output
    assert "finns inte" in migrate(run, "--to", "7").output
    assert migrate(run, "--map", "Ask").exit_code == 2
    deploy(run, tmp_path, ask(name="Svara skriftligt"))
    refused = run("process", "migrate", "ask", "--as", "sam", "--reason", "Ny rutin")
    assert refused.exit_code == 1
    assert "behörighet" in refused.output
