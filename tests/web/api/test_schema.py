"""The OpenAPI document tells the truth: generated requests, right and wrong, meet no 500 and no answer it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from openapi_spec_validator import validate
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from store import definitions, incidents, outbox, proposals, webhooks
from store.database import Database, SteppedClock
from store.migrations import upgrade
from tests.conftest import START
from tests.scale import SCALE
from tests.web.api.partner import Partner, good, partner
from tests.web.conftest import furnished
from tests.web.house import House
from web.app import create_app
from web.settings import Settings

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.unsupported_method,
    checks.negative_data_rejection,
]


@pytest.fixture(scope="module")
def lived_in() -> Iterator[tuple[House, Partner]]:
    """A house, and a program that may do everything: it coordinates, operates and audits."""
    clock = SteppedClock(START)
    db = Database("sqlite://", clock)
    upgrade(db)
    house = furnished(db, clock)
    house.town.person("Alfa", "coordinator", "operator", "auditor")
    yield house, partner(house, "Alfa")
    db.close()


@pytest.fixture(scope="module")
def document(lived_in: tuple[House, Partner]) -> Any:
    house, _ = lived_in
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", house.app)


DESCRIBED = create_app(Database("sqlite://"), Settings()).extensions["openapi"]
OPERATIONS = [
    (method.upper(), path)
    for path, methods in DESCRIBED["paths"].items()
    for method in methods
    if method != "parameters"
]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_documented(method: str, path: str, lived_in: tuple[House, Partner], document: Any) -> None:
    house, program = lived_in
    numbers = count()

    @seed(1)
    @settings(max_examples=5 * SCALE, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=document[path][method].as_strategy())
    def ask(case: Case) -> None:
        if case.path_parameters and next(numbers) % 3:
            point_at_something(case, house, program)
        case.call_and_validate(headers=program.headers, checks=CHECKS)

    ask()


def point_at_something(case: Case, house: House, program: Partner) -> None:
    """Let the request be about things that are there: a random id never is."""
    kind = case.path.split("/")[3]
    if kind == "process-definitions":
        (latest,) = good(program.get("/process-definitions", key="test"))["items"]
        known = {"id": latest["id"], "key": "test"}
        case.path_parameters = {name: known[name] for name in case.path_parameters}
        return
    if kind == "deployments":
        case.path_parameters["id"] = proposal(house)
        return
    new = good(program.post("/process-definitions/key/test/start"), 201)
    (task,) = good(program.get("/tasks", processInstanceId=new["id"]))["items"]
    endpoint, delivery = listener(house)
    known = {
        "process-instances": new["id"],
        "tasks": task["id"],
        "incidents": stop(house, new["id"]),
        "webhooks": endpoint,
    }
    case.path_parameters["id"] = known[kind]
    if "delivery_id" in case.path_parameters:
        case.path_parameters["delivery_id"] = delivery
    if "attachment_id" in case.path_parameters:
        kept = program.upload(f"/tasks/{task['id']}/attachments", file=(BytesIO(b"x"), "a.txt"))
        case.path_parameters["attachment_id"] = good(kept, 201)["id"]


def proposal(house: House) -> str:
    """Something that a designer has proposed."""
    with house.town.db.transaction() as tx:
        newest = definitions.latest(tx, "jh", "test")
        assert newest is not None
        proposals.add(tx, "jh", "test", newest.version, by=house.town.keys["Lo"])
        return proposals.open_of_region(tx, "jh")[-1].id


def listener(house: House) -> tuple[str, str]:
    """An endpoint, and an event that waits to be sent to it."""
    with house.town.db.transaction() as tx:
        endpoint = webhooks.add(tx, "jh", "https://mottagare.example/in", ["task.created"], "")
        return endpoint.id, outbox.enqueue(tx, "jh", "event", "task.created", {}, recipient=endpoint.id)


def stop(house: House, case: str) -> str:
    with house.town.db.transaction() as tx:
        more = {"element": "Task_Answer", "process": "test", "rule": "delivery", "message": "Gick inte"}
        incidents.report(tx, "jh", case, "mail:1", **more)
        return incidents.open_of_case(tx, case)[0].id


def test_the_document_is_openapi(house: House) -> None:
    described = house.app.test_client().get("/api/v1/openapi.json").json
    validate(described)
    assert described["openapi"].startswith("3.")


def test_every_operation_says_what_it_wants_and_how_it_refuses(house: House) -> None:
    described = house.app.test_client().get("/api/v1/openapi.json").json
    operations = [each for path in described["paths"].values() for name, each in path.items() if name != "parameters"]
    assert len(operations) > 30
    for each in operations:
        assert each["summary"], each
        assert each["security"] == [{"token": []}]
        assert {"401", "403", "429", "503"} <= set(each["responses"])
