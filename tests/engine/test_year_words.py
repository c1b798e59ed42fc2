"""What expressions ask of the year's work and of who holds what: text in, text out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from engine import year_words
from engine.regions import Region
from store import additions, organisation
from store.organisation import Area
from tests.engine.test_year_starts import AGREEMENT, MEETINGS, PLAN, wheel
from tests.engine.town import Town

TODAY = "2026-02-16"


def asked(town: Town, region: Region, name: str, *given: Any) -> Any:
    with town.db.read() as reader:
        functions: Mapping[str, Callable[..., Any]] = year_words.functions(reader, region)
        assert functions.keys() == year_words.TYPES.keys()
        return functions[name](*given)


def test_the_next_start_of_one_process_or_of_several(one_town: Town) -> None:
    region = wheel(AGREEMENT, business_plan=PLAN)
    assert asked(one_town, region, "next_start", "business-plan", TODAY) == "2026-03-02"
    assert asked(one_town, region, "next_start", ["system-watch", "business-plan"], "2026-08-03") == "2026-11-24"
    assert asked(one_town, region, "next_start", "knowledge-day", TODAY) is None


def test_what_is_under_way_is_what_its_case_begins_with(one_town: Town) -> None:
    (found,) = asked(one_town, wheel(AGREEMENT), "under_way", "system-watch", "2027-01-04")
    assert found == {
        "process": "system-watch",
        "beganOn": "2026-11-24",
        "title": "Avtalet",
        "expiresOn": "2027-05-24",
        "remindBefore": ["P6M", "P3M", "P1M"],
    }


def test_a_local_addition_is_asked_about_before_its_review_day(one_town: Town) -> None:
    said = {"article": "nkk/kol", "article_version": "3", "article_title": "KOL", "anchor": "", "area": "LUNG"}
    with one_town.db.transaction() as tx:
        for title, status in (("Remissväg", "published"), ("Utkastet", "draft")):
            made = additions.register(tx, region="bl", title=title, **said)
            additions.change(tx, made.id, status=status, review_by=date(2028, 2, 16))
    assert asked(one_town, wheel(), "next_start", ["meeting-cycle", "system-watch"], TODAY) == "2027-12-16"
    assert asked(one_town, wheel(), "next_start", "meeting-cycle", TODAY) is None
    (found,) = asked(one_town, wheel(), "under_way", "system-watch", "2028-02-15")
    assert (found["title"], found["expiresOn"]) == ("Lokalt tillägg: KOL, Remissväg", "2028-02-16")
    assert asked(one_town, wheel(), "under_way", "system-watch", "2028-02-16") == []


def test_the_occasions_of_a_year_are_told_by_day(one_town: Town) -> None:
    found = asked(one_town, one_town.region, "occasions", 2026)
    assert found == sorted(found, key=lambda each: str(each["day"]))
    assert {each["day"][:4] for each in found} == {"2026"}
    assert all(each.keys() == {"day", "what", "more"} for each in found)


def test_a_meeting_may_not_stray_too_far(one_town: Town) -> None:
    region = wheel(meeting_cycle=MEETINGS)
    first, second = (each.isoformat() for each in region.bodies["KUNSKAPSRAD"].meetings_in(2026)[:2])
    assert asked(one_town, region, "meeting_fault", "KUNSKAPSRAD", first, second) == ""
    assert "ska mötas" in asked(one_town, region, "meeting_fault", "KUNSKAPSRAD", first, first)
    assert "ingen arbetsdag" in asked(one_town, region, "meeting_fault", "KUNSKAPSRAD", first, "2026-01-31")
    assert asked(one_town, region, "meeting_fault", None, first, first) == ""


def test_everyone_of_some_roles_is_named_once(one_town: Town) -> None:
    one_town.person("Siv", "lpoChair@HUD", "primaryCareRep@HUD")
    one_town.person("Ny", "lpoChair@HUD", starts=date(2026, 12, 1))
    keys = one_town.keys
    found = asked(one_town, one_town.region, "everyone", ["lpoChair", "primaryCareRep"])
    assert sorted(found) == sorted([keys["Lo"], keys["Siv"], keys["Pia"]])
    assert asked(one_town, one_town.region, "everyone", []) == []


@pytest.mark.parametrize(("word", "areas"), [("areas_with", ["LUNG"]), ("areas_without", ["HUD", "OGON"])])
def test_areas_with_and_without_a_role(one_town: Town, word: str, areas: list[str]) -> None:
    with one_town.db.transaction() as tx:
        organisation.load(tx, regions_=[], areas_=[Area("OGON", "Ögon")], bodies_=[])
    assert asked(one_town, one_town.region, word, "lpoChair") == areas
