"""What the rows of the operations pages have to do with: cases, people, and elements of diagrams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine import definitions
from engine.core.model import Node
from store import feeds, people
from store.cases import Case
from store.database import Reader
from web import here


@dataclass(frozen=True)
class Around:
    """What the rows of a page have to do with, asked for once for all of them."""

    cases: Mapping[str, Case]
    seen: frozenset[str] | None
    """The cases that the visitor may read: operators see that one stands still, which is another matter. None: all."""
    names: dict[str, str]
    """Person key -> name."""
    today: date

    def case(self, id: str | None) -> dict[str, Any]:
        """The case of a row, and whether it may be led to."""
        found = self.cases.get(id or "")
        return {"case": found, "may_see": found is not None and (self.seen is None or found.id in self.seen)}


def around(reader: Reader, cases: Iterable[str | None], persons: Iterable[str | None]) -> Around:
    """`cases` are their ids, `persons` the keys of those who are named."""
    seen = here.cases_seen(reader)
    return Around(
        feeds.cases_by_id(reader, filter(None, cases)),
        None if seen is None else frozenset(seen),
        people.names(reader, set(filter(None, persons))),
        here.today(reader),
    )


def node_of(reader: Reader, version: str, element: str, process: str = "") -> Node | None:
    """An element of a version: of that process, or of the first that has it where the process is not known."""
    home = definitions.of_version(reader, version).home(element, process)
    return home.nodes[element] if home else None
