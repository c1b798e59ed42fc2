"""Tasks over the API: lists, forms, moves, what is said and attached."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest

from store import tasks as rows
from store.database import SteppedClock
from store.tasks import Task
from tests.core.diagrams import diagram, end, field, start, user_task
from tests.web.api.partner import Partner, good, partner, problem
from tests.web.house import House

ANSWERS = {"stance": "JA", "text": "Vi håller med."}


@pytest.fixture
def task(house: House) -> Task:
    house.town.start(by="Sam", title="Remiss")
    return house.town.open_task("Task_Answer")


def test_a_task_as_it_is(house: House, sam: Partner, task: Task) -> None:
    shown = good(sam.get(f"/tasks/{task.id}"))
    expected = {
        "id": task.id,
        "name": "Lämna synpunkter",
        "state": "open",
        "kind": "person",
        "taskDefinitionKey": "Task_Answer",
        "processInstanceId": task.case_id,
        "processDefinitionKey": "test",
        "number": "SYN-2026-001",
        "title": "Remiss",
        "suspended": False,
        "assignee": None,
        "candidateGroups": ["coordinator", "lpoChair@LUNG"],
        "due": "2026-02-17",
        "created": "2026-02-16T07:00:00+00:00",
        "completedBy": None,
    }
    assert expected.items() <= shown.items()
    assert good(sam.get("/tasks"))["items"] == [shown]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 1),
        ({"candidateGroup": "lpoChair@LUNG"}, 1),
        ({"candidateGroup": "lpoChair"}, 0),
        ({"assignee": "nobody"}, 0),
        ({"dueBefore": "2026-02-18"}, 1),
        ({"dueBefore": "2026-02-17"}, 0),
        ({"dueAfter": "2026-02-16"}, 1),
        ({"processDefinitionKey": "test"}, 1),
        ({"processDefinitionKey": "other"}, 0),
        ({"taskDefinitionKey": "Task_Read"}, 0),
        ({"state": "completed"}, 0),
    ],
)
def test_filters(sam: Partner, task: Task, query: dict[str, str], found: int) -> None:
    assert len(good(sam.get("/tasks", **query))["items"]) == found


def test_pages_hold_each_task_once_in_order(house: House, sam: Partner) -> None:
    for n in range(7):
        house.town.start(by="Sam", title=f"Remiss {n}")
    whole = good(sam.get("/tasks"))["items"]
    assert len(whole) == 7
    for limit in (1, 2, 3, 7, 8):
        assert sam.items("/tasks", limit=limit) == whole


@pytest.mark.parametrize("cursor", ["x", "W10", "WzFd", "WyJhIiwiYiJd", "WyJcdTAwMDAiXQ", "bnVsbA", "å", "[" * 900])
def test_a_cursor_of_ones_own_making(sam: Partner, cursor: str) -> None:
    problem(sam.get("/tasks", cursor=cursor), 422, "unfit-fields")


def test_the_form(sam: Partner, task: Task) -> None:
    form = good(sam.get(f"/tasks/{task.id}/form"))
    assert "**hela** remissen" in form["instruction"]
    by_id = {each["id"]: each for each in form["fields"]}
    assert by_id["stance"]["choices"] == [{"id": "JA", "name": "Tillstyrker"}, {"id": "NEJ", "name": "Avstyrker"}]
    assert by_id["stance"]["required"]
    assert not by_id["why"]["visible"]
    assert (by_id["comments_comment"]["rows"], by_id["comments_comment"]["column"]) == ("comments", "comment")


def test_claim_and_give_back(house: House, lo: Partner, sam: Partner, task: Task) -> None:
    assert good(lo.post(f"/tasks/{task.id}/claim"))["assignee"] == house.town.keys["Lo"]
    told = problem(sam.post(f"/tasks/{task.id}/claim"), 409, "already-done")
    assert told["by"] == "Lo"
    problem(sam.post(f"/tasks/{task.id}/complete", variables=ANSWERS), 409, "already-done")
    assert good(lo.post(f"/tasks/{task.id}/unclaim"))["assignee"] is None


def test_assign(house: House, sam: Partner, lo: Partner, task: Task) -> None:
    keys = house.town.keys
    assert good(sam.post(f"/tasks/{task.id}/assign", assignee=keys["Lo"]))["assignee"] == keys["Lo"]
    problem(sam.post(f"/tasks/{task.id}/assign", assignee="nobody"), 422, "invalid")
    problem(lo.post(f"/tasks/{task.id}/assign", assignee=keys["Lo"]), 403, "forbidden")


def test_complete(house: House, lo: Partner, task: Task) -> None:
    done = good(lo.post(f"/tasks/{task.id}/complete", variables=ANSWERS))
    assert (done["state"], done["completedBy"]) == ("completed", house.town.keys["Lo"])
    assert house.town.open_task("Task_Read")
    assert problem(lo.post(f"/tasks/{task.id}/complete", variables=ANSWERS), 409, "already-done")["by"] == "Lo"


def test_complete_on_behalf_of(house: House, sam: Partner, lo: Partner, task: Task) -> None:
    good(lo.post(f"/tasks/{task.id}/claim"))
    body: dict[str, Any] = {"variables": ANSWERS, "onBehalfOf": house.town.keys["Lo"]}
    problem(sam.post(f"/tasks/{task.id}/complete", **body), 409, "conflict")
    done = good(sam.post(f"/tasks/{task.id}/complete", **body, reason="Svarade per telefon"))
    assert (done["completedBy"], done["onBehalfOf"]) == (house.town.keys["Sam"], house.town.keys["Lo"])


def test_only_the_coordinator_answers_for_another(house: House, sam: Partner, lo: Partner, task: Task) -> None:
    """A candidate who names the one who has the task does not get round that it is taken."""
    good(sam.post(f"/tasks/{task.id}/claim"))
    body: dict[str, Any] = {"variables": ANSWERS, "onBehalfOf": house.town.keys["Sam"], "reason": "Bråttom"}
    problem(lo.post(f"/tasks/{task.id}/complete", **body), 403, "forbidden")
    unknown = body | {"onBehalfOf": "nobody"}
    problem(sam.post(f"/tasks/{task.id}/complete", **unknown), 422, "invalid")
    assert house.town.open_task("Task_Answer").id == task.id


def test_answers_that_need_correcting(house: House, lo: Partner, task: Task) -> None:
    answers = {"stance": "NEJ", "hours": 0, "day": "2026-02-30", "isAdmin": True}
    told = problem(lo.post(f"/tasks/{task.id}/complete", variables=answers), 422, "form-errors")
    assert {each["field"] for each in told["errors"]} >= {"why", "text", "hours", "day", "isAdmin"}
    assert house.town.open_task("Task_Answer") == task


def test_a_suspended_case_waits(sam: Partner, task: Task) -> None:
    good(sam.post(f"/process-instances/{task.case_id}/suspend", reason="Väntar"))
    assert good(sam.get(f"/tasks/{task.id}"))["suspended"]
    problem(sam.post(f"/tasks/{task.id}/claim"), 409, "not-running")


# What the program saw ----------------------------------------------------------------------------------------------


def test_it_is_done_only_if_it_is_still_what_was_read(house: House, lo: Partner, sam: Partner, task: Task) -> None:
    tag = lo.get(f"/tasks/{task.id}").headers["ETag"]
    good(sam.post(f"/tasks/{task.id}/assign", assignee=house.town.keys["Lo"]))
    body: dict[str, Any] = {"variables": ANSWERS}
    for stale in (tag, "W/" + tag, '"other"', "nonsense", ""):
        problem(lo.post(f"/tasks/{task.id}/complete", {"If-Match": stale}, **body), 412, "has-changed")
    assert house.town.open_task("Task_Answer").assignee == house.town.keys["Lo"]
    fresh = lo.get(f"/tasks/{task.id}").headers["ETag"]
    done = lo.post(f"/tasks/{task.id}/complete", {"If-Match": f'"other", {fresh}'}, **body)
    assert good(done)["state"] == "completed"
    assert done.headers["ETag"] == lo.get(f"/tasks/{task.id}").headers["ETag"]


def test_any_version_will_do_with_a_star(lo: Partner, task: Task) -> None:
    good(lo.post(f"/tasks/{task.id}/claim", {"If-Match": "*"}))


def test_what_one_has_already_is_not_sent_again(lo: Partner, task: Task) -> None:
    tag = lo.get(f"/tasks/{task.id}").headers["ETag"]
    again = lo.get(f"/tasks/{task.id}", {"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)


# Beside the task ---------------------------------------------------------------------------------------------------


def test_comments(house: House, lo: Partner, sam: Partner, task: Task, clock: SteppedClock) -> None:
    for n in range(3):
        clock.advance(timedelta(seconds=1))
        said = good(lo.post(f"/tasks/{task.id}/comments", text=f"Fråga {n}"), 201)
        assert said["person"] == house.town.keys["Lo"]
    assert [each["text"] for each in sam.items(f"/tasks/{task.id}/comments", limit=2)] == [
        f"Fråga {n}" for n in range(3)
    ]
    for bad in ("", " ", "x" * 20_001):
        assert lo.post(f"/tasks/{task.id}/comments", text=bad).status_code == 422


def test_a_file_is_attached_and_answered_with(house: House, lo: Partner, sam: Partner, task: Task) -> None:
    file = (BytesIO(b"%PDF-1.7 hej"), "../Bilaga å.pdf")
    kept = good(lo.upload(f"/tasks/{task.id}/attachments", file=file), 201)
    assert (kept["name"], kept["mediaType"], kept["size"]) == ("Bilaga å.pdf", "application/pdf", 12)
    assert sam.items(f"/tasks/{task.id}/attachments") == [kept]
    content = sam.get(f"/tasks/{task.id}/attachments/{kept['id']}/content")
    assert content.data == b"%PDF-1.7 hej"
    assert content.headers["Content-Disposition"].startswith("attachment")
    good(lo.post(f"/tasks/{task.id}/complete", variables={**ANSWERS, "appendix": kept["id"]}))
    with house.town.db.read() as reader:
        done = rows.find(reader, task.id)
    assert done is not None
    assert (done.values or {})["appendix"] == kept["id"]


def test_an_answer_names_only_files_of_its_own_task(house: House, lo: Partner, task: Task) -> None:
    house.town.start(by="Sam", title="En annan")
    other = next(each for each in house.town.open_tasks() if each.case_id != task.case_id)
    kept = good(lo.upload(f"/tasks/{other.id}/attachments", file=(BytesIO(b"x"), "a.txt")), 201)
    answers = {**ANSWERS, "appendix": kept["id"]}
    told = problem(lo.post(f"/tasks/{task.id}/complete", variables=answers), 422, "unfit-fields")
    assert told["errors"][0]["field"] == "variables.appendix"
    assert lo.get(f"/tasks/{task.id}/attachments/{kept['id']}/content").status_code == 404


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ({}, 422),
        ({"file": (BytesIO(b"MZ"), "virus.exe")}, 422),
        ({"file": (BytesIO(b""), "tom.pdf")}, 422),
        ({"file": (BytesIO(b"x"), "a.pdf"), "role": "coordinator"}, 422),
        ({"other": (BytesIO(b"x"), "a.pdf")}, 422),
    ],
)
def test_files_that_are_not_taken_in(lo: Partner, task: Task, parts: dict[str, Any], status: int) -> None:
    assert lo.upload(f"/tasks/{task.id}/attachments", **parts).status_code == status
    assert lo.items(f"/tasks/{task.id}/attachments") == []


def test_a_file_is_no_json(lo: Partner, task: Task) -> None:
    problem(lo.send(f"/tasks/{task.id}/attachments", b"{}"), 415, "unsupported-media-type")


def test_whoever_took_part_reads_but_does_not_write(house: House, task: Task) -> None:
    """Pia is asked nothing here: for her the task is not there. Lo, once done, reads on."""
    pia, lo = partner(house, "Pia"), partner(house, "Lo")
    problem(pia.get(f"/tasks/{task.id}"), 404, "not-found")
    problem(pia.post(f"/tasks/{task.id}/comments", text="Hej"), 404, "not-found")
    good(lo.post(f"/tasks/{task.id}/complete", variables=ANSWERS))
    good(lo.get(f"/tasks/{task.id}"))


def test_an_answer_is_taken_back_until_it_counts(house: House, lo: Partner) -> None:
    asked = user_task("Task_Say", field("text"), candidateGroups="lpoChair@LUNG", properties={"undo": "PT10M"})
    house.town.deploy(diagram(start(), asked, end(), id="undoable"))
    house.town.start("undoable")
    place = f"/tasks/{house.town.open_task('Task_Say').id}"
    held = good(lo.post(f"{place}/complete", variables={"text": "Ja"}))
    assert (held["state"], held["endTime"], held["undoUntil"]) == ("answered", None, "2026-02-16T07:10:00+00:00")
    assert [each["id"] for each in good(lo.get("/tasks", state="answered"))["items"]] == [held["id"]]
    problem(lo.post(f"{place}/complete", variables={"text": "Nej"}), 409, "already-done")
    open_again = good(lo.post(f"{place}/undo"))
    assert (open_again["state"], open_again["undoUntil"]) == ("open", None)
    good(lo.post(f"{place}/complete", variables={"text": "Jo"}))
    house.town.tick(minutes=10)
    assert good(lo.get(place))["state"] == "completed"
    problem(lo.post(f"{place}/undo"), 409, "already-done")
