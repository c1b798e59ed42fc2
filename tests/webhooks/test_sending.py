"""Events on their way to a real receiver: at least once, under one id, in order per case, and nobody held up."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine import incidents as moves
from engine.errors import Conflict, Invalid, NotFound
from store import outbox, webhooks
from tests.core.diagrams import decision_task, diagram, end, service_task, start, user_task
from tests.engine.town import REGION
from tests.patience import PATIENCE
from tests.webhooks.office import BASE, QUICK, Office
from tests.webhooks.receiver import Got, Receiver, Reply, receiving
from webhooks import endpoints, patience, signing
from webhooks.outbound import Outbound
from webhooks.sending import Sender

WORK = ("task.created", "task.claimed", "task.completed")


def test_a_case_tells_whoever_listens(office: Office, receiver: Receiver) -> None:
    endpoint = office.subscribe(receiver, "process_instance.started", "task.created", "task.completed")
    office.town.deploy(diagram(start(), user_task("A", candidateGroups="coordinator", name="Läs"), end()))
    case = office.town.start(title="Vårdförlopp KOL")
    task = office.town.open_task("A")
    office.town.complete("A", "Sam")
    office.drain()
    assert receiver.types == ["process_instance.started", "task.created", "task.completed"]
    event = receiver.got[1].event
    assert event == {
        "specversion": "1.0",
        "id": receiver.got[1].id,
        "source": "urn:kunskapsflode:jh",
        "type": "se.kunskapsflode.task.created",
        "subject": task.id,
        "time": event["time"],
        "timestamp": event["time"],
        "sequence": "0000000003",
        "datacontenttype": "application/json",
        "data": event["data"],
    }
    assert datetime.fromisoformat(event["time"]) == office.town.clock.moment
    assert event["data"] == {
        "caseId": case.id,
        "caseNumber": case.number,
        "processKey": "test",
        "title": "Vårdförlopp KOL",
        "taskId": task.id,
        "element": "A",
        "name": "Läs",
        "due": None,
        "link": f"{BASE}/uppgifter/{task.id}",
    }
    for got in receiver.got:
        assert got.headers["content-type"].startswith("application/cloudevents+json")
        assert signing.verify([office.secrets[endpoint.id]], got.headers, got.body, office.town.clock.moment) == got.id
    assert office.statuses(endpoint) == ["sent"] * 3


REVIEW = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="D" name="D" namespace="urn:d">
  <decision id="review" name="Granskning"><decisionTable id="T" hitPolicy="FIRST">
    <input id="I"><inputExpression id="E" typeRef="string"><text>case.title</text></inputExpression></input>
    <output id="O" name="deep" typeRef="boolean"/>
    <rule id="R"><inputEntry id="A"><text>-</text></inputEntry>
      <outputEntry id="B"><text>true</text></outputEntry></rule>
  </decisionTable></decision></definitions>"""


def test_decisions_and_diary_numbers_are_told_of(office: Office, receiver: Receiver) -> None:
    office.subscribe(receiver, "decision.made", "document.registered")
    decided = decision_task("Decide", "review", "route", name="Hur granskas den?")
    diary = service_task("Diary", "registerInDiary", name="Diarieför", properties={"manualRole": "registrar"})
    office.town.deploy(diagram(start(), decided, diary, end()), beside={"review.dmn": REVIEW})
    case = office.town.start(title="Vårdförlopp KOL")
    office.town.complete("Diary", "Ria", {"diaryNumber": "RS/1/2026", "performedAt": "2026-02-16"})
    office.drain()
    assert receiver.types == ["decision.made", "document.registered"]
    made, registered = (got.event["data"] for got in receiver.got)
    assert (made["element"], made["decision"], made["caseId"]) == ("Decide", "review", case.id)
    assert not {"inputs", "outputs", "rules"} & set(made)
    assert (registered["element"], registered["diaryNumber"]) == ("Diary", "RS/1/2026")


