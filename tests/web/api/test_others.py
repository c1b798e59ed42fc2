"""What belongs to another area is not there: every route x every kind of stranger, from the routes themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from store import incidents, webhooks
from tests.web.api.partner import Partner, good, partner, problem
from tests.web.house import House
from web.api.scopes import PERSONAL, SCOPES
from web.doors import MACHINES, level_of

NOTHING = "0" * 32
OF_THE_REGION = {
    "/api/v1/process-definitions/<id>",
    "/api/v1/process-definitions/<id>/xml",
    "/api/v1/process-definitions/<id>/pnml",
    "/api/v1/process-definitions/<id>/start-form",
    "/api/v1/process-definitions/key/<key>/start",
    "/api/v1/deployments/proposals/<id>/approve",
}
"""Diagrams are for everyone of the region; who may start, propose or approve one, another test asks."""
OF_OPERATIONS = "/api/v1/webhooks"
BODIES: dict[str, dict[str, Any]] = {
    "cancel": {"reason": "x"},
    "suspend": {"reason": "x"},
    "assign": {"assignee": NOTHING},
    "coi-tags": {"coiTags": ["x"], "reason": "x"},
    "comments": {"text": "x"},
}


OTHERS = {"/api/v1/process-instances/<id>/archive": "Ria"}
"""What not even those who took part may have: only the registrar, and the auditor."""
FOR_ALL_OR_FEW = {"/me", "/process-definitions", "/history/export", "/webhooks", "/deployments/proposals"}
"""Lists that have nothing to do with whose cases one sees."""


def rules(house: House) -> list[Rule]:
    return [each for each in house.app.url_map.iter_rules() if each.rule.startswith("/api/v1") and opens(house, each)]


def opens(house: House, rule: Rule) -> bool:
    """What wants a token: a calendar is opened by its address."""
    return level_of(house.app, rule.endpoint) == MACHINES and rule.endpoint != "feed.read"


def ids(rule: Rule) -> bool:
    return "<" in rule.rule and rule.rule not in OF_THE_REGION


@dataclass(frozen=True)
class Secret:
    """A case of LUNG with all that hangs on it."""

    case: str
    task: str
    attachment: str
    incident: str
    endpoint: str

    def address(self, rule: Rule) -> str:
        kind = rule.rule.split("/")[3]
        own = {
            "process-instances": self.case,
            "tasks": self.task,
            "incidents": self.incident,
            "webhooks": self.endpoint,
        }
        return address(rule, own[kind], self.attachment)


def address(rule: Rule, id: str = NOTHING, attachment: str = NOTHING) -> str:
    path = rule.rule.removeprefix("/api/v1").replace("<id>", id).replace("<attachment_id>", attachment)
    return re.sub(r"<\w+>", NOTHING, path)


def ask(program: Partner, rule: Rule, path: str) -> TestResponse:
    if "GET" in (rule.methods or ()):
        return program.get(path)
    if "DELETE" in (rule.methods or ()):
        return program.client.delete(f"/api/v1{path}", headers=program.headers)
    if path.endswith(("attachments", "deployments")):
        return program.upload(path, file=(BytesIO(b"x"), "a.txt"))
    return program.post(path, **BODIES.get(path.rsplit("/", 1)[-1], {}))


@pytest.fixture
def secret(house: House) -> Secret:
    case = house.town.start(by="Sam", title="Hemlig remiss")
    task = house.town.open_task("Task_Answer")
    kept = good(partner(house, "Lo").upload(f"/tasks/{task.id}/attachments", file=(BytesIO(b"x"), "hemlig.txt")), 201)
    with house.town.db.transaction() as tx:
        more = {"element": "Task_Answer", "process": "test", "rule": "delivery", "message": "hemligt"}
        incidents.report(tx, "jh", case.id, "mail:1", **more)
        incident = incidents.open_of_region(tx, "jh")[0].id
        endpoint = webhooks.add(tx, "jh", "https://mottagare.example/in", ["task.created"], "").id
    return Secret(case.id, task.id, kept["id"], incident, endpoint)


def test_every_route_has_a_scope(house: House) -> None:
    scopes = {each.rule: getattr(house.app.view_functions[each.endpoint], "scope", None) for each in rules(house)}
    assert len(scopes) > 25
    assert [rule for rule, scope in scopes.items() if scope not in (*SCOPES, PERSONAL)] == []


def test_no_route_opens_without_a_token_or_its_scope(house: House) -> None:
    nobody = Partner(house.app.test_client(), "kf_nothing")
    for rule in rules(house):
        problem(ask(nobody, rule, address(rule)), 401, "not-authenticated")
        scope = getattr(house.app.view_functions[rule.endpoint], "scope", "")
        if scope != PERSONAL:
            others = partner(house, "Sam", *(each for each in SCOPES if each != scope))
            problem(ask(others, rule, address(rule)), 403, "insufficient-scope")


@pytest.mark.parametrize("name", ["Hud", "Pia", "Outsider", "Substitute"])
def test_what_belongs_to_others_is_not_there(house: House, secret: Secret, name: str) -> None:
    """The same answer, to the letter, as for an id that nothing has."""
    house.town.person("Outsider")
    house.town.person("Substitute", "lpoChair@HUD")
    stranger = partner(house, name)
    walked = [rule for rule in rules(house) if ids(rule)]
    assert len(walked) > 18
    for rule in walked:
        there, nowhere = secret.address(rule), address(rule)
        document = problem(ask(stranger, rule, there), 404, "not-found")
        other = problem(ask(stranger, rule, nowhere), 404, "not-found")
        assert document | {"instance": ""} == other | {"instance": ""}, rule


def test_its_own_people_find_it(house: House, secret: Secret) -> None:
    """So that the test above fails for the right reason."""
    for rule in rules(house):
        if ids(rule) and "GET" in (rule.methods or ()):
            own = partner(house, OTHERS.get(rule.rule, "Sam" if rule.rule.startswith(OF_OPERATIONS) else "Lo"))
            assert own.get(secret.address(rule)).status_code == 200, rule


@pytest.mark.parametrize("name", ["Hud", "Pia"])
def test_lists_tell_nothing_of_others(house: House, secret: Secret, name: str) -> None:
    stranger, own = partner(house, name), partner(house, "Lo")
    lists = [
        each.rule.removeprefix("/api/v1") for each in rules(house) if "<" not in each.rule and "GET" in each.methods
    ]
    told = 0
    for path in sorted(set(lists) - FOR_ALL_OR_FEW):
        for query in ({}, {"processInstanceId": secret.case}, {"number": "SYN-2026-001"}):
            answer = stranger.get(path, **query)
            if answer.status_code == 200:
                assert answer.json["items"] == [], (path, query)
        told += len(own.items(path))
    assert told > 5


def test_operations_of_the_region_are_for_those_who_see_all(house: House, secret: Secret) -> None:
    kinds = {each["operationType"] for each in partner(house, "Ria").items("/history/user-operations", limit=200)}
    own = {each["operationType"] for each in partner(house, "Lo").items("/history/user-operations", limit=200)}
    assert own == {"started", "attached"}
    assert own <= kinds


def test_a_whole_region_role_reads_every_area(house: House, secret: Secret) -> None:
    house.town.person("Alla", "lpoChair")
    program = partner(house, "Alla")
    assert [each["id"] for each in good(program.get("/tasks"))["items"]] == [secret.task]
    good(program.get(f"/tasks/{secret.task}"))
    good(program.post(f"/tasks/{secret.task}/claim"))


def test_who_may_start_or_deploy_is_asked_of_the_person(house: House) -> None:
    for name in ("Hud", "Pia", "Ola"):
        problem(partner(house, name).post("/process-definitions/key/test/start"), 403, "forbidden")
        problem(partner(house, name).upload("/deployments", file=(BytesIO(b"x"), "a.bpmn")), 403, "forbidden")
        problem(partner(house, name).get("/deployments/proposals"), 403, "forbidden")
        problem(partner(house, name).post(f"/deployments/proposals/{NOTHING}/approve"), 403, "forbidden")


def test_what_ended_opens_nothing_more(house: House, secret: Secret) -> None:
    """Someone whose task was given to another, and whose mandate has ended, hears what every stranger hears."""
    from datetime import date

    from store import mandates

    program = partner(house, "Lo")
    good(program.get(f"/tasks/{secret.task}"))
    with house.town.db.transaction() as tx:
        for mandate in mandates.of(tx, person=house.town.keys["Lo"]):
            mandates.end(tx, mandate.id, date(2026, 2, 1))
    problem(program.get(f"/tasks/{secret.task}"), 404, "not-found")
    assert good(program.get("/tasks"))["items"] == []
