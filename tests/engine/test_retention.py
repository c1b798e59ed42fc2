"""A closed case is kept as long as the region's profile says, unless the diary keeps it."""

from __future__ import annotations

from datetime import date

import pytest

from engine import regions, retention

JH = regions.load("jh")
ENDED = date(2028, 2, 29)


@pytest.mark.parametrize(
    ("process", "until"),
    [
        ("gap-analysis", date(2038, 2, 28)),
        ("conflict-of-interest", date(2031, 2, 28)),
        ("feedback-collection", date(2030, 2, 28)),
        ("resignation", date(2030, 2, 28)),
    ],
)
def test_each_kind_of_case_has_its_time(process: str, until: date) -> None:
    assert retention.kept_until(JH, process, ended=ENDED) == until


def test_editing_the_profile_moves_the_day() -> None:
    shorter = regions.varied(JH, {"retention": {"cases": "P5Y"}})
    assert retention.kept_until(shorter, "gap-analysis", ENDED) == date(2033, 2, 28)


def test_what_the_diary_keeps_has_no_day() -> None:
    assert retention.kept_until(JH, "gap-analysis", ENDED, "RS/1/2026") is None