def test_nothing_is_written_where_nobody_listens(one_office: Office, receiver: Receiver) -> None:
    one_office.town.deploy(diagram(start(), user_task("A", candidateGroups="coordinator"), end()))
    one_office.town.start()
    with one_office.db.read() as reader:
        assert [each.kind for each in outbox.listed(reader, REGION, "waiting")] == ["mail"]


def test_each_endpoint_gets_what_it_asked_for(office: Office) -> None:
    with receiving() as one, receiving() as other:
        office.subscribe(one, "task.claimed")
        office.subscribe(other)
        office.tell(office.case(), *WORK)
        office.drain()
        assert one.types == ["task.claimed"]
        assert other.types == list(WORK)
        assert not set(one.ids) & set(other.ids)


def test_an_event_that_is_refused_is_sent_again_under_its_id_and_holds_up_its_case_alone(office: Office) -> None:
    def answer(got: Got, number: int) -> Reply:
        return Reply(500 if number == 0 else 200, body=b"sjuk\x00<b>")

    with receiving(answer) as receiver:
        endpoint = office.subscribe(receiver)
        first, second = office.case(), office.case()
        office.tell(first, *WORK)
        office.tell(second, *WORK)
        office.drain()
        assert receiver.types == ["task.created", *WORK]
        office.drain(seconds=4)
        assert len(receiver.got) == 4
        office.drain(seconds=3)
        assert receiver.types[4:] == list(WORK)
        assert receiver.ids[4] == receiver.ids[0]
        assert receiver.got[4].body == receiver.got[0].body
        stamps = [int(receiver.got[each].headers["webhook-timestamp"]) for each in (0, 4)]
        assert stamps[1] - stamps[0] == 7, "the time is that of the attempt"
        with office.db.read() as reader:
            tries = webhooks.attempts_of(reader, receiver.ids[0])
        assert [(each.attempt, each.status) for each in tries] == [(1, 500), (2, 200)]
        assert tries[0].says == "sjuk <b>"
        assert set(office.statuses(endpoint)) == {"sent"}


@pytest.mark.parametrize(
    "reply", [Reply(503), Reply(429), Reply(cuts=True), Reply(hangs=True)], ids=["503", "429", "cuts", "hangs"]
)
def test_a_receiver_that_is_down_is_left_in_peace_until_it_answers(one_office: Office, reply: Reply) -> None:
    office = one_office
    replies = [reply]
    with receiving(lambda got, number: replies[-1]) as receiver:
        endpoint = office.subscribe(receiver)
        for _ in range(8):
            office.tell(office.case(), "task.created")
        office.sender.outbound = replace(office.outbound, seconds=QUICK)
        office.drain()
        office.drain(seconds=1)
        assert sorted(each.attempts for each in office.deliveries(endpoint)) == [0] * 7 + [1], "one knock, not eight"
        office.drain(seconds=10)
        assert sum(each.attempts for each in office.deliveries(endpoint)) == 2
        assert office.endpoint(endpoint).failures == 2
        replies.append(Reply())
        office.sender.outbound = office.outbound
        office.drain(minutes=1)
        assert sum(each.attempts for each in office.deliveries(endpoint)) == 10
        assert len(set(receiver.ids)) == 8
        assert set(office.statuses(endpoint)) == {"sent"}
        assert office.endpoint(endpoint) == endpoint


def test_retry_after_is_kept_to(one_office: Office) -> None:
    office = one_office
    with receiving(lambda got, number: Reply(429, {"Retry-After": "600"}) if number == 0 else Reply()) as receiver:
        office.subscribe(receiver)
        office.tell(office.case(), "task.created")
        office.drain()
        office.drain(seconds=599)
        assert len(receiver.got) == 1
        office.drain(seconds=1)
        assert len(receiver.got) == 2


