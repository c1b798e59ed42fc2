"""The script that the README shows a partner, run as it stands: a real server, a real receiver, real HTTP."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from engine import deployments, organisation, regions, shipped, tokens
from engine.access import SYSTEM
from store import cases, people, tasks
from store.database import Database
from store.migrations import upgrade
from tests.long.servers import free_port, serving, until
from tests.promises import house as files
from webhooks import signing

MOST_LINES = 12
LONGEST_LINE = 145
TITLE = "## A partner in twelve lines"
EVENTS = [f"se.kunskapsflode.{name}" for name in ("process_instance.started", "task.created", "task.completed")]


def script() -> str:
    """The code block under the title, as the README has it."""
    _, title, rest = (files.ROOT / "README.md").read_text("utf-8").partition(TITLE)
    assert title
    found = re.search(r"```python\n(.*?)```", rest.partition("\n## ")[0], re.DOTALL)
    assert found is not None
    return found.group(1)


@pytest.fixture
def region(tmp_path: Path) -> Iterator[tuple[Database, str]]:
    """A region with its people and processes in a file of its own, and a token of the coordinator's."""
    db = Database(f"sqlite:///{tmp_path / 'kf.sqlite3'}")
    upgrade(db)
    profile = regions.load("jh")
    folder = files.ROOT / "processes" / "organisation"
    organisation.load_files(db, [folder / "programme-areas.yaml", folder / "demo-jh.yaml"], by=SYSTEM)
    beside, words = shipped.tables(), shipped.texts()
    deployments.deploy(db, profile, shipped.diagrams(), by=SYSTEM, beside=beside, words=words)
    with db.read() as reader:
        sam = people.find_by_name(reader, "jh", "Sam Provsson")
    assert sam is not None
    _, token = tokens.add(db, sam.key, "partner", ["webhooks:write", "tasks:read", "tasks:write"], by=SYSTEM)
    yield db, token
    db.close()


@contextmanager
def running(source: str, environ: dict[str, str], said: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The script in a process of its own, until the test has seen enough."""
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-u", "-c", source], env={**os.environ, **environ}, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def heard(said: Path) -> list[dict[str, Any]]:
    """The events that the script has printed."""
    text = said.read_text("utf-8")
    assert "Traceback" not in text, text
    return [ast.literal_eval(line) for line in text.splitlines() if line.startswith("{'")]


def test_it_is_twelve_lines_that_can_be_read() -> None:
    lines = script().splitlines()
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= LONGEST_LINE
    assert not any(";" in line for line in lines)
    assert not {"engine", "store", "webhooks", "web"} & set(re.findall(r"[\w]+", lines[0]))


def test_it_does_what_the_readme_says(
    region: tuple[Database, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db, token = region
    secret = signing.new_secret()
    monkeypatch.setenv("KF_HOOK_SECRETS", f"national={secret}")
    monkeypatch.setenv("KF_WEBHOOKS_ALLOW_PRIVATE", "127.0.0.1")
    monkeypatch.setenv("KF_REGION", "jh")
    said = tmp_path / "said.txt"
    with serving(str(db.url), tmp_path) as (server,):
        environ = {"KF": f"http://127.0.0.1:{server.port}", "KF_TOKEN": token, "KF_SECRET": secret}
        with running(script(), environ | {"PORT": str(free_port())}, said):
            until(lambda: {each["type"] for each in heard(said)} >= set(EVENTS), "its events")
    of_first = [each for each in heard(said) if each["type"] in EVENTS]
    assert [each["type"] for each in of_first][:3] == EVENTS
    with db.read() as reader:
        (case,) = cases.listed(reader, "jh")
        (triage,) = [each for each in tasks.of_case(reader, case.id) if each.element == "Task_Triage"]
    assert case.title == "Remiss KOL"
    assert triage.status == "completed"
    assert {each["data"]["caseNumber"] for each in heard(said)} == {case.number}
