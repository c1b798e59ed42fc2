"""The catalogue of messages, and what diagrams, sources and rehearsals really say: each knows the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine import catalogue, deployments, messages, regions, shipped, yaml_file
from engine.access import SYSTEM
from engine.connectors import CONNECTORS
from engine.core.model import Node
from engine.deadlines import MOVED
from engine.errors import FormErrors
from store.database import Database
from tests.engine.town import REGION
from web.commands.catalogue import page
from webhooks import sources

FOLDER = regions.PROCESSES
KNOWN = catalogue.load()
PROCESSES = deployments.Bundle.of(shipped.files()).library.processes
CATCHING = frozenset(("startEvent", "boundaryEvent", "intermediateCatchEvent", "receiveTask"))
PAGE = FOLDER.parent / "docs" / "messages.md"


def nodes() -> Iterator[tuple[str, Node]]:
    return ((process.id, node) for process in PROCESSES.values() for node in process.nodes.values())


def of_messages(*, caught: bool) -> set[tuple[str, str]]:
    """Message and process, of those that wait for it, or of those that throw it."""
    found = ((process, node) for process, node in nodes() if node.event and node.event.kind == "message")
    return {
        (node.event.name or "", process)
        for process, node in found
        if (node.kind in CATCHING) == caught and node.event is not None
    }


CAUGHT, THROWN = of_messages(caught=True), of_messages(caught=False)


def given() -> Iterator[tuple[str, str, str]]:
    """Message, field and file, of what sources and rehearsals give."""
    for path in sorted((FOLDER / "sources").glob("*.yaml")):
        for each in (each for to in sources.read(path).events.values() for each in to if isinstance(each.data, dict)):
            yield from ((each.message, name, path.name) for name in each.data)
    for path in sorted((FOLDER / "rehearsals").glob("*.yaml")):
        for step in yaml_file.read(path.read_text(encoding="utf-8")).data["steps"]:
            yield from ((step["message"], name, path.name) for name in step.get("data", {}) if "message" in step)


def test_every_message_that_a_process_waits_for_is_known_or_thrown_by_another() -> None:
    thrown = {name for name, _ in THROWN} | {MOVED}
    assert {name for name, _ in CAUGHT} - thrown <= KNOWN.inbound.keys()


@pytest.mark.parametrize("name", KNOWN.inbound)
def test_who_waits_for_a_message_is_as_the_catalogue_says(name: str) -> None:
    message = KNOWN.inbound[name]
    assert bool(message.processes) != bool(message.instead), "either processes wait for it, or something else happens"
    there = {each for each in message.processes if each in PROCESSES}
    assert {process for caught, process in CAUGHT if caught == name} == there


def test_what_sources_and_rehearsals_give_is_in_the_catalogue() -> None:
    unknown = {
        f"{name}.{part} ({file})"
        for name, part, file in given()
        if name in KNOWN.inbound and part not in KNOWN.inbound[name].fields
    }
    assert unknown == set()


def test_every_hand_over_has_its_message_and_every_message_its_hand_over() -> None:
    assert [each.topic for each in KNOWN.outbound.values()] == [
        *dict.fromkeys(each.topic for each in KNOWN.outbound.values())
    ]
    assert {each.topic for each in KNOWN.outbound.values()} == CONNECTORS.keys()


@pytest.mark.parametrize("name", [each.name for each in KNOWN.outbound.values() if not each.open])
def test_what_diagrams_hand_over_is_what_the_catalogue_says(name: str) -> None:
    message = KNOWN.outbound[name]
    used = {mapping.target for _, node in nodes() if node.topic == message.topic for mapping in node.inputs}
    assert used == message.fields.keys()


def test_the_numbers_are_those_of_the_specification() -> None:
    numbers = [each.id for each in (*KNOWN.inbound.values(), *KNOWN.outbound.values())]
    assert len(numbers) == len(set(numbers))
    assert {f"M{n:02d}" for n in (*range(1, 10), *range(20, 34))} <= set(numbers)


def test_the_page_is_written_from_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == "\n".join(page()) + "\n"


@pytest.mark.parametrize(
    ("data", "field", "said"),
    [
        ({"title": "KOL"}, "externalRef", "saknas"),
        ({"externalRef": 14, "title": "KOL"}, "externalRef", "ska vara text"),
        ({"externalRef": "1", "title": "KOL", "closesAt": "14 april"}, "closesAt", "ett datum, som 2026-04-14"),
        ({"externalRef": "1", "title": "KOL", "type": "PSV"}, "type", "någon av NATIONELL_RIKTLINJE"),
        ({"externalRef": "1", "title": "KOL", "programAreaIds": "LUNG"}, "programAreaIds", "en lista med text"),
    ],
)
def test_what_comes_in_is_held_to_the_catalogue(sqlite: Database, data: Any, field: str, said: str) -> None:
    with pytest.raises(FormErrors) as caught:
        messages.correlate(sqlite, REGION, "ConsultationPublished", payload=data, by=SYSTEM)
    assert list(caught.value.errors) == [field]
    assert said in caught.value.errors[field]


def test_a_fault_in_the_file_is_named_with_its_line() -> None:
    text = catalogue.FILE.read_text(encoding="utf-8")
    line = text[: text.index("M03")].count("\n") + 1
    with pytest.raises(yaml_file.BadYaml, match=f"Rad {line}:"):
        catalogue.read(text.replace("id: M03", "id: Tre"))