def test_410_shuts_the_endpoint_off_and_tells_a_human(office: Office) -> None:
    with receiving(lambda got, number: Reply(410) if number == 0 else Reply()) as receiver:
        endpoint = office.subscribe(receiver)
        office.tell(office.case(), *WORK)
        office.drain()
        office.drain(days=1)
        assert len(receiver.got) == 1
        assert office.endpoint(endpoint).disabled_at
        assert office.statuses(endpoint) == ["failed"] * 3
        (told,) = office.town.incidents()
        assert (told.rule, told.task, told.case_id) == ("delivery", endpoint.id, None)
        assert "3 händelser" in told.message
        office.tell(office.case(), *WORK)
        assert len(office.deliveries(endpoint)) == 3, "nothing is written for one that is shut off"

        assert endpoints.retry(office.db, REGION, endpoint.id) == 3
        assert [each.id for each in office.town.incidents()] == [told.id]
        office.drain()
        assert office.town.incidents() == []
        assert receiver.types == ["task.created", *WORK]
        assert receiver.ids[1] == receiver.ids[0]


def test_three_days_without_an_answer_shut_the_endpoint_off(one_office: Office) -> None:
    office = one_office
    with receiving(lambda got, number: Reply(503)) as receiver:
        endpoint = office.subscribe(receiver)
        office.tell(office.case(), *WORK)
        for _ in range(80):
            office.drain(hours=1)
        assert 20 < len(receiver.got) < 60
        assert set(receiver.ids) == {receiver.ids[0]}
        (told,) = office.town.incidents()
        assert "tre dygn" in told.message
        assert office.statuses(endpoint) == ["failed"] * 3
        assert moves.retry(office.db, told.id, by=office.town.by("Ola")).result == moves.UNDER_WAY
        assert office.endpoint(endpoint).disabled_at is None
        assert office.statuses(endpoint) == ["waiting"] * 3
        assert [each.id for each in office.town.incidents()] == [told.id]


def test_an_event_that_is_refused_for_three_days_is_given_up_and_its_case_goes_on(one_office: Office) -> None:
    office = one_office
    with receiving(lambda got, number: Reply(400 if got.type.endswith("created") else 200)) as receiver:
        endpoint = office.subscribe(receiver)
        office.tell(office.case(), *WORK)
        for _ in range(80):
            office.drain(hours=1)
        assert office.statuses(endpoint) == ["failed", "sent", "sent"]
        assert office.endpoint(endpoint).disabled_at is None
        (told,) = office.town.incidents()
        assert told.task == receiver.ids[0]
        assert endpoints.retry(office.db, REGION, told.task) == 1
        assert [each.id for each in office.town.incidents()] == [told.id]
        receiver.answer = lambda got, number: Reply(200)
        office.drain()
        assert office.statuses(endpoint) == ["sent"] * 3
        assert office.town.incidents() == []


def test_a_sender_that_died_is_taken_over_when_its_lease_runs_out(office: Office, receiver: Receiver) -> None:
    endpoint = office.subscribe(receiver)
    office.tell(office.case(), *WORK)
    with office.db.transaction() as tx:
        (claimed,) = outbox.claim_events(tx, endpoint.id)
    office.drain(seconds=59)
    assert receiver.got == []
    office.drain(seconds=1)
    assert receiver.types == list(WORK)
    assert receiver.ids[0] == claimed.id
    with office.db.transaction() as tx:
        assert not outbox.failed(tx, claimed, "too late", None)


def test_two_senders_send_each_event_once_and_in_order(office: Office, receiver: Receiver) -> None:
    endpoint = office.subscribe(receiver)
    cases = [office.case() for _ in range(6)]
    for case in cases:
        office.tell(case, *WORK)
    senders = [Sender(office.db, office.outbound, BASE) for _ in range(3)]
    threads = [threading.Thread(target=each.send, args=[endpoint.id]) for each in senders]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    office.drain()
    assert len(receiver.ids) == len(set(receiver.ids)) == 18
    by_case = {out.id: (out.case_id, out.sequence) for out in office.deliveries(endpoint)}
    for case in cases:
        sequence = [by_case[id][1] for id in receiver.ids if by_case[id][0] == case.id]
        assert sequence == sorted(sequence)


