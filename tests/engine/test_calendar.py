"""The Swedish working calendar against written dates, and over fifty years."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import calendar, windows

DATES = json.loads((Path(__file__).parent / "dates.json").read_text(encoding="utf-8"))
days = st.dates(date(2000, 1, 1), date(2050, 12, 31))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize("row", DATES["consultation"], ids=lambda row: row["nominalOpen"])
def test_consultation_windows_open_forward_and_close_back(row: dict[str, str]) -> None:
    window = windows.consultation_window(day(row["opens"]))
    assert window.nominal_opens == day(row["nominalOpen"])
    assert window.nominal_closes == day(row["nominalClose"])
    assert (window.opens, window.closes) == (day(row["opens"]), day(row["closes"]))
    assert windows.two_months_from(window.nominal_opens) == day(row["blekingeLiteralCloses"])


@pytest.mark.parametrize("row", DATES["feedback"], ids=lambda row: row["month"])
def test_feedback_rounds_by_each_rule(row: dict[str, str]) -> None:
    year, month = map(int, row["month"].split("-"))
    national = windows.feedback_round(year, month)
    assert national.opens == day(row["opens"])
    assert national.closes == day(row["closesNational"])
    assert windows.feedback_round(year, month, "ACTUAL_PLUS_P28D").closes == day(row["closesActualPlus28"])
    literal = windows.feedback_round(year, month, "NOMINAL_PLUS_P1M_DEC_P2M")
    assert literal.closes == day(row["closesJhLiteral"])


@pytest.mark.parametrize("row", DATES["internal"], ids=lambda row: row["closes"])
def test_internal_dates_are_counted_in_working_days(row: dict[str, str]) -> None:
    closes = day(row["closes"])
    counted = [calendar.workday(closes, -n).isoformat() for n in (10, 5, 3, 1)]
    assert counted == [row["internalDue"], row["compileDue"], row["approveDue"], row["submitDue"]]


@pytest.mark.parametrize("text", DATES["notWorkdays"])
def test_holidays_and_eves_are_not_working_days(text: str) -> None:
    assert calendar.holiday(day(text))
    assert not calendar.is_workday(day(text))


@pytest.mark.parametrize("row", DATES["reviews"], ids=lambda row: f"{row['from']}+{row['months']}")
def test_reviews_add_months_clamp_and_roll_forward(row: dict[str, object]) -> None:
    assert calendar.roll_forward(calendar.add_months(day(str(row["from"])), int(str(row["months"])))) == day(
        str(row["due"])
    )


def test_quarters_begin_on_their_first_working_day() -> None:
    nominal = [date(year, month, 1) for year in (2026, 2027) for month in (1, 4, 7, 10)]
    assert [calendar.roll_forward(each).isoformat() for each in nominal] == DATES["quarterFirstWorkday"]


@pytest.mark.parametrize("text", DATES["clockChanges"])
def test_eight_in_the_morning_comes_once_when_the_clock_changes(text: str) -> None:
    moment = calendar.opening(day(text))
    assert (moment.hour, moment.minute, moment.date()) == (8, 0, day(text))


def test_a_time_in_the_gap_is_three_o_clock_and_in_the_fold_the_first() -> None:
    assert calendar.at(date(2026, 3, 29), time(2, 30)).isoformat() == "2026-03-29T03:00:00+02:00"
    assert calendar.at(date(2026, 10, 25), time(2, 30)).isoformat() == "2026-10-25T02:30:00+02:00"


def test_a_window_that_has_closed_gives_the_next_one() -> None:
    assert windows.consultation_window(date(2026, 2, 14)).opens == date(2026, 2, 16)
    assert windows.consultation_window(date(2026, 7, 1)).opens == date(2026, 9, 15)
    assert windows.feedback_window(date(2027, 3, 1)).closes == date(2027, 3, 25)


@pytest.mark.parametrize("row", DATES["knowledgeDays"]["valid"], ids=lambda row: row["day"])
def test_a_knowledge_day_is_a_working_day_of_its_months(row: dict[str, str]) -> None:
    assert calendar.knowledge_day_fault(day(row["day"]), DATES["knowledgeDays"]["months"]) is None
    assert calendar.save_the_date(day(row["day"])) == day(row["saveTheDateBy"])


@pytest.mark.parametrize("text", DATES["knowledgeDays"]["invalid"])
def test_no_other_day_is_a_knowledge_day(text: str) -> None:
    assert calendar.knowledge_day_fault(day(text), DATES["knowledgeDays"]["months"])


def test_why_a_knowledge_day_is_refused_is_said() -> None:
    saturday = calendar.knowledge_day_fault(date(2026, 10, 31), (2, 10))
    assert saturday == "31 oktober 2026 är ingen arbetsdag: en lördag."
    november = calendar.knowledge_day_fault(date(2026, 11, 2), (2, 10))
    assert november == "2 november 2026 ligger inte i februari och oktober, när kunskapsstyrningsdagen ska vara."


@pytest.mark.parametrize(("year", "moved"), DATES["movedOpenings"].items())
def test_openings_that_move_are_these_and_no_others(year: str, moved: list[str]) -> None:
    rounds = [windows.feedback_round(int(year), month) for month in windows.FEEDBACK_MONTHS]
    assert [each.opens.isoformat() for each in rounds if each.opens != each.nominal_opens] == moved


@pytest.mark.parametrize(
    ("nominal", "actual", "words"),
    [
        ("2026-11-15", "2026-11-16", "15 november är en söndag"),
        ("2027-03-29", "2027-03-25", "29 mars är annandag påsk"),
        ("2026-05-01", "2026-05-04", "1 maj är en helgdag"),
        ("2026-05-14", "2026-05-15", "14 maj är Kristi himmelsfärdsdag"),
        ("2026-04-14", "2026-04-14", ""),
    ],
)
def test_why_a_day_was_moved_is_said(nominal: str, actual: str, words: str) -> None:
    assert calendar.why_rolled(day(nominal), day(actual)) == words


def test_sums_in_words_name_the_holidays_passed() -> None:
    assert calendar.in_words(date(2026, 4, 14), -10) == "10 arbetsdagar före 14 april 2026, påsken borträknad"
    assert calendar.in_words(date(2026, 12, 18), 8).endswith("julen och nyår borträknad")
    assert calendar.in_words(date(2026, 3, 2), 1) == "1 arbetsdag efter 2 mars 2026"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "1 minut"), (45, "45 minuter"), (60, "1 timme"), (90, "1 timme 30 minuter"), (120, "2 timmar")],
)
def test_whole_hours_are_told_as_hours(minutes: int, words: str) -> None:
    assert calendar.hours_and_minutes(minutes) == words


@pytest.mark.parametrize("count", [2_601, -2_601, 10**9])
def test_endless_sums_are_refused(count: int) -> None:
    with pytest.raises(calendar.OutsideCalendar):
        calendar.workday(date(2026, 1, 1), count)


# The same rules for years that nobody has written down ---------------------------------------------------------------

YEARS = range(2026, 2077)


def easter(year: int) -> date:
    """Easter Sunday by Gauss's rule as Butcher writes it: another source than the calendar's own."""
    century, rest = divmod(year, 100)
    leap, common = divmod(century, 4)
    golden = year % 19
    shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap - shift + 15) % 30
    weekday = (32 + 2 * common + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, last = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, last + 1)


def off_by_law(year: int) -> set[date]:
    """Holidays by lag (1989:253), and the three eves that count as one."""
    fixed = {(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)}
    sunday = easter(year)
    moving = {sunday + timedelta(days=n) for n in (-2, 0, 1, 39, 49)}
    midsummer = next(date(year, 6, n) for n in range(20, 27) if date(year, 6, n).weekday() == 5)
    first = date(year, 10, 31)
    saints = next(day for day in (first + timedelta(days=n) for n in range(7)) if day.weekday() == 5)
    return {date(year, *each) for each in fixed} | moving | {midsummer, midsummer - timedelta(days=1), saints}


@pytest.mark.parametrize("year", YEARS)
def test_every_year_has_the_holidays_of_the_law(year: int) -> None:
    every_day = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    named = {each for each in every_day if each.year == year and calendar.holiday(each)}
    assert named == off_by_law(year)


@pytest.mark.parametrize("year", YEARS)
def test_every_year_has_its_windows_by_the_same_rules(year: int) -> None:
    for window in windows.consultation_windows(year):
        assert window.nominal_opens <= window.opens <= window.nominal_opens + timedelta(days=4)
        assert window.nominal_closes - timedelta(days=4) <= window.closes <= window.nominal_closes
    for month in windows.FEEDBACK_MONTHS:
        found = windows.feedback_round(year, month)
        assert found.opens == calendar.workday(date(year, month, 1) - timedelta(days=1), 1)
        nominal = date(year + 1, 1, 29) if month == 12 else date(year, month, 2 if month == 5 else 1)
        nominal += timedelta(days=0 if month == 12 else 28)
        assert found.closes == calendar.workday(nominal + timedelta(days=1), -1)


@pytest.mark.parametrize("year", YEARS)
def test_every_year_changes_its_clocks_twice_and_opens_at_eight_all_the_same(year: int) -> None:
    sundays = [
        max(date(year, month, n) for n in range(25, 32) if date(year, month, n).weekday() == 6) for month in (3, 10)
    ]
    for changes in sundays:
        before, after = calendar.opening(changes - timedelta(days=1)), calendar.opening(changes)
        assert (before.hour, after.hour) == (8, 8)
        assert abs(after.astimezone(UTC) - before.astimezone(UTC) - timedelta(days=1)) == timedelta(hours=1)


def test_leap_years_close_in_february() -> None:
    """28 days from 1 February is 29 February when there is one, else 1 March."""
    assert windows.feedback_round(2028, 2).closes == date(2028, 2, 29)
    assert windows.feedback_round(2027, 2).closes == date(2027, 3, 1)
    assert calendar.add_months(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert calendar.add_months(date(2028, 2, 29), 12) == date(2029, 2, 28)


@given(days, st.integers(-120, 600))
def test_months_keep_the_day_or_clamp_it_to_the_last(start: date, count: int) -> None:
    end = calendar.add_months(start, count)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == count
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(days, st.integers(-260, 260))
def test_a_sum_ends_on_a_working_day_and_counts_back_to_where_it_began(start: date, count: int) -> None:
    end = calendar.workday(start, count)
    assert count == 0 or calendar.is_workday(end)
    assert calendar.workdays_between(start, end) == count or count < 0
    if calendar.is_workday(start):
        assert calendar.workday(end, -count) == start


@given(days)
def test_rolling_lands_on_the_nearest_working_day(start: date) -> None:
    forward, back = calendar.roll_forward(start), calendar.roll_back(start)
    assert back <= start <= forward
    assert forward - back <= timedelta(days=6)
    assert calendar.workdays_between(back, forward) == (0 if back == forward else 1)


@given(days, st.times())
def test_a_local_time_is_a_real_moment_on_its_day(start: date, clock: time) -> None:
    moment = calendar.at(start, clock.replace(tzinfo=None))
    there_and_back = moment.astimezone(UTC).astimezone(ZoneInfo("Europe/Stockholm"))
    assert there_and_back.replace(tzinfo=None) == moment.replace(tzinfo=None)
    assert moment.date() == start


@given(days)
def test_a_moment_belongs_to_the_day_where_it_is(start: date) -> None:
    assert calendar.local_day(calendar.opening(start)) == start
    assert calendar.local_day(datetime.combine(start, time(23, 30), UTC)) == start + timedelta(days=1)


@given(days)
def test_every_day_has_a_window_that_is_open_or_opens_next(start: date) -> None:
    for window in (windows.consultation_window(start), windows.feedback_window(start)):
        assert window.closes >= start
        assert calendar.is_workday(window.opens)
        assert calendar.is_workday(window.closes)
