"""The same request sent again is carried out once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO

import pytest

from store import receipts
from store.database import Database, SteppedClock
from store.errors import StorageUnavailable
from tests.web.api.partner import Partner, good, partner, problem
from tests.web.conftest import furnished
from tests.web.house import House
from web.api import tasks as views

START = "/process-definitions/key/test/start"


def started(house: House) -> int:
    return len(house.town.open_tasks())


def test_the_first_answer_is_given_again(house: House, sam: Partner) -> None:
    key = {"Idempotency-Key": "a-1"}
    first = sam.post(START, key, variables={"title": "Remiss"})
    again = sam.post(START, key, variables={"title": "Remiss"})
    assert good(first, 201) == good(again, 201)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    for name in ("Location", "ETag", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert started(house) == 1


def test_another_request_under_the_same_key_is_a_mistake(house: House, sam: Partner) -> None:
    key = {"Idempotency-Key": "a-1"}
    good(sam.post(START, key, variables={"title": "Remiss"}), 201)
    problem(sam.post(START, key, variables={"title": "En annan"}), 422, "idempotency-key-reused")
    problem(sam.post("/messages/correlate", key, messageName="X"), 422, "idempotency-key-reused")
    assert started(house) == 1


def test_keys_of_different_tokens_never_meet(house: House, sam: Partner) -> None:
    key = {"Idempotency-Key": "a-1"}
    good(sam.post(START, key), 201)
    good(partner(house, "Sam").post(START, key), 201)
    assert started(house) == 2


def test_what_was_refused_may_be_asked_again(house: House, sam: Partner) -> None:
    key = {"Idempotency-Key": "a-1"}
    problem(sam.post(START, key, variables={"Not a name": 1}), 422, "invalid")
    good(sam.post(START, key), 201)
    assert started(house) == 1


def test_answers_are_kept_for_seven_days_at_least(house: House, sam: Partner, clock: SteppedClock) -> None:
    key = {"Idempotency-Key": "a-1"}
    first = good(sam.post(START, key), 201)
    clock.advance(timedelta(days=7))
    with house.town.db.transaction() as tx:
        assert receipts.sweep(tx) == 0
    assert good(sam.post(START, key), 201) == first
    clock.advance(timedelta(days=2))
    with house.town.db.transaction() as tx:
        assert receipts.sweep(tx) == 1


@pytest.mark.parametrize("key", ["", "å", "a b", "x" * 256, "a\tb"])
def test_keys_that_cannot_be_used(house: House, sam: Partner, key: str) -> None:
    problem(sam.post(START, {"Idempotency-Key": key}), 400, "bad-idempotency-key")
    assert started(house) == 0


def test_a_request_in_flight_answers_that_it_is(house: House, sam: Partner, clock: SteppedClock) -> None:
    """As if its process had been killed before the move: after a while the request may be made anew."""
    key = {"Idempotency-Key": "a-1"}
    good(sam.post(START, key), 201)
    lose(house.town.db, carried_out=False)
    problem(sam.post(START, key), 409, "still-working")
    clock.advance(receipts.IN_FLIGHT + timedelta(seconds=1))
    good(sam.post(START, key), 201)
    assert started(house) == 2


def test_what_was_carried_out_is_never_done_twice(house: House, sam: Partner, clock: SteppedClock) -> None:
    """As if its process had been killed between the move and the answer."""
    key = {"Idempotency-Key": "a-1"}
    good(sam.post(START, key), 201)
    lose(house.town.db, carried_out=True)
    clock.advance(receipts.IN_FLIGHT + timedelta(seconds=1))
    problem(sam.post(START, key), 409, "answer-lost")
    assert started(house) == 1


def test_a_database_that_is_gone_after_the_move_takes_the_answer_from_nobody(
    house: House, sam: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"Idempotency-Key": "a-1"}
    with monkeypatch.context() as broken:
        broken.setattr(receipts, "answer", away)
        good(sam.post(START, key), 201)
    problem(sam.post(START, key), 409, "answer-lost")
    assert started(house) == 1


def test_nobody_hears_that_nothing_was_changed_when_something_was(
    house: House, sam: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.town.start()
    [task] = house.town.open_tasks()
    monkeypatch.setattr(views, "_answered", away)
    said = problem(sam.post(f"/tasks/{task.id}/claim"), 503, "storage-unavailable")
    assert "Titta efter" in said["detail"]
    assert "Inget har ändrats" not in said["detail"]


def away(*_: object) -> None:
    raise StorageUnavailable


def test_a_form_is_the_same_whatever_its_boundaries(house: House, sam: Partner) -> None:
    house.town.start(by="Sam")
    path = f"/tasks/{house.town.open_task('Task_Answer').id}/attachments"
    key = {"Idempotency-Key": "a-1"}
    first = good(sam.upload(path, key, file=(BytesIO(b"hej"), "a.txt")), 201)
    assert good(sam.upload(path, key, file=(BytesIO(b"hej"), "a.txt")), 201) == first
    problem(sam.upload(path, key, file=(BytesIO(b"nej"), "a.txt")), 422, "idempotency-key-reused")


def test_a_part_of_a_form_may_come_without_a_name(house: House, sam: Partner) -> None:
    house.town.start(by="Sam")
    path = f"/api/v1/tasks/{house.town.open_task('Task_Answer').id}/attachments"
    part = "--x\r\nContent-Disposition: form-data{}\r\n\r\nhej\r\n"
    body = part.format("") + part.format('; name="file"; filename="a.txt"') + part.format('; name="b"') + "--x--\r\n"
    headers = {**sam.headers, "Idempotency-Key": "a-1"}
    answer = sam.client.post(path, data=body, content_type="multipart/form-data; boundary=x", headers=headers)
    assert answer.status_code < 500


def test_ten_at_once_do_it_once(db: Database, clock: SteppedClock) -> None:
    """On both databases: one is carried out, the others hear its answer or that it is under way."""
    house = furnished(db, clock)
    programs = [partner(house, "Sam")]
    programs += [Partner(house.app.test_client(), programs[0].secret) for _ in range(9)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda each: each.post(START, {"Idempotency-Key": "a-1"}), programs))
    assert started(house) == 1
    assert {each.status_code for each in answers} <= {201, 409}
    assert len({each.json["id"] for each in answers if each.status_code == 201}) == 1


def lose(db: Database, *, carried_out: bool) -> None:
    """Forget the answer of every receipt, and that it was carried out too unless said otherwise."""
    gone = {"status": None, "body": None} | ({} if carried_out else {"carried_out_at": None})
    with db.transaction() as tx:
        tx.execute(receipts.receipts.update().values(**gone))
