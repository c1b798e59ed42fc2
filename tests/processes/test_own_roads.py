"""Consultations with a road of their own: highly specialised care, and cancer. The rules of their tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.processes.test_shipped import decide

CLOSES, THEIRS = "2026-11-20", "2026-10-30"
DAYS = ("externalDueDate", "shrDue", "internalDueDate", "compileDue", "approveDue", "submitDue")


def days(region: str, **given: Any) -> tuple[Any, ...]:
    found = decide("nhv-dates", region, today="2026-09-07", **given)
    return tuple(found[each] for each in DAYS)


def test_the_healthcare_regions_day_binds() -> None:
    told = (CLOSES, THEIRS, "2026-10-16", "2026-10-23", "2026-10-28", "2026-10-29")
    assert days("bl", closesAt=CLOSES, shrDue=THEIRS) == told


def test_without_one_it_is_fifteen_working_days_before_the_last_day() -> None:
    assert days("bl", closesAt=CLOSES) == days("bl", closesAt=CLOSES, shrDue=THEIRS)


def test_a_region_that_answers_for_itself_has_until_the_last_day() -> None:
    assert days("or", closesAt=CLOSES, shrDue=THEIRS)[:2] == (CLOSES, CLOSES)


def test_a_day_that_nobody_has_said_stays_open() -> None:
    assert days("bl") == (None,) * len(DAYS)
    assert days("bl", shrDue=THEIRS)[:2] == (None, THEIRS)


def asked(table: str, region: str, *areas: str) -> list[str]:
    groups = decide(table, region, programAreaIds=list(areas))
    return [each["group"] for group in groups for each in group["recipients"]]


def test_who_is_asked_about_specialised_care_is_the_regions_own_list() -> None:
    widely = ["lpoChair@NJUR", "coordinatorsForum", "managersCouncil", "financeRep", "hrRep"]
    assert asked("nhv-recipients", "bl", "NJUR") == widely
    assert asked("nhv-recipients", "jh", "NJUR") == ["lpoChair@NJUR", "headOfUnit@NJUR", "financeRep", "hrRep"]


def test_those_nearest_the_patients_are_asked_about_cancer() -> None:
    near = ["lpoChair@CANCER", "oncologyCouncilRep", "patientProcessLeader", "contactNurse"]
    others = ["lpoChair@KIRURGI", "headOfUnit@KIRURGI", "financeRep", "hrRep"]
    assert asked("cancer-recipients", "bl", "CANCER", "KIRURGI") == near + others
    assert asked("cancer-recipients", "da", "CANCER", "KIRURGI") == ["lpoChair@CANCER", "lpoChair@KIRURGI"]


APPROVED, WISHES = {"decisionOutcome": "BIFALL"}, {"interestInPermit": "JA"}


@pytest.mark.parametrize(
    ("region", "given", "following"),
    [
        ("bl", APPROVED | WISHES, "LAMNA"),
        ("or", APPROVED | WISHES, "LAMNA_OCH_ANSOK"),
        ("or", APPROVED | {"interestInPermit": "UTREDS"}, "LAMNA"),
        ("or", WISHES | {"decisionOutcome": "AVSLAG"}, "SKRIV_OM"),
        ("bl", {"decisionOutcome": "ATERTAGEN"}, "SKRIV_OM"),
    ],
)
def test_road_after_the_council(region: str, given: Mapping[str, Any], following: str) -> None:
    assert decide("nhv-route", region, **given)["next"] == following


CANCER = {"programAreaIds": ["CANCER"], "type": "SVF_CANCER", "issuer": "RCC"}
RECEIVED = {"receivedAs": "cancer-consultation"}


@pytest.mark.parametrize(
    ("given", "road"),
    [
        (CANCER | {"respond": "NEJ"}, ("OMDIRIGERA", "cancer-consultation")),
        (CANCER | RECEIVED | {"respond": "JA"}, ("BESVARA", "cancer-consultation")),
        (CANCER | RECEIVED | {"respond": "NEJ"}, ("AVSTA", "cancer-consultation")),
        (CANCER | RECEIVED | {"type": "NHV_UNDERLAG"}, ("OMDIRIGERA", "nhv-consultation")),
        (RECEIVED | {"programAreaIds": ["LUNG"], "respond": "JA"}, ("OMDIRIGERA", "national-consultation")),
    ],
)
def test_road_of_a_cancer_remiss(given: Mapping[str, Any], road: tuple[str, str]) -> None:
    found = decide("consultation-route", "bl", **given)
    assert (found["next"], found["processKey"]) == road


@pytest.mark.parametrize("kind", ["NHV_ANSWER", "NHV_PERMIT"])
def test_who_decides_about_specialised_care(kind: str) -> None:
    given: dict[str, Any] = {"decisionType": kind, "budget": "INOM_BUDGET", "principal": ["REGION_HSV"]}
    assert decide("decision-level", "bl", **given)["bodyId"] == "KUNSKAPSRAD"
    level = decide("decision-level", "or", **given)
    assert (level["bodyId"], [each["body"] for each in level["preparation"]]) == ("HSF_LG", ["RSN"])
