"""What the activities do: topics, decisions, scripts, and the same work many times."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.core.checking.scope import Scope, about
from engine.core.dmn import MAPPINGS, Table
from engine.core.findings import Finding
from engine.core.model import Node

MOST_INSTANCES = 5_000
WHOLE = re.compile(r"-?\d+", re.ASCII)


def check(scope: Scope) -> Iterator[Finding]:
    for node in scope.nodes.values():
        if node.kind in ("serviceTask", "sendTask"):
            yield from _topic(scope, node)
        elif node.kind == "businessRuleTask":
            yield from _decision(scope, node)
        elif node.kind == "receiveTask" and node.event is None:
            yield about("event-unnamed", node, kind="message")
        elif node.kind == "scriptTask" and not node.script:
            yield about("empty-script", node)
        if node.loop is not None:
            yield from _many(node)
        if node.triggered_by_event and node.loop is not None:
            yield about("event-sub-process-many", node)


def _topic(scope: Scope, node: Node) -> Iterator[Finding]:
    sends = node.kind == "sendTask" and node.event is not None
    if node.topic is None and not sends:
        yield about("no-topic", node)
    elif node.topic is not None:
        if node.attributes.get("type") != "external" or sends:
            yield about("service-type", node)
        topic = scope.words.topics.get(node.topic)
        if topic is None:
            yield about("unknown-topic", node, topic=node.topic)
        elif topic.inputs and not topic.any_inputs:
            for each in node.inputs:
                if each.target not in topic.inputs:
                    yield about("unknown-input", node, name=each.target, topic=node.topic)


def _decision(scope: Scope, node: Node) -> Iterator[Finding]:
    decision, mapping = node.attributes.get("decisionRef"), node.attributes.get("mapDecisionResult")
    if not decision:
        yield about("no-decision", node)
    elif decision not in scope.library.decisions:
        yield about("missing-decision", node, decision=decision)
    elif not _is_kept(node, mapping, scope.library.decisions[decision]):
        yield about("decision-result", node)


def _is_kept(node: Node, mapping: str | None, table: object) -> bool:
    """Whether the answer becomes variables: under a name of its own, or one for each column of a single row."""
    if mapping is not None and mapping not in MAPPINGS:
        return False
    if mapping in ("singleEntry", "collectEntries") and isinstance(table, Table) and len(table.outputs) > 1:
        return False
    one_row = mapping == "singleResult" or (mapping is None and isinstance(table, Table) and table.is_single_hit)
    return bool(node.attributes.get("resultVariable")) or one_row


def _many(node: Node) -> Iterator[Finding]:
    loop = node.loop
    assert loop
    counted = loop.cardinality is not None
    if counted == (loop.collection is not None) or (counted and loop.element_variable is not None):
        yield about("many-over-what", node)
    literal = (loop.cardinality or "").replace(" ", "")
    if WHOLE.fullmatch(literal) and not 0 <= _number(literal) <= MOST_INSTANCES:
        yield about("bad-cardinality", node, number=loop.cardinality, most=MOST_INSTANCES)


def _number(text: str) -> int:
    # Python refuses to read integers of thousands of digits; any such number is too large anyway.
    return int(text) if len(text) < 12 else -1
