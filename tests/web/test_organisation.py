"""The organisation's page, and the page of what the region has to confirm."""

from __future__ import annotations

import re
from datetime import date

from engine import assumptions, inventory, organisation, regions
from engine.access import SYSTEM
from store import mandates, people
from tests.engine.test_recusals import assessing
from tests.promises.house import ROOT
from tests.web.house import POISON, House

FOLDER = ROOT / "processes" / "organisation"
PLACE = "gap.reGapEnabled"


def test_areas_show_who_answers_and_which_have_nobody(house: House) -> None:
    names = ("programme-areas", "cooperation-groups", "groups-jh", "demo-jh")
    organisation.load_files(house.town.db, [FOLDER / f"{name}.yaml" for name in names], by=SYSTEM)
    page = house.visit("Lo").text("/organisation")
    assert "Perioperativ vård, intensivvård och transplantation, Sällsynta sjukdomar." in page
    assert page.count("samverkan med kommunerna") == 6 + 3
    assert "Vilma Vikarieprov (ersättare, till 31 dec 2027)" in page
    assert "Kerstin Kontaktprov" in page
    assert "NSG Patientsäkerhet" in page
    assert "Kunskapsstyrningsrådets arbetsutskott" in page


def test_only_those_who_see_to_people_see_who_is_recused(house: House) -> None:
    told = {"about": "NPO", "tags": "osteoporos", "until": None, "telling": "1"}
    house.town.deploy(assessing())
    decided = house.town.start("assessing", person=house.town.keys["Pia"], **told)
    page = house.visit("Sam").text("/organisation")
    assert "osteoporos" in page
    assert decided.number in page
    assert "osteoporos" not in house.visit("Lo").text("/organisation")


def test_every_assumption_is_asked(house: House) -> None:
    page = house.visit("Lo").text("/organisation/antaganden")
    found = assumptions.of(regions.load("jh"))
    assert set(re.findall(r"<code>([\w.-]+)</code>", page)) == {each.place for each in found}
    assert f"{len(found)} av {len(found)} är obesvarade" in page


def test_only_the_coordinator_answers(house: House) -> None:
    visit = house.visit("Lo")
    assert "Det stämmer" not in visit.text("/organisation/antaganden")
    assert visit.send(f"/organisation/antaganden/{PLACE}", do="stammer").status_code == 403


def test_an_answer_is_kept_and_shown(house: House) -> None:
    visit = house.visit("Sam")
    visit.see("/organisation/antaganden")
    assert visit.send(f"/organisation/antaganden/{PLACE}", do="stammer").status_code == 303
    page = visit.text("/organisation/antaganden")
    assert "Ändra svaret" in page
    told = visit.send(f"/organisation/antaganden/{PLACE}", do="stammer-inte", note=POISON)
    assert told.status_code == 303
    page = visit.text("/organisation/antaganden")
    assert "Stämmer inte" in page
    assert POISON not in page


def test_a_no_without_words_is_asked_again(house: House) -> None:
    visit = house.visit("Sam")
    visit.see("/organisation/antaganden")
    answer = visit.send(f"/organisation/antaganden/{PLACE}", do="stammer-inte", note=" ")
    assert answer.status_code == 422
    assert answer.text.count("Skriv hur det är hos er i stället.") == 1
    assert "<title>1 fel:" in " ".join(answer.text.split())


def test_what_is_not_assumed_cannot_be_answered(house: House) -> None:
    visit = house.visit("Sam")
    visit.see("/organisation/antaganden")
    assert visit.send("/organisation/antaganden/gap.nothing", do="stammer").status_code == 404


def test_every_row_of_the_sources_is_shown_with_its_place(house: House) -> None:
    page = house.visit("Lo").text("/organisation/kallor")
    items = inventory.load()
    assert set(re.findall(r'<tr id="([A-Z]{2}-\d{3})"', page)) == {each.id for each in items}
    assert "Gapanalys" in page


def test_pages_that_the_inventory_names_are_there(house: House) -> None:
    pages = {place for each in inventory.load() for place in each.places if place.startswith("/")}
    assert {page: house.visit("Lo").see(page).status_code for page in pages} == dict.fromkeys(pages, 200)


def test_governing_documents_are_listed(house: House) -> None:
    assert "Huvuddokument kunskapsstyrning" in house.visit("Lo").text("/organisation")


def test_the_contact_list_tells_who_holds_each_role_and_how_to_reach_them(house: House) -> None:
    with house.town.db.transaction() as tx:
        people.change(tx, house.town.keys["Lo"], name="Lo", email="lo@region.example.se", active=True)
    house.town.person("Rut", "regionalGroupMember@LUNG")
    page = house.visit("Pia").text("/organisation/kontakter")
    assert re.search(r"LPO-ordförande.{0,400}Lo, Lung.{0,80}lo@region\.example\.se", page, re.DOTALL)
    assert "Med behörighet i Stratsys" in page
    assert re.search(r"Ledamot i sjukvårdsregional grupp.{0,400}Rut, Lung", page, re.DOTALL)
    with house.town.db.transaction() as tx:
        (mandate,) = mandates.of(tx, person=house.town.keys["Rut"])
        mandates.rest(tx, mandate.id, date(2026, 1, 1))
    assert "Rut" not in house.visit("Pia").text("/organisation/kontakter"), "a mandate that rests gives no role"
