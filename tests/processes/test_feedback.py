"""The tables and the calendar of synpunktsinhämtning and of national guidelines, rule by rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from engine import calendar, context, regions, windows
from engine.core import decisions
from engine.core.expressions import EVERY_NAME, Session
from store.database import Reader
from tests.processes.test_shipped import PROCESSES, TABLES, decide

MONTHS = json.loads((Path(__file__).parent.parent / "engine" / "dates.json").read_text("utf-8"))["feedback"]
MINE = [each for each in MONTHS if each["month"] >= "2026-02"]


@pytest.mark.parametrize("row", MINE, ids=lambda row: row["month"])
def test_the_tool_closes_as_the_national_list_says(row: Mapping[str, str]) -> None:
    year, month = map(int, row["month"].split("-"))
    closes = windows.feedback_round(year, month).closes.isoformat()
    dates = decide("feedback-deadline", today=row["opens"], opensAt=row["opens"], nationalCloses=closes)
    assert (dates["externalDueDate"], dates["source"]) == (row["closesNational"], "NATIONELL_KALENDER")


def test_a_short_round_counts_five_two_and_one_working_day_back() -> None:
    dates = decide("feedback-deadline", today="2026-03-02", opensAt="2026-03-02", nationalCloses="2026-03-27")
    found = [dates[key] for key in ("triageDue", "internalDueDate", "compileDue", "submitDue")]
    assert found == ["2026-03-04", "2026-03-20", "2026-03-25", "2026-03-26"]


@pytest.mark.parametrize(
    ("given", "day"),
    [
        ({"closesAt": "2027-01-29"}, "2027-01-29"),
        ({"closesAt": "2027-01-29", "externalDueDate": "2027-01-15"}, "2027-01-15"),
        ({}, "2027-01-28"),
    ],
)
def test_an_earlier_day_goes_before_the_letter_and_the_letter_before_the_list(
    given: Mapping[str, str], day: str
) -> None:
    dates = decide("feedback-deadline", "bl", today="2026-12-01", nationalCloses="2027-01-28", **given)
    assert dates["externalDueDate"] == day


@pytest.mark.parametrize(("region", "compiled", "forwards"), [("jh", False, False), ("bl", False, True)])
def test_the_profile_says_how_a_region_answers(region: str, compiled: bool, forwards: bool) -> None:
    mode = decide("feedback-mode", region)
    assert (mode["compiled"], mode["mayForward"]) == (compiled, forwards)


def chosen(holders: Mapping[str, list[str]], **given: Any) -> list[Mapping[str, Any]]:
    """The recipients of a link, in an organisation where these people represent primary care."""
    functions = {**context.functions(cast(Reader, None), regions.load("jh")), "holders": lambda _, area: holders[area]}
    session = Session(functions, {}, EVERY_NAME)
    groups = decisions.decide(TABLES["feedback-recipients"], given, session).result
    return [each for group in groups for each in group["recipients"]]


def test_the_chair_and_every_representative_get_the_link() -> None:
    found = chosen({"LUNG": ["pia", "per"]}, programAreaIds=["LUNG"])
    assert found == [
        {"person": None, "group": "lpoChair@LUNG"},
        {"person": "pia", "group": None},
        {"person": "per", "group": None},
    ]


def test_an_area_without_a_representative_asks_the_role() -> None:
    found = chosen({"LUNG": ["pia"], "HUD": []}, programAreaIds=["LUNG", "HUD"])
    assert {"person": None, "group": "primaryCareRep@HUD"} in found
    assert {"person": None, "group": "primaryCareRep@LUNG"} not in found


def test_whom_the_coordinator_has_chosen_is_who_is_asked() -> None:
    lo = {"person": "lo", "group": None}
    assert chosen({"LUNG": ["pia"]}, programAreaIds=["LUNG"], recipients=[lo]) == [lo]


@pytest.mark.parametrize(("outcome", "following"), [("GODKANN", "GODKANT"), ("KOMPLETTERA", "KOMPLETTERA")])
def test_an_answer_without_decision_is_never_lifted(outcome: str, following: str) -> None:
    review = decide("review-route", reviewOutcome=outcome, review={"round": 5}, orgChange=True, withoutDecision=True)
    assert review["next"] == following


def test_the_mailbox_is_checked_when_each_month_of_the_profile_opens() -> None:
    event = PROCESSES["feedback-watch"].nodes["StartEvent_RoundOpens"].event
    assert event is not None
    assert event.timer is not None
    functions = context.functions(cast(Reader, None), regions.load("jh"))
    opened: list[str] = []
    begins = "2026-01-01"
    while len(opened) < 24:
        session = Session(functions, {"today": begins}, EVERY_NAME)
        moment = str(session.evaluate(event.timer.expression, {}))
        begins = moment[:10]
        opened.append(moment[:16])
    months = [(year, month) for year in (2026, 2027, 2028) for month in windows.FEEDBACK_MONTHS]
    firsts = [calendar.roll_forward(date(year, month, 1)).isoformat() for year, month in months]
    assert opened == [f"{first}T08:00" for first in firsts]


@pytest.mark.parametrize(
    ("given", "days"),
    [
        ({}, ["2026-03-09", "2026-03-30", "2026-04-08", "2026-04-15", "2026-04-22"]),
        ({"surveyDueDate": "2026-04-10"}, ["2026-03-09", "2026-04-10", "2026-04-17", "2026-04-24", "2026-05-04"]),
        (
            {"surveyDueDate": "2026-04-10", "seminarDate": "2026-05-20"},
            ["2026-03-09", "2026-04-10", "2026-04-17", "2026-05-20", "2026-05-20"],
        ),
    ],
)
def test_days_of_a_guideline_are_counted_from_the_survey(given: Mapping[str, str], days: list[str]) -> None:
    profile = regions.load("bl")
    functions = context.functions(cast(Reader, None), profile)
    known = {"region": profile.data, "case": {"startedOn": "2026-03-02"}}
    session = Session(functions, known, EVERY_NAME)
    dates = decisions.decide(TABLES["guideline-deadline"], given, session).result
    assert [dates[key] for key in ("planDue", "surveyDue", "compileDue", "seminarDue", "submitDue")] == days
