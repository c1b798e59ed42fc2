"""What the region's own documents describe, row by row, and where in the product each is found.

`processes/inventory.yaml` has the rows. A row names its places (`in`), or says why there is none: `outside` when no
software can do it, `later` when the product does not do it yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import yaml_file
from engine.regions import PROCESSES

FILE = PROCESSES / "inventory.yaml"

KINDS = {
    "PR": "Processer och steg",
    "BO": "Organ och grupper",
    "RO": "Roller",
    "SY": "System och kanaler",
    "DO": "Dokument och blanketter",
    "RU": "Tider och regler",
    "ME": "Möten",
    "CO": "Kontaktuppgifter",
    "OG": "Organisation",
}
"""How a row's id begins -> what the rows are."""

DOCUMENTS = {
    "J": "Region Jämtland Härjedalen, handbok (J)",
    "N": "Norra sjukvårdsregionen, introduktion (N)",
    "D": "Region Dalarna, årsrapport (D)",
    "B": "Region Blekinge, huvuddokument (B)",
    "O": "Region Örebro län, rutin (O)",
}
"""How a row's source begins -> the document."""

SUPPORTED, OUTSIDE, LATER = "supported", "outside", "later"


@dataclass(frozen=True)
class Item:
    """A row."""

    id: str
    """`PR-001`; stable."""
    what: str
    region: str
    """As the source has it: `JH`, `BL`, `NAT`, `NO/DA` ..."""
    source: str
    """Which document, and where in it."""
    places: tuple[str, ...] = ()
    """`process`, `process/Element`, `table.dmn`, `jh.yaml/key.of.profile`, `folder/file.yaml`, `connector/topic`,
    `document/template` or the path of a page (`/kalender`)."""
    reason: str = ""
    """Why there is no place."""
    status: str = SUPPORTED

    @property
    def kind(self) -> str:
        return KINDS[self.id[:2]]

    @property
    def document(self) -> str:
        """The document that says it first."""
        return DOCUMENTS[self.source[:1]]


@dataclass(frozen=True)
class Share:
    """How much of a kind is there."""

    kind: str
    rows: int
    supported: int
    outside: int
    later: int

    @property
    def percent(self) -> float:
        """Of what software can do."""
        possible = self.rows - self.outside
        return 100 * self.supported / possible if possible else 100.0


def load(file: Path = FILE) -> list[Item]:
    """Every row, in order. Raises `BadYaml`, which names the line."""
    rows = yaml_file.read(file.read_text(encoding="utf-8"), "inventory", file.name).data["rows"]
    return [_item(row) for row in rows]


def shares(items: Iterable[Item]) -> list[Share]:
    """One for each kind, in the order of `KINDS`."""
    found = list(items)
    return [_share(kind, [each for each in found if each.kind == kind]) for kind in KINDS.values()]


def _share(kind: str, items: list[Item]) -> Share:
    count = {status: sum(each.status == status for each in items) for status in (SUPPORTED, OUTSIDE, LATER)}
    return Share(kind, len(items), count[SUPPORTED], count[OUTSIDE], count[LATER])


def _item(row: Mapping[str, Any]) -> Item:
    status = next((each for each in (OUTSIDE, LATER) if each in row), SUPPORTED)
    return Item(
        row["id"], row["what"], row["region"], row["source"], tuple(row.get("in", ())), row.get(status, ""), status
    )
