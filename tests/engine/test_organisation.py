"""Organisation data goes in once, however often it is loaded, and says what is wrong."""

from __future__ import annotations

import pytest

from engine import organisation
from engine.access import SYSTEM
from engine.errors import BadOrganisation
from store import people
from store.database import Database
from tests.promises.house import ROOT

FOLDER = ROOT / "processes" / "organisation"


def test_what_is_shipped_can_be_loaded_and_loading_again_adds_nothing(db: Database) -> None:
    assert organisation.load_file(db, FOLDER / "programme-areas.yaml", by=SYSTEM).areas == 26
    first = organisation.load_file(db, FOLDER / "demo-jh.yaml", by=SYSTEM)
    with db.read() as reader:
        mandates = people.mandates_of(reader, region="jh")
    again = organisation.load_file(db, FOLDER / "demo-jh.yaml", by=SYSTEM)
    assert again == first
    with db.read() as reader:
        assert len(people.of_region(reader, "jh")) == first.people
        assert people.mandates_of(reader, region="jh") == mandates


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("people: [{id: kim, namn: Kim}]", "Rad 1"),
        ("region: jh\npeople: [{id: kim, name: Kim, mandates: [wizard]}]", "wizard"),
        ('region: jh\nabsences: [{person: nobody, from: "2026-01-01"}]', "nobody"),
        ("region: jh\ndemo: true\npeople: [{id: kim, name: Kim}]", "påhittade"),
    ],
)
def test_a_fault_is_named_and_nothing_is_loaded(sqlite: Database, text: str, says: str) -> None:
    with pytest.raises(BadOrganisation, match=says):
        organisation.load(sqlite, text, by=SYSTEM, demo_allowed=False)
    with sqlite.read() as reader:
        assert people.of_region(reader, "jh") == []
