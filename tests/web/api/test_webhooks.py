"""Who hears of events, asked for and looked after by program."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store import history, webhooks
from tests.web.api.partner import Partner, good, partner, problem
from tests.web.house import House
from tests.webhooks.receiver import Receiver, Reply, receiving
from web import outgoing
from web.app import create_app
from web.settings import Settings
from webhooks import signing, vault

KEY = vault.new_key()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def own(house: House) -> tuple[Partner, Settings]:
    """The coordinator's program, where loopback may be sent to and secrets are sealed."""
    chosen = Settings(webhooks_allow_private="127.0.0.1", secret_key=KEY)
    return Partner(create_app(house.town.db, chosen).test_client(), partner(house, "Sam").secret), chosen


def drain(house: House, settings: Settings) -> None:
    outgoing.sender(house.town.db, settings).drain()


def test_a_program_subscribes_hears_and_leaves(house: House, own: tuple[Partner, Settings], receiver: Receiver) -> None:
    sam, settings = own
    made = good(sam.post("/webhooks", url=receiver.url, events=["se.kunskapsflode.task.created"]), 201)
    assert made["events"] == ["task.created"]
    case = house.town.start(by="Sam")
    drain(house, settings)
    (got,) = receiver.got
    assert signing.verify([made["secret"]], got.headers, got.body, house.town.clock.moment) == got.id
    (listed,) = sam.items("/webhooks")
    assert "secret" not in listed
    (sent,) = sam.items(f"/webhooks/{made['id']}/deliveries")
    assert (sent["id"], sent["type"], sent["state"]) == (got.id, "se.kunskapsflode.task.created", "sent")
    assert (sent["lastStatus"], sent["lastAnswer"], sent["processInstanceId"]) == (200, "tack", case.id)
    assert good(sam.post(f"/webhooks/{made['id']}/deliveries/{got.id}/retry")) == {"resent": 1}
    drain(house, settings)
    assert receiver.ids == [got.id, got.id]
    gone = sam.client.delete(f"/api/v1/webhooks/{made['id']}", headers=sam.headers)
    assert (gone.status_code, gone.data) == (204, b"")
    house.town.start(by="Sam")
    drain(house, settings)
    assert len(receiver.got) == 2
    assert sam.items("/webhooks") == []
    problem(sam.get(f"/webhooks/{made['id']}/deliveries"), 404, "not-found")
    with house.town.db.read() as reader:
        told = [each.what for each in history.read(reader, "region:jh") if each.what.startswith("webhook.")]
        assert webhooks.secrets(reader) == {}
    assert told == ["webhook.added", "webhook.removed"]


def test_a_delivery_that_failed_tells_why(house: House, own: tuple[Partner, Settings]) -> None:
    sam, settings = own
    with receiving(lambda got, number: Reply(500, body=b"trasig")) as broken:
        made = good(sam.post("/webhooks", url=broken.url), 201)
        house.town.start(by="Sam")
        drain(house, settings)
    waiting = sam.items(f"/webhooks/{made['id']}/deliveries", state="waiting")
    assert {(each["lastStatus"], each["lastAnswer"]) for each in waiting} == {(500, "trasig"), (None, "")}
    assert sam.items(f"/webhooks/{made['id']}/deliveries", state="sent") == []


def test_only_those_who_run_the_place_come_here(house: House, lo: Partner, sam: Partner) -> None:
    problem(lo.get("/webhooks"), 403, "forbidden")
    problem(lo.post("/webhooks", url="https://mottagare.example/in"), 403, "forbidden")
    problem(lo.client.delete("/api/v1/webhooks/x", headers=lo.headers), 404, "not-found")
    problem(
        partner(house, "Sam", "webhooks:read").post("/webhooks", url="https://x.example"), 403, "insufficient-scope"
    )
    problem(sam.get("/webhooks/x/deliveries"), 404, "not-found")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/in", "https://[::1]/in", "ftp://x.example", "inte en adress"])
def test_nothing_is_sent_to_private_addresses(sam: Partner, url: str) -> None:
    problem(sam.post("/webhooks", url=url), 422, "invalid")


def test_only_events_that_there_are(sam: Partner) -> None:
    refused = problem(sam.post("/webhooks", url="https://x.example", events=["task.gone"]), 422, "unfit-fields")
    assert refused["errors"][0]["field"].startswith("events")


def test_another_webhook_s_delivery_is_not_there(
    house: House, own: tuple[Partner, Settings], receiver: Receiver
) -> None:
    sam, _ = own
    one, other = (good(sam.post("/webhooks", url=receiver.url), 201)["id"] for _ in range(2))
    house.town.start(by="Sam")
    theirs = sam.items(f"/webhooks/{other}/deliveries")[0]["id"]
    problem(sam.post(f"/webhooks/{one}/deliveries/{theirs}/retry"), 404, "not-found")


def test_secrets_stand_sealed_in_the_database(house: House, own: tuple[Partner, Settings], receiver: Receiver) -> None:
    sam, settings = own
    made = good(sam.post("/webhooks", url=receiver.url), 201)
    with house.town.db.read() as reader:
        kept = webhooks.secret_of(reader, made["id"])
    assert not vault.is_bare(kept)
    assert made["secret"] not in kept
    assert outgoing.vault(settings).open(kept) == made["secret"]
