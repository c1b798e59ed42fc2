"""Durations and cycles: what is taken, what is refused, and what the calendar makes of them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core import durations
from engine.core.durations import LONGEST_TEXT, BadDuration, Cycle, Duration, parse_cycle, parse_duration

STOCKHOLM = "Europe/Stockholm"


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(STOCKHOLM))


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("P3M", Duration(months=3)),
        ("P1Y2M3W4DT5H6M7S", Duration(1, 2, 3, 4, 5, 6, 7)),
        ("P4W", Duration(weeks=4)),
        ("PT10M", Duration(minutes=10)),
        ("PT0S", Duration()),
        ("P24M", Duration(months=24)),
        ("PT36H", Duration(hours=36)),
    ],
)
def test_durations_are_read(text: str, duration: Duration) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    [
        *(
            "P100000Y",
            "P9999999Y",
            "PT99999999999H",
            "-P1D",
            "P-1D",
            "P1.5M",
            "P1,5D",
            "P",
            "PT",
            "P1DT",
            "P1H",
            "PT1D",
        ),
        *("", " P1D", "P1D ", "p1d", "P1D\n", "P١D", "P1M1Y", "1D", "P101Y", "PP1D", "P1D/P1D", "P1D\0", "\ud800"),
        "P" + "1" * 10_000_000 + "D",
        "P1D" * 3_000_000,
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_other_durations_are_refused(text: str) -> None:
    assert_refused(parse_duration, text)


@pytest.mark.parametrize(
    "text",
    [
        *("R/PT0S", "R99999999999999999999/PT1S", "R-5/PT1S", "R0/P1D", "R/P1.5D", "R/-P1D", "R10000/P1D", "R/PT59S"),
        *("R/2026-02-30T08:00/P1D", "R/0001-01-01T08:00/P1D", "R/9999-01-01T08:00/P1D", "R/P1D/2026-01-01T08:00"),
        *("0 8 * * *", "R", "R/", "/P1D", "R3", "R/R/P1D", "R/2026-02-16/P1D", "R/P9999999Y"),
        "R" + "9" * 10_000_000 + "/P1D",
    ],
    ids=lambda text: ascii(text[:30]),
)
def test_other_cycles_are_refused(text: str) -> None:
    assert_refused(parse_cycle, text)


class Short:
    """A pattern that is tried on no more than a person writes: what is longer has been refused before."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern

    def fullmatch(self, text: str) -> re.Match[str] | None:
        assert len(text) <= LONGEST_TEXT
        return self.pattern.fullmatch(text)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_DURATION", "_CYCLE", "_START"):
        monkeypatch.setattr(durations, name, Short(getattr(durations, name)))


def assert_refused(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(BadDuration) as caught:
        parse(text)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-03-28T08:00", "P1D", "2026-03-29T08:00"),  # summer time begins: 23 hours
        ("2026-10-24T08:00", "P1D", "2026-10-25T08:00"),  # summer time ends: 25 hours
        ("2026-03-28T08:00", "PT24H", "2026-03-29T09:00"),
        ("2026-10-24T08:00", "PT24H", "2026-10-25T07:00"),
        ("2026-03-28T02:30", "P1D", "2026-03-29T03:30"),  # 02:30 does not exist that night
        ("2026-01-31T08:00", "P1M", "2026-02-28T08:00"),
        ("2028-01-31T08:00", "P1M", "2028-02-29T08:00"),
        ("2028-02-29T08:00", "P1Y", "2029-02-28T08:00"),
        ("2026-11-30T08:00", "P3M", "2027-02-28T08:00"),
        ("2026-02-16T08:00", "P4W", "2026-03-16T08:00"),
        ("2026-12-31T23:59:59", "PT1S", "2027-01-01T00:00"),
    ],
)
def test_a_duration_is_added_as_the_calendar_does(start: str, length: str, end: str) -> None:
    assert parse_duration(length).after(local(start), STOCKHOLM) == local(end).astimezone(UTC)


