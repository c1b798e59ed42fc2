"""JSON that readers disagree about, fields that nothing reads, and parameters that are no values."""

from __future__ import annotations

import pytest

from tests.web.api.partner import Partner, good, problem
from tests.web.house import House

CORRELATE = "/messages/correlate"

NOT_JSON = {
    "NaN": b'{"messageName": "X", "variables": {"a": NaN}}',
    "Infinity": b'{"messageName": "X", "variables": {"a": -Infinity}}',
    "1e999": b'{"messageName": "X", "variables": {"a": 1e999}}',
    "a long number": b'{"messageName": "X", "variables": {"a": ' + b"9" * 5000 + b"}}",
    "deep": b'{"messageName": "X", "variables": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    "rather deep": b'{"messageName": "X", "variables": {"a": ' + b"[" * 70 + b"]" * 70 + b"}}",
    "names twice": b'{"messageName": "X", "messageName": "Y"}',
    "names twice inside": b'{"messageName": "X", "variables": {"a": 1, "a": 2}}',
    "NUL": b'{"messageName": "X\\u0000"}',
    "NUL in a name": b'{"messageName": "X", "variables": {"a\\u0000": 1}}',
    "half a character": b'{"messageName": "X", "variables": {"a": "\\ud800"}}',
    "byte order mark": b'\xef\xbb\xbf{"messageName": "X"}',
    "UTF-16": '{"messageName": "X"}'.encode("utf-16"),
    "not UTF-8": b'{"messageName": "\xff"}',
    "more after": b'{"messageName": "X"} {}',
    "cut off": b'{"messageName": "X"',
    "nothing but space": b" ",
}


@pytest.mark.parametrize("what", NOT_JSON)
def test_what_readers_disagree_about_is_no_json(sam: Partner, what: str) -> None:
    problem(sam.send(CORRELATE, NOT_JSON[what]), 400, "not-json")


def test_another_kind_of_body_is_not_read(sam: Partner) -> None:
    problem(sam.send(CORRELATE, b'{"messageName": "X"}', "text/plain"), 415, "unsupported-media-type")
    problem(sam.send(CORRELATE, b"messageName=X", "application/x-www-form-urlencoded"), 415, "unsupported-media-type")


def test_too_much_is_not_read(sam: Partner) -> None:
    problem(sam.send(CORRELATE, b'{"messageName": "' + b"x" * 1_000_001 + b'"}'), 413, "too-large")


@pytest.mark.parametrize("body", [b"[]", b'"X"', b"1", b"null"])
def test_a_body_is_an_object(sam: Partner, body: bytes) -> None:
    problem(sam.send(CORRELATE, body), 422, "unfit-fields")


@pytest.mark.parametrize(
    "field", ["role", "assignee", "state", "completedBy", "areaId", "version", "id", "message_name"]
)
def test_unknown_fields_are_refused(house: House, sam: Partner, field: str) -> None:
    house.town.start(by="Sam")
    task = house.town.open_task("Task_Answer")
    bodies = {CORRELATE: {"messageName": "X"}, f"/tasks/{task.id}/complete": {"variables": {}}}
    for path, body in bodies.items():
        told = problem(sam.post(path, **body, **{field: "x"}), 422, "unfit-fields")
        assert told["errors"] == [{"field": field, "message": "Fältet finns inte."}]
    assert house.town.open_task("Task_Answer") == task


def test_every_fault_has_its_place(sam: Partner) -> None:
    told = problem(sam.post(CORRELATE, businessKey=7, variables=[]), 422, "unfit-fields")
    assert {each["field"] for each in told["errors"]} == {"messageName", "businessKey", "variables"}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/tasks", {"sort": "name; DROP TABLE tasks"}),
        ("/tasks", {"limit": "0"}),
        ("/tasks", {"limit": "201"}),
        ("/tasks", {"limit": "1e1"}),
        ("/tasks", {"dueBefore": "i morgon"}),
        ("/tasks", {"state": "' OR 1=1 --"}),
        ("/tasks", {"assignee": "a\x00b"}),
        ("/tasks", {"due_before": "2026-01-01"}),
        ("/process-instances", {"startedAfter": "2026-01-01T00:00:00"}),
        ("/process-instances", {"businessKey": "x" * 1001}),
        ("/history/export", {}),
        ("/history/export", {"format": "pickle"}),
    ],
)
def test_parameters_that_are_no_values(sam: Partner, path: str, query: dict[str, str]) -> None:
    problem(sam.get(path, **query), 422, "unfit-fields")


def test_what_looks_like_a_pattern_is_text(house: House, sam: Partner) -> None:
    house.town.start(by="Sam")
    for each in ("%", "_", "REM-2026-00_", "' OR '1'='1"):
        assert good(sam.get("/process-instances", number=each))["items"] == []
        assert good(sam.get("/tasks", assignee=each))["items"] == []
