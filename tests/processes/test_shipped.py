"""The shipped diagrams, tables and data: checked as when they are deployed, and the rules of the tables one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from engine import context, deployments, recusals, regions, roster, shipped, starting, texts, yaml_file
from engine.core import decisions, phrases
from engine.core.expressions import EVERY_NAME, Session
from store.database import Reader

FOLDER = regions.FOLDER.parent
REGIONS = ("jh", "bl", "da", "or")
FILES, WORDS = shipped.files(), shipped.texts()
BUNDLE = deployments.Bundle.of(FILES)
PROCESSES = BUNDLE.library.processes
TABLES = BUNDLE.library.decisions
JUST_BEFORE = "2026-02-16"


def decide(
    table: str, region: str = "jh", today: str = JUST_BEFORE, holders: Sequence[str] = ("someone",), **values: Any
) -> Any:
    """The result of a shipped table; variables that are not given are None. Every role is held by `holders`."""
    profile = regions.load(region)
    functions = {**context.functions(cast(Reader, None), profile), "holders": lambda role, area: list(holders)}
    session = Session(functions, {"region": profile.data, "today": today}, EVERY_NAME)
    return decisions.decide(TABLES[table], values, session).result


@pytest.mark.parametrize("region", REGIONS)
def test_nothing_is_refused(region: str) -> None:
    assert BUNDLE.faults(list(BUNDLE.documents.values()), regions.load(region)) == []


def test_every_file_is_named_as_its_process() -> None:
    assert {f"{each}.bpmn" for each in PROCESSES} == set(BUNDLE.documents)


def test_no_text_says_what_a_role_is_called_in_one_region_only() -> None:
    """The profile says it: a participant reads the words of their own region."""
    every = [regions.load(each) for each in REGIONS]
    named = {role: {each.title(role) for each in every if role in each.roles} for role in every[0].roles}
    # A diary and patient safety are things too, which the texts are about.
    own = {title for titles in named.values() if len(titles) > 1 for title in titles} - {"Diariet", "Patientsäkerhet"}
    said = [(each.id, each.documentation) for each in PROCESSES.values()]
    said += [
        (f"{each.id} {node.id}", text)
        for each in PROCESSES.values()
        for node in each.nodes.values()
        for text in (node.name, *phrases.said(node), *node.properties.values())
    ]
    said += [(name, f"{each.subject} {each.body}") for name, each in texts.read(WORDS).items()]
    assert [(at, title) for at, text in said for title in own if re.search(rf"\b{re.escape(title)}", text)] == []


@pytest.mark.parametrize(
    "key",
    [
        *("national-consultation", "nhv-consultation", "cancer-consultation", "guideline-survey", "gap-analysis"),
        *("implementation", "local-addition", "lag-formation", "nomination", "decision-escalation"),
    ],
)
def test_a_process_in_which_a_recusal_can_matter_asks_what_the_case_is_about(key: str) -> None:
    by_hand = starting.plain_start(PROCESSES[key])
    begun = [by_hand] if by_hand else list(starting.starts(PROCESSES[key]))
    assert all(recusals.TAGS in {field.id for field in node.form} for node in begun)


def test_every_template_that_a_diagram_names_is_written() -> None:
    named = {node.properties.get("template") for each in PROCESSES.values() for node in each.nodes.values()}
    assert named - {None} <= set(texts.read(WORDS))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("rehearsals/*.yaml")), ids=lambda path: path.stem)
def test_rehearsals_are_of_their_form(path: Path) -> None:
    yaml_file.read(path.read_text(encoding="utf-8"), "rehearsal")


def test_the_organisation_has_the_26_areas_of_which_six_with_the_municipalities() -> None:
    written = yaml_file.read((FOLDER / "organisation/programme-areas.yaml").read_text(encoding="utf-8"), "organisation")
    areas = written.data["areas"]
    assert len({each["id"] for each in areas}) == 26
    assert sum(each.get("municipal", False) for each in areas) == 6


@pytest.mark.parametrize("region", ["bl", "da", "jh", "or"])
def test_demo_people_hold_every_role_of_the_profile_that_a_case_can_reach(region: str) -> None:
    file = FOLDER / f"organisation/demo-{region}.yaml"
    written = yaml_file.read(file.read_text(encoding="utf-8"), "organisation")
    given = [roster.mandate(mandate) for each in written.data["people"] for mandate in each["mandates"]]
    held = {mandate["role"].split("@")[0] for mandate in given}
    elsewhere = {"jh": {"chairsForum"}}
    assert regions.load(region).roles - held == elsewhere.get(region, set())


# Dates of a remiss --------------------------------------------------------------------------------------------------

WINDOWS = [
    ("2025-11-17", "2026-02-13", "2026-01-30", "2026-02-06", "2026-02-10", "2026-02-12"),
    ("2026-02-16", "2026-04-14", "2026-03-27", "2026-04-07", "2026-04-09", "2026-04-13"),
    ("2026-04-15", "2026-06-12", "2026-05-29", "2026-06-05", "2026-06-09", "2026-06-11"),
    ("2026-09-15", "2026-11-13", "2026-10-30", "2026-11-06", "2026-11-10", "2026-11-12"),
    ("2026-11-16", "2027-02-12", "2027-01-29", "2027-02-05", "2027-02-09", "2027-02-11"),
    ("2027-02-15", "2027-04-14", "2027-03-31", "2027-04-07", "2027-04-09", "2027-04-13"),
    ("2027-04-15", "2027-06-14", "2027-05-31", "2027-06-07", "2027-06-09", "2027-06-11"),
    ("2027-09-15", "2027-11-12", "2027-10-29", "2027-11-05", "2027-11-09", "2027-11-11"),
]


@pytest.mark.parametrize(("opens", "closes", "internal", "compiled", "approved", "submitted"), WINDOWS)
def test_dates_of_a_window(
    opens: str, closes: str, internal: str, compiled: str, approved: str, submitted: str
) -> None:
    national = regions.load("jh").window("consultation", date.fromisoformat(opens)).closes.isoformat()
    dates = decide("window-deadline", today=opens, opensAt=opens, nationalCloses=national)
    assert dates["externalDueDate"] == closes
    found = [dates[key] for key in ("internalDueDate", "compileDue", "approveDue", "submitDue")]
    assert found == [internal, compiled, approved, submitted]
    assert dates["source"] == "NATIONELL_KALENDER"


def test_the_message_goes_before_the_national_calendar() -> None:
    dates = decide("window-deadline", opensAt="2026-02-16", closesAt="2026-03-31", nationalCloses="2026-04-14")
    assert (dates["externalDueDate"], dates["source"]) == ("2026-03-31", "MEDDELANDE")


@pytest.mark.parametrize(("stated", "conflict"), [("2026-04-15", "WARN"), ("2026-04-01", "INFO"), ("2026-04-14", None)])
def test_the_regions_own_rule_never_moves_the_last_day(stated: str, conflict: str | None) -> None:
    dates = decide("window-deadline", "bl", nationalCloses="2026-04-14", regionRuleDate=stated)
    assert (dates["externalDueDate"], dates["conflict"]) == ("2026-04-14", conflict)


# Roads --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "road"),
    [
        ({"respond": "JA"}, ("BESVARA", "national-consultation")),
        ({"respond": "NEJ"}, ("AVSTA", "national-consultation")),
        ({"respond": "JA", "type": "NHV_UNDERLAG"}, ("OMDIRIGERA", "nhv-consultation")),
        ({"respond": "JA", "issuer": "RCC"}, ("OMDIRIGERA", "cancer-consultation")),
        ({"respond": "JA", "programAreaIds": ["CANCER"]}, ("OMDIRIGERA", "cancer-consultation")),
        (
            {"respond": "JA", "type": "NATIONELL_RIKTLINJE", "issuer": "SOCIALSTYRELSEN"},
            ("OMDIRIGERA", "guideline-survey"),
        ),
        ({"respond": "JA", "channel": "FUNKTIONSBREVLADA"}, ("OMDIRIGERA", "feedback-collection")),
        ({"respond": "JA", "duplicateOf": "REM-2026-001"}, ("DUBBLETT", "national-consultation")),
    ],
)
def test_road_of_a_remiss(given: Mapping[str, Any], road: tuple[str, str]) -> None:
    found = decide("consultation-route", **{"programAreaIds": ["LUNG"], "type": "VARDRIKTLINJE", **given})
    assert (found["next"], found["processKey"]) == road


def asked(**given: Any) -> list[str]:
    groups = decide("anchoring-breadth", **{"programAreaIds": ["LUNG"], "impactLevel": "INGEN", **given})
    return [each["group"] for group in groups for each in group["recipients"]]


@pytest.mark.parametrize(
    ("given", "added"),
    [
        ({}, []),
        ({"primaryCareConcern": True}, ["primaryCareRep@LUNG"]),
        ({"type": "NKK_KLINISKT"}, ["primaryCareRep@LUNG"]),
        ({"impactLevel": "LITEN"}, ["headOfUnit@LUNG"]),
        ({"impactLevel": "BETYDANDE"}, ["headOfUnit@LUNG", "financeRep", "hrRep"]),
        ({"resourceImpact": True}, ["financeRep", "hrRep"]),
        ({"ethics": True, "drugConcern": True}, ["ethicsCouncil", "drugCommittee"]),
        ({"patientSafety": True, "dentalConcern": True}, ["patientSafetyGroup", "dentalCare"]),
        ({"municipalConcern": True}, ["municipalContact"]),
        ({"programAreaIds": ["LUNG", "ALDRE"]}, ["lpoChair@ALDRE", "municipalContact"]),
    ],
)
def test_consequences_decide_who_is_asked(given: Mapping[str, Any], added: list[str]) -> None:
    assert asked(**given) == ["lpoChair@LUNG", *added]


@pytest.mark.parametrize(
    ("outcome", "before", "heavy", "following"),
    [
        ("GODKANN", None, False, "GODKANT"),
        ("GODKANN", None, True, "BESLUT"),
        ("KOMPLETTERA", None, True, "KOMPLETTERA"),
        ("KOMPLETTERA", {"round": 1}, False, "KOMPLETTERA"),
        ("KOMPLETTERA", {"round": 2}, False, "BESLUT"),
    ],
)
def test_road_after_a_review(outcome: str, before: Any, heavy: bool, following: str) -> None:
    assert decide("review-route", reviewOutcome=outcome, review=before, orgChange=heavy)["next"] == following


# Decisions ----------------------------------------------------------------------------------------------------------

WIDE = {"decisionType": "OTHER", "scope": "FLERA_VERKSAMHETER", "budget": "INOM_BUDGET", "principal": ["REGION_HSV"]}
OWN = {"scope": "EGEN_VERKSAMHET"}
LAG = {"decisionType": "LAG_FORMATION"}
WITH_MUNICIPALITIES = {"principal": ["REGION_HSV", "KOMMUN"]}


def raised(levels: int) -> dict[str, Any]:
    return {"decisionRoute": {"escalations": levels}}


@pytest.mark.parametrize(
    ("region", "given", "decides", "prepare"),
    [
        ("jh", LAG, "healthCareDirector", []),
        ("jh", OWN, "programOwner@LUNG", []),
        ("jh", {"political": True}, "healthCareCommittee", ["healthCareDirector"]),
        ("jh", {}, "healthCareDirector", ["knowledgeCouncilCommittee", "knowledgeCouncil"]),
        ("jh", OWN | raised(1), "healthCareDirector", ["knowledgeCouncilCommittee", "knowledgeCouncil"]),
        ("jh", raised(1), "healthCareCommittee", ["healthCareDirector"]),
        ("jh", raised(7), "healthCareCommittee", ["healthCareDirector"]),
        ("bl", {"decisionType": "BUSINESS_PLAN"}, "healthCareCommittee", ["chairsForum", "knowledgeCouncil"]),
        ("bl", LAG, "knowledgeCouncil", []),
        ("bl", LAG | WITH_MUNICIPALITIES, "careManagementCooperation", []),
        ("bl", {}, "managementGroup", []),
        ("bl", raised(1), "knowledgeCouncil", ["preparatoryForum"]),
        ("bl", {"principal": ["REGION_HSV", "PRIVAT"]}, "knowledgeCouncil", ["chairsForum", "preparatoryForum"]),
        ("da", LAG, "lpoChair@LUNG", []),
        ("da", {"decisionType": "GAP_ACTIONS"}, "healthCareCommittee", ["preparatoryGroup", "managementGroup"]),
        ("da", {"decisionType": "NOMINATION"}, "preparatoryGroup", []),
        ("or", LAG, "lpoChair@LUNG", ["headOfUnit@LUNG"]),
        ("or", {"decisionType": "NOMINATION"}, "medicalKnowledgeCouncil", []),
        ("or", {}, "headOfUnit@LUNG", ["medicalKnowledgeCouncil"]),
        ("or", {"budget": "UTOVER_BUDGET"}, "managementGroup", ["medicalKnowledgeCouncil"]),
    ],
)
def test_who_decides(region: str, given: Mapping[str, Any], decides: str, prepare: list[str]) -> None:
    level = decide("decision-level", region, **{"programAreaId": "LUNG", **WIDE, **given})
    assert level["decisionRole"] == decides
    assert [each["role"] for each in level["preparation"]] == prepare


def test_without_a_chair_the_profile_may_name_who_decides_on_a_group() -> None:
    given: dict[str, Any] = {"programAreaId": "LUNG", **WIDE, **LAG}
    assert decide("decision-level", "da", holders=(), **given)["decisionRole"] == "preparatoryGroup"


@pytest.mark.parametrize(
    ("outcome", "before", "following"),
    [
        ("BIFALL", None, "BESLUTAD"),
        ("ATERTAGEN", None, "BESLUTAD"),
        ("ATERREMISS", None, "ATERREMISS"),
        ("ATERREMISS", {"referrals": 1}, "ATERREMISS"),
        ("ATERREMISS", {"referrals": 2}, "NASTA_NIVA"),
        ("BORDLAGD", None, "BORDLAGD"),
        ("BORDLAGD", {"tablings": 1}, "NASTA_NIVA"),
        ("ESKALERAS", None, "NASTA_NIVA"),
    ],
)
def test_road_after_a_decision(outcome: str, before: Any, following: str) -> None:
    before = before and {"referrals": 0, "tablings": 0, "escalations": 0, **before}
    given = {"memoAuthor": "someone", "programAreaId": "LUNG", "decisionOutcome": outcome, "decisionRoute": before}
    route = decide("decision-route", **given)
    assert route["next"] == following
    assert route["escalations"] == (1 if following == "NASTA_NIVA" else 0)


@pytest.mark.parametrize(
    ("needed", "form", "day"),
    [
        (None, "MOTE", "2026-03-23"),
        ("2026-02-27", "ORDFORANDEBESLUT", "2026-02-27"),
        ("2026-06-01", "MOTE", "2026-03-23"),
    ],
)
def test_a_decision_needed_before_the_next_meeting_is_the_chairs(needed: str | None, form: str, day: str) -> None:
    level = {"form": "MOTE", "bodyId": "KUNSKAPSSTYRNINGSRAD"}
    meeting = decide("decision-meeting", level=level, neededBy=needed)
    assert (meeting["decisionForm"], meeting["decisionDue"]) == (form, day)


# Working groups -----------------------------------------------------------------------------------------------------


def member(**given: Any) -> dict[str, Any]:
    return {"profession": "Läkare", "employer": "REGION", "place": "Östersund", "primaryCare": False, **given}


@pytest.mark.parametrize(
    ("given", "second", "missing"),
    [
        ({"patientRep": True}, {"place": "Sveg", "primaryCare": True}, []),
        ({}, {"place": "Sveg", "primaryCare": True, "employer": "PATIENT"}, []),
        ({}, {"place": "Sveg", "primaryCare": True}, ["patientrepresentant"]),
        ({"patientRep": True}, {"place": "Sveg"}, ["primärvården"]),
        ({"patientRep": True}, {"place": " östersund ", "primaryCare": True}, ["samma ort"]),
        ({"patientRep": True, "municipalConcern": True}, {"place": "Sveg", "primaryCare": True}, ["kommunerna"]),
    ],
)
def test_what_a_working_group_lacks(given: Mapping[str, Any], second: Mapping[str, Any], missing: list[str]) -> None:
    warnings = decide("lag-composition", members=[member(), member(**second)], **given)
    assert len(warnings) == len(missing)
    assert all(word in each["warning"] for word, each in zip(missing, warnings, strict=True))


# Gap analyses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relevance", "urgency", "following"),
    [("JA", "NU", "BEMANNA"), ("JA", "PLANERA", "BEMANNA"), ("JA", "VANTA", "VANTA"), ("NEJ", None, "EJ_RELEVANT")],
)
def test_road_after_the_need_is_assessed(relevance: str, urgency: str | None, following: str) -> None:
    assert decide("gap-start", relevance=relevance, urgency=urgency)["next"] == following


@pytest.mark.parametrize(
    ("gap", "cost", "priority"),
    [
        ({"gap": "STORT", "safetyRisk": True}, "INOM_BUDGET", ("A", False)),
        ({"gap": "STORT", "safetyRisk": True}, "UTOVER_BUDGET", ("A", True)),
        ({"gap": "DELVIS", "nrPriority": "3"}, "INOM_BUDGET", ("A", False)),
        ({"gap": "DELVIS", "nrPriority": "10"}, "INOM_BUDGET", ("C", False)),
        ({"gap": "STORT", "nrPriority": "ICKE_GORA"}, "INOM_BUDGET", ("UTFASA", False)),
        ({"gap": "STORT"}, "INOM_BUDGET", ("B", False)),
        ({"gap": "STORT", "nrPriority": "4"}, "UTOVER_BUDGET", ("B", True)),
        ({"gap": "DELVIS"}, "UTOVER_BUDGET", ("D", False)),
        ({"gap": "INGET", "nrPriority": "1"}, "INOM_BUDGET", ("D", False)),
    ],
)
def test_priority_of_a_gap(gap: Mapping[str, Any], cost: str, priority: tuple[str, bool]) -> None:
    row = {"safetyRisk": None, "nrPriority": None, **gap}
    other = {"gap": "INGET", "safetyRisk": None, "nrPriority": None}
    found = decide("gap-priority", gap=row, gaps=[other, row], actions=[{"gapNumber": 2, "costLevel": cost}])
    assert (found["priority"], found["needsFunding"]) == priority


# Local additions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drugs", "author", "following", "reviews"),
    [
        (True, "pia", "YTTRANDE", "lpoChair@LUNG"),
        (True, "lo", "YTTRANDE", "primaryCareRep@LUNG"),
        (False, "lo", "GRANSKNING", "primaryCareRep@LUNG"),
        (False, "pia", "GRANSKNING", "lpoChair@LUNG"),
    ],
)
def test_who_reviews_an_addition(drugs: bool, author: str, following: str, reviews: str) -> None:
    given: dict[str, Any] = {"containsDrugs": drugs, "authorId": author, "programAreaId": "LUNG"}
    route = decide("local-addition-review", holders=["lo"], **given)
    assert (route["next"], route["reviewRole"], route["opinionDue"]) == (following, reviews, "2026-03-02")


@pytest.mark.parametrize(
    ("today", "begins"),
    [
        ("2026-02-16", "2026-04-01"),
        ("2026-04-01", "2026-07-01"),
        ("2026-01-01", "2026-01-02"),
        ("2026-12-31", "2027-01-04"),
    ],
)
def test_the_register_is_made_on_the_first_workday_of_a_quarter(today: str, begins: str) -> None:
    event = PROCESSES["local-addition-register"].nodes["StartEvent_QuarterBegins"].event
    assert event is not None
    assert event.timer is not None
    functions = context.functions(cast(Reader, None), regions.load("jh"))
    session = Session(functions, {"today": today}, EVERY_NAME)
    assert session.evaluate(event.timer.expression, {}) == begins
