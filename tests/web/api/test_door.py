"""Who comes in, with what, and what they hear when they do not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import tokens
from engine.access import SYSTEM
from store import accounts, history, people
from store import tokens as rows
from store.database import SteppedClock
from tests.web.api.partner import Partner, good, partner, problem
from tests.web.house import House
from web.api.scopes import SCOPES


def test_a_token_is_its_persons(sam: Partner, house: House) -> None:
    me = good(sam.get("/me"))
    assert (me["id"], me["name"], me["region"]) == (house.town.keys["Sam"], "Sam", "jh")
    assert [each["role"] for each in me["roles"]] == ["coordinator"]
    assert me["scopes"] == list(SCOPES)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer kf_wrong", "Basic a2Y6a2Y=", "Token kf_wrong", "Bearer kf_å", "Bearer " + "x" * 5000],
)
def test_without_a_token_in_force_nobody_comes_in(house: House, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = house.app.test_client().get("/api/v1/tasks", headers=headers)
    problem(answer, 401, "not-authenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_tokens_end(house: House, clock: SteppedClock) -> None:
    db, person = house.town.db, house.town.keys["Sam"]
    _, brief = tokens.add(db, person, "kort", ["tasks:read"], expires_at=clock.moment + timedelta(days=1), by=SYSTEM)
    token, secret = tokens.add(db, person, "lång", ["tasks:read"], by=SYSTEM)
    client = house.app.test_client()
    good(Partner(client, brief).get("/me"))
    clock.advance(timedelta(days=1))
    problem(Partner(client, brief).get("/me"), 401, "not-authenticated")
    good(Partner(client, secret).get("/me"))
    tokens.revoke(db, "jh", token.id, by=SYSTEM)
    problem(Partner(client, secret).get("/me"), 401, "not-authenticated")


def test_a_token_ends_with_its_person(house: House, sam: Partner, lo: Partner) -> None:
    with house.town.db.transaction() as tx:
        people.change(tx, house.town.keys["Sam"], name="Sam", email=None, active=False)
        accounts.disable(tx, house.town.keys["Lo"])
    for each in (sam, lo):
        problem(each.get("/me"), 401, "not-authenticated")


def test_only_a_hash_of_the_token_is_kept(house: House, sam: Partner) -> None:
    with house.town.db.read() as reader:
        found = rows.of_region(reader, "jh")
        told = [each for each in history.read(reader, "region:jh") if each.what == "token.added"]
    assert found
    assert told
    assert sam.secret not in repr(found) + repr(told)


def test_a_page_session_opens_no_api_and_a_token_no_page(house: House, sam: Partner) -> None:
    browser = house.visit("Sam")
    problem(browser.client.get("/api/v1/me"), 401, "not-authenticated")
    problem(browser.client.post("/api/v1/messages/correlate", json={}), 401, "not-authenticated")
    assert sam.client.get("/arenden", headers=sam.headers).status_code == 303


def test_a_program_needs_no_form_token(sam: Partner) -> None:
    headers = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    good(sam.post("/messages/correlate", headers, messageName="NobodyWaits"))


def test_what_is_not_there_is_a_problem_too(sam: Partner) -> None:
    problem(sam.get("/nothing"), 404, "not-found")
    answer = sam.client.delete("/api/v1/tasks", headers=sam.headers)
    problem(answer, 405, "method-not-allowed")
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("id", ["a%00b", "%ff%fe", "a" * 201, "..", "%2e%2e%2f"])
def test_odd_ids_are_not_there(sam: Partner, id: str) -> None:
    problem(sam.get(f"/tasks/{id}"), 404, "not-found")


def test_scopes_narrow_what_the_person_may(house: House) -> None:
    reads = partner(house, "Sam", "tasks:read")
    good(reads.get("/tasks"))
    refused = problem(reads.get("/process-instances"), 403, "insufficient-scope")
    assert refused["scope"] == "instances:read"
    problem(reads.post("/tasks/x/claim"), 403, "insufficient-scope")


def test_answers_of_the_api_are_not_kept_by_anyone(sam: Partner) -> None:
    assert sam.get("/tasks").headers["Cache-Control"] == "no-store"


def test_a_table_row_for_every_error_of_the_house() -> None:
    """Every error of a move or of the memory that a request can meet has its problem."""
    from engine import errors as moves
    from web.api.problems import BROKEN, ApiError, problem_of

    known = [each for each in vars(moves).values() if isinstance(each, type) and issubclass(each, moves.MoveError)]
    bases = {moves.MoveError, moves.EffectRefused}
    unseen = [each for each in known if each not in bases and problem_of(each.__new__(each)) is BROKEN]
    assert unseen == []
    assert [each for each in ApiError.__subclasses__() if problem_of(each.__new__(each)) is BROKEN] == []
