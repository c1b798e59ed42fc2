"""Where things stand in the picture: bounds, waypoints and label bounds by element id."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lxml import etree

from engine.core.findings import Finding, refusal
from engine.core.xml import qualified

LARGEST = 1_000_000.0
"""No picture is larger; a coordinate beyond it is a mistake."""


@dataclass(frozen=True)
class Bounds:
    """A box; `x`, `y` is its upper left corner, as in the file."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True)
class Shape:
    """One element's place: a box has `bounds`, a line has `waypoints`."""

    bounds: Bounds | None = None
    waypoints: tuple[tuple[float, float], ...] = ()
    label: Bounds | None = None


def shapes(root: etree._Element) -> tuple[dict[str, Shape], list[Finding]]:
    """All shapes of the file's pictures, by the id of what they show."""
    found: dict[str, Shape] = {}
    findings = []
    for drawn in root.iter(qualified("bpmndi:BPMNShape"), qualified("bpmndi:BPMNEdge")):
        shown = drawn.get("bpmnElement", "")
        try:
            found[shown] = _shape(drawn)
        except (TypeError, ValueError):
            findings.append(refusal("bad-coordinates", shown))
    return found, findings


def _shape(drawn: etree._Element) -> Shape:
    box = drawn.find(qualified("dc:Bounds"))
    label = drawn.find(f"{qualified('bpmndi:BPMNLabel')}/{qualified('dc:Bounds')}")
    return Shape(
        bounds=None if box is None else _bounds(box),
        waypoints=tuple(_point(each) for each in drawn.findall(qualified("di:waypoint"))),
        label=None if label is None else _bounds(label),
    )


def _bounds(box: etree._Element) -> Bounds:
    return Bounds(*(_number(box, name) for name in ("x", "y", "width", "height")))


def _point(waypoint: etree._Element) -> tuple[float, float]:
    return _number(waypoint, "x"), _number(waypoint, "y")


def _number(element: etree._Element, name: str) -> float:
    number = float(element.get(name, ""))
    if not math.isfinite(number) or abs(number) > LARGEST:
        raise ValueError(name)
    return number
