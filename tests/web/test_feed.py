"""Due days in one's own calendar: fetched by a secret address that its person makes and revokes."""

from __future__ import annotations

import re
from datetime import date, timedelta

from icalendar import Calendar
from werkzeug.test import TestResponse

from engine import cases
from engine.access import SYSTEM
from engine.tasks import claim
from store import deadlines, history, tasks
from tests.web.house import House, Visit

ADDRESS = re.compile(r'value="http://127.0.0.1:8000(/calendar/[^"]+\.ics)"')


def made(visit: Visit) -> str:
    """The path of a new address, as the page shows it once."""
    visit.see("/kalender/adress")
    answer = visit.send("/kalender/adress")
    found = ADDRESS.search(answer.text)
    assert found is not None, answer.text
    return found.group(1)


def fetched(house: House, path: str, **headers: str) -> TestResponse:
    return house.app.test_client().get(path, headers=headers)


def events(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.data)
    return [{name: each[name].to_ical().decode() for name in each} for each in calendar.walk("VEVENT")]


def test_a_task_is_an_all_day_event(house: House) -> None:
    case = house.town.start(by="Sam", title="Remiss om Berit Okänd")
    task = house.town.open_task("Task_Answer")
    assert task.due is not None
    answer = fetched(house, made(house.visit("Lo")))
    (event,) = events(answer)
    assert event["UID"] == f"{task.id}@kunskapsflode"
    assert (event["SEQUENCE"], event["STATUS"], event["TRANSP"]) == ("0", "CONFIRMED", "TRANSPARENT")
    assert event["DTSTART"] == f"{task.due:%Y%m%d}"
    assert event["DTEND"] == f"{task.due + timedelta(days=1):%Y%m%d}"
    assert event["SUMMARY"] == f"Lämna synpunkter ({case.number})"
    assert event["URL"].endswith(f"/uppgifter/{task.id}")
    assert b"DTSTART;VALUE=DATE:" in answer.data
    assert b"X-PUBLISHED-TTL:PT1H" in answer.data
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in answer.data
    assert b"METHOD:PUBLISH" in answer.data
    assert "Berit" not in answer.text
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))


def test_only_one_s_own(house: House) -> None:
    house.town.start(by="Sam")
    assert events(fetched(house, made(house.visit("Hud")))) == []


def test_it_says_the_same_until_something_changes(house: House) -> None:
    house.town.start(by="Sam")
    path = made(house.visit("Lo"))
    first = fetched(house, path)
    house.town.clock.advance(timedelta(hours=3))
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = fetched(house, path, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    house.town.start(by="Sam")
    assert fetched(house, path, **{"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_moved_day_is_the_same_event_in_a_higher_sequence(house: House) -> None:
    case = house.town.start(by="Sam")
    task = house.town.open_task("Task_Answer")
    path = made(house.visit("Lo"))
    house.town.clock.advance(timedelta(hours=1))
    with house.town.db.transaction() as tx:
        deadlines.set_day(tx, case.id, "internalDue", date(2026, 12, 1), source="person")
        tasks.redate(tx, task, due=date(2026, 12, 1), follow_up=None)
    (event,) = events(fetched(house, path))
    assert (event["UID"], event["SEQUENCE"], event["DTSTART"]) == (f"{task.id}@kunskapsflode", "1", "20261201")
    assert event["LAST-MODIFIED"] == event["DTSTAMP"] == f"{house.town.clock.moment:%Y%m%dT%H%M%SZ}"


def test_what_is_withdrawn_is_cancelled_for_a_while(house: House) -> None:
    case = house.town.start(by="Sam")
    task = house.town.open_task("Task_Answer")
    claim(house.town.db, task.id, by=house.town.by("Lo"))
    path = made(house.visit("Lo"))
    cases.cancel(house.town.db, case.id, reason="Drogs tillbaka", by=SYSTEM)
    (event,) = events(fetched(house, path))
    assert (event["UID"], event["STATUS"], event["SEQUENCE"]) == (f"{task.id}@kunskapsflode", "CANCELLED", "1")
    house.town.clock.advance(timedelta(days=15))
    assert events(fetched(house, path)) == []


def test_the_address_is_shown_once_and_revoked_for_good(house: House) -> None:
    lo = house.visit("Lo")
    first = made(lo)
    assert first not in lo.see("/kalender/adress").text
    second = made(lo)
    assert fetched(house, first).status_code == 404
    assert fetched(house, f"/api/v1{second}").status_code == 200
    assert lo.send("/kalender/adress/aterkalla").status_code == 303
    assert fetched(house, second).status_code == 404
    assert lo.send("/kalender/adress/aterkalla").status_code == 404
    with house.town.db.read() as reader:
        told = [each.what for each in history.read(reader, "region:jh") if each.what.startswith("calendar.")]
        kept = repr(reader.execute(history.history.select()).all())
    assert told == ["calendar.made", "calendar.made", "calendar.revoked"]
    assert second.split("/")[2].removesuffix(".ics") not in kept


def test_whoever_has_left_is_read_by_nobody(house: House) -> None:
    from store import accounts

    path = made(house.visit("Lo"))
    with house.town.db.transaction() as tx:
        accounts.disable(tx, house.town.keys["Lo"])
    assert fetched(house, path).status_code == 404
    assert fetched(house, "/calendar/gissning.ics").status_code == 404
    assert fetched(house, "/calendar/%00.ics").status_code == 404
