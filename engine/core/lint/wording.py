"""Words and ids: what things are called, and how long it takes to read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from engine.core.checking.scope import Scope
from engine.core.findings import Finding, advice
from engine.core.lint.about import on
from engine.core.lint.verbs import ALSO_DONE, IMPERATIVES
from engine.core.model import EVENTS, Node
from engine.core.reading import Document

LONGEST = {"task": 32, "question": 40, "event": 28, "answer": 18}
LONGEST_DOCUMENTATION = 600
ID_FORM = re.compile(r"[A-Z][A-Za-z]*_[A-Za-z0-9]+(_[A-Za-z0-9]+)*")
FLOW_FORM = re.compile(r"Flow_[A-Za-z0-9]+_[A-Za-z0-9]+(_[A-Za-z0-9]+)*")
PROCESS_FORM = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
GENERATED = re.compile(r"(Activity|Event|Gateway|Flow|Process|Participant|Lane)_(?=[a-z]*\d)[a-z0-9]{7}")
PREFIXES = {
    "callActivity": "Call_",
    "subProcess": "SubProcess_",
    "startEvent": "StartEvent_",
    "endEvent": "EndEvent_",
    "boundaryEvent": "Boundary_",
    "intermediateCatchEvent": "Event_",
    "intermediateThrowEvent": "Event_",
}


def advise(document: Document, scope: Scope) -> Iterator[Finding]:
    yield from _ids(scope)
    for node in scope.nodes.values():
        yield from _named(scope, node)
        yield from _length(node)
    for node in scope.nodes.values():
        if is_split(scope, node):
            yield from _answers(scope, node)
    yield from _twice(scope)
    yield from _documentation(scope)


def is_split(scope: Scope, node: Node) -> bool:
    """Whether a gateway asks a question: more than one way out, chosen between."""
    return node.kind in ("exclusiveGateway", "inclusiveGateway") and len(scope.outgoing(node)) > 1


def _ids(scope: Scope) -> Iterator[Finding]:
    process = scope.process
    if GENERATED.fullmatch(process.id):
        yield advice("id-form/generated", process.id, process.name)
    elif not PROCESS_FORM.fullmatch(process.id):
        yield advice("id-form", process.id, process.name, form="national-consultation")
    for node in scope.nodes.values():
        prefix = PREFIXES.get(node.kind, "Gateway_" if node.kind.endswith("Gateway") else "Task_")
        if GENERATED.fullmatch(node.id):
            yield on("id-form/generated", node)
        elif not (node.id.startswith(prefix) and ID_FORM.fullmatch(node.id)):
            yield on("id-form", node, form=f"{prefix}GiveView")
    for flow in process.flows.values():
        if not flow.id_given or GENERATED.fullmatch(flow.id):
            yield on("id-form/generated", flow)
        elif not FLOW_FORM.fullmatch(flow.id):
            yield on("id-form", flow, form="Flow_From_To")


def _named(scope: Scope, node: Node) -> Iterator[Finding]:
    name = node.name.strip()
    first = name.split(" ")[0].lower() if name else ""
    if not name:
        if node.is_activity or node.kind in EVENTS or is_split(scope, node):
            yield on("label-form/unnamed", node)
    elif is_split(scope, node) and not name.endswith("?"):
        yield on("label-form/question", node)
    elif node.kind.endswith("Task") and first not in IMPERATIVES:
        yield on("label-form/imperative", node, word=name.split(" ")[0])
    elif node.kind == "endEvent" and first in IMPERATIVES - ALSO_DONE:
        yield on("label-form/end", node)


def _length(node: Node) -> Iterator[Finding]:
    kind = "event" if node.kind in EVENTS else "question" if node.kind.endswith("Gateway") else "task"
    if len(node.name) > LONGEST[kind]:
        yield on("label-length", node, most=LONGEST[kind])


def _answers(scope: Scope, node: Node) -> Iterator[Finding]:
    for flow in scope.outgoing(node):
        if not flow.name.strip():
            yield on("label-form/answer", flow)
        elif len(flow.name) > LONGEST["answer"]:
            yield on("label-length", flow, most=LONGEST["answer"])


def _twice(scope: Scope) -> Iterator[Finding]:
    for level in scope.levels:
        named = [node for node in scope.inside(level) if node.is_activity and node.name]
        times = Counter(node.name for node in named)
        for node in named:
            if times[node.name] > 1:
                yield on("label-twice", node)


def _documentation(scope: Scope) -> Iterator[Finding]:
    process = scope.process
    if not process.documentation:
        yield advice("docs", process.id, process.name)
    for node in scope.nodes.values():
        if node.kind == "userTask" and not node.documentation:
            yield on("docs", node)
        if len(node.documentation) > LONGEST_DOCUMENTATION:
            yield on("docs/long", node, most=LONGEST_DOCUMENTATION)
