"""Editing a profile changes what the shipped tables and the year say: each key that one of them reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import pytest

from engine import context, regions, year_starts, year_wheel
from engine.core import decisions
from engine.core.expressions import Session
from store.database import Reader
from tests.processes.test_shipped import EVERY_NAME, TABLES

GROUP = {"decisionType": "LAG_FORMATION", "principal": ["REGION_HSV"], "programAreaId": "LUNG"}


def decide(table: str, changes: Mapping[str, Any], values: Mapping[str, Any], held: list[str] | None = None) -> Any:
    """The result of a shipped table in Region Jämtland Härjedalen, with some keys of its profile written otherwise."""
    profile = regions.varied(regions.load("jh"), changes)
    functions = {**context.functions(cast(Reader, None), profile), "holders": lambda role, area: held or []}
    session = Session(functions, {"region": profile.data, "today": "2026-02-16"}, EVERY_NAME)
    return decisions.decide(TABLES[table], values, session).result


@pytest.mark.parametrize(
    ("changes", "given", "body"),
    [
        ({}, {}, "HSD"),
        ({"lag": {"decider": "KUNSKAPSRAD"}}, {}, "KUNSKAPSRAD"),
        ({"lag": {"municipalDecider": "STYRGRUPP_LSVO"}}, {}, "HSD"),
        ({"lag": {"municipalDecider": "STYRGRUPP_LSVO"}}, {"principal": ["REGION_HSV", "KOMMUN"]}, "STYRGRUPP_LSVO"),
        ({"lpo": {"decider": "RMKS"}}, {"decisionType": "LPO_FORMATION"}, "RMKS"),
        ({"nhv": {"anchor": "KUNSKAPSRAD"}}, {"decisionType": "NHV_ANSWER"}, "KUNSKAPSRAD"),
        ({"yearWheel": {"planApprover": "HSN"}}, {"decisionType": "BUSINESS_PLAN"}, "HSN"),
    ],
)
def test_the_profile_says_which_body_decides(changes: dict[str, Any], given: dict[str, Any], body: str) -> None:
    assert decide("decision-level", changes, {**GROUP, **given})["bodyId"] == body


def test_the_profile_says_who_is_consulted_about_a_group() -> None:
    chair = "LPO_ORDFORANDE|KUNSKAPSSTODSGRUPPEN"
    asked = decide("decision-level", {"lag": {"decider": chair, "consult": ["BERORDA_VC"]}}, GROUP)["preparation"]
    assert [each["body"] for each in asked] == ["Berörda verksamhetschefer"]
    assert decide("decision-level", {"lag": {"decider": chair}}, GROUP)["preparation"] == []


def test_the_profile_says_who_reviews_an_addition_and_when_it_is_gone_through_again() -> None:
    said = decide(
        "local-addition-review",
        {"localAdditions": {"reviewer": "primaryCareRep", "revision": "P1Y"}},
        {"containsDrugs": False, "programAreaId": "LUNG", "authorId": "p1"},
    )
    assert (said["reviewRole"], said["reviewMonths"]) == ("primaryCareRep@LUNG", 12)


def test_the_profile_says_which_councils_hear_of_ethical_questions() -> None:
    changes = {"consultation": {"ethicsRoles": ["ethicsCouncil", "drugCommittee"]}}
    found = decide("anchoring-breadth", changes, {"ethics": True, "programAreaIds": ["LUNG"], "type": "VIP"})
    asked = {each["group"] for row in found for each in row["recipients"]}
    assert {"ethicsCouncil", "drugCommittee"} <= asked


def test_the_profile_says_how_often_the_register_comes() -> None:
    twice = regions.varied(regions.load("jh"), {"localAdditions": {"registerCadence": "P6M"}})
    never = regions.varied(regions.load("jh"), {"localAdditions": {"registerCadence": None}})
    assert [each.day for each in year_starts.of_year(twice, year_starts.REGISTER, 2027)] == [
        date(2027, 1, 4),
        date(2027, 7, 1),
    ]
    assert not year_starts.of_year(never, year_starts.REGISTER, 2027)


def test_the_profile_says_how_soon_the_next_day_is_announced() -> None:
    days = {"yearWheel": {"knowledgeDays": ["2026-10-22"], "saveTheDateWd": 5}}
    found = year_wheel.occasions(regions.varied(regions.load("jh"), days), 2026)
    assert any("senast 29 oktober" in each.more for each in found)
