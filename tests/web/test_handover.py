"""What is handed over by hand is shown to whoever does it, as the region has it."""

from __future__ import annotations

from typing import Any

from engine import deployments
from engine.access import SYSTEM
from engine.regions import PROCESSES
from tests.web.house import House


def test_the_region_s_own_form_is_named_where_it_is_filled_in(house: House) -> None:
    files = {each: (PROCESSES / each).read_bytes() for each in ("compensation.bpmn", "compensation-terms.dmn")}
    deployments.deploy(house.town.db, house.town.region, files, by=SYSTEM)
    claim: dict[str, Any] = {
        "title": "LPO Lung, våren 2026",
        "claimantId": house.town.keys["Pia"],
        "participant": "Distriktsläkare",
    }
    terms: dict[str, Any] = {
        "careProvider": "Hälsocentralen Näset",
        "groupName": "LPO Lung",
        "level": "LOKAL",
        "primaryCareWide": True,
    }
    house.town.start("compensation", **claim, **terms, productionLoss=True, days=[{"day": "2026-02-10", "hours": 3}])
    page = house.visit("Sam").text(f"/uppgifter/{house.town.open_task('Task_SubmitClaim').id}")
    assert "Regionens blankett" in page
    assert "17847" in page
