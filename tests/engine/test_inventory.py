"""The inventory of what the sources describe: every row once, and every place that a row names is there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine import inventory
from engine.connectors import CONNECTORS
from engine.core import reading
from engine.inventory import Item
from engine.yaml_file import BadYaml
from tests.promises.house import ROOT

PROCESSES = ROOT / "processes"
TEMPLATES = ROOT / "engine" / "record" / "templates"
ROWS = {"PR": 175, "BO": 72, "RO": 51, "SY": 26, "DO": 63, "RU": 48, "ME": 13, "CO": 7, "OG": 13}
ENOUGH = 90


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return inventory.load()


@pytest.fixture(scope="module")
def elements() -> Mapping[str, frozenset[str]]:
    """Process -> its elements."""
    found = (reading.read(path.read_bytes(), path.name).process for path in PROCESSES.glob("*.bpmn"))
    return {process.id: frozenset(process.nodes) for process in found if process}


def test_every_row_is_there_once(items: list[Item]) -> None:
    expected = [f"{kind}-{number:03}" for kind, count in ROWS.items() for number in range(1, count + 1)]
    assert sorted(each.id for each in items) == sorted(expected)


def test_every_place_exists(items: list[Item], elements: Mapping[str, frozenset[str]]) -> None:
    places = {(each.id, place) for each in items for place in each.places if not place.startswith("/")}
    assert [found for found in sorted(places) if not _exists(found[1], elements)] == []


@pytest.mark.parametrize("kind", ["PR", "DO", "RU", "RO"])
def test_nine_of_ten_that_software_can_do_are_supported(items: list[Item], kind: str) -> None:
    found = next(each for each in inventory.shares(items) if each.kind == inventory.KINDS[kind])
    assert found.percent >= ENOUGH


def test_nine_of_ten_are_supported_of_all(items: list[Item]) -> None:
    asked = [each for each in items if each.id[:2] in ("PR", "DO", "RU", "RO")]
    assert 100 * sum(each.status == inventory.SUPPORTED for each in asked) / len(asked) >= ENOUGH


def test_whatever_has_no_place_says_why(items: list[Item]) -> None:
    assert [each.id for each in items if not each.places and len(each.reason) < 20] == []


def test_a_row_with_both_a_place_and_an_excuse_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "inventory.yaml"
    file.write_text("rows:\n  - {id: PR-001, what: a, region: JH, source: J, in: [gap-analysis], later: senare}\n")
    with pytest.raises(BadYaml, match="Rad 2"):
        inventory.load(file)


def _exists(place: str, elements: Mapping[str, frozenset[str]]) -> bool:
    head, _, rest = place.partition("/")
    match head:
        case "connector":
            return rest in CONNECTORS
        case "document":
            return (TEMPLATES / f"{rest}.html").is_file()
        case _ if head.endswith(".dmn"):
            return (PROCESSES / head).is_file()
        case _ if head.endswith(".yaml"):
            return _has_key(yaml.safe_load((PROCESSES / "regions" / head).read_text("utf-8")), rest)
        case _ if (PROCESSES / head).is_dir():
            return (PROCESSES / place).is_file()
        case _:
            return head in elements and (not rest or rest in elements[head])


def _has_key(here: Any, path: str) -> bool:
    for key in path.split("."):
        if not isinstance(here, dict) or key not in here:
            return False
        here = here[key]
    return True
