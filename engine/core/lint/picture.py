"""The picture: sizes, distances, lines that cross, labels that are hit, and the straight line of the good case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from itertools import combinations, pairwise

from engine.core.checking.scope import Scope
from engine.core.findings import Finding, advice
from engine.core.layout import Bounds
from engine.core.lint.about import on
from engine.core.model import ACTIVITIES, EVENTS, Flow, Node
from engine.core.reading import Document

Point = tuple[float, float]
Segment = tuple[Point, Point]

WIDEST, HIGHEST = 1600, 900
NARROWEST_GAP = 30
MOST_BENDS = 2
SLANT = 1.0
TOUCH = 1.0
"""Pixels that count as meeting."""
SHARE = 0.8
MARK_AWAY, MARK_LONG, MARK_OUT = 4, 8, 7
"""Where the viewer draws the stroke on a default flow, in pixels from its start."""
SIZES = {"task": (120, 80), "event": (36, 36), "gateway": (50, 50)}


def advise(document: Document, scope: Scope) -> Iterator[Finding]:
    if not document.shapes:
        yield advice("no-picture", scope.process.id, scope.process.name)
        return
    drawing = Drawing(document, scope)
    yield from _missing(drawing)
    yield from _sizes_and_grid(drawing)
    yield from _distances(drawing)
    yield from _lines(drawing)
    yield from _crossings(drawing)
    yield from _labels(drawing)
    yield from _directions(drawing)
    yield from _canvas(drawing)


class Drawing:
    """Boxes and lines of the process's own elements."""

    def __init__(self, document: Document, scope: Scope) -> None:
        self.document = document
        self.scope = scope
        shapes = document.shapes
        self.boxes: dict[str, Bounds] = {
            name: bounds for name in scope.nodes if name in shapes and (bounds := shapes[name].bounds) is not None
        }
        self.lines: dict[str, tuple[Point, ...]] = {
            flow.id: shapes[flow.id].waypoints for flow in scope.flows if flow.id in shapes
        }
        self.labels: dict[str, Bounds] = {
            name: label
            for name in (*scope.nodes, *scope.process.flows)
            if name in shapes and (label := shapes[name].label) is not None
        }

    @cached_property
    def marks(self) -> list[Bounds]:
        """The short strokes that mark the default flow of each gateway, where the viewer draws them."""
        defaults = (node.default for node in self.scope.nodes.values())
        return [_mark(*segments[0]) for each in defaults if each and (segments := self.segments(each))]

    def segments(self, flow: str) -> list[Segment]:
        return list(pairwise(self.lines.get(flow, ())))

    def related(self, first: Node, second: Node) -> bool:
        """Whether one stands on or around the other."""
        around = {each.id for each in (*self.scope.around(first), *self.scope.around(second))}
        hosts = {first.attached_to, second.attached_to}
        return bool({first.id, second.id} & (around | hosts))


def _mark(start: Point, end: Point) -> Bounds:
    """The stroke across a line that starts here: a little way along it, and as far out on both sides."""
    if abs(end[0] - start[0]) > abs(end[1] - start[1]):
        along = MARK_AWAY if end[0] > start[0] else -MARK_AWAY - MARK_LONG
        return Bounds(start[0] + along, start[1] - MARK_OUT, MARK_LONG, 2 * MARK_OUT)
    along = MARK_AWAY if end[1] > start[1] else -MARK_AWAY - MARK_LONG
    return Bounds(start[0] - MARK_OUT, start[1] + along, 2 * MARK_OUT, MARK_LONG)


def _missing(drawing: Drawing) -> Iterator[Finding]:
    for node in drawing.scope.nodes.values():
        if node.id not in drawing.boxes:
            yield on("no-position", node)
    for flow in drawing.scope.flows:
        if len(drawing.lines.get(flow.id, ())) < 2:
            yield on("no-position", flow)


def _sizes_and_grid(drawing: Drawing) -> Iterator[Finding]:
    for name, box in drawing.boxes.items():
        node = drawing.scope.nodes[name]
        expected = _standard_size(node)
        if expected is not None and (box.width, box.height) != expected:
            yield on("size", node, width=expected[0], height=expected[1])
        x, y = box.centre
        if expected is not None and (x % 10 or y % 5):
            yield on("grid", node)


def _standard_size(node: Node) -> tuple[int, int] | None:
    if node.kind in EVENTS:
        return SIZES["event"]
    if node.kind == "subProcess":
        return None
    return SIZES["task"] if node.kind in ACTIVITIES else SIZES["gateway"]


def _distances(drawing: Drawing) -> Iterator[Finding]:
    nodes = [drawing.scope.nodes[name] for name in drawing.boxes]
    for first, second in combinations(nodes, 2):
        if drawing.related(first, second):
            continue
        gap = _gap(drawing.boxes[first.id], drawing.boxes[second.id])
        if gap < 0:
            yield on("overlap", second, other=first.name or first.id)
        elif gap < NARROWEST_GAP and first.container == second.container:
            yield on("spacing", second, other=first.name or first.id, least=NARROWEST_GAP)


def _gap(first: Bounds, second: Bounds) -> float:
    """The distance between two boxes along the wider axis; negative where they overlap."""
    across = max(first.x - second.right, second.x - first.right)
    down = max(first.y - second.bottom, second.y - first.bottom)
    return max(across, down)


