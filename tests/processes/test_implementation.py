"""The tables of an implementation: who approves the checklist, what follows a cycle, when the gap is analysed again."""

from __future__ import annotations

from typing import Any, cast

import pytest

from engine import context, regions
from store.database import Reader
from tests.processes.test_shipped import decide

DONE = "2026-06-15"


@pytest.mark.parametrize(
    ("done", "decided", "asked", "latest"),
    [
        (DONE, None, "2027-06-15", "2028-06-15"),
        (None, "2026-06-15", "2027-06-15", "2028-06-15"),
        (DONE, "2026-01-15", "2027-06-15", "2028-06-15"),
        # A question waits for a working day; the last day never passes unseen on a day off.
        ("2027-01-29", None, "2028-01-31", "2029-01-29"),
        ("2026-05-16", None, "2027-05-17", "2028-05-16"),
        ("2026-12-24", None, "2027-12-27", "2028-12-22"),
        ("2028-02-29", None, "2029-02-28", "2030-02-28"),
    ],
)
def test_the_gap_is_analysed_again_one_to_two_years_after(
    done: str | None, decided: str | None, asked: str, latest: str
) -> None:
    found = decide("implementation-maintenance", "da", completedOn=done, decidedOn=decided)
    assert (found["state"], found["askOn"], found["latestOn"]) == ("FORVALTNING", asked, latest)


@pytest.mark.parametrize("region", ["jh", "bl", "or"])
def test_a_region_that_does_not_analyse_again_is_asked_nothing(region: str) -> None:
    found = decide("implementation-maintenance", region, completedOn=DONE)
    assert (found["state"], found["askOn"], found["latestOn"]) == ("AVSLUTAD", None, None)


@pytest.mark.parametrize(
    ("decision", "number", "following", "now", "outcome"),
    [
        ("ANTA", 1, "ANTAS", 1, "ANTAGEN"),
        ("AVBRYT", 2, "AVSLUTAS", 2, "AVBRUTEN"),
        ("ANPASSA_NYTT_VARV", 1, "NYTT_VARV", 2, "PAGAR"),
        ("UTOKA", 3, "NYTT_VARV", 4, "PAGAR"),
        ("ANPASSA_NYTT_VARV", 4, "AVSLUTAS", 4, "RAPPORTERAS"),
        ("UTOKA", 4, "AVSLUTAS", 4, "RAPPORTERAS"),
    ],
)
def test_road_after_a_cycle(decision: str, number: int, following: str, now: int, outcome: str) -> None:
    before: Any = None if number == 1 else {"number": number, "log": [{"number": 1}]}
    found = decide("pdsa-route", "da", "2026-12-02", cycleDecision=decision, cycle=before, question="?", comparison="!")
    assert (found["next"], found["number"], found["outcome"]) == (following, now, outcome)
    assert found["began"] == "2026-12-02"
    assert found["log"][-1] == {"number": number, "question": "?", "comparison": "!", "decision": decision}


def test_cycles_of_an_earlier_series_stay_in_the_log() -> None:
    earlier = [{"number": 1, "question": "Förra"}]
    found = decide("pdsa-route", cycleDecision="ANTA", earlierCycles=earlier, question="?", comparison="!")
    assert [each["question"] for each in found["log"]] == ["Förra", "?"]


@pytest.mark.parametrize(
    ("reach", "times", "approver"),
    [
        ("EGET_OMRADE", 0, "OMRADET"),
        ("EGET_OMRADE", 2, "OMRADET"),
        ("EGET_OMRADE", 3, "BESLUT"),
        ("FLERA_OMRADEN", 0, "BESLUT"),
    ],
)
def test_who_approves_a_checklist(reach: str, times: int, approver: str) -> None:
    found = decide("checklist-route", checklistReach=reach, checklistRoute={"rounds": times} if times else None)
    assert (found["approver"], found["rounds"]) == (approver, times + 1)


@pytest.mark.parametrize(
    ("begins", "studied"),
    [
        ("2026-01-15", "2026-04-15"),
        ("2026-08-31", "2026-11-30"),
        ("2027-02-15", "2027-05-17"),
        ("2027-05-31", "2027-08-31"),
    ],
)
def test_a_cycle_is_studied_after_three_months(begins: str, studied: str) -> None:
    region = regions.load("da")
    functions = context.functions(cast(Reader, None), region)
    assert functions["roll_forward"](functions["later"](begins, region.data["pdsa"]["cycle"])) == studied
