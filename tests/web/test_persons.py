"""The page of a person, for whoever may change people: their absence, closing their account, and erasing them."""

from __future__ import annotations

import re

import pytest

from engine import people as moves
from engine import tasks
from engine.access import SYSTEM
from engine.errors import Conflict
from store import history, people
from tests.core import diagrams as d
from tests.engine.town import REGION
from tests.web.house import House


def address(house: House, name: str) -> str:
    return f"/organisation/personer/{house.town.keys[name]}"


def test_people_are_for_whoever_sees_to_them(house: House) -> None:
    page = house.visit("Sam").text("/organisation/personer")
    assert "LPO-ordförande, Lung" in page
    assert 'href="/organisation/personer"' in house.visit("Sam").text("/organisation")
    assert 'href="/organisation/personer"' not in house.visit("Lo").text("/organisation")
    other = house.visit("Lo")
    for path in ("/organisation/personer", address(house, "Pia")):
        assert other.see(path).status_code == 404
    assert other.send(f"{address(house, 'Pia')}/radera", reason="x", sure="ja").status_code in (403, 404)
    with house.town.db.read() as reader:
        assert people.find_by_name(reader, REGION, "Pia") is not None


def test_a_person_is_erased_once_it_is_confirmed_and_there_is_a_reason(house: House) -> None:
    sam, path = house.visit("Sam"), address(house, "Lo")
    page = sam.text(path)
    assert "arkivlagen" in page
    for sent, words in (({"reason": "Begäran"}, "Bekräfta"), ({"sure": "ja"}, "Skriv varför")):
        refused = sam.send(f"{path}/radera", **sent)
        assert refused.status_code == 422
        assert words in refused.text
    assert "Lo" in sam.text("/organisation/personer")
    done = sam.send(f"{path}/radera", reason="Begäran 2026-02-16", sure="ja")
    assert done.status_code == 303
    assert "Personen är raderad. 1 uppdrag slutar i dag." in sam.text(done.location)
    assert sam.see(path).status_code == 404
    with house.town.db.read() as reader:
        told = history.read(reader, history.of_region(REGION))[-1]
        assert (told.what, told.details and told.details["reason"]) == ("person.erased", "Begäran 2026-02-16")


def test_what_someone_has_left_is_named_and_comes_first(house: House) -> None:
    house.town.deploy(d.diagram(d.start(), d.user_task("Decide", candidateGroups="lpoChair@LUNG"), d.end(), id="left"))
    house.town.start("left")
    tasks.claim(house.town.db, house.town.open_task("Decide").id, by=house.town.by("Lo"))
    sam = house.visit("Sam")
    page = sam.text(address(house, "Lo"))
    assert "Fördela först" in page
    assert "Radera för gott" not in page
    assert sam.send(f"{address(house, 'Lo')}/radera", reason="x", sure="ja").status_code == 409
    assert "Ingen raderar sig själv" in sam.text(address(house, "Sam"))


def test_an_account_is_closed_once_that_is_confirmed_and_opened_again(house: House) -> None:
    sam, lo, path = house.visit("Sam"), house.visit("Lo"), address(house, "Lo")
    assert "Stäng kontot" in sam.text(path)
    refused = sam.send(f"{path}/konto/stang")
    assert refused.status_code == 422
    assert "Bekräfta att kontot ska stängas." in refused.text
    lo.text("/")
    closed = sam.text(sam.send(f"{path}/konto/stang", sure="ja").location)
    assert "Kontot är stängt." in closed
    assert "Stäng kontot" not in closed
    assert lo.see("/").status_code == 303
    assert "Kontot är öppet igen." in sam.text(sam.send(f"{path}/konto/oppna").location)
    house.visit("Lo").text("/")
    with house.town.db.read() as reader:
        told = [(each.what, each.person) for each in history.read(reader, history.of_region(REGION))[-2:]]
    assert told == [(f"account.{what}", house.town.keys["Sam"]) for what in ("closed", "opened")]


def test_nobody_closes_their_own_account_or_that_of_the_last_who_may_change_people(house: House) -> None:
    sam, key = house.visit("Sam"), house.town.keys["Sam"]
    own = sam.text(address(house, "Sam"))
    assert "Ingen stänger sitt eget konto" in own
    assert "Stäng kontot" not in own
    assert sam.send(f"{address(house, 'Sam')}/konto/stang", sure="ja").status_code == 409
    with pytest.raises(Conflict, match="måste kunna logga in"):
        moves.close_account(house.town.db, key, by=SYSTEM)
    sam.text("/")
    moves.give_mandate(house.town.db, house.town.keys["Pia"], "coordinator", by=SYSTEM)
    pia = house.visit("Pia")
    pia.text(address(house, "Sam"))
    assert pia.send(f"{address(house, 'Sam')}/konto/stang", sure="ja").status_code == 303
    assert sam.see("/").status_code == 303


def test_somebody_elses_absence_is_said_by_whoever_sees_to_people(house: House) -> None:
    house.town.start(by="Sam")
    task = house.town.open_task("Task_Answer").id
    sam, pia, path = house.visit("Sam"), house.visit("Pia"), address(house, "Lo")
    sam.text(path)
    pia.text("/")
    away = {"from": "2026-02-16", "to": "", "substitute": house.town.keys["Pia"]}
    assert pia.send(f"{path}/franvaro", **away).status_code == 404
    page = sam.text(sam.send(f"{path}/franvaro", **away).location)
    assert "Frånvaron är inlagd." in page
    assert "Ersättare: Pia" in page
    assert task in pia.text("/")
    [back] = re.findall(r"/organisation/personer/\w+/franvaro/\w+/avsluta", page)
    assert "Frånvaron är avslutad." in sam.text(sam.send(back).location)
    assert task not in pia.text("/")


def test_accounts_are_not_changed_by_anyone_else(house: House) -> None:
    lo = house.visit("Lo")
    lo.text("/")
    for what in ("stang", "oppna"):
        assert lo.send(f"{address(house, 'Pia')}/konto/{what}", sure="ja").status_code == 404
    house.visit("Pia").text("/")
