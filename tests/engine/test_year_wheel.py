"""The year of a region: its rounds with what is counted back from them, and what else returns."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from engine import calendar, regions, year_wheel

DATES = json.loads((Path(__file__).parent / "dates.json").read_text(encoding="utf-8"))
JH, BL = regions.load("jh"), regions.load("bl")


@pytest.mark.parametrize("year", [2026, 2027])
def test_a_year_has_the_written_windows(year: int) -> None:
    found = {each.window.opens.isoformat(): each for each in year_wheel.rounds(BL, year) if each.kind == "consultation"}
    written = [row for row in DATES["consultation"] if str(year) in (row["opens"][:4], row["closes"][:4])]
    assert sorted(found) == [row["opens"] for row in written]
    for row in written:
        assert found[row["opens"]].window.closes.isoformat() == row["closes"]
        assert str(found[row["opens"]].stated) == row["blekingeLiteralCloses"]


def test_the_internal_days_are_counted_back() -> None:
    counted = {row["closes"]: row for row in DATES["internal"]}
    rounds = [each for year in (2026, 2027) for each in year_wheel.rounds(JH, year) if each.kind == "consultation"]
    compared = [each for each in rounds if each.window.closes.isoformat() in counted]
    assert len(compared) >= len(counted)
    for each in compared:
        row = counted[each.window.closes.isoformat()]
        assert {key: day.isoformat() for key, day in each.due.items()} == {
            k: v for k, v in row.items() if k != "closes"
        }


def test_a_short_round_has_shorter_times_and_nobody_to_approve() -> None:
    march = next(each for each in year_wheel.rounds(JH, 2026) if each.name == "Synpunktsinhämtning, mars")
    assert {key: str(day) for key, day in march.due.items()} == {
        "internalDue": "2026-03-20",
        "compileDue": "2026-03-25",
        "submitDue": "2026-03-26",
    }


def test_a_round_is_named_as_people_say() -> None:
    assert year_wheel.rounds(JH, 2026)[0].name == "Remissfönstret 15 november–14 februari"
    assert "Synpunktsinhämtning, december" in [each.name for each in year_wheel.rounds(JH, 2026)]


def test_a_year_has_its_registers_meetings_and_reminders() -> None:
    found = year_wheel.occasions(JH, 2026) + year_wheel.occasions(JH, 2027)
    registers = [each.day.isoformat() for each in found if each.kind == year_wheel.REGISTER]
    assert registers == DATES["quarterFirstWorkday"]
    assert {each.day.month for each in found if each.kind == year_wheel.KNOWLEDGE_DAY} == {2, 10}
    watched = [each for each in year_wheel.occasions(BL, 2026) + year_wheel.occasions(BL, 2027) if "LSVO" in each.what]
    told = {each.day.isoformat() for each in watched if each.kind != year_wheel.MEETING}
    assert told == {"2026-11-24", "2027-02-24", "2027-04-26", "2027-05-24"}


def test_a_region_without_a_register_has_none() -> None:
    kinds = {each.kind for each in year_wheel.occasions(regions.load("or"), 2027)}
    assert year_wheel.REGISTER not in kinds


@pytest.mark.parametrize("region", regions.available())
@pytest.mark.parametrize("year", range(2028, 2036))
def test_later_years_behave_by_the_same_rules(region: str, year: int) -> None:
    rounds = year_wheel.rounds(regions.load(region), year)
    assert len([each for each in rounds if each.window.opens.year == year]) == 12
    for each in rounds:
        days = [each.window.opens, *each.due.values(), each.window.closes]
        assert days == sorted(days)
        assert all(map(calendar.is_workday, days))
    assert all(each.day.year == year for each in year_wheel.occasions(regions.load(region), year))


def test_a_set_knowledge_day_replaces_its_month() -> None:
    text = JH.source.replace("knowledgeDayMonths:", 'knowledgeDays: ["2026-10-22"]\n  knowledgeDayMonths:', 1)
    days = [each for each in year_wheel.occasions(regions.read(text), 2026) if each.kind == year_wheel.KNOWLEDGE_DAY]
    assert [each.day for each in days] == [date(2026, 2, 2), date(2026, 10, 22)]
    assert days[1].more == "inbjudan till nästa går ut senast 23 oktober"
