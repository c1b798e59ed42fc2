"""Every variant of every process in the regions is rehearsed: one happy path and two unhappy ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine import regions
from engine.rehearsing import rehearsals, variants
from engine.rehearsing.variants import Rehearsed, Shown, Variant
from engine.yaml_file import BadYaml
from tests.processes.test_shipped import PROCESSES, REGIONS

FOUND = variants.rehearsed()


@pytest.mark.parametrize("found", FOUND, ids=lambda each: f"{each.variant.process}-{'-'.join(each.variant.regions)}")
def test_each_variant_has_a_happy_path_and_two_unhappy_ones(found: Rehearsed) -> None:
    assert found.missing == {}


def test_every_region_is_in_one_variant_of_each_process() -> None:
    found = variants.load()
    counted = Counter((each.process, region) for each in found for region in each.regions)
    assert counted == Counter((process, region) for process in {each.process for each in found} for region in REGIONS)


@pytest.mark.parametrize("found", FOUND, ids=lambda each: f"{each.variant.process}-{'-'.join(each.variant.regions)}")
def test_the_profiles_make_the_difference_that_the_variant_says(found: Rehearsed) -> None:
    variant = found.variant
    within = [values(region, variant.keys) for region in variant.regions]
    assert all(each == within[0] for each in within)
    outside = {region for region in REGIONS if region not in variant.regions} if variant.keys else set()
    assert {region for region in outside if values(region, variant.keys) == within[0]} == set()


def values(region: str, keys: tuple[str, ...]) -> list[Any]:
    """What a profile has under each of these keys; None where it says nothing."""
    return [_value(regions.load(region).data, *path.split(".")) for path in keys]


def _value(here: Mapping[str, Any], first: str, *rest: str) -> Any:
    return _value(here.get(first, {}), *rest) if rest else here.get(first)


def test_what_is_shown_is_a_process_that_has_variants() -> None:
    known = {each.process for each in variants.load()}
    assert known <= PROCESSES.keys()
    assert {each.process for each in variants.shown(rehearsals.all_files())} <= known


LOCAL = Variant("nomination", ("bl", "da"), "Linjen utser.")


def path(name: str, region: str = "bl", path: str = variants.UNHAPPY, process: str = "nomination") -> Shown:
    return Shown(name, region, process, path, name)


@pytest.mark.parametrize(
    ("paths", "missing"),
    [
        ([], {"happy": 1, "unhappy": 2}),
        ([path("a", "da", "happy"), path("b"), path("b", "da")], {}),
        ([path("a", path="happy"), path("b"), path("c", "jh")], {"unhappy": 1}),
        ([path("a", path="happy", process="assignment"), path("b"), path("c")], {"happy": 1}),
    ],
)
def test_a_path_counts_for_its_process_and_for_the_regions_of_the_variant(
    paths: list[Shown], missing: dict[str, int]
) -> None:
    assert variants.rehearsed([LOCAL], paths)[0].missing == missing


def test_a_variant_without_a_region_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "variants.yaml"
    file.write_text("processes:\n  nomination:\n    - {regions: [], differs: Linjen utser}\n", encoding="utf-8")
    with pytest.raises(BadYaml, match="Rad 3"):
        variants.load(file)


def test_a_rehearsal_that_does_not_go_where_it_says_fails(tmp_path: Path) -> None:
    file = tmp_path / "prov.yaml"
    file.write_text(
        'name: "prov"\nregion: jh\nnow: "2026-02-16"\npeople: {coordinator: Sam}\n'
        "shows:\n  - {process: nomination, path: happy}\n"
        "steps:\n  - message: ConsultationPublished\n"
        '    data: {externalRef: "KS-1", title: "KOL", type: VARDFORLOPP_PSV, opensAt: "2026-02-16"}\n',
        encoding="utf-8",
    )
    [failure] = rehearsals.rehearse(file).failures
    assert failure == "prov.yaml, rad 6: nomination visas inte: processen har inte gått."