def _lines(drawing: Drawing) -> Iterator[Finding]:
    for flow in drawing.scope.flows:
        segments = drawing.segments(flow.id)
        if any(min(abs(a[0] - b[0]), abs(a[1] - b[1])) > SLANT for a, b in segments):
            yield on("orthogonal", flow)
        if len(segments) - 1 > MOST_BENDS:
            yield on("bends", flow, most=MOST_BENDS)
        for name, box in drawing.boxes.items():
            node = drawing.scope.nodes[name]
            if not _own(drawing, flow, node) and any(_cuts(segment, box) for segment in segments):
                yield on("through", flow, other=node.name or node.id)


def _own(drawing: Drawing, flow: Flow, node: Node) -> bool:
    """Whether a flow may touch a node: its ends, what they stand on, and the frames around them."""
    ends = [drawing.scope.nodes[end] for end in (flow.source, flow.target)]
    return any(end.id == node.id or drawing.related(end, node) for end in ends)


def _cuts(segment: Segment, box: Bounds) -> bool:
    (x1, y1), (x2, y2) = segment
    left, right = sorted((x1, x2))
    top, bottom = sorted((y1, y2))
    return left < box.right - TOUCH and right > box.x + TOUCH and top < box.bottom - TOUCH and bottom > box.y + TOUCH


def _crossings(drawing: Drawing) -> Iterator[Finding]:
    for first, second in combinations(drawing.scope.flows, 2):
        if {first.source, first.target} & {second.source, second.target}:
            continue
        pairs = ((a, b) for a in drawing.segments(first.id) for b in drawing.segments(second.id))
        if any(_cross(a, b) for a, b in pairs):
            yield on("crossing", second, other=first.name or first.id)


def _cross(first: Segment, second: Segment) -> bool:
    def side(a: Point, b: Point, c: Point) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    (a, b), (c, d) = first, second
    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def _labels(drawing: Drawing) -> Iterator[Finding]:
    scope = drawing.scope
    for name, label in drawing.labels.items():
        labelled = scope.nodes.get(name) or scope.process.flows[name]
        for other, box in drawing.boxes.items():
            framed = isinstance(labelled, Node) and drawing.related(labelled, scope.nodes[other])
            inside = scope.nodes[other].kind == "subProcess"
            if not framed and not inside and _gap(label, box) < -TOUCH:
                yield on("label-hit", labelled, other=scope.nodes[other].name or other)
        for flow in scope.flows:
            if any(_cuts(segment, label) for segment in drawing.segments(flow.id)):
                yield on("label-hit", labelled, other=flow.name or flow.id)
        if any(_gap(label, mark) < 0 for mark in drawing.marks):
            yield on("label-hit/default", labelled)
    for first, second in combinations(drawing.labels, 2):
        if _gap(drawing.labels[first], drawing.labels[second]) < -TOUCH:
            labelled = scope.nodes.get(second) or scope.process.flows[second]
            yield on("label-hit", labelled, other=first)
    named: list[Node | Flow] = [*(node for node in scope.nodes.values() if not node.is_activity), *scope.flows]
    for each in named:
        if each.name and each.id not in drawing.labels:
            yield on("label-place", each)


def _directions(drawing: Drawing) -> Iterator[Finding]:
    process = drawing.scope.process
    lines = [line for line in drawing.lines.values() if len(line) > 1]
    rightward = sum(1 for line in lines if line[-1][0] > line[0][0])
    if lines and rightward < SHARE * len(lines):
        yield advice("left-to-right", process.id, process.name, share=round(100 * rightward / len(lines)))
    road = _good_road(drawing)
    if road and _on_one_line(drawing, road) < SHARE * len(road):
        yield advice("happy-line", process.id, process.name)


def _good_road(drawing: Drawing) -> list[str]:
    """From the first start, straight on at each split."""
    scope, boxes = drawing.scope, drawing.boxes
    name = next((node.id for node in scope.inside(None) if node.kind == "startEvent" and node.id in boxes), None)
    road: list[str] = []
    while name is not None and name not in road:
        road.append(name)
        height = boxes[name].centre[1]
        ahead = [flow.target for flow in scope.outgoing(scope.nodes[name]) if flow.target in boxes]
        name = min(ahead, key=lambda each: abs(boxes[each].centre[1] - height), default=None)
    return road


def _on_one_line(drawing: Drawing, road: list[str]) -> int:
    """How many of them share a height, lane by lane."""
    lanes: dict[str | None, list[float]] = {}
    for name in road:
        lanes.setdefault(drawing.scope.nodes[name].lane, []).append(drawing.boxes[name].centre[1])
    return sum(Counter(heights).most_common(1)[0][1] for heights in lanes.values())


def _canvas(drawing: Drawing) -> Iterator[Finding]:
    process = drawing.scope.process
    drawn = [*drawing.boxes.values(), *drawing.labels.values()]
    points = [point for line in drawing.lines.values() for point in line]
    xs = [x for box in drawn for x in (box.x, box.right)] + [x for x, _ in points]
    ys = [y for box in drawn for y in (box.y, box.bottom)] + [y for _, y in points]
    if xs and (max(xs) - min(xs) > WIDEST or max(ys) - min(ys) > HIGHEST):
        size = f"{max(xs) - min(xs):.0f} x {max(ys) - min(ys):.0f}"
        yield advice("canvas", process.id, process.name, size=size, most=f"{WIDEST} x {HIGHEST}")
