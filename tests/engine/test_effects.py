"""Effects, as a diagram reaches them."""

from __future__ import annotations

from store import links
from tests.core import diagrams as d
from tests.engine.town import Town


def keyed(id: str, *parts: d.Part) -> bytes:
    """A process with one case for each `ref`."""
    begin = d.start("Begin", d.message(f"{id} wanted"), properties={"startKey": "${ref}"})
    return d.diagram(begin, *parts, d.end(), id=id)


def linker() -> bytes:
    other = d.parameters({"process": "'answers'", "key": "ref", "kind": "'follows'"})
    return keyed("questions", d.service_task("Link", "case.link", extension=other))


def test_a_case_is_linked_with_the_case_that_has_its_key(town: Town) -> None:
    town.deploy(keyed("answers"))
    town.deploy(linker())
    first = town.start("answers", ref="KS-1")
    second, alone = town.start("questions", ref="KS-1"), town.start("questions", ref="KS-2")
    with town.db.read() as reader:
        [found] = links.of_case(reader, first.id)
        assert (found.from_case, found.to_case, found.kind) == (second.id, first.id, "follows")
        assert links.of_case(reader, alone.id) == []
