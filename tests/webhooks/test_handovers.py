"""Hand-overs that another system makes: asked by a signed event, answered by one, and a person's when nothing comes."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.serving import make_server

from engine import cases, messages, regions, tasks
from engine.errors import AlreadyDone, Forbidden, FormErrors
from store import tasks as task_rows
from store.cases import Case
from store.tasks import Task
from tests.core.diagrams import diagram, end, parameters, service_task, start, user_task
from tests.engine.town import REGION
from tests.patience import PATIENCE
from tests.webhooks.office import Office
from tests.webhooks.receiver import Got, Receiver, Reply
from web.app import create_app
from web.settings import Settings
from webhooks import signing

SECRET = signing.new_secret()
RECEIPT = {"diaryNumber": "HSN 2026-0123", "receiptRef": "R-7", "performedAt": "2026-02-16"}
BY_HAND = {"diaryNumber": "HSN 2026-0124", "performedAt": "2026-02-16"}
REGISTER = service_task(
    "Register",
    "registerInDiary",
    name="Diarieför svaret",
    extension=parameters({"documents": "${['sha256:1']}"}),
    properties={"manualRole": "registrar"},
)
PROCESS = diagram(start(), REGISTER, end())


@dataclass
class Diary:
    """The diary's system: what it was asked, and a line back to the house over HTTP."""

    office: Office
    receiver: Receiver
    port: int

    def deploy(self, source: bytes = PROCESS, **connector: Any) -> None:
        asked = {"mode": "webhook", "endpoint": self.receiver.url, "system": "Platina", **connector}
        self.office.town.region = regions.varied(regions.load(REGION), {"connectors": {"registerInDiary": asked}})
        self.office.town.deploy(source)

    def asked(self) -> Case:
        """A case that waits, with the event delivered."""
        self.deploy()
        case = self.office.town.start()
        self.office.drain()
        return case

    @property
    def delivery(self) -> str:
        return next(got.id for got in self.receiver.got if got.type.endswith("handover.requested"))

    def answers(self, receipt: Mapping[str, Any], id: str = "a1", secret: str = SECRET) -> tuple[int, Any]:
        return self.post("handover.completed", {"receipt": receipt}, id, secret)

    def cannot(self, reason: str, id: str = "f1") -> tuple[int, Any]:
        return self.post("handover.failed", {"reason": reason}, id)

    def post(self, type: str, data: Mapping[str, Any], id: str, secret: str = SECRET) -> tuple[int, Any]:
        body = json.dumps({"type": type, "data": {"handover": self.delivery, **data}}).encode()
        headers = signing.headers(secret, id, self.office.town.clock.moment, body)
        url = f"http://127.0.0.1:{self.port}/hooks/handovers"
        asked = urllib.request.Request(url, body, {**headers, "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE) as reply:
                return reply.status, json.loads(reply.read())
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def task(self) -> Task:
        return self.office.town.open_task("Register")

    def offered(self) -> list[str]:
        task = self.task()
        with self.office.db.read() as reader:
            return [role for role, _ in task_rows.roles_of(reader, task.id)]

    def mails(self) -> list[str]:
        return self.office.town.mails("Ria")


@pytest.fixture
def diary(office: Office, receiver: Receiver) -> Iterator[Diary]:
    """On each database."""
    with opened(office, receiver) as found:
        yield found


@pytest.fixture
def one_diary(one_office: Office, receiver: Receiver) -> Iterator[Diary]:
    """On SQLite only."""
    with opened(one_office, receiver) as found:
        yield found


@contextmanager
def opened(office: Office, receiver: Receiver) -> Iterator[Diary]:
    """The house itself is served over HTTP."""
    office.subscribe(receiver, "handover.requested", "handover.withdrawn")
    server = make_server("127.0.0.1", 0, create_app(office.db, Settings(hook_secrets=f"handovers={SECRET}")))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield Diary(office, receiver, server.server_port)
    server.shutdown()
    thread.join()


def test_the_other_system_is_asked_and_its_receipt_takes_the_case_on(diary: Diary) -> None:
    case = diary.asked()
    assert (diary.offered(), diary.mails()) == ([], []), "nobody is to do it by hand"
    (got,) = diary.receiver.got
    about = got.event["data"]
    assert (got.type, about["caseNumber"]) == ("se.kunskapsflode.handover.requested", case.number)
    assert (about["topic"], about["inputs"]) == ("registerInDiary", {"documents": ["sha256:1"]})
    assert [(each["name"], each["required"]) for each in about["receipt"]] == [
        ("diaryNumber", True),
        ("receiptRef", False),
        ("performedAt", True),
    ]
    assert about["message"] == "RegisterInDiary"
    assert about["answerBy"].startswith("2026-02-18")

    assert diary.answers(RECEIPT) == (200, {"cases": [case.number], "kept": 0, "replayed": False})
    done = diary.office.town.case(case)
    assert (done.status, done.variables["diaryNumber"], done.variables["performedBy"]) == (
        "completed",
        "HSN 2026-0123",
        None,
    )
    assert "handover.answered Register" in diary.office.town.told(case)
    diary.office.drain(days=3)
    assert diary.receiver.types == ["handover.requested"], "what was answered is not withdrawn"


def test_the_same_answer_is_taken_once_and_another_is_refused(diary: Diary) -> None:
    diary.asked()
    assert diary.answers(RECEIPT)[0] == 200
    assert diary.answers(RECEIPT)[1]["replayed"]
    assert diary.answers(RECEIPT, id="a2")[0] == 200, "sent anew under another id"
    status, refusal = diary.answers(RECEIPT | {"diaryNumber": "HSN 2026-9999"}, id="a3")
    assert status == 409
    assert "är redan gjord" in refusal["detail"]


@pytest.mark.parametrize(
    ("receipt", "named", "said"),
    [
        ({"performedAt": "2026-02-16"}, "diaryNumber", "Diarienummer"),
        (RECEIPT | {"performedAt": "2026-02-17"}, "performedAt", "senast"),
        (RECEIPT | {"number": "1"}, "number", "finns inte i formuläret"),
    ],
)
def test_a_bad_answer_is_refused_and_the_task_stays(
    one_diary: Diary, receipt: Mapping[str, Any], named: str, said: str
) -> None:
    one_diary.asked()
    status, refusal = one_diary.answers(receipt)
    assert status == 422
    (error,) = refusal["errors"]
    assert error["field"] == named
    assert said.lower() in error["message"].lower()
    assert one_diary.task().status == "open"
    assert one_diary.answers(RECEIPT)[0] == 200, "the same id may be sent again with what is right"


def test_answers_that_nobody_asked_for_are_refused(one_diary: Diary) -> None:
    one_diary.asked()
    assert one_diary.answers(RECEIPT, secret=signing.new_secret())[0] == 401
    one_diary.receiver.got[0] = Got("/in", {"webhook-id": "0" * 32}, one_diary.receiver.got[0].body)
    assert one_diary.answers(RECEIPT)[0] == 404


def test_without_an_answer_in_time_a_person_gets_it_and_reads_why(diary: Diary) -> None:
    case = diary.asked()
    diary.office.town.tick(days=1, hours=23)
    assert diary.offered() == []
    diary.office.town.tick(hours=2)
    assert diary.offered() == ["registrar"]
    assert diary.mails() == ["taskAssigned"]
    assert diary.task().properties["ifNothing"].startswith("Platina har inte svarat i tid.")
    assert "handover.late Register" in diary.office.town.told(case)
    diary.office.drain()
    withdrawn = diary.receiver.got[-1].event
    assert withdrawn["type"] == "se.kunskapsflode.handover.withdrawn"
    assert (withdrawn["data"]["handover"], withdrawn["data"]["reason"]) == (diary.delivery, "late")
    assert diary.answers(RECEIPT)[0] == 200, "a late answer is better than doing it twice"
    assert diary.office.town.case(case).status == "completed"


def test_how_long_is_waited_stands_in_the_profile(one_diary: Diary) -> None:
    one_diary.deploy(answerWithin="PT4H", manualRole="coordinator")
    one_diary.office.town.start()
    one_diary.office.town.tick(hours=5)
    assert one_diary.offered() == ["registrar"], "the diagram says whose it is"


def test_the_other_system_may_say_that_it_cannot(one_diary: Diary) -> None:
    one_diary.asked()
    assert one_diary.cannot("")[0] == 422
    assert one_diary.cannot("Handlingen går inte att läsa")[0] == 200
    assert one_diary.task().properties["ifNothing"] == (
        "Platina kunde inte göra det här: Handlingen går inte att läsa. Gör det för hand."
    )
    assert one_diary.cannot("Handlingen går inte att läsa", id="f2")[0] == 200, "said again, nothing more happens"
    assert one_diary.mails() == ["taskAssigned"]
    one_diary.office.town.complete("Register", "Ria", BY_HAND)
    assert one_diary.answers(RECEIPT)[0] == 409


def test_what_is_cancelled_is_withdrawn(diary: Diary) -> None:
    case = diary.asked()
    cases.cancel(diary.office.db, case.id, reason="Fel remiss", by=diary.office.town.by("Sam"))
    diary.office.drain()
    assert diary.receiver.got[-1].event["data"]["reason"] == "cancelled"
    status, refusal = diary.answers(RECEIPT)
    assert status == 409
    assert "återtagen" in refusal["detail"]
    diary.office.town.tick(days=4)
    assert diary.mails() == []


def test_what_never_left_is_not_sent_when_it_is_cancelled(one_diary: Diary) -> None:
    one_diary.deploy()
    case = one_diary.office.town.start()
    cases.cancel(one_diary.office.db, case.id, reason="Fel remiss", by=one_diary.office.town.by("Sam"))
    one_diary.office.drain()
    assert one_diary.receiver.got == []


def test_an_answer_to_a_suspended_case_counts_when_it_goes_on(diary: Diary) -> None:
    case = diary.asked()
    sam, town = diary.office.town.by("Sam"), diary.office.town
    cases.suspend(diary.office.db, case.id, reason="Väntar", by=sam)
    town.tick(days=5)
    assert diary.offered() == [], "time does not run out meanwhile"
    assert diary.answers({"performedAt": "2026-02-16"})[0] == 422, "it is checked at once"
    assert diary.answers(RECEIPT, id="a2")[0] == 200
    assert diary.answers(RECEIPT, id="a3")[0] == 200
    assert diary.task().status == "open"
    cases.resume(diary.office.db, case.id, by=sam)
    assert town.case(case).variables["diaryNumber"] == "HSN 2026-0123"
    town.tick()
    assert diary.mails() == []


def test_someone_who_is_given_the_task_may_do_it_by_hand(one_diary: Diary) -> None:
    one_diary.asked()
    town = one_diary.office.town
    tasks.assign(town.db, one_diary.task().id, town.keys["Ria"], by=town.by("Sam"))
    town.complete("Register", "Ria", BY_HAND)
    one_diary.office.drain()
    assert one_diary.receiver.got[-1].event["data"]["reason"] == "completed"
    assert one_diary.answers(RECEIPT)[0] == 409


def test_it_is_sent_until_it_arrives_under_one_id(one_diary: Diary) -> None:
    one_diary.receiver.answer = lambda got, number: Reply(503 if number == 0 else 200)
    one_diary.asked()
    one_diary.office.drain(minutes=1)
    assert len(one_diary.receiver.got) == 2
    assert len(set(one_diary.receiver.ids)) == 1
    assert one_diary.answers(RECEIPT)[0] == 200


def test_running_cases_keep_the_profile_they_started_with(one_diary: Diary) -> None:
    later = diagram(start(), user_task("Before", candidateGroups="coordinator"), REGISTER, end())
    town = one_diary.office.town
    town.deploy(later)
    old = town.start()
    one_diary.deploy(later)
    new = town.start()
    for _ in (old, new):
        town.complete("Before", "Sam")
    waiting = {each.case_id: "until" in each.properties.get("handover", {}) for each in town.open_tasks()}
    assert waiting == {old.id: False, new.id: True}


def test_a_program_with_a_token_may_answer_as_well(one_diary: Diary) -> None:
    case = one_diary.asked()
    town = one_diary.office.town

    def answer(by: str, receipt: Mapping[str, Any] = RECEIPT) -> messages.Correlated:
        return messages.correlate(town.db, REGION, "HandoverCompleted", one_diary.delivery, receipt, by=town.by(by))

    with pytest.raises(Forbidden):
        answer("Lo")
    with pytest.raises(FormErrors):
        answer("Sam", {})
    assert answer("Sam").cases == (case.id,)
    with pytest.raises(AlreadyDone):
        answer("Sam", RECEIPT | {"diaryNumber": "HSN 2026-9999"})


def test_without_a_receiver_it_is_a_persons_at_once(one_office: Office) -> None:
    town = one_office.town
    asked = {"mode": "webhook", "endpoint": "https://diariet.example/in", "system": "Platina"}
    town.region = regions.varied(town.region, {"connectors": {"registerInDiary": asked}})
    town.deploy(PROCESS)
    town.start()
    assert town.mails("Ria") == ["taskAssigned"]
    assert "ingen öppen mottagare" in town.open_task("Register").properties["ifNothing"]
    town.complete("Register", "Ria", BY_HAND)
    assert town.open_tasks() == []
