"""Every region can be tried: invented people to log in as, and among them all that the stories tell of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine import regions
from store import accounts, cases, tasks
from store.database import Database
from web.demo import building
from web.demo.stories import STORIES, UNREACHED

NOW = datetime(2026, 11, 22, 11, tzinfo=UTC)
LATEST = timedelta(days=8)
"""A few tasks are late, to be seen; a demo whose inbox has been left for months shows nothing."""


@pytest.mark.parametrize("region", ["bl", "da", "jh", "or"])
def test_the_people_of_the_stories_can_log_in(region: str, sqlite: Database) -> None:
    building.settle(sqlite, regions.load(region))
    with sqlite.read() as reader:
        known = {each.username for each in accounts.find_all(reader)}
    told = {event.who for story in STORIES for event in story.events if hasattr(event, "who")}
    assert told | {UNREACHED} <= known


@pytest.mark.parametrize("region", ["da", "jh"])
def test_nothing_has_waited_long(region: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'demo.sqlite3'}"
    building.play(url, regions.load(region), NOW)
    with Database(url).read() as reader:
        waiting = [task for case in cases.active(reader) for task in tasks.open_of_case(reader, case.id)]
    assert len(waiting) > 10
    assert [each.element for each in waiting if each.due and each.due < (NOW - LATEST).date()] == []
