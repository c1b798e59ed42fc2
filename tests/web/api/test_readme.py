"""The lines that the README tells a partner to write do what it says."""

from __future__ import annotations

import itertools
import re
import shlex
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from werkzeug.test import TestResponse

from tests.promises import house as files
from tests.web.api.partner import good
from tests.web.house import House
from web.cli import main

BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def block() -> list[str]:
    found = BLOCK.search((files.ROOT / "README.md").read_text("utf-8").partition("## API")[2])
    assert found is not None
    return found.group(1).splitlines()


def token(line: str, house: House, monkeypatch: pytest.MonkeyPatch) -> str:
    """What `TOKEN=$(kunskapsflode ... | tail -1)` gives."""
    monkeypatch.setenv("KF_DATABASE_URL", str(house.town.db.url))
    command = shlex.split(line.removeprefix("TOKEN=$(kunskapsflode ").removesuffix(" | tail -1)"))
    ran = CliRunner().invoke(main, command)
    assert ran.exit_code == 0, ran.output
    return ran.output.splitlines()[-1]


def curl(line: str, house: House, secret: str) -> TestResponse:
    """What a line of curl asks for, asked of the application itself."""
    words = shlex.split(line.replace("$TOKEN", secret))
    url = urlsplit(next(word for word in words if word.startswith("http://127.0.0.1:8000/")))
    given = list(itertools.pairwise(words))
    headers = dict(value.split(": ", 1) for option, value in given if option == "-H")
    body = next((value for option, value in given if option == "-d"), None)
    known = {"curl", "-s", "-H", "-d", body, url.geturl(), *(f"{name}: {value}" for name, value in headers.items())}
    assert set(words) <= known
    method = "GET" if body is None else "POST"
    return house.app.test_client().open(f"{url.path}?{url.query}", method=method, headers=headers, data=body)


def test_a_partner_begins_as_the_readme_tells_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.town.start(by="Sam")
    lines = block()
    secret = token(next(line for line in lines if line.startswith("TOKEN=")), house, monkeypatch)
    me, tasks, sent = (curl(line, house, secret) for line in lines if line.startswith("curl "))
    assert good(me)["name"] == "Sam"
    assert len(good(tasks)["items"]) == 1
    assert good(sent)["result"] == "kept"


def test_tokens_at_a_terminal(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = token(next(line for line in block() if line.startswith("TOKEN=")), house, monkeypatch)
    listed = CliRunner().invoke(main, ["token", "list", "--json"])
    assert '"name": "Prov"' in listed.output
    assert secret not in listed.output
    id = re.findall(r'"id": "(\w+)"', listed.output)[0]
    assert CliRunner().invoke(main, ["token", "revoke", id[:8]]).exit_code == 0
    assert "återkallad" in CliRunner().invoke(main, ["token", "list"]).output
    assert CliRunner().invoke(main, ["token", "revoke", id[:8]]).exit_code == 1
    assert (
        curl('curl http://127.0.0.1:8000/api/v1/me -H "Authorization: Bearer $TOKEN"', house, secret).status_code == 401
    )
