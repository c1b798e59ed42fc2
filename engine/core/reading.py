"""From the bytes of a BPMN file to a `Document`: the diagram as data, and all that could not be read.

Bad input never raises: it becomes a `fel` finding. Whatever the tables of `grammar` do not have is a finding too.
Nothing here follows flows, so a diagram of any shape is read in one pass over its elements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from lxml import etree

from engine.core import auditing, elements, grammar, layout
from engine.core.findings import Finding, refusal
from engine.core.layout import Shape
from engine.core.model import Flow, Node, Process
from engine.core.xml import BadXml, parse, qualified, short, text_of

MAX_ELEMENTS = 2_000
"""Nodes and flows of one file."""


@dataclass(frozen=True)
class Document:
    """A file as read. `process` is None when there is nothing to check further."""

    process: Process | None
    findings: tuple[Finding, ...]
    source: bytes
    filename: str
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    """Positions by element id: nodes, flows, lanes, pools and annotations."""
    messages: tuple[str, ...] = ()
    """Names of the messages that the file declares."""


@lru_cache(maxsize=256)
def read(source: bytes, filename: str = "") -> Document:
    """Read a BPMN file. Every problem is a finding of the document.

    The same bytes are read once: a part stands in every version of every process that calls it.
    """
    try:
        root = parse(source)
    except BadXml as bad:
        return Document(None, (refusal(f"xml-{bad.reason}", detail=bad.detail),), source, filename)
    if short(root.tag) != "bpmn:definitions":
        return Document(None, (refusal("not-bpmn", what=short(root.tag)),), source, filename)
    return _document(root, source, filename)


def _document(root: etree._Element, source: bytes, filename: str) -> Document:
    processes = root.findall(qualified("bpmn:process"))
    shapes, misplaced = layout.shapes(root)
    findings = [*auditing.audit(root), *misplaced, *_one_process(processes), *_pools(root), *_duplicates(root)]
    process = None
    if processes and _element_count(processes[0]) > MAX_ELEMENTS:
        findings.append(refusal("too-many-elements", processes[0].get("id"), limit=MAX_ELEMENTS))
    elif processes:
        process, strange = _process(root, processes[0])
        findings += strange
    return Document(
        process=process,
        findings=tuple(findings),
        source=source,
        filename=filename,
        shapes=shapes,
        messages=tuple(each.get("name", "") for each in root.findall(qualified("bpmn:message"))),
    )


def _process(root: etree._Element, element: etree._Element) -> tuple[Process, list[Finding]]:
    names, findings = elements.names(root)
    lanes = {lane.get("id", ""): lane.get("name", "") for lane in element.iter(qualified("bpmn:lane"))}
    lane_of = {node: lanes[lane] for node, lane in _lane_ids(element).items()}
    nodes: dict[str, Node] = {}
    flows: dict[str, Flow] = {}
    for child, container in _placed(element):
        if short(child.tag) == "bpmn:sequenceFlow":
            flow = elements.flow(child, taken=flows)
            flows[flow.id] = flow
        else:
            node, strange = elements.node(child, container, names)
            nodes[node.id] = node
            findings += strange
    findings += _dangling(element, nodes, flows)
    process = Process(
        id=element.get("id", ""),
        name=element.get("name", ""),
        nodes=_in_lanes(nodes, lane_of),
        flows=flows,
        documentation=elements.documentation(element),
        starters=elements.listed(element.get(qualified("camunda:candidateStarterGroups"), "")),
        version_tag=element.get(qualified("camunda:versionTag")),
        properties=elements.properties(element),
        executable=elements.boolean(element, "isExecutable", False),
        lanes=tuple(name for name in lanes.values() if name),
    )
    return process, findings


def _placed(process: etree._Element) -> Iterator[tuple[etree._Element, str | None]]:
    """Nodes and flows of all levels in the order of the file, each with the id of the sub-process it stands in."""
    for element in process.iter(etree.Element):
        tag, parent = short(element.tag), element.getparent()
        if (tag in grammar.NODES or tag == "bpmn:sequenceFlow") and parent is not None:
            inside = short(parent.tag) == "bpmn:subProcess"
            if inside or parent is process:
                yield element, elements.identity(parent) if inside else None


def _element_count(process: etree._Element) -> int:
    return sum(1 for _ in _placed(process))


def _lane_ids(process: etree._Element) -> dict[str, str]:
    # A lane comes before the lanes inside it, so the innermost is written last.
    return {
        text_of(reference): lane.get("id", "")
        for lane in process.iter(qualified("bpmn:lane"))
        for reference in lane.findall(qualified("bpmn:flowNodeRef"))
    }


def _in_lanes(nodes: dict[str, Node], lane_of: Mapping[str, str]) -> dict[str, Node]:
    """Nodes with the lane they are drawn in: their own, else that of their host or of the frame around them."""
    placed: dict[str, Node] = {}
    for node in nodes.values():
        around = placed.get(node.attached_to or node.container or "")
        placed[node.id] = replace(node, lane=lane_of.get(node.id) or (around.lane if around else None))
    return placed


def _one_process(processes: list[etree._Element]) -> Iterator[Finding]:
    if not processes:
        yield refusal("no-process")
    for extra in processes[1:]:
        yield refusal("several-processes", extra.get("id"), extra.get("name", ""))


def _pools(root: etree._Element) -> Iterator[Finding]:
    known = {each.get("id") for each in root.findall(qualified("bpmn:process"))}
    for pool in root.iter(qualified("bpmn:participant")):
        if pool.get("processRef") not in known or None in known:
            yield refusal("outside-pool", pool.get("id"), pool.get("name", ""))


def _duplicates(root: etree._Element) -> Iterator[Finding]:
    """Ids that two elements share. Form fields and their values may repeat between forms."""
    of_diagram = [
        each for each in root.iter(etree.Element) if each.get("id") is not None and short(each.tag).startswith("bpmn:")
    ]
    times = Counter(each.get("id") for each in of_diagram)
    reported = set()
    for each in of_diagram:
        identity = each.get("id")
        if times[identity] > 1 and identity not in reported:
            reported.add(identity)
            yield refusal("duplicate-id", identity, each.get("name", ""), id=identity, times=times[identity])


def _dangling(process: etree._Element, nodes: Mapping[str, Node], flows: Mapping[str, Flow]) -> Iterator[Finding]:
    """References to elements that are not there."""
    for reference in process.iter(*map(qualified, ("bpmn:incoming", "bpmn:outgoing", "bpmn:flowNodeRef"))):
        target = text_of(reference).rpartition(":")[2]
        if target not in flows and target not in nodes:
            named = auditing.host(reference)
            yield refusal("dangling-reference", named.get("id"), named.get("name", ""), id=target)
    for flow in flows.values():
        for end in (flow.source, flow.target):
            if end not in nodes:
                yield refusal("dangling-reference", flow.id, flow.name, id=end)
