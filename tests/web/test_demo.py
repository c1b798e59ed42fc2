"""Every region can be tried: invented people to log in as, and among them all that the stories tell of."""

from __future__ import annotations

import pytest

from engine import regions
from store import people
from store.database import Database
from web.demo import building
from web.demo.stories import STORIES, UNREACHED


@pytest.mark.parametrize("region", ["bl", "da", "jh", "or"])
def test_the_people_of_the_stories_can_log_in(region: str, sqlite: Database) -> None:
    building.settle(sqlite, regions.load(region))
    with sqlite.read() as reader:
        accounts = {each.username for each in people.all_accounts(reader)}
    told = {event.who for story in STORIES for event in story.events if hasattr(event, "who")}
    assert told | {UNREACHED} <= accounts
