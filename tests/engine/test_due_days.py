"""The days of a case: which source settles the last one, what is counted back from it, what follows when it moves."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine import deadlines, due_days, regions
from engine.due_days import INFO, MESSAGE, NATIONAL, REGION, WARN, Conflict
from store import deadlines as rows
from store import history
from store.cases import Case
from store.deadlines import Deadline
from tests.core import diagrams as d
from tests.engine.town import Town

BL = regions.load("bl")
TARGETED = regions.read(
    BL.source.replace("useRegionRuleAsInternalTarget: false", "useRegionRuleAsInternalTarget: true"), "bl.yaml"
)
DECEMBER = date(2026, 12, 29)
"""What the region's own four weeks give for December 2026."""


def settled(kind: str, day: str, opens: str, message: str | None = None) -> due_days.Settled:
    told = date.fromisoformat(message) if message else None
    said = due_days.stated(BL, kind, date.fromisoformat(opens), told, published=True)
    return due_days.settle(date.fromisoformat(day), said)


# Which source settles ------------------------------------------------------------------------------------------------


def test_december_the_message_wins_and_the_regions_earlier_day_is_told() -> None:
    found = settled("feedback", "2027-01-29", "2026-12-01", "2027-01-29")
    assert found.source == MESSAGE
    assert found.rule_day == DECEMBER
    assert found.conflicts == (Conflict(REGION, DECEMBER, INFO),)


def test_a_later_day_of_the_regions_own_is_a_warning() -> None:
    found = settled("consultation", "2026-04-14", "2026-02-16")
    assert found.source == NATIONAL
    assert found.conflicts == (Conflict(REGION, date(2026, 4, 15), WARN),)


def test_sources_that_agree_are_no_conflict() -> None:
    assert settled("consultation", "2026-11-13", "2026-09-15").conflicts == ()


def test_a_message_of_the_window_is_compared_with_the_calendar() -> None:
    found = settled("consultation", "2026-04-10", "2026-02-16", "2026-04-10")
    assert found.source == MESSAGE
    assert Conflict(NATIONAL, date(2026, 4, 14), WARN) in found.conflicts


def test_a_remiss_with_days_of_its_own_is_not() -> None:
    found = settled("consultation", "2026-04-02", "2026-03-02", "2026-04-02")
    assert NATIONAL not in [each.source for each in found.conflicts]


@pytest.mark.parametrize(
    ("process", "kind"),
    [
        ("national-consultation", "consultation"),
        ("cancer-consultation", "consultation"),
        ("feedback-collection", "feedback"),
        ("nhv-consultation", None),
    ],
)
def test_the_round_of_a_process(process: str, kind: str | None) -> None:
    assert due_days.round_kind(process) == kind


def test_the_regions_day_is_the_internal_target_only_where_the_profile_wants_it() -> None:
    counted = date(2027, 1, 22)
    assert due_days.internal_target(BL, counted, DECEMBER) == counted
    assert due_days.internal_target(TARGETED, counted, DECEMBER) == DECEMBER
    assert due_days.internal_target(TARGETED, counted, date(2027, 2, 1)) == counted


# In a case -----------------------------------------------------------------------------------------------------------


def consultation(days: dict[str, str], **more: Any) -> bytes:
    written = d.parameters({key: f"'{day}'" for key, day in days.items()})
    return d.diagram(
        d.start(),
        d.service_task("Set", "deadline.set", extension=written),
        d.user_task("Answer", candidateGroups="lpoChair@LUNG", dueDate="${deadline.internalDue}"),
        d.user_task("Compile", candidateGroups="coordinator", dueDate="${deadline.compileDue}"),
        d.end(),
        **more,
    )


APRIL = {
    "externalDue": "2026-04-14",
    "internalDue": "2026-03-27",
    "compileDue": "2026-04-07",
    "submitDue": "2026-04-13",
}


def days_of(town: Town, case: Case) -> dict[str, str]:
    with town.db.read() as reader:
        return {key: day.isoformat() for key, day in rows.days(reader, case.id).items()}


def test_what_is_counted_from_the_last_day_follows_it(town: Town) -> None:
    town.deploy(consultation(APRIL))
    case = town.start()
    later = date(2026, 4, 24)
    follows = deadlines.preview(town.db, case.id, "externalDue", later, by=town.by("Sam"))
    assert [(each.kind, each.name, each.day.isoformat()) for each in follows] == [
        ("deadline", "internalDue", "2026-04-10"),
        ("deadline", "compileDue", "2026-04-17"),
        ("deadline", "submitDue", "2026-04-23"),
        ("task", "Answer", "2026-04-10"),
    ]
    deadlines.move(town.db, case.id, "externalDue", later, reason="Förlängd nationellt", by=town.by("Sam"))
    assert days_of(town, case) == {
        "externalDue": "2026-04-24",
        "internalDue": "2026-04-10",
        "compileDue": "2026-04-17",
        "submitDue": "2026-04-23",
    }
    assert town.open_task("Answer").due == date(2026, 4, 10)