def test_a_receiver_that_hangs_holds_nobody_else_up(one_office: Office) -> None:
    office = one_office
    patient = Sender(office.db, Outbound(office.outbound.allowed, seconds=PATIENCE), BASE)
    with receiving(lambda got, number: Reply(hangs=True)) as dead, receiving() as alive:
        slow = office.subscribe(dead)
        office.subscribe(alive)
        office.tell(office.case(), *WORK)
        patient.round()
        assert dead.arrived.wait(PATIENCE)
        assert alive.arrived.wait(PATIENCE)
        alive.arrived.clear()
        office.tell(office.case(), *WORK)
        while len(alive.got) < 6:
            patient.round()
            assert alive.arrived.wait(PATIENCE)
            alive.arrived.clear()
        assert len(dead.got) == 1
        assert "sent" not in office.statuses(slow)
        dead.gone.set()
        patient.stop()


def test_nothing_leaves_while_everything_is_held(office: Office, receiver: Receiver) -> None:
    office.subscribe(receiver)
    office.tell(office.case(), "task.created")
    with office.db.transaction() as tx:
        outbox.hold(tx)
    office.drain(days=1)
    assert receiver.got == []
    with office.db.transaction() as tx:
        outbox.release(tx)
    office.drain()
    assert receiver.types == ["task.created"]


def test_an_address_that_turns_inwards_is_not_sent_to(one_office: Office) -> None:
    """Judged again at every attempt: a name may be given another address once it is accepted."""
    office = one_office
    addresses = ["93.184.215.14"]
    office.outbound = Outbound(resolve=lambda host, port: addresses)
    endpoint, _ = endpoints.add(office.db, office.outbound, REGION, "https://far.example/in")
    addresses[:] = ["169.254.169.254"]
    office.tell(office.case(), "task.created")
    Sender(office.db, office.outbound, BASE).drain()
    (out,) = office.deliveries(endpoint)
    assert out.status == "waiting"
    assert "169.254.169.254" in out.last_error


def test_what_cannot_be_asked_for(one_office: Office, receiver: Receiver) -> None:
    office = one_office
    for url, types in (
        (receiver.url, ["task.exploded"]),
        ("https://169.254.169.254/latest", ["*"]),
        ("file:///etc/hosts", ["*"]),
    ):
        with pytest.raises(Invalid):
            endpoints.add(office.db, office.outbound, REGION, url, types)
    with pytest.raises(NotFound):
        endpoints.retry(office.db, REGION, "0" * 32)
    endpoint = office.subscribe(receiver, "se.kunskapsflode.task.created")
    assert endpoint.events == ["task.created"]
    with pytest.raises(NotFound):
        endpoints.retry(office.db, "bl", endpoint.id)
    office.tell(office.case(), "task.created")
    with office.db.transaction() as tx:
        (claimed,) = outbox.claim_events(tx, endpoint.id)
    with pytest.raises(Conflict):
        endpoints.retry(office.db, REGION, claimed.id)


# When to try again ---------------------------------------------------------------------------------------------------

NOW = datetime(2026, 2, 16, 7, 0, tzinfo=UTC)


def test_the_waits_grow_and_end_after_three_days() -> None:
    moment, waits = NOW, []
    while (following := patience.again("a", len(waits) + 1, NOW, moment)) is not None:
        waits.append(following - moment)
        moment = following
    assert waits == sorted(waits) or max(waits) < timedelta(hours=2, minutes=13)
    assert waits[0] < timedelta(seconds=6)
    assert timedelta(days=3) <= sum(waits, timedelta()) < timedelta(days=3, hours=3)
    assert 30 < len(waits) < 50


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("Mon, 16 Feb 2026 07:10:00 GMT", 600),
        ("Mon, 16 Feb 2026 06:00:00 GMT", 0),
        ("999999", 86_400),
        ("99999999999999999999", 0),
        ("-5", 0),
        ("snart", 0),
        ("", 0),
    ],
)
def test_what_retry_after_asks_for(header: str, seconds: int) -> None:
    assert patience.asked(header, NOW) == timedelta(seconds=seconds)
