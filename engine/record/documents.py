"""Documents: pages of HTML, whole in themselves and made for paper, from what a case knows.

One template for each kind; all share `document.html` and its style. A page loads nothing, runs nothing, and is the
same bytes whenever it is made of the same facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader

from engine import calendar
from engine.record.labels import Labels, in_full
from engine.responses import Response

MEDIA_TYPE = "text/html; charset=utf-8"
LARGEST = 2_000_000
"""Bytes of a page: some six hundred sides of text."""


@dataclass(frozen=True)
class Kind:
    """One kind of document: what people call it, and the inputs that its template reads."""

    name: str
    inputs: frozenset[str]
    with_responses: bool = False
    """Whether it shows every comment of the case's latest round, with what became of it."""


_DECISION = frozenset(("body", "meetingDate", "decisionOutcome", "decidedBy", "decidedOn", "paragraph", "conditions"))
_IMPLEMENTATION = frozenset(("programAreaId", "externalRef", "principal", "leadId"))
KINDS: Mapping[str, Kind] = {
    "decisionMemo": Kind(
        "Beslutsunderlag",
        _DECISION
        | {"decisionType", "programAreaId", "memoAuthor", "scope", "budget", "principal", "political", "neededBy"}
        | {"situation", "background", "assessment", "recommendation", "proposedDecision", "preparations"},
    ),
    "gapReport": Kind(
        "Gaprapport",
        _DECISION
        | {"programAreaId", "externalRef", "scopeText", "headOfUnitId", "gapLeaderId", "groupMembers", "summary"}
        | {"reportUrl", "changeSummary", "gaps", "actions", "priorities", "noActionReason", "viewsOutcome"},
    ),
    "consultationAnswer": Kind(
        "Remissvar",
        _DECISION
        | {"programAreaId", "externalRef", "leadUserId", "overallStance", "answerText", "sectionComments", "dissent"}
        | {"svfAffected", "timeLimitImpact"},
        with_responses=True,
    ),
    "gapAgreement": Kind(
        "Överenskommelse om gapanalys",
        frozenset(("programAreaId", "externalRef", "headOfUnitId", "gapLeaderId", "scopeText", "outOfScope"))
        | {"resources", "hoursPerWeek", "startDate", "finishDate", "reporting", "mandate", "headSigns", "leaderSigns"},
    ),
    "assignmentForm": Kind(
        "Uppdragsblankett",
        frozenset(("personId", "assignmentType", "groupName", "programAreaId", "profession", "employer", "formNumber"))
        | {"description", "fromDate", "toDate", "timePercent", "hoursPerWeek"}
        | {"memberSigns", "memberSignedOn", "managerSigns", "managerSignedOn", "managerName"},
    ),
    "implementationPlan": Kind(
        "Införandeplan",
        _IMPLEMENTATION
        | {"headOfUnitId", "developerId", "conditions", "goals", "activities", "training", "dataNeeds"}
        | {"cosmicChanges", "risks", "resources", "followUpDate"},
    ),
    "communicationPlan": Kind("Kommunikationsplan", _IMPLEMENTATION | {"affectedUnits", "communication"}),
    "implementationChecklist": Kind(
        "Checklista för införande", _IMPLEMENTATION | {"checklist", "approvalOutcome", "approvalComment"}
    ),
    "followUpReport": Kind(
        "Uppföljning av införande", _IMPLEMENTATION | {"results", "activityResults", "adjustments", "cycles"}
    ),
    "annualReport": Kind("Årsrapport", frozenset(("summary", "comingYear", "areaReports", "vacantAreas"))),
    "activityPlan": Kind("Aktivitetsplan", frozenset(("programAreaId", "planYear", "activities"))),
    "businessPlan": Kind("Verksamhetsplan", _DECISION | {"planText", "phaseOutPlan", "priorities", "planDrafts"}),
    "councilReport": Kind("Uppföljningsrapport", frozenset(("meetingDate", "summary", "results"))),
    "annualReview": Kind(
        "Årsuppföljning",
        frozenset(("figures", "missingFigures", "done", "notDone", "analysis", "recommendations")),
    ),
    "riskAssessment": Kind(
        "Risk- och konsekvensbedömning",
        frozenset(("programAreaId", "externalRef", "background", "risks", "consequences", "riskSummary")),
    ),
    "additionRegister": Kind("Förteckning över lokala tillägg", frozenset(("additions", "registerNote"))),
}
"""Template -> kind."""


@dataclass(frozen=True)
class Facts:
    """What stands on every document, whatever it is about."""

    region: str
    """The region's name."""
    title: str
    made_on: date
    version: int = 1
    """0 for what has only a date."""
    case_number: str = ""
    diary_number: str = ""
    process: str = ""
    """Name of the process, with its version."""
    sources: tuple[str, ...] = ()


class TooLarge(ValueError):
    """The document became larger than a page may be."""


def page(
    template: str, facts: Facts, labels: Labels, inputs: Mapping[str, Any], responses: Sequence[Response] = ()
) -> bytes:
    """The page as UTF-8. Inputs that are not given are empty. Raises `TooLarge`."""
    kind = KINDS[template]
    given = dict.fromkeys(sorted(kind.inputs)) | {name: inputs[name] for name in kind.inputs if name in inputs}
    written = (
        _templates()
        .get_template(f"{template}.html")
        .render(
            kind=kind,
            facts=facts,
            given=given,
            responses=responses,
            say=labels.say,
            made_on=calendar.long_date(facts.made_on),
            decided=given.get("decisionOutcome"),
        )
    )
    content = written.encode("utf-8", "replace")
    if len(content) > LARGEST:
        raise TooLarge(f"Dokumentet blir för stort: {len(content):,} byte, högst {LARGEST:,}.".replace(",", " "))
    return content


def rows(value: Any) -> list[Mapping[str, Any]]:
    """The rows of a repeated part of a form; what is not a row is left out."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


@cache
def _templates() -> Environment:
    found = Environment(loader=PackageLoader("engine.record"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    found.filters.update(rows=rows, in_full=in_full)
    return found