def test_a_day_that_someone_has_moved_stays(town: Town) -> None:
    town.deploy(consultation(APRIL))
    case = town.start()
    deadlines.move(town.db, case.id, "internalDue", date(2026, 3, 30), reason="Sportlov", by=town.by("Sam"))
    deadlines.move(town.db, case.id, "externalDue", date(2026, 4, 24), reason="Förlängd", by=town.by("Sam"))
    assert days_of(town, case)["internalDue"] == "2026-03-30"
    assert days_of(town, case)["compileDue"] == "2026-04-17"


def test_nothing_follows_into_the_past(town: Town) -> None:
    town.deploy(consultation(APRIL))
    case = town.start()
    town.at("2026-03-20T09:00:00+00:00")
    deadlines.move(town.db, case.id, "externalDue", date(2026, 3, 25), reason="Förkortad", by=town.by("Sam"))
    assert days_of(town, case) == {
        "externalDue": "2026-03-25",
        "internalDue": "2026-03-20",
        "compileDue": "2026-03-20",
        "submitDue": "2026-03-24",
    }


def test_the_profile_makes_the_regions_day_the_internal_target(town: Town) -> None:
    source = town.region.source.replace("useRegionRuleAsInternalTarget: false", "useRegionRuleAsInternalTarget: true")
    source = source.replace("consultation:\n", "consultation:\n  regionStatedRule: NOMINAL_START_PLUS_P2M_USUALLY\n", 1)
    town.region = regions.read(source, "jh.yaml")
    town.clock.set(town.clock.moment.replace(year=2026, month=11, day=16))
    town.deploy(consultation({"internalDue": "2027-01-29", "externalDue": "2027-02-12", "compileDue": "2027-02-05"}))
    case = town.start()
    assert days_of(town, case)["internalDue"] == "2027-01-15"
    with town.db.read() as reader:
        told = [dict(row.details or {}) for row in history.read(reader, case.id) if row.what == "deadline.conflict"]
    assert told == [{"severity": "INFO", "regionRuleDate": "2027-01-15", "externalDue": "2027-02-12"}]


# In words ------------------------------------------------------------------------------------------------------------


def row(key: str, day: str, source: str = "diagram", rule_day: str | None = None) -> Deadline:
    ruled = date.fromisoformat(rule_day) if rule_day else None
    return Deadline("case", key, date.fromisoformat(day), source, "", None, datetime(2026, 2, 16, 8, tzinfo=UTC), ruled)


def test_a_day_is_explained() -> None:
    listed = [
        row("externalDue", "2026-04-14", NATIONAL, "2026-04-15"),
        row("internalDue", "2026-03-27"),
        row("compileDue", "2026-04-08"),
    ]
    assert due_days.explained(BL, "consultation", listed) == {
        "internalDue": "10 arbetsdagar före 14 april 2026, påsken borträknad",
        "externalDue": "Den nationella kalendern. Regionens egen regel säger 15 april, men räknas inte utåt",
    }


@pytest.mark.parametrize(
    ("external", "said"),
    [
        (
            row("externalDue", "2026-11-13", NATIONAL),
            "Den nationella kalendern: 14 november är en lördag, därför arbetsdagen före",
        ),
        (row("externalDue", "2026-11-13", MESSAGE), "Dagen står i utskicket"),
        (row("externalDue", "2026-11-13", "person"), "Flyttad för hand"),
    ],
)
def test_where_the_last_day_comes_from_is_said(external: Deadline, said: str) -> None:
    assert due_days.explained(BL, "consultation", [external]) == {"externalDue": said}


def test_the_regions_own_day_is_named_as_internal_target() -> None:
    listed = [row("externalDue", "2027-01-29", MESSAGE, "2026-12-29"), row("internalDue", "2026-12-29")]
    assert due_days.explained(TARGETED, "feedback", listed)["internalDue"] == "Regionens egen regel"


def test_a_case_without_a_last_day_explains_nothing() -> None:
    assert due_days.explained(BL, "consultation", [row("planDue", "2026-04-14")]) == {}
    assert due_days.explained(BL, None, [row("externalDue", "2026-04-14")]) == {}
