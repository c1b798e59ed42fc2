"""The region's log-in from a terminal: what the doctor sees, and who someone is at the service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from store import identities, people
from store.database import Database
from tests.provider.crooked import CLIENT, SECRET, Crooked, crooked
from web.cli import main

Run = Callable[..., Result]


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/house.sqlite3"


@pytest.fixture
def run(address: str) -> Run:
    def command(*words: str, told: Crooked | None = None) -> Result:
        service = {"KF_OIDC_ISSUER": told.issuer, "KF_OIDC_CLIENT_ID": CLIENT} if told else {}
        secret = {"KF_OIDC_CLIENT_SECRET": SECRET, "KF_OIDC_ALLOW_PRIVATE": "127.0.0.1"}
        return CliRunner().invoke(main, words, env={"KF_DATABASE_URL": address, **secret, **service})

    assert command("db", "upgrade").exit_code == 0
    added = command("user", "add", "lo", "Lo Prov", "--password", "ett riktigt långt lösenord")
    assert added.exit_code == 0, added.output
    return command


def test_the_doctor_asks_the_service_and_hides_the_secret(run: Run) -> None:
    assert "med lösenord" in run("doctor").output
    with crooked() as told:
        seen = run("doctor", "--json", told=told).output
        assert "regler för grupper" in seen
        assert "/logga-in/svar" in seen
        assert SECRET not in seen
    assert "Vi får inget svar" in run("doctor", "--json", told=told).output


def test_someone_is_recognised_before_they_have_come(run: Run, address: str) -> None:
    assert run("user", "identity", "lo", "k1").exit_code == 2, "there is no service"
    with crooked() as told:
        done = run("user", "identity", "lo", "k1", told=told)
        assert done.exit_code == 0, done.output
        again = run("user", "identity", "lo", "k1", told=told)
        assert again.exit_code != 0
        assert "hör redan till någon" in again.output
    with Database(address).read() as reader:
        found = identities.find(reader, told.issuer, "k1")
        assert found is not None
        assert people.names(reader, {found.person}) == {found.person: "Lo Prov"}
