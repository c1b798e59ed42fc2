"""Cases over the API: starting, reading, holding, ending; messages, incidents, history."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from engine import tokens
from engine.access import SYSTEM
from store import incidents
from store.database import SteppedClock
from tests.core.diagrams import catch, diagram, end, extensions, form, start, user_task
from tests.core.diagrams import field as question
from tests.core.diagrams import message as event
from tests.web.api.partner import Partner, good, partner, problem
from tests.web.house import House

START = "/process-definitions/key/test/start"
ANSWERS = {"stance": "JA", "text": "Vi håller med."}


def test_start(house: House, sam: Partner) -> None:
    answer = sam.post(START, businessKey="KS-1", variables={"title": "Remiss"})
    case = good(answer, 201)
    assert answer.headers["Location"] == f"/api/v1/process-instances/{case['id']}"
    assert (case["businessKey"], case["title"], case["state"]) == ("KS-1", "Remiss", "active")
    assert case["startUserId"] == house.town.keys["Sam"]
    shown = sam.get(f"/process-instances/{case['id']}")
    assert good(shown) == case
    assert shown.headers["ETag"] == answer.headers["ETag"]
    assert good(sam.get(f"/process-instances/{case['id']}/variables")) == {"variables": {"title": "Remiss"}}


def test_a_business_key_starts_one_case(sam: Partner) -> None:
    first = good(sam.post(START, businessKey="KS-1"), 201)
    assert good(sam.post(START, businessKey="KS-1"), 201)["id"] == first["id"]
    assert len(good(sam.get("/process-instances", businessKey="KS-1"))["items"]) == 1


def test_who_may_start(lo: Partner, sam: Partner) -> None:
    problem(lo.post(START), 403, "forbidden")
    problem(sam.post("/process-definitions/key/nothing/start"), 404, "not-found")
    problem(sam.post(START, variables={"case": 1}), 422, "invalid")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 3),
        ({"state": "active"}, 2),
        ({"state": "cancelled"}, 1),
        ({"businessKey": "KS-1"}, 1),
        ({"number": "SYN-2026-002"}, 1),
        ({"definitionKey": "test"}, 3),
        ({"definitionKey": "other"}, 0),
        ({"startedAfter": "2026-02-16T08:30:00+01:00"}, 2),
        ({"startedBefore": "2026-02-16T08:30:00+01:00"}, 1),
    ],
)
def test_filters(sam: Partner, clock: SteppedClock, query: dict[str, str], found: int) -> None:
    for n in range(3):
        case = good(sam.post(START, businessKey=f"KS-{n}"), 201)
        clock.advance(timedelta(hours=1))
    good(sam.post(f"/process-instances/{case['id']}/cancel", reason="Fel"))
    for path in ("/process-instances", "/history/process-instances"):
        assert len(good(sam.get(path, **query))["items"]) == found


def test_pages_hold_each_case_once_newest_first(sam: Partner, clock: SteppedClock) -> None:
    ids = []
    for n in range(7):
        ids.append(good(sam.post(START), 201)["id"])
        clock.advance(timedelta(seconds=n % 2))
    whole = [each["id"] for each in sam.items("/process-instances")]
    assert sorted(whole) == sorted(ids)
    assert whole[0] in ids[-2:]
    for limit in (1, 2, 3, 7):
        assert [each["id"] for each in sam.items("/process-instances", limit=limit)] == whole


def test_hold_resume_cancel(sam: Partner, lo: Partner) -> None:
    case = good(sam.post(START), 201)
    path = f"/process-instances/{case['id']}"
    problem(lo.post(f"{path}/cancel", reason="Nej"), 403, "forbidden")
    problem(sam.post(f"{path}/suspend"), 422, "unfit-fields")
    held = good(sam.post(f"{path}/suspend", reason="Väntar"))
    assert (held["state"], held["reason"]) == ("suspended", "Väntar")
    problem(sam.post(f"{path}/suspend", reason="Väntar"), 409, "not-running")
    problem(sam.post(f"{path}/resume", choice="guess"), 422, "unfit-fields")
    assert good(sam.post(f"{path}/resume"))["state"] == "active"
    ended = good(sam.post(f"{path}/cancel", reason="Drogs tillbaka"))
    assert (ended["state"], ended["reason"]) == ("cancelled", "Drogs tillbaka")
    problem(sam.post(f"{path}/cancel", reason="Igen"), 409, "not-running")
    assert good(sam.get("/tasks", processInstanceId=case["id"]))["items"] == []


def test_what_a_case_is_about_is_read_and_changed(sam: Partner, lo: Partner) -> None:
    path = f"/process-instances/{good(sam.post(START), 201)['id']}/coi-tags"
    assert good(sam.get(path)) == {"coiTags": []}
    problem(sam.post(path, coiTags=["Osteoporos"]), 422, "unfit-fields")
    problem(lo.post(path, coiTags=["osteoporos"], reason="Nej"), 403, "forbidden")
    assert good(sam.post(path, coiTags=["Osteoporos"], reason="Rör den")) == {"coiTags": ["osteoporos"]}
    assert good(sam.get(path)) == {"coiTags": ["osteoporos"]}


def test_only_if_it_is_still_what_was_read(sam: Partner) -> None:
    answer = sam.post(START)
    path, tag = f"/process-instances/{good(answer, 201)['id']}", answer.headers["ETag"]
    good(sam.post(f"{path}/suspend", {"If-Match": tag}, reason="Väntar"))
    problem(sam.post(f"{path}/resume", {"If-Match": tag}), 412, "has-changed")
    assert good(sam.get(path))["state"] == "suspended"


# Processes ---------------------------------------------------------------------------------------------------------


def changed(name: str) -> bytes:
    attributes = 'camunda:candidateStarterGroups="coordinator"'
    return diagram(start(), user_task("Task_A", name=name, candidateGroups="coordinator"), end(), attributes=attributes)


def upload(program: Partner, **files: bytes) -> Any:
    from io import BytesIO

    parts = [(BytesIO(source), f"{name}.bpmn") for name, source in files.items()]
    return program.upload("/deployments", file=parts, note="Ändrad text")


def test_deploy_gives_a_new_version(sam: Partner) -> None:
    done = good(upload(sam, test=changed("Läs remissen")), 201)["processDefinitions"]
    assert [(each["key"], each["isNew"], each["isProposed"]) for each in done] == [("test", True, False)]
    again = good(upload(sam, test=changed("Läs remissen")), 201)["processDefinitions"]
    assert [(each["id"], each["isNew"]) for each in again] == [(done[0]["id"], False)]
    versions = sam.items("/process-definitions", key="test", limit=1)
    assert [(each["version"], each["latest"]) for each in versions] == [(1, False), (2, True)]
    assert versions[1]["note"] == "Ändrad text"
    assert sam.items("/process-definitions", latestVersion="true") == versions[1:]
    assert good(sam.get(f"/process-definitions/{done[0]['id']}")) == versions[1]
    assert sam.get(f"/process-definitions/{done[0]['id']}/xml").data == changed("Läs remissen")
    assert "<pnml" in sam.get(f"/process-definitions/{done[0]['id']}/pnml").text
    assert good(sam.get(f"/process-definitions/{done[0]['id']}/start-form"))["fields"] == []


def test_what_a_designer_deploys_is_a_proposal(house: House) -> None:
    house.town.person("Dea", "designer")
    designer = partner(house, "Dea")
    (done,) = good(upload(designer, test=changed("Läs remissen")), 201)["processDefinitions"]
    assert (done["isNew"], done["isProposed"]) == (True, True)
    assert len(designer.items("/process-definitions", key="test")) == 1
    (waiting,) = designer.items("/deployments/proposals")
    assert (waiting["key"], waiting["processDefinitionId"]) == ("test", done["id"])
    problem(designer.post(f"/deployments/proposals/{waiting['id']}/approve"), 403, "forbidden")
    house.town.person("Desi", "designer")
    approved = good(partner(house, "Desi").post(f"/deployments/proposals/{waiting['id']}/approve"))
    assert (approved["id"], approved["isNew"], approved["isProposed"]) == (done["id"], True, False)
    assert designer.items("/deployments/proposals") == []
    problem(designer.post(f"/deployments/proposals/{waiting['id']}/approve"), 404, "not-found")
    assert len(designer.items("/process-definitions", key="test")) == 2


def test_the_chair_of_an_area_sees_its_cases(house: House, lo: Partner, hud: Partner) -> None:
    case = house.town.start(by="Sam", programAreaIds=["HUD"])
    assert [each["id"] for each in hud.items("/process-instances")] == [case.id]
    assert [each["id"] for each in hud.items("/history/process-instances")] == [case.id]
    assert {each["processInstanceId"] for each in hud.items("/history/activity-instances")} == {case.id}
    good(hud.get(f"/process-instances/{case.id}"))
    house.town.person("Kir", "lpoChair@KIR")
    assert partner(house, "Kir").items("/process-instances") == []


def test_every_refused_element_is_named(sam: Partner) -> None:
    broken = diagram(
        start(), user_task("Task_A", candidateGroups="wizard"), user_task("Task_B", candidateGroups="elf"), end()
    )
    told = problem(upload(sam, test=broken), 422, "refused")
    assert {each["element"] for each in told["errors"]} >= {"Task_A", "Task_B"}
    assert all({"element", "rule", "message", "remedy"} <= set(each) for each in told["errors"])
    assert len(sam.items("/process-definitions", key="test")) == 1


def test_a_file_that_is_no_diagram(sam: Partner) -> None:
    problem(upload(sam, test=b"<html/>"), 422, "refused")
    problem(upload(sam, test=b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), 422, "refused")
    problem(upload(sam, test=b" " * 1_000_001), 422, "refused")
    problem(sam.upload("/deployments"), 422, "unfit-fields")
    problem(sam.send("/deployments", b"{}"), 415, "unsupported-media-type")


def test_who_may_deploy(lo: Partner, sam: Partner) -> None:
    problem(upload(lo, test=changed("Läs")), 403, "forbidden")
    problem(sam.get("/process-definitions/" + "0" * 64), 404, "not-found")


# Messages and incidents --------------------------------------------------------------------------------------------


def waiting() -> bytes:
    """A process that waits for a message with its own number."""
    return diagram(
        start(inside=extensions(form(question("ref")))),
        catch("Wait", event("Answered"), properties={"correlationKey": "${ref}"}),
        end(),
        attributes='camunda:candidateStarterGroups="coordinator"',
    )


def test_a_message_reaches_the_one_who_waits(house: House, sam: Partner) -> None:
    house.town.deploy(waiting())
    case = good(sam.post(START, variables={"ref": "A1"}), 201)
    kept = good(sam.post("/messages/correlate", messageName="Answered", businessKey="B2"))
    assert (kept["result"], kept["processInstances"]) == ("kept", [])
    assert kept["messageId"]
    found = good(sam.post("/messages/correlate", messageName="Answered", correlationKeys={"ref": "A1"}))
    assert (found["result"], found["processInstances"]) == ("correlated", [case["id"]])
    assert good(sam.get(f"/process-instances/{case['id']}"))["state"] == "completed"


def test_several_wait(house: House, sam: Partner) -> None:
    house.town.deploy(waiting())
    for _ in range(2):
        good(sam.post(START, variables={"ref": "A1"}), 201)
    told = problem(sam.post("/messages/correlate", messageName="Answered", businessKey="A1"), 409, "several-wait")
    assert len(told["processInstances"]) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"messageName": ""},
        {"messageName": "X", "businessKey": "A", "correlationKeys": {"a": "A"}},
        {"messageName": "X", "correlationKeys": {}},
        {"messageName": "X", "correlationKeys": {"a": 1, "b": 2}},
        {"messageName": "X", "correlationKeys": {"a": None}},
        {"messageName": "X", "correlationKeys": {"a": True}},
        {"messageName": "X", "correlationKeys": {"a": [1]}},
    ],
)
def test_messages_that_cannot_be_addressed(sam: Partner, body: dict[str, Any]) -> None:
    problem(sam.post("/messages/correlate", **body), 422, "unfit-fields")


def test_who_may_send(lo: Partner) -> None:
    problem(lo.post("/messages/correlate", messageName="X"), 403, "forbidden")


def test_incidents(house: House, sam: Partner, lo: Partner, hud: Partner) -> None:
    case = good(sam.post(START), 201)
    with house.town.db.transaction() as tx:
        more = {"element": "Task_Answer", "process": "test", "rule": "clock", "message": "Gick inte"}
        incidents.report(tx, "jh", case["id"], "clock", **more)
    operator = partner(house, "Ola")
    (found,) = good(operator.get("/incidents"))["items"]
    assert (found["processInstanceId"], found["activityId"], found["count"]) == (case["id"], "Task_Answer", 1)
    assert good(lo.get(f"/incidents/{found['id']}")) == found
    assert good(hud.get("/incidents"))["items"] == []
    problem(hud.get(f"/incidents/{found['id']}"), 404, "not-found")
    problem(hud.post(f"/incidents/{found['id']}/resolve"), 404, "not-found")
    problem(sam.post(f"/incidents/{found['id']}/resolve"), 403, "forbidden")
    tried = good(operator.post(f"/incidents/{found['id']}/resolve"))
    assert (tried["resolved"], tried["underWay"]) == (False, True)
    with house.town.db.transaction() as tx:
        incidents.resolve_task(tx, case["id"], "clock", house.town.keys["Ola"])
    problem(operator.post(f"/incidents/{found['id']}/resolve"), 409, "already-done")
    problem(hud.post(f"/incidents/{found['id']}/resolve"), 404, "not-found")
    assert good(operator.get("/incidents"))["items"] == []
    assert good(operator.get("/incidents", state="resolved"))["items"][0]["resolvedBy"] == house.town.keys["Ola"]


# History -----------------------------------------------------------------------------------------------------------


def test_activities(house: House, sam: Partner, clock: SteppedClock) -> None:
    case = good(sam.post(START), 201)
    clock.advance(timedelta(minutes=5))
    good(sam.post(f"/tasks/{house.town.open_task('Task_Answer').id}/complete", variables=ANSWERS))
    path = f"/process-instances/{case['id']}/activity-instances"
    found = sam.items(path)
    told = [(each["activityId"], each["endTime"] is not None, each["assignee"]) for each in found]
    assert told == [
        ("Start", True, None),
        ("Task_Answer", True, house.town.keys["Sam"]),
        ("Task_Read", False, None),
    ]
    assert 299_000 < found[1]["durationInMillis"] <= 300_000
    assert sam.items(path, limit=1) == found
    assert sam.items("/history/activity-instances", limit=2) == found
    assert [each["activityId"] for each in sam.items("/history/activity-instances", activityId="Task_Read")] == [
        "Task_Read"
    ]
    good(sam.post(f"/process-instances/{case['id']}/cancel", reason="Fel"))
    assert sam.items(path)[2]["canceled"]


def test_past_tasks_and_operations(house: House, sam: Partner) -> None:
    case = good(sam.post(START), 201)
    good(sam.post(f"/tasks/{house.town.open_task('Task_Answer').id}/complete", variables=ANSWERS))
    assert {each["state"] for each in sam.items("/history/tasks", limit=1)} == {"open", "completed"}
    assert len(sam.items("/history/tasks", state="completed")) == 1
    told = sam.items("/history/user-operations", processInstanceId=case["id"], limit=1)
    assert [each["operationType"] for each in told] == ["started", "completed"]
    assert {each["userId"] for each in told} == {house.town.keys["Sam"]}
    later = sam.items("/history/user-operations", after="2026-02-17T00:00:00Z")
    assert later == []


FORMATS = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv",
    "xes": "application/xml",
    "ocel-json": "application/json",
}


@pytest.mark.parametrize("format", FORMATS)
def test_export(house: House, sam: Partner, format: str) -> None:
    good(sam.post(START), 201)
    good(sam.post(f"/tasks/{house.town.open_task('Task_Answer').id}/complete", variables=ANSWERS))
    problem(sam.get("/history/export", format=format), 403, "forbidden")
    answer = partner(house, "Ria").get("/history/export", format=format)
    assert answer.status_code == 200
    assert answer.mimetype == FORMATS[format]
    assert "SYN-2026-001" in answer.text or format == "jsonl"
    if format == "jsonl":
        rows = [json.loads(line) for line in answer.text.splitlines()]
        assert {"started", "exported"} <= {each["what"] for each in rows}
    problem(partner(house, "Ria").get("/history/export", format=format, definitionKey="x"), 404, "not-found")


def test_a_token_that_may_not_export_exports_nothing(house: House) -> None:
    _, secret = tokens.add(house.town.db, house.town.keys["Ria"], "prov", ["tasks:read"], by=SYSTEM)
    answer = Partner(house.app.test_client(), secret).get("/history/export", format="jsonl")
    problem(answer, 403, "insufficient-scope")
