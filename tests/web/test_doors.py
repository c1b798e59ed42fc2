"""Who may come where, and from where: every route of the application, none forgotten."""

from __future__ import annotations

import re

import pytest
from werkzeug.routing import Rule

from tests.web.house import PASSWORD, POISON, House, Visit
from web import doors

NOTHING = "0" * 32
"""An id that nothing has."""


def rules(house: House) -> list[Rule]:
    """The routes of people; those of programs are walked in `tests/web/api`."""
    found = [rule for rule in house.app.url_map.iter_rules() if rule.endpoint != "static"]
    return [rule for rule in found if doors.level_of(house.app, rule.endpoint) != doors.MACHINES]


def address(rule: Rule, **known: str) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: known.get(match.group(1), NOTHING), rule.rule)


def unsafe(rule: Rule) -> bool:
    return bool((rule.methods or set()) - doors.SAFE_METHODS)


def test_every_route_says_who_it_is_open_to(house: House) -> None:
    silent = [rule.endpoint for rule in rules(house) if doors.level_of(house.app, rule.endpoint) not in doors.LEVELS]
    assert silent == []


def test_a_route_that_says_nothing_is_open_to_no_one(house: House) -> None:
    house.app.add_url_rule("/glomd", "forgotten", lambda: "hemligt")
    assert house.visit("Sam").see("/glomd").status_code == 404


def test_the_stranger_is_sent_to_the_log_in(house: House) -> None:
    stranger = house.visit()
    for rule in rules(house):
        if "GET" in (rule.methods or ()) and doors.level_of(house.app, rule.endpoint) != doors.ANYONE:
            answer = stranger.see(address(rule))
            assert answer.status_code == 303, rule
            assert answer.headers["Location"].startswith("/logga-in?next=/"), rule


def test_operations_are_not_there_for_others(house: House) -> None:
    assert house.visit("Lo").see("/drift").status_code == 404
    assert house.visit("Ola").see("/drift").status_code == 200


def test_what_belongs_to_another_area_is_not_there(house: House) -> None:
    """404 for each page of a task and its case, as for an id that nothing has."""
    case = house.town.start(by="Sam", title="Hemlig remiss")
    task = house.town.open_task("Task_Answer")
    known = {"id": case.id, "document": NOTHING, "key": "externalDue"}
    other, own = house.visit("Hud"), house.visit("Lo")
    for rule in rules(house):
        if "<id>" in rule.rule and rule.endpoint != "operations.retry":
            known["id"] = task.id if "uppgifter" in rule.rule else case.id
            path = address(rule, **known)
            if "GET" in (rule.methods or ()):
                assert other.see(path).status_code == 404, path
                assert other.see(address(rule)).status_code == 404, path
            else:
                fields = {"reason": "x", "day": "2026-05-04", "do": "send", "to": "coordinator"}
                assert other.send(path, **fields).status_code == 404, path
    assert own.see(f"/uppgifter/{task.id}").status_code == 200
    assert own.see(f"/arenden/{case.id}").status_code == 200


def test_lists_counts_and_search_tell_nothing_of_others(house: House) -> None:
    house.town.start(by="Sam", title="Hemlig remiss")
    other = house.visit("Hud")
    for path in ("/", "/?vy=kan-tas", "/?vy=forsenade", "/arenden?lage=alla", "/arenden?sok=hemlig", "/starta"):
        page = other.text(path)
        assert "Hemlig" not in page, path
        assert "REM-" not in page, path
    assert 'class="count">0<' in other.text("/?vy=kan-tas")


def test_unsafe_routes_want_the_token_of_the_page(house: House) -> None:
    visit = house.visit("Sam")
    visit.see("/mer")
    for rule in filter(unsafe, rules(house)):
        for token in ("", "0" * 64, house.visit("Lo").token):
            answer = visit.client.post(address(rule), data={"token": token})
            assert answer.status_code == 403, (rule, token)
        assert visit.client.get(address(rule)).status_code in (200, 303, 404, 405), rule


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_another_site_is_refused_even_with_the_token(house: House, headers: dict[str, str]) -> None:
    visit = house.visit("Sam")
    visit.see("/mer")
    for rule in filter(unsafe, rules(house)):
        answer = visit.client.post(address(rule), data={"token": visit.token}, headers=headers)
        assert answer.status_code == 403, rule


def test_the_own_origin_is_let_in(house: House) -> None:
    visit = house.visit("Sam")
    visit.see("/mer")
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    answer = visit.client.post("/val", data={"token": visit.token, "look": "dark"}, headers=headers)
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("target", "goes_to"),
    [
        ("/arenden?lage=alla", "/arenden?lage=alla"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https:evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: a=b", "/"),
        ("/\t/evil.example", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_next_is_a_path_of_our_own(target: str | None, goes_to: str) -> None:
    assert doors.own_path(target) == goes_to


def test_log_in_goes_on_to_the_page_that_was_asked_for(house: House) -> None:
    visit = house.visit()
    answer = visit.send("/logga-in", username="sam", password=PASSWORD, next="/drift")
    assert answer.headers["Location"] == "/drift"
    other = house.visit()
    answer = other.send("/logga-in", username="sam", password=PASSWORD, next="//evil.example")
    assert answer.headers["Location"] == "/"


def test_every_answer_is_dressed(house: House) -> None:
    visit = house.visit("Sam")
    paths = [
        "/",
        "/arenden",
        "/drift",
        "/finns-inte",
        "/logga-in",
        "/live",
        "/ready",
        "/uppgifter/0",
        "/static/mark.svg",
    ]
    for path in paths:
        headers = visit.see(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        if not path.startswith("/static"):
            assert headers["Cache-Control"] == "no-store"


def test_no_page_has_script_or_style_of_its_own(house: House) -> None:
    visit = pages_with_everything(house)
    for path, page in visit.items():
        assert not re.search(r"<script(?![^>]*\ssrc=)", page), path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"", page), path


def test_poison_is_shown_as_text(house: House) -> None:
    house.town.start(by="Sam", title=POISON)
    task = house.town.open_task("Task_Answer")
    visit = house.visit("Sam")
    pages = {
        "/": visit.text("/"),
        "task": visit.text(f"/uppgifter/{task.id}"),
        "cases": visit.text("/arenden"),
        "case": visit.text(f"/arenden/{task.case_id}"),
        "search": visit.text("/arenden", sok=POISON),
        "inbox search": visit.text("/", sok=POISON),
    }
    for name, page in pages.items():
        assert "<svg onload" not in page, name
        assert "&lt;svg onload" in page, name
        assert "{{7*7}}" in page, name


def test_documentation_is_markdown_without_harm(house: House) -> None:
    house.town.start(by="Sam", title="Remiss")
    page = house.visit("Sam").text(f"/uppgifter/{house.town.open_task('Task_Answer').id}")
    assert "<strong>hela</strong>" in page
    assert "<img" not in page
    assert 'href="javascript' not in page


def pages_with_everything(house: House) -> dict[str, str]:
    house.town.start(by="Sam", title="Remiss")
    task = house.town.open_task("Task_Answer")
    visit: Visit = house.visit("Sam")
    paths = ("/", f"/uppgifter/{task.id}", "/arenden", f"/arenden/{task.case_id}", "/drift", "/starta", "/mer")
    return {path: visit.text(path) for path in paths}
