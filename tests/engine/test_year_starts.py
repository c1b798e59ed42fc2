"""What begins by itself during a year: on days, before meetings, and before something runs out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine import calendar, regions, year_starts
from engine.regions import Region
from engine.year_starts import SYSTEM_WATCH, Start, next_day, of_year, under_way

BL, JH = regions.load("bl"), regions.load("jh")
PLAN = {"what": "Verksamhetsplan", "days": ["02-28", "08-01"]}
MEETINGS = {"what": "Möte", "bodies": ["KUNSKAPSRAD"], "beforeWd": 15}
AGREEMENT = {"what": "Avtalet", "day": "2027-05-24", "remindBefore": ["P6M", "P3M", "P1M"]}


def wheel(*watched: dict[str, Any], **starts: dict[str, Any]) -> Region:
    """Blekinge with a year wheel of its own."""
    written = {name.replace("_", "-"): rule for name, rule in starts.items()}
    return replace(BL, data={**BL.data, "yearWheel": {"starts": written, "watch": list(watched)}})


def days(found: list[Start]) -> list[str]:
    return [each.day.isoformat() for each in found]


def test_a_day_of_the_year_is_rolled_forward_and_has_the_year_in_its_title() -> None:
    begins = of_year(wheel(business_plan=PLAN), "business-plan", 2026)
    assert days(begins) == ["2026-03-02", "2026-08-03"]  # a Saturday each
    assert [each.given for each in begins] == [{"title": "Verksamhetsplan 2026"}] * 2
    assert begins[0].until == date(2026, 4, 2)


def test_what_a_region_does_not_do_never_begins() -> None:
    assert of_year(wheel(), "business-plan", 2026) == []
    assert next_day(wheel(), ["business-plan", "meeting-cycle"], date(2026, 1, 1)) is None


def test_each_meeting_begins_so_many_working_days_before() -> None:
    found = of_year(wheel(meeting_cycle=MEETINGS), "meeting-cycle", 2026)
    assert [each.day for each in found] == [calendar.workday(each.until, -15) for each in found]
    assert {each.given["bodyId"] for each in found} == {"KUNSKAPSRAD"}
    assert all(each.given["title"].endswith(calendar.long_date(each.until)) for each in found)
    meetings = BL.bodies["KUNSKAPSRAD"]
    early = [each for each in meetings.meetings_in(2027) if calendar.workday(each, -15).year == 2026]
    assert early, "a meeting in January is prepared the year before"
    assert set(early) <= {each.until for each in found}


def test_what_runs_out_begins_at_its_first_reminder_whatever_the_order_they_are_written() -> None:
    written = {**AGREEMENT, "remindBefore": ["P1M", "P6M"]}
    (found,) = of_year(wheel(written), SYSTEM_WATCH, 2026)
    assert (found.day, found.until) == (date(2026, 11, 24), date(2027, 5, 23))
    assert found.given == {"title": "Avtalet", "expiresOn": "2027-05-24", "remindBefore": ["P1M", "P6M"]}
    assert of_year(wheel(written), SYSTEM_WATCH, 2027) == []


def test_without_reminders_it_begins_on_its_last_day() -> None:
    (found,) = of_year(wheel({"what": "Avtalet", "day": "2027-05-24"}), SYSTEM_WATCH, 2027)
    assert found.day == found.until == date(2027, 5, 24)


def test_the_next_day_is_the_first_of_all_and_never_the_day_itself() -> None:
    region = wheel(AGREEMENT, business_plan=PLAN)
    both = ["business-plan", SYSTEM_WATCH]
    assert next_day(region, both, date(2026, 8, 2)) == date(2026, 8, 3)
    assert next_day(region, both, date(2026, 8, 3)) == date(2026, 11, 24)
    assert next_day(region, [SYSTEM_WATCH], date(2022, 6, 1)) is None, "four years are looked through"
    assert next_day(region, [SYSTEM_WATCH], date(2023, 1, 1)) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("day", "found"),
    [("2026-11-23", 0), ("2026-11-24", 1), ("2027-05-23", 1), ("2027-05-24", 0)],
)
def test_what_was_missed_is_worth_beginning_until_it_is_over(day: str, found: int) -> None:
    assert len(under_way(wheel(AGREEMENT), [SYSTEM_WATCH], date.fromisoformat(day))) == found


def test_the_shipped_regions_begin_their_work_on_working_days() -> None:
    for region in (BL, JH):
        for process in year_starts.rules(region):
            for each in of_year(region, process, 2026):
                assert each.day == calendar.roll_forward(each.day), each
