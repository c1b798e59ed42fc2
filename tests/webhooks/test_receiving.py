"""What other systems tell us, through the door they knock on: signed, once, and as the source's file says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from engine import deployments, handovers, live, regions, shipped
from engine.access import SYSTEM
from engine.errors import FormErrors
from store import cases
from store import messages as kept
from store.cases import Case
from store.database import Database, SteppedClock
from tests.core.diagrams import boundary, chain, diagram, end, message, start, user_task
from tests.engine.town import REGION, Town, settle
from tests.store import given
from web.app import create_app
from web.settings import Settings
from webhooks import receiving, signing, sources
from webhooks.errors import BadSource
from webhooks.sources import Mapped, Source

SECRET, NEXT = signing.new_secret(), signing.new_secret()
DATA = {
    "reference": "KS-2026-014",
    "title": "Vårdförlopp KOL",
    "productType": "VARDFORLOPP_PSV",
    "opensOn": "2026-02-16",
}
PUBLISHED_TYPE = "consultation.published"
PUBLISHED = {"type": PUBLISHED_TYPE, "timestamp": "2026-02-16T07:00:00Z", "data": DATA}


class Door:
    """The application, and a system outside that holds the secret."""

    def __init__(self, town: Town, secrets: str) -> None:
        self.town = town
        self.client = create_app(town.db, Settings(hook_secrets=secrets)).test_client()

    def signed(self, id: str, body: bytes, secret: str = SECRET, late: float = 0) -> dict[str, str]:
        return signing.headers(secret, id, self.town.clock.moment - timedelta(seconds=late), body)

    def send(self, body: bytes, headers: Mapping[str, str], source: str = "national") -> TestResponse:
        return self.client.post(f"/hooks/{source}", data=body, headers={**headers, "Content-Type": "application/json"})

    def tell(self, event: Mapping[str, Any], id: str = "msg_1") -> TestResponse:
        body = json.dumps(event).encode()
        return self.send(body, self.signed(id, body))

    def cases(self) -> list[Case]:
        with self.town.db.read() as reader:
            return cases.listed(reader, REGION, limit=100)


def consultation() -> bytes:
    """What the shipped process does with messages, and no more."""
    return diagram(
        start("Published", message("ConsultationPublished"), properties={"startKey": "${externalRef}"}),
        user_task("Task_Triage", candidateGroups="coordinator"),
        end(),
        boundary(
            "Withdrawn",
            "Task_Triage",
            message("ConsultationWithdrawn"),
            properties={"correlationKey": "${externalRef}"},
        ),
        chain("Withdrawn", end("Stopped")),
        id="national-consultation",
    )


def opened(db: Database, clock: SteppedClock) -> Door:
    live.forget()
    town = settle(db, clock)
    town.deploy(consultation())
    return Door(town, f"national={SECRET}, national={NEXT}, empty={SECRET}")


@pytest.fixture
def door(sqlite: Database, clock: SteppedClock) -> Door:
    return opened(sqlite, clock)


@pytest.fixture
def any_door(db: Database, clock: SteppedClock) -> Door:
    return opened(db, clock)


NHV = {"reference": "Dnr 5.3-41/2026", "title": "Njurkirurgi", "closesOn": "2026-11-20", "responseDueOn": "2026-10-30"}


@pytest.mark.parametrize(
    ("source", "event", "process", "task"),
    [
        ("national", PUBLISHED, "national-consultation", "Task_Triage"),
        ("cancer-centre", PUBLISHED, "cancer-consultation", "Task_Triage"),
        ("healthcare-region", {"type": "nhv.published", "data": NHV}, "nhv-consultation", "Task_ScopeMaterial"),
    ],
)
def test_the_shipped_process_starts_by_the_shipped_source(
    sqlite: Database, clock: SteppedClock, source: str, event: Mapping[str, Any], process: str, task: str
) -> None:
    live.forget()
    town = settle(sqlite, clock)
    file = f"{process}.bpmn"
    files = shipped.files()
    deployments.deploy(sqlite, town.region, {file: files[file]}, beside=files, words=shipped.texts(), by=SYSTEM)
    door = Door(town, f"{source}={SECRET}")
    body = json.dumps(event).encode()
    answer = door.send(body, door.signed("msg_1", body), source)
    (case,) = door.cases()
    assert answer.json == {"cases": [case.number], "kept": 0, "replayed": False}
    assert (case.process_key, case.title) == (process, event["data"]["title"])
    assert town.open_task(task).case_id == case.id


def test_a_published_consultation_starts_a_case_once(any_door: Door) -> None:
    answer = any_door.tell(PUBLISHED)
    (case,) = any_door.cases()
    assert (answer.status_code, answer.json) == (200, {"cases": [case.number], "kept": 0, "replayed": False})
    assert case.title == "Vårdförlopp KOL"
    assert case.variables["externalRef"] == "KS-2026-014"
    assert case.variables["closesAt"] is None

    again = any_door.tell(PUBLISHED)
    assert (again.status_code, again.json) == (200, {"cases": [case.number], "kept": 0, "replayed": True})
    assert any_door.tell(PUBLISHED, id="msg_2").json == {"cases": [case.number], "kept": 0, "replayed": False}
    assert any_door.cases() == [case], "the same consultation under another id is the same case"


def test_the_same_event_from_many_at_once_is_taken_once(any_door: Door) -> None:
    body = json.dumps(PUBLISHED).encode()
    headers = any_door.signed("msg_1", body)
    source = sources.find("national")
    assert source is not None

    def knock(_: int) -> receiving.Received:
        return receiving.receive(any_door.town.db, REGION, source, [SECRET], headers, body)

    told = given.together(4, knock)
    assert [each.replayed for each in told if isinstance(each, receiving.Received)].count(False) == 1
    assert len(any_door.cases()) == 1


def test_one_event_becomes_several_messages(door: Door) -> None:
    door.tell(PUBLISHED)
    data = {**DATA, "replaces": "KS-2026-014", "reference": "KS-2026-015"}
    answer = door.tell({"type": "consultation.replaced", "data": data}, id="msg_2")
    assert answer.status_code == 200
    assert {case.variables["externalRef"]: case.status for case in door.cases()} == {
        "KS-2026-014": "completed",
        "KS-2026-015": "active",
    }
    assert answer.json
    assert len(answer.json["cases"]) == 2


def test_all_messages_of_an_event_are_taken_or_none(door: Door) -> None:
    for number in ("1", "2"):
        door.tell({**PUBLISHED, "data": {**DATA, "reference": number}}, id=number)
    starts = Mapped("ConsultationPublished", None, {"externalRef": "${data.reference}", "title": "${data.title}"})
    says_nothing = Mapped("ConsultationWithdrawn", None, {})
    source = Source("far", "Långt borta", {PUBLISHED_TYPE: (starts, says_nothing)})
    body = json.dumps(PUBLISHED).encode()
    with pytest.raises(FormErrors):
        receiving.receive(door.town.db, REGION, source, [SECRET], door.signed("3", body), body)
    assert len(door.cases()) == 2


def test_what_no_case_waits_for_is_kept(door: Door) -> None:
    answer = door.tell({"type": "consultation.withdrawn", "data": {"reference": "KS-2026-099"}})
    assert answer.json == {"cases": [], "kept": 1, "replayed": False}
    with door.town.db.transaction() as tx:
        assert kept.take(tx, REGION, "ConsultationWithdrawn", "KS-2026-098", "another") is None
        assert kept.take(tx, REGION, "ConsultationWithdrawn", "KS-2026-099", "another") is not None


def test_an_event_that_the_source_does_not_name_is_taken_without_effect(door: Door) -> None:
    assert door.tell({"type": "person.married", "data": {}}).json == {"cases": [], "kept": 0, "replayed": False}
    assert door.cases() == []


def test_a_secret_is_changed_while_events_come(door: Door) -> None:
    body = json.dumps(PUBLISHED).encode()
    assert door.send(body, door.signed("msg_1", body, NEXT)).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda headers, body: ({}, body),
        lambda headers, body: ({**headers, "webhook-signature": "v1,AAAA"}, body),
        lambda headers, body: ({**headers, "webhook-signature": headers["webhook-signature"][:-2]}, body),
        lambda headers, body: ({**headers, "webhook-signature": "v0," + headers["webhook-signature"][3:]}, body),
        lambda headers, body: ({**headers, "webhook-id": "msg_2"}, body),
        lambda headers, body: (headers, body + b" "),
        lambda headers, body: (headers, b"{ this is not even JSON"),
        lambda headers, body: (headers, json.dumps(json.loads(body), sort_keys=True, indent=1).encode()),
    ],
)
def test_what_is_not_signed_is_not_read(door: Door, change: Any) -> None:
    body = json.dumps(PUBLISHED).encode()
    headers, sent = change(door.signed("msg_1", body), body)
    answer = door.send(sent, headers)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert door.cases() == []


def test_a_stranger_s_secret_and_another_time(door: Door) -> None:
    body = json.dumps(PUBLISHED).encode()
    assert door.send(body, door.signed("msg_1", body, signing.new_secret())).status_code == 401
    assert door.send(body, door.signed("msg_1", body, late=301)).status_code == 401
    assert door.send(body, door.signed("msg_1", body, late=-301)).status_code == 401
    assert door.send(body, door.signed("msg_1", body, late=299)).status_code == 200


def test_an_old_request_sent_again_does_nothing(door: Door) -> None:
    body = json.dumps(PUBLISHED).encode()
    headers = door.signed("msg_1", body)
    door.send(body, headers)
    assert door.send(body, headers).json == {"cases": [door.cases()[0].number], "kept": 0, "replayed": True}
    door.town.clock.advance(timedelta(minutes=6))
    assert door.send(body, headers).status_code == 401


def test_the_same_id_for_something_else_is_a_mistake(door: Door) -> None:
    door.tell(PUBLISHED)
    answer = door.tell({**PUBLISHED, "timestamp": "2026-02-16T07:00:01Z"})
    assert answer.status_code == 422
    assert len(door.cases()) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"type": 7}',
        b'{"type": "consultation.published", "data": []}',
        b'{"type": "consultation.published", "type": "x"}',
        b'{"type": "consultation.published", "\\ud800": 1, "\\ud800": 2}',
        b'{"type": "consultation.published", "data": {"title": NaN}}',
        b'{"type": "consultation.published", "data": {"title": "\\u0000"}}',
        b'{"type": "consultation.published", "data": {"title": 1' + b"0" * 5000 + b"}}",
        b"\xff\xfe",
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
    ],
)
def test_what_is_signed_and_cannot_be_read(door: Door, body: bytes) -> None:
    answer = door.send(body, door.signed("msg_1", body))
    assert answer.status_code == 422, answer.text
    assert door.cases() == []
    assert door.tell(PUBLISHED).status_code == 200, "the id of what was refused is free"


def test_unknown_sources_are_not_there(door: Door) -> None:
    body = json.dumps(PUBLISHED).encode()
    for source in ("nobody", "empty", "..%2fregions%2fjh", "National"):
        assert door.send(body, door.signed("msg_1", body), source).status_code == 404, source
    assert door.client.get("/hooks/national").status_code == 405


def test_a_body_that_is_too_large(door: Door) -> None:
    body = b" " * (receiving.LARGEST + 1)
    assert door.send(body, door.signed("msg_1", body)).status_code == 413


# Sources -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(sources.FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_sources_name_messages_that_a_process_catches(path: Path) -> None:
    diagrams = "".join(each.read_text("utf-8") for each in regions.PROCESSES.glob("*.bpmn"))
    named = {each.message for to in sources.read(path).events.values() for each in to}
    assert named
    answers = set(handovers.ANSWERS)
    assert [each for each in named - answers if f'name="{each}"' not in diagrams] == []


def test_a_fault_in_a_source_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "far.yaml"
    path.write_text("name: Långt borta\nevents:\n  a.b:\n    - mesage: X\n", "utf-8")
    with pytest.raises(BadSource, match=r"far\.yaml: .*Rad 4"):
        sources.find("far", tmp_path)
