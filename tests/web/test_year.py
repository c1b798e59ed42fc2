"""The calendar page: the wheel of a year, and what comes nearest."""

from __future__ import annotations

import re
from datetime import date
from math import hypot

import pytest

from engine import regions, year_wheel
from store import deadlines
from store.cases import Case
from tests.web.house import House
from web.year import wheel

JH = regions.load("jh")
TODAY = date(2027, 1, 27)


@pytest.fixture
def case(house: House) -> Case:
    made = house.town.start(by="Sam", title="Remiss: vårdförlopp KOL")
    with house.town.db.transaction() as tx:
        deadlines.set_day(tx, made.id, "internalDue", date(2026, 2, 18), source="national")
    return made


def lines(page: str) -> list[str]:
    """The list of what comes, as words."""
    found = re.findall(r'<li><span class="when">(.*?)</li>', page, re.DOTALL)
    return [" ".join(re.sub("<[^>]+>", " ", each).split()) for each in found]


def test_what_comes_is_in_order_with_what_opens_closes_and_meets(house: House, case: Case) -> None:
    found = lines(house.visit("Sam").text("/kalender"))
    assert "mån 16 feb Öppnar Remissfönstret 15 februari–14 april till 14 apr, 15 februari är en söndag" in found
    assert "ons 18 feb Interna svar Remiss: vårdförlopp KOL om 2 arbetsdagar" in found
    assert "fre 27 feb Stänger Synpunktsinhämtning, februari 1 mars är en söndag" in found
    assert "mån 23 feb Möte Kunskapsstyrningsrådet ärenden lämnas senast 9 februari" in found
    assert len(found) == 24


def test_mine_are_the_cases_with_tasks_of_mine_and_all_those_that_i_may_see(house: House, case: Case) -> None:
    for name, mine, everything in (("Lo", True, True), ("Hud", False, False), ("Ria", False, True)):
        visit = house.visit(name)
        assert (case.title in visit.text("/kalender")) == mine, name
        assert (case.title in visit.text("/kalender", visa="alla")) == everything, name


def test_another_year_is_shown_from_its_first_day(house: House) -> None:
    page = house.visit("Lo").text("/kalender", ar="2028")
    assert "Kalender 2028" in page
    assert lines(page)[0] == "mån 3 jan Förteckning Förteckningen över lokala tillägg första arbetsdagen i kvartalet"
    assert 'class="hand"' not in page
    assert "Kalender 2026" in house.visit("Lo").text("/kalender", ar="mycket")


def test_a_stranger_is_asked_to_log_in(house: House) -> None:
    assert house.visit().see("/kalender").status_code == 303


def test_the_page_has_english(house: House) -> None:
    visit = house.visit("Lo")
    visit.client.set_cookie("kf_language", "en")
    assert "Year wheel" in visit.text("/kalender")


# The drawing ---------------------------------------------------------------------------------------------------------


def drawn(year: int = 2027, today: date = TODAY) -> wheel.Wheel:
    return wheel.drawn(year, year_wheel.rounds(JH, year), year_wheel.occasions(JH, year), today)


def test_what_is_open_today_is_drawn_as_open() -> None:
    found = [arc.name for arc in drawn().arcs if arc.is_open]
    assert found == ["Remissfönstret 15 november–14 februari", "Synpunktsinhämtning, december"]


def test_the_year_begins_at_the_top_and_goes_with_the_clock() -> None:
    months = {name: point for point, name, _ in drawn().months}
    (x, y), (east, _), (west, _) = months["jan"], months["apr"], months["okt"]
    assert x > wheel.CENTRE[0] > west
    assert y < wheel.CENTRE[1]
    assert east > x
    assert [name for _, name, now in drawn().months if now] == ["jan"]


def test_every_arc_is_within_its_ring_and_none_over_another() -> None:
    for kind, (inner, outer) in wheel.RINGS.items():
        for arc in drawn().arcs:
            if arc.kind == kind:
                x, y = map(float, re.match(r"M([\d.]+) ([\d.]+)A", arc.path).groups())  # type: ignore[union-attr]
                assert hypot(x - wheel.CENTRE[0], y - wheel.CENTRE[1]) == pytest.approx(outer, abs=0.1)
                assert f"A{inner} {inner}" in arc.path


def test_a_round_over_new_year_is_cut_in_two_years() -> None:
    name = "Remissfönstret 15 november–14 februari"
    assert [arc.name for arc in drawn(2027).arcs].count(name) == 2


def test_another_year_has_no_hand() -> None:
    assert drawn(2028).hand is None
    assert drawn(2027).hand is not None
    assert len([dot for dot in drawn().dots if dot.kind == year_wheel.REGISTER]) == 4
