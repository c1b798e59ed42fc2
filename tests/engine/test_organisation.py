"""Organisation data goes in once, however often it is loaded, and says which line is wrong."""

from __future__ import annotations

import pytest

from engine import organisation, regions
from engine.access import SYSTEM
from engine.errors import BadOrganisation
from store import people
from store.database import Database
from tests.promises.house import ROOT

JH = regions.load("jh")
DEMO = (ROOT / "processes" / "organisation" / "demo-jh.yaml").read_text("utf-8")
AREAS = (ROOT / "processes" / "organisation" / "programme-areas.yaml").read_text("utf-8")


def test_what_is_shipped_can_be_loaded_and_loading_again_adds_nothing(db: Database) -> None:
    assert organisation.load(db, AREAS, region=JH, by=SYSTEM).areas == 26
    first = organisation.load(db, DEMO, region=JH, by=SYSTEM, password_hash="hash")
    again = organisation.load(db, DEMO, region=JH, by=SYSTEM, password_hash="hash")
    assert first.mandates > 40
    assert again.mandates == 0
    with db.read() as reader:
        assert len(people.of_region(reader, "jh")) == first.people
        assert len(people.all_accounts(reader)) == first.people


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("people: [{id: kim, namn: Kim}]", "Rad 1"),
        ("region: bl", "bl"),
        ("people: [{id: kim, name: Kim, mandates: [wizard]}]", "wizard"),
        ('absences: [{person: nobody, from: "2026-01-01"}]', "nobody"),
        ("demo: true\npeople: [{id: kim, name: Kim}]", "påhittade"),
    ],
)
def test_a_fault_is_named_and_nothing_is_loaded(sqlite: Database, text: str, says: str) -> None:
    with pytest.raises(BadOrganisation, match=says):
        organisation.load(sqlite, text, region=JH, by=SYSTEM, demo_allowed=False)
    with sqlite.read() as reader:
        assert people.of_region(reader, "jh") == []
