"""Mails are filled by look-up alone, and say days as people do."""

from __future__ import annotations

from engine.texts import Template


def test_a_day_is_told_as_a_day_and_all_else_as_it_stands() -> None:
    words = Template("Svara senast {{ dueDate }}", "Dnr {{ number }}, stänger {{ dates.closes }}. {{ nothing }}")
    values = {"dueDate": "2026-04-14", "number": "2026-04-99", "dates": {"closes": "2027-01-29"}}
    assert words.fill(values) == ("Svara senast 14 april 2026", "Dnr 2026-04-99, stänger 29 januari 2027.\n")
