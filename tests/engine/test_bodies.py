"""When bodies meet: announced days, cadences, spans, and the times of year without meetings."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import bodies, calendar, regions
from engine.bodies import Plan

DATES = json.loads((Path(__file__).parent / "dates.json").read_text(encoding="utf-8"))
COUNCIL = regions.load("bl").bodies["KUNSKAPSRAD"]
SHIPPED = [(region, id, plan) for region in regions.available() for id, plan in regions.load(region).bodies.items()]


@pytest.mark.parametrize("row", DATES["councilCadence"], ids=lambda row: row["meeting"])
def test_a_council_meets_every_fourth_to_sixth_week(row: dict[str, str]) -> None:
    earliest, latest = COUNCIL.next_between(date.fromisoformat(row["meeting"]))
    assert (earliest.isoformat(), latest.isoformat()) == (row["earliest"], row["latest"])


def test_a_closed_period_moves_the_next_meeting_past_it() -> None:
    assert COUNCIL.next_between(date(2026, 6, 2)) == (date(2026, 8, 16), date(2026, 8, 16))
    assert COUNCIL.next_between(date(2026, 12, 8))[0] == date(2027, 1, 8)


@pytest.mark.parametrize(("region", "id", "plan"), SHIPPED, ids=[f"{region}-{id}" for region, id, _ in SHIPPED])
def test_shipped_bodies_meet_on_working_days_outside_their_closed_periods(region: str, id: str, plan: Plan) -> None:
    for year in range(2026, 2036):
        meetings = plan.meetings_in(year)
        assert all(calendar.is_workday(day) and not plan.is_closed(day) for day in meetings)
        assert meetings == sorted(set(meetings))
        if plan.longest:
            assert plan.wrong_gaps(meetings) == []


def test_gaps_that_do_not_fit_are_found() -> None:
    close, far = [date(2026, 9, 1), date(2026, 9, 22)], [date(2026, 9, 1), date(2026, 10, 14)]
    assert COUNCIL.wrong_gaps(close) == [tuple(close)]
    assert COUNCIL.wrong_gaps(far) == [tuple(far)]
    assert COUNCIL.wrong_gaps([date(2026, 6, 9), date(2026, 8, 18)]) == []


def test_announced_days_come_before_the_cadence() -> None:
    plan = bodies.plan({"title": "Rådet", "meetings": ["2026-05-12"], "firstMeeting": "2026-01-13", "cadence": "P4W"})
    assert plan.next_meeting(date(2026, 1, 1)) == date(2026, 5, 12)
    assert plan.next_meeting(date(2026, 5, 13)) == date(2026, 6, 2)
    assert bodies.plan({"title": "Rådet"}).next_meeting(date(2026, 1, 1)) is None


@pytest.mark.parametrize("text", ["02-29", "02-30", "13-01", "00-10"])
def test_a_day_that_some_year_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the calendar's own words
        bodies.month_day(text)


@given(st.dates(date(2026, 1, 1), date(2076, 1, 1)))
def test_the_next_meeting_is_never_far_away(day: date) -> None:
    meeting = COUNCIL.next_meeting(day)
    assert meeting is not None
    assert timedelta() <= meeting - day < timedelta(days=100)
