"""Coming in and going out: sessions, throttling, demo accounts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from store import accounts, sessions
from tests.web.house import PASSWORD, House
from web import passwords, worker
from web.app import create_app
from web.login import throttle
from web.settings import Settings


def test_the_right_password_opens(house: House) -> None:
    assert "Sam" in house.visit("Sam").text("/")


@pytest.mark.parametrize("username", ["sam", "finns-inte"])
def test_wrong_passwords_and_unknown_people_get_the_same_answer(house: House, username: str) -> None:
    answer = house.visit().send("/logga-in", username=username, password="fel lösenord helt")
    assert answer.status_code == 401
    assert "stämmer inte" in answer.text
    assert answer.text.count("1 fel:") == 1


def test_an_endless_password_is_refused_unread(house: House) -> None:
    assert house.visit().send("/logga-in", username="sam", password="x" * 500_000).status_code == 401


def test_log_in_gives_a_new_session_whatever_cookie_came(house: House) -> None:
    visit = house.visit()
    visit.client.set_cookie("kf_session", "planterad")
    answer = visit.send("/logga-in", username="sam", password=PASSWORD)
    cookie = answer.headers["Set-Cookie"]
    assert "kf_session=" in cookie
    assert "planterad" not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_over_https_the_cookie_is_bound_to_the_host(house: House) -> None:
    app = create_app(house.town.db, Settings(base_url="https://kunskap.region.example"))
    visit = replace(house, app=app).visit()
    visit.client.environ_base["wsgi.url_scheme"] = "https"
    cookie = visit.send("/logga-in", username="sam", password=PASSWORD).headers.getlist("Set-Cookie")
    assert any(each.startswith("__Host-kf_session=") and "Secure" in each for each in cookie)


def test_the_database_holds_only_the_hash(house: House) -> None:
    visit = house.visit("Sam")
    found = visit.client.get_cookie("kf_session")
    assert found is not None
    with house.town.db.read() as reader:
        session = sessions.find(reader, found.value)
    assert session is not None
    assert session.hash != found.value


def test_log_out_ends_the_session_also_for_a_copied_cookie(house: House) -> None:
    visit = house.visit("Sam")
    copied = visit.client.get_cookie("kf_session")
    assert copied is not None
    visit.see("/mer")
    assert visit.send("/logga-ut").status_code == 303
    visit.client.set_cookie("kf_session", copied.value)
    assert visit.see("/").status_code == 303


def test_a_session_lasts_a_working_day(house: House) -> None:
    visit = house.visit("Sam")
    house.town.clock.advance(timedelta(hours=7, minutes=59))
    assert visit.see("/").status_code == 200
    house.town.clock.advance(timedelta(minutes=2))
    assert visit.see("/").status_code == 303


def test_sessions_that_are_over_are_swept_away_after_a_month(house: House) -> None:
    house.visit("Sam")
    for days, left in ((29, 1), (2, 0)):
        house.town.clock.advance(timedelta(days=days))
        worker.sweep(house.town.db)
        with house.town.db.transaction() as tx:
            assert tx.scalar(select(func.count()).select_from(sessions.sessions)) == left


def test_a_closed_account_is_out_at_once(house: House) -> None:
    visit = house.visit("Sam")
    with house.town.db.transaction() as tx:
        accounts.disable(tx, house.town.keys["Sam"])
    assert visit.see("/").status_code == 303
    assert house.visit().send("/logga-in", username="sam", password=PASSWORD).status_code == 401


def test_guessing_has_to_wait_longer_and_longer(house: House) -> None:
    visit = house.visit()
    for _ in range(throttle.FREE + 1):
        assert visit.send("/logga-in", username="sam", password="fel lösenord helt").status_code == 401
    assert visit.send("/logga-in", username="sam", password=PASSWORD).status_code == 429
    house.town.clock.advance(throttle.wait(throttle.FREE + 1))
    assert visit.send("/logga-in", username="sam", password=PASSWORD).status_code == 303


def test_someone_who_guesses_elsewhere_locks_no_one_out(house: House) -> None:
    guesser = house.visit()
    guesser.client.environ_base["REMOTE_ADDR"] = "192.0.2.1"
    for _ in range(20):
        guesser.send("/logga-in", username="sam", password="fel lösenord helt")
    assert house.visit().send("/logga-in", username="sam", password=PASSWORD).status_code == 303


def test_one_address_may_not_try_everyone(house: House) -> None:
    with house.town.db.transaction() as tx:
        for n in range(throttle.MOST_FROM_ADDRESS):
            sessions.note_attempt(tx, f"nagon{n}", "127.0.0.1", False)
    assert house.visit().send("/logga-in", username="sam", password=PASSWORD).status_code == 429


def test_demo_accounts_open_by_name_on_the_machine_itself_alone(house: House) -> None:
    demo = replace(house, app=create_app(house.town.db, Settings(env="demo")))
    visit = demo.visit()
    assert 'value="sam"' in visit.text("/logga-in")
    assert visit.send("/logga-in/prov", username="sam").status_code == 303
    far = demo.visit()
    far.client.environ_base["REMOTE_ADDR"] = "192.0.2.1"
    assert far.send("/logga-in/prov", username="sam").status_code == 404


@pytest.mark.parametrize("settings", [Settings(), Settings(env="production"), Settings(env="demo", host="0.0.0.0")])
def test_demo_accounts_are_closed_elsewhere(house: House, settings: Settings) -> None:
    visit = replace(house, app=create_app(house.town.db, settings)).visit()
    assert 'value="sam"' not in visit.text("/logga-in")
    assert visit.send("/logga-in/prov", username="sam").status_code == 404


def test_english_is_a_choice(house: House) -> None:
    visit = house.visit()
    visit.see("/logga-in")
    visit.send("/val", language="en")
    page = visit.text("/logga-in")
    assert '<html lang="en"' in page
    assert "Log in" in page
    assert "Password" in page


def test_single_keys_can_be_switched_off(house: House) -> None:
    visit = house.visit("Lo")
    assert "data-keys" not in visit.text("/")
    assert "Stäng av enstaka tangenter" in visit.text("/tangenter")
    assert visit.send("/val", keys="off", next="/tangenter").headers["Location"] == "/tangenter"
    page = visit.text("/tangenter")
    assert re.search(r'<html[^>]* data-keys="off"', page)
    assert "Slå på enstaka tangenter" in page
    visit.send("/val", keys="on")
    assert "data-keys" not in visit.text("/")


def test_a_password_that_someone_sets_is_costly_to_guess() -> None:
    kind, costs = passwords.hash("ett riktigt långt lösenord").split("$")[1:4:2]
    memory, rounds, lanes = (int(each.split("=")[1]) for each in costs.split(","))
    assert (kind, memory >= 19_456, rounds >= 2, lanes >= 1) == ("argon2id", True, True, True)
