"""A key of history at the command line: made, put in the settings, and from `audit lock` on asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from web.cli import main


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KF_DATABASE_URL", f"sqlite:///{tmp_path / 'test.sqlite3'}")
    monkeypatch.delenv("KF_HISTORY_KEY", raising=False)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def add(name: str) -> int:
    return run("user", "add", name.lower(), name, "--password", "ett långt lösenord").exit_code


@pytest.mark.usefixtures("at_home")
def test_history_is_locked_from_a_day_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("db", "upgrade").exit_code == 0
    assert add("Kim") == 0
    assert run("audit", "head").exit_code == 0
    assert run("audit", "lock").exit_code == 2
    monkeypatch.setenv("KF_HISTORY_KEY", run("audit", "key").output.strip())
    assert "audit lock" in run("audit", "verify").output
    assert run("audit", "lock").exit_code == 0
    assert add("Lo") == 0
    assert run("audit", "verify").output == "Historiken är hel.\n"
    monkeypatch.delenv("KF_HISTORY_KEY")
    assert add("Mio") == 2
    assert "saknas" in run("audit", "verify").output
    assert "KF_HISTORY_KEY" in run("serve").output
    monkeypatch.setenv("KF_HISTORY_KEY", "kort")
    assert run("audit", "verify").exit_code == 2
