"""Organisation data goes in once, however often it is loaded, whole or not at all, and says what is wrong and where."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine import areas, organisation, regions
from engine.access import SYSTEM
from engine.errors import BadOrganisation
from store import mandates, people
from store import organisation as rows
from store.database import Database
from store.organisation import NATIONAL
from tests.engine.town import load
from tests.promises.house import ROOT

FOLDER = ROOT / "processes" / "organisation"
GROUPS = ("groups-bl", "groups-jh", "groups-or")
DEMOS = ("demo-bl", "demo-da", "demo-or", "demo-jh")
SHIPPED = ("programme-areas", "cooperation-groups", *GROUPS, *DEMOS)
TODAY = date(2026, 2, 16)


def shipped(*names: str) -> list[Path]:
    return [FOLDER / f"{name}.yaml" for name in names or SHIPPED]


def test_what_is_shipped_can_be_loaded_and_loading_again_adds_nothing(db: Database) -> None:
    first = organisation.load_files(db, shipped(), by=SYSTEM)
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(SHIPPED)
    assert first[0].areas == 26
    with db.read() as reader:
        given = mandates.of(reader, region="jh")
    assert organisation.load_files(db, shipped(), by=SYSTEM) == first
    with db.read() as reader:
        assert len(people.of_region(reader, "jh")) == first[-1].people
        assert mandates.of(reader, region="jh") == given


def test_national_groups_belong_to_every_region_and_local_ones_to_their_own(db: Database) -> None:
    organisation.load_files(db, shipped(), by=SYSTEM)
    with db.read() as reader:
        national = rows.bodies_of(reader, NATIONAL)
        local = {region: [each.kind for each in rows.bodies_of(reader, region)] for region in ("bl", "jh")}
    assert {each.kind for each in national} == {"NSG"}
    assert len(national) == 7
    assert local["bl"].count("LSG") == 7
    assert "board" in local["jh"]


def test_two_regions_may_each_have_a_body_of_the_same_name(sqlite: Database) -> None:
    for region in ("jh", "bl"):
        load(sqlite, f"region: {region}\nbodies: [{{id: HSN, name: Nämnden i {region}, kind: board}}]")
    with sqlite.read() as reader:
        assert [each.name for each in rows.bodies_of(reader, "jh")] == ["Nämnden i jh"]
        assert [each.name for each in rows.bodies_of(reader, "bl")] == ["Nämnden i bl"]


KIM = 'region: jh\npeople:\n  - {{id: kim, name: Kim Prov, mandates: [{{role: coordinator, from: "2026-01-01"{}}}]}}\n'


def test_a_mandate_that_gets_a_last_day_is_changed_and_not_doubled(sqlite: Database) -> None:
    load(sqlite, KIM.format(""))
    load(sqlite, KIM.format(', to: "2026-12-31"'))
    with sqlite.read() as reader:
        (mandate,) = mandates.of(reader, region="jh")
    assert mandate.ends == date(2026, 12, 31)


def test_a_substitute_and_a_new_period_are_mandates_of_their_own(sqlite: Database) -> None:
    load(sqlite, KIM.format(', to: "2026-12-31"'))
    load(sqlite, KIM.format("").replace("2026-01-01", "2027-01-01"))
    load(sqlite, KIM.format(", kind: substitute, note: Under ledighet"))
    with sqlite.read() as reader:
        held = mandates.of(reader, region="jh")
    assert sorted((str(each.starts), each.kind, each.note) for each in held) == [
        ("2026-01-01", "ordinary", ""),
        ("2026-01-01", "substitute", "Under ledighet"),
        ("2027-01-01", "ordinary", ""),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("people: [{id: kim, namn: Kim}]", "Rad 1"),
        ("people: [{id: kim, name: Kim}]", "Rad 1: skriv vilken region"),
        ("region: xx\npeople: [{id: kim, name: Kim}]", "Rad 1: regionen xx har ingen profil"),
        ("region: jh\npeople: [{id: kim, name: Kim, mandates: [wizard]}]", "Rad 2: Kim: rollen wizard"),
        (
            "region: jh\npeople:\n  - {id: bo, name: Bo}\n  - {id: kim, name: Kim, mandates: [lpoChiar]}",
            "Rad 4: .*Menade du lpoChair",
        ),
        (
            'region: jh\npeople: [{id: kim, name: Kim, mandates: ["lpoChair@LUNGA"]}]',
            "Rad 2: .*området LUNGA finns inte",
        ),
        ("region: jh\npeople:\n  - {id: kim, name: Kim}\n  - {id: kim, name: Bo}", "Rad 4: kim står två gånger"),
        (
            'region: jh\npeople: [{id: kim, name: Kim, mandates: [{role: coordinator, from: "2026-02-30"}]}]',
            "Rad 2: dagen 2026-02-30 finns inte",
        ),
        (
            'region: jh\npeople:\n- {id: k, name: K, mandates: [{role: editor, from: "2026-03-01", to: "2026-02-01"}]}',
            "Rad 3: sista dagen 2026-02-01 ligger före den första",
        ),
        ('region: jh\nabsences: [{person: nobody, from: "2026-01-01"}]', "Rad 2: nobody"),
        (
            'region: jh\npeople: [{id: kim, name: K}]\nabsences: [{person: kim, substitute: kim, from: "2026-01-01"}]',
            "Rad 3: kim kan inte vara sin egen",
        ),
        ("region: jh\nbodies: [{id: LPO_X, name: LPO X, kind: LPO, area: XX}]", "Rad 2: LPO X: programområdet XX"),
        ("region: jh\ndemo: true\npeople: [{id: kim, name: Kim}]", "påhittade"),
    ],
)
def test_a_fault_is_named_and_nothing_is_loaded(sqlite: Database, text: str, says: str) -> None:
    with pytest.raises(BadOrganisation, match=says):
        load(sqlite, text, demo_allowed=False)
    with sqlite.read() as reader:
        assert people.of_region(reader, "jh") == []


def test_a_fault_in_the_last_file_and_none_is_loaded(sqlite: Database, tmp_path: Path) -> None:
    bad = tmp_path / "fel.yaml"
    bad.write_text("region: jh\npeople: [{id: kim, name: Kim, mandates: [wizard]}]", encoding="utf-8")
    with pytest.raises(BadOrganisation, match=r"fel\.yaml: Rad 2"):
        organisation.load_files(sqlite, [*shipped(), bad], by=SYSTEM)
    with sqlite.read() as reader:
        assert rows.area_ids(reader) == set()
        assert people.of_region(reader, "jh") == []


def test_the_national_areas_come_with_the_first_region(sqlite: Database) -> None:
    load(sqlite, 'region: jh\npeople: [{id: kim, name: Kim, mandates: ["lpoChair@LUNG"]}]')
    with sqlite.read() as reader:
        assert len(rows.area_ids(reader)) == 26


def test_a_flood_of_faults_is_cut_short(sqlite: Database) -> None:
    many = ", ".join(f"wizard{n}" for n in range(14))
    with pytest.raises(BadOrganisation, match="Och 4 fel till") as caught:
        load(sqlite, f"region: jh\npeople: [{{id: kim, name: Kim, mandates: [{many}]}}]")
    assert str(caught.value).count("Rad 2") == 10


def test_each_area_has_an_lpo_or_a_contact_person_or_is_named_as_a_gap(sqlite: Database) -> None:
    organisation.load_files(sqlite, shipped(), by=SYSTEM)
    with sqlite.read() as reader:
        found = {each.area.id: each for each in areas.staffed(reader, regions.load("jh"), TODAY)}
    assert len(found) == 26
    assert found["LUNG"].by == areas.LPO
    assert found["AKUT"].by == areas.CONTACT
    assert {each.id for each in areas.gaps(list(found.values()))} == {"PERIOP", "SALLSYNTA"}
    assert found["TAND"].vacant == ["programOwner", "primaryCareRep"]
    assert [each.kind for each in found["TAND"].held["lpoChair"]] == ["ordinary", "substitute"]


def test_a_chair_whose_mandate_has_ended_leaves_a_vacancy(sqlite: Database) -> None:
    organisation.load_files(sqlite, shipped("programme-areas"), by=SYSTEM)
    text = """\
region: jh
people:
  - {id: kim, name: Kim, mandates: [{role: "lpoChair@LUNG", from: "2025-01-01", to: "2026-01-31"}]}
  - {id: bo, name: Bo, mandates: [{role: "lpoChair@LUNG", kind: substitute, from: "2025-01-01"}]}
"""
    load(sqlite, text)
    with sqlite.read() as reader:
        before, after = (
            {each.area.id: each for each in areas.staffed(reader, regions.load("jh"), day)}["LUNG"]
            for day in (date(2026, 1, 31), date(2026, 2, 1))
        )
    assert (before.by, after.by) == (areas.LPO, areas.NONE)
    assert "lpoChair" in after.vacant
