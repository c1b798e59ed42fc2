"""The functions of expressions: text in, text out."""

from __future__ import annotations

from typing import Any, cast

import pytest

from engine import context, regions
from engine.core.durations import BadDuration
from store.database import Reader

FUNCTIONS: dict[str, Any] = dict(context.functions(cast(Reader, None), regions.load("da")))


@pytest.mark.parametrize(
    ("day", "duration", "expected"),
    [
        ("2026-08-31", "P3M", "2026-11-30"),
        ("2026-01-15", "P3M", "2026-04-15"),
        ("2026-06-15", "P1Y", "2027-06-15"),
        ("2026-06-15", "P2Y", "2028-06-15"),
        ("2028-02-29", "P1Y", "2029-02-28"),
        ("2026-03-28", "P1D", "2026-03-29"),
        ("2026-10-24T23:30:00", "P1W", "2026-10-31"),
    ],
)
def test_a_duration_of_the_profile_is_added_by_the_calendar(day: str, duration: str, expected: str) -> None:
    assert FUNCTIONS["later"](day, duration) == expected


@pytest.mark.parametrize(
    ("day", "duration", "expected"),
    [("2027-06-30", "P90D", "2027-04-01"), ("2026-05-31", "P3M", "2026-02-28"), ("2026-03-30", "P1D", "2026-03-29")],
)
def test_a_duration_is_counted_back_from_a_day(day: str, duration: str, expected: str) -> None:
    assert FUNCTIONS["earlier"](day, duration) == expected


def test_what_is_no_duration_is_said_so() -> None:
    with pytest.raises(BadDuration, match="tre månader"):
        FUNCTIONS["later"]("2026-08-31", "tre månader")


def test_every_function_has_a_type() -> None:
    assert FUNCTIONS.keys() == context.FUNCTIONS.keys()
