"""What is held back: seen by operations, released by an operator, and told in history."""

from __future__ import annotations

import re

from engine import outgoing
from engine.access import SYSTEM
from store import history, outbox
from tests.engine.town import REGION
from tests.web.house import House


def held(house: House) -> bool:
    with house.town.db.read() as reader:
        return outbox.is_held(reader)


def told(house: House) -> list[tuple[str, str | None, object]]:
    with house.town.db.read() as reader:
        rows = history.read(reader, history.of_region(REGION))
        return [(row.what, row.person, (row.details or {}).get("waiting")) for row in rows if "outgoing" in row.what]


def test_an_operator_sees_what_waits_and_lets_it_go(house: House) -> None:
    town = house.town
    with town.db.transaction() as tx:
        outbox.enqueue(tx, REGION, "mail", "reminder", {}, recipient=town.keys["Lo"])
    outgoing.hold(town.db, REGION, by=SYSTEM)
    visit = house.visit("Ola")
    page = visit.text("/drift/kvarhallet")
    assert "Inget lämnar huset just nu" in page
    assert "Lo" in page
    assert "Släpp allt" in page
    answer = visit.send("/drift/kvarhallet/slapp")
    assert answer.status_code == 303
    assert "1 brev och händelser skickas nu." in visit.text(answer.headers["Location"])
    assert not held(house)
    assert told(house) == [("outgoing.held", None, 1), ("outgoing.released", town.keys["Ola"], 1)]
    assert "Håll kvar allt" in visit.text("/drift/kvarhallet")
    visit.send("/drift/kvarhallet/hall")
    assert held(house)


def test_what_waits_is_shown_a_page_at_a_time(house: House) -> None:
    with house.town.db.transaction() as tx:
        for _ in range(101):
            outbox.enqueue(tx, REGION, "mail", "reminder", {}, recipient=house.town.keys["Lo"])
    outgoing.hold(house.town.db, REGION, by=SYSTEM)
    visit = house.visit("Ola")
    first, last = visit.text("/drift/kvarhallet"), visit.text("/drift/kvarhallet", sida="1")
    assert [page.count("<td>Brev</td>") for page in (first, last)] == [100, 1]
    assert [("Visa fler" in page) for page in (first, last)] == [True, False]
    asked = visit.text("/drift/kvarhallet", endpoint="x", _external="1", _scheme="javascript")
    assert re.search(r'href="/drift/kvarhallet\?[^"]*sida=1"', asked)


def test_releasing_what_is_not_held_writes_no_history(house: House) -> None:
    visit = house.visit("Ola")
    visit.see("/drift/kvarhallet")
    answer = visit.send("/drift/kvarhallet/slapp")
    assert "Inget hölls kvar" in visit.text(answer.headers["Location"])
    assert told(house) == []


def test_only_an_operator_lets_it_go(house: House) -> None:
    outgoing.hold(house.town.db, REGION, by=SYSTEM)
    sam = house.visit("Sam")
    assert "Släpp allt" not in sam.text("/drift/kvarhallet")
    assert sam.send("/drift/kvarhallet/slapp").status_code == 403
    lo = house.visit("Lo")
    assert lo.see("/drift/kvarhallet").status_code == 404
    assert lo.send("/drift/kvarhallet/slapp").status_code == 404
    assert held(house)
