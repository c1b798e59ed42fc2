"""What the log tells, and what it never does."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine import cases
from engine.errors import Conflict
from tests.web.house import POISON, House
from web import logs

SECRET = "Anna Andersson ringde 070"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The lines so far, as JSON; the log is as it was afterwards."""
    root = logging.getLogger()
    ours = logging.getLogger(logs.OURS)
    before, level, own = root.handlers[:], root.level, ours.level
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    logs.configure("json")
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)
    ours.setLevel(own)


def events(found: list[dict[str, Any]], event: str) -> list[dict[str, Any]]:
    return [each for each in found if each["event"] == event]


def test_a_request_and_its_step_share_an_id_and_name_nobody(
    house: House, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    house.town.start(by="Sam", title=SECRET)
    task = house.town.open_task("Task_Answer")
    visit = house.visit("Sam")
    answer = visit.send(f"/uppgifter/{task.id}", stance="JA", text=SECRET, action="complete")
    found = lines()
    request = events(found, "request")[-1]
    assert request["request"] == answer.headers["X-Request-Id"]
    assert (request["route"], request["method"]) == ("/uppgifter/<id>", "POST")
    assert request["person"] == house.town.keys["Sam"]
    assert isinstance(request["ms"], float)
    step = events(found, "step")[0]
    assert (step["case"], step["delivery"], step["person"]) == (task.case_id, "Begin", house.town.keys["Sam"])
    for line in found:
        assert {"time", "level", "log", "event"} <= set(line)
    told = json.dumps(found, ensure_ascii=False)
    for secret in (SECRET, "Anna", "Sam", "lösenord"):
        assert secret not in told


def test_a_step_that_was_undone_is_not_told(house: House, lines: Callable[[], list[dict[str, Any]]]) -> None:
    case = house.town.start(by="Sam")
    before = len(events(lines(), "step"))
    cases.suspend(house.town.db, case.id, reason="paus", by=house.town.by("Sam"))
    with pytest.raises(Conflict):
        house.town.complete("Task_Answer", "Sam", {"text": "x", "stance": "JA"})
    assert len(events(lines(), "step")) == before


def test_an_error_is_told_without_its_words(lines: Callable[[], list[dict[str, Any]]]) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("kunskapsflode.web").exception("GET /arenden")
    [line] = lines()
    assert (line["error"], line["level"]) == ("ValueError", "error")
    assert any("test_logs.py" in place for place in line["at"])
    assert SECRET not in json.dumps(line, ensure_ascii=False)


@pytest.mark.parametrize(
    "value", ["en\nrad till", "\x1b[31mröd", '{"event": "falsk"}', "${jndi:ldap://x}", "x" * 10_000]
)
def test_a_value_cannot_write_lines_of_its_own(lines: Callable[[], list[dict[str, Any]]], value: str) -> None:
    logging.getLogger("kunskapsflode.test").warning("prov", extra={"said": value})
    [line] = lines()
    assert line["said"] == value[: logs.LONGEST]
    record = logging.makeLogRecord({"msg": "prov", "said": value, "name": "kunskapsflode", "levelname": "INFO"})
    assert "\n" not in logs.AsText().format(record)
    assert "\x1b" not in logs.AsText().format(record)


def test_what_others_hang_on_their_lines_is_left_out(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """The library that moves the tokens tells of a case's data with each of its lines."""
    logging.getLogger("spiff.task").info("State changed", extra={"data": SECRET})
    logging.getLogger("spiff.task").warning("Strange", extra={"data": SECRET})
    assert [each["event"] for each in lines()] == ["Strange"]
    assert SECRET not in json.dumps(lines(), ensure_ascii=False)


def test_ids_of_requests_are_taken_over_only_when_they_are_plain(house: House) -> None:
    client = house.app.test_client()
    assert client.get("/live", headers={"X-Request-Id": "proxy-17"}).headers["X-Request-Id"] == "proxy-17"
    for strange in (POISON, "x" * 65, ""):
        assert len(client.get("/live", headers={"X-Request-Id": strange}).headers["X-Request-Id"]) == 32
