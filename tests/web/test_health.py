"""What whoever watches over the server is told; and what everyone is told while the database is away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from engine import live
from store import figures, outbox, settings
from store.database import Database, SteppedClock
from store.migrations import upgrade
from tests import postgres
from tests.conftest import START
from tests.engine.town import settle
from tests.web.house import House, every_question
from web import doors, worker
from web.app import create_app
from web.settings import Settings

TOKEN = "ett långt och hemligt ord"
POISON_ROUTE = "/arenden/<svg onload=alert(1)>"


def measured(text: str) -> dict[tuple[str, ...], float]:
    """Name and label values -> value."""
    return {
        (each.name, *each.labels.values()): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


@pytest.fixture
def ticking(house: House) -> House:
    """A house whose clock has just looked."""
    worker.tick(house.town.db)
    return house


def test_ready_when_all_is_well(ticking: House) -> None:
    answer = ticking.visit().see("/ready")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ready",
        "checks": {"database": "ok", "schema": "ok", "clock": "ok", "outgoing": "ok"},
    }


def test_what_is_held_is_told_and_stops_nothing(ticking: House) -> None:
    with ticking.town.db.transaction() as tx:
        outbox.hold(tx)
    answer = ticking.visit().see("/ready")
    assert answer.status_code == 200
    assert answer.json["checks"]["outgoing"] == "held"


def test_a_clock_that_has_stopped_is_told(house: House) -> None:
    assert house.visit().see("/ready").json["checks"]["clock"] == "never"
    worker.tick(house.town.db)
    house.town.clock.advance(timedelta(seconds=31))
    answer = house.visit().see("/ready")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert (answer.json["status"], answer.json["checks"]["clock"]) == ("not ready", "late")


def test_another_schema_is_told(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/empty.sqlite3")
    answer = create_app(db, Settings()).test_client().get("/ready")
    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "checks": {"database": "ok", "schema": "other"}}


def test_figures_tell_how_it_goes(ticking: House) -> None:
    house = ticking
    house.town.start(by="Sam", title="Hemlig rubrik")
    with house.town.db.transaction() as tx:
        outbox.enqueue(tx, "jh", "mail", "reminder", {"text": "Hemligt"}, recipient="lo")
        settings.put(tx, figures.BACKUP, (tx.now - timedelta(hours=2)).isoformat())
    house.town.clock.advance(timedelta(days=31))
    visit = house.visit("Sam")
    visit.see("/arenden")
    visit.see(POISON_ROUTE)
    visit.see("/finns/inte")
    answer = visit.see("/metrics")
    assert answer.content_type.startswith("text/plain")
    found = measured(answer.text)
    assert found["kunskapsflode_database_up",] == 1
    assert found["kunskapsflode_cases", "active"] == 1
    assert (found["kunskapsflode_tasks_open",], found["kunskapsflode_tasks_overdue",]) == (1, 1)
    assert found["kunskapsflode_timers_due",] == 1
    assert found["kunskapsflode_timers_lateness_seconds",] == pytest.approx(86_400)
    assert found["kunskapsflode_outbox", "mail", "waiting"] >= 1
    assert found["kunskapsflode_outbox_lateness_seconds",] == pytest.approx(31 * 86_400)
    assert found["kunskapsflode_outbox_held",] == 0
    assert found["kunskapsflode_clock_heartbeat_seconds",] == pytest.approx(31 * 86_400)
    assert found["kunskapsflode_backup_age_seconds",] == pytest.approx(31 * 86_400 + 7_200)
    assert found["kunskapsflode_step_seconds_count", "Begin"] >= 1
    assert found["kunskapsflode_http_requests_total", "GET", "/arenden/<id>", "404"] == 1
    assert found["kunskapsflode_http_requests_total", "GET", "unknown", "404"] == 1
    for word in ("Hemlig", "Sam", "svg", house.town.keys["Sam"]):
        assert word not in answer.text


def test_series_are_bounded(house: House) -> None:
    visit = house.visit()
    before = len(measured(visit.see("/metrics").text))
    for number in range(50):
        visit.see(f"/arenden/{number}")
        visit.see(f"/{number}")
        visit.client.open(f"/{number}", method=f"M{number}")
    assert len(measured(visit.see("/metrics").text)) <= before + 10


@pytest.mark.parametrize(
    ("token", "address", "headers", "seen"),
    [
        ("", "127.0.0.1", {}, True),
        ("", "::1", {}, True),
        ("", "10.1.2.3", {}, False),
        ("", "127.0.0.1", {"X-Forwarded-For": "10.1.2.3"}, False),
        (TOKEN, "127.0.0.1", {}, False),
        (TOKEN, "10.1.2.3", {"Authorization": "Bearer fel"}, False),
        ("abc", "10.1.2.3", {"Authorization": "Bearer abc"}, True),
    ],
)
def test_figures_are_for_this_machine_or_for_who_shows_the_token(
    house: House, token: str, address: str, headers: dict[str, str], seen: bool
) -> None:
    client = create_app(house.town.db, Settings(metrics_token=token)).test_client()
    answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == (200 if seen else 404)


# A database that is away ---------------------------------------------------------------------------------------------


@pytest.fixture(params=["stopped", "damaged"])
def away(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Flask, str]]:
    """An application whose database has gone, and the session of someone who was logged in before."""
    clock = SteppedClock(START)
    if request.param == "damaged":
        file = tmp_path / "damaged.sqlite3"
        db = Database(f"sqlite:///{file}", clock)
        yield _left(db, clock, lambda: _damage(file))
        return
    with postgres.running() as server:
        yield _left(Database(server.address, clock), clock, server.stop)


def _damage(file: Path) -> None:
    file.write_bytes(b"Detta var en databas. " * 1000)
    for beside in file.parent.glob("damaged.sqlite3-*"):
        beside.unlink()


def _left(db: Database, clock: SteppedClock, leave: Callable[[], None]) -> tuple[Flask, str]:
    live.forget()
    upgrade(db)
    house = House(settle(db, clock), create_app(db, Settings()))
    house.settle()
    house.town.deploy(every_question())
    visit = house.visit("Sam")
    cookie = visit.client.get_cookie("kf_session")
    assert cookie is not None
    db.close()
    leave()
    return house.app, cookie.value


def test_every_page_and_every_route_says_503(away: tuple[Flask, str]) -> None:
    app, session = away
    client = app.test_client()
    client.set_cookie("kf_session", session)
    asked = 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static" or rule.rule in WITHOUT_DATABASE:
            continue
        path = re.sub(r"<[^>]+>", "1", rule.rule)
        answer = client.get(path, headers={"Authorization": "Bearer kf_" + "0" * 40})
        asked += 1
        assert answer.status_code == 503, (path, answer.status_code)
        assert answer.headers["Retry-After"] == "5", path
        assert "Traceback" not in answer.text
    assert asked > 20


WITHOUT_DATABASE = {"/live", "/metrics", "/api/v1/openapi.json"}


def test_the_process_lives_and_is_not_ready(away: tuple[Flask, str]) -> None:
    client = away[0].test_client()
    assert client.get("/live").json == {"status": "live"}
    answer = client.get("/ready")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json == {"status": "not ready", "checks": {"database": "unavailable"}}
    figures_then = measured(client.get("/metrics").text)
    assert figures_then["kunskapsflode_database_up",] == 0


def test_health_and_figures_are_for_machines(house: House) -> None:
    for endpoint in ("health.live", "health.ready", "health.figures"):
        assert doors.level_of(house.app, endpoint) == doors.MACHINES
