"""The page of a person, and erasing one: for whoever may change people, confirmed, with a reason."""

from __future__ import annotations

from engine import tasks
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