def test_the_night_that_has_two_of_an_hour_takes_the_first() -> None:
    assert parse_duration("P1D").after(local("2026-10-24T02:30"), STOCKHOLM) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


def test_a_due_moment_too_far_away_is_refused() -> None:
    with pytest.raises(BadDuration, match="för långt bort"):
        parse_duration("P100Y").after(local("2190-01-01T08:00"), STOCKHOLM)


def test_a_cycle_starts_one_interval_after_it_is_armed_or_at_its_start() -> None:
    armed = local("2026-02-16T08:00")
    assert parse_cycle("R3/P1D").first(armed, STOCKHOLM) == (local("2026-02-17T08:00"), 2)
    assert parse_cycle("R/P1D").first(armed, STOCKHOLM) == (local("2026-02-17T08:00"), None)
    assert parse_cycle("R/2026-03-01T08:00/P1W").first(armed, STOCKHOLM) == (local("2026-03-01T08:00"), None)
    assert parse_cycle("R/2026-03-01T08:00Z/P1W").first(armed, STOCKHOLM)[0] == datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_a_daily_cycle_keeps_its_hour_over_summer_time() -> None:
    cycle, due, hours = parse_cycle("R/P1D"), local("2026-03-27T08:00"), []
    for _ in range(5):
        coming = cycle.next(due, None, due, STOCKHOLM)
        assert coming is not None
        due = coming.due
        hours.append(due.astimezone(ZoneInfo(STOCKHOLM)).strftime("%d %H:%M"))
    assert hours == ["28 08:00", "29 08:00", "30 08:00", "31 08:00", "01 08:00"]


def test_what_was_missed_is_skipped_counted_and_used_up() -> None:
    cycle, due = parse_cycle("R9/P1D"), local("2026-02-17T08:00")
    coming = cycle.next(due, 8, local("2026-02-20T09:00"), STOCKHOLM)
    assert coming is not None
    assert (coming.due, coming.left, coming.skipped) == (local("2026-02-21T08:00"), 4, 3)
    assert cycle.next(due, 3, local("2026-02-20T09:00"), STOCKHOLM) is None
    assert cycle.next(due, 0, due, STOCKHOLM) is None


def test_an_occurrence_that_is_now_counts_as_passed() -> None:
    coming = parse_cycle("R/P1D").next(local("2026-02-17T08:00"), None, local("2026-02-18T08:00"), STOCKHOLM)
    assert coming is not None
    assert (coming.due, coming.skipped) == (local("2026-02-19T08:00"), 1)


def test_with_an_anchor_the_31st_does_not_drift() -> None:
    anchor = local("2026-01-31T08:00")
    coming = parse_cycle("R/P1M").next(
        local("2026-02-28T08:00"), None, local("2026-02-28T08:00"), STOCKHOLM, anchor=anchor
    )
    assert coming is not None
    assert coming.due == local("2026-03-31T08:00")


def test_a_minute_cycle_after_ten_years_is_reckoned_and_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    added, after = [], Duration.after
    monkeypatch.setattr(Duration, "after", lambda *given, **more: added.append(given) or after(*given, **more))
    coming = parse_cycle("R/PT1M").next(local("2026-01-01T00:00"), None, local("2036-01-01T00:00"), STOCKHOLM)
    assert len(added) < 250, "two hours of minutes, for a day that is shorter or longer"
    assert coming is not None
    assert coming.skipped == 10 * 365 * 1440 + 2 * 1440


@given(
    st.builds(Duration, months=st.integers(0, 30), weeks=st.integers(0, 9), days=st.integers(1, 90)),
    st.datetimes(datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2040-01-01")),
    st.integers(0, 4000),
)
def test_the_next_occurrence_is_the_first_after_now(interval: Duration, start: datetime, hours: int) -> None:
    due = start.replace(tzinfo=UTC)
    now = due + timedelta(hours=hours)
    coming = Cycle(interval).next(due, None, now, STOCKHOLM)
    assert coming is not None
    assert coming.due > now
    assert coming.skipped == 0 or interval.after(due, STOCKHOLM, times=coming.skipped) <= now
