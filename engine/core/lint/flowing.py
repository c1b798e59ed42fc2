"""The shape of the road: size, joins and splits, frames, calls, and habits of other tools' linters."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from engine.core import language
from engine.core.checking.expressions import vocabulary
from engine.core.checking.scope import Scope
from engine.core.findings import Finding, advice
from engine.core.language import path_of
from engine.core.lint.about import on
from engine.core.model import Node
from engine.core.reading import Document
from engine.core.types import OneOf, Record, Type

MOST_NODES, MANY_NODES, MOST_IN_FRAME = 15, 12, 8
LONGEST_ROW = 8


def advise(document: Document, scope: Scope) -> Iterator[Finding]:
    yield from _sizes(scope)
    for node in scope.nodes.values():
        yield from _joins(scope, node)
        yield from _ends(scope, node)
        yield from _frame(scope, node)
        if node.kind == "callActivity" and not node.inputs:
            yield on("map", node)
        if node.kind == "inclusiveGateway":
            yield on("no-inclusive-gateway", node)
        yield from _drawn_reminder(scope, node)
        yield from _shared_deadlines(scope, node)
    yield from _parallel(scope)
    yield from _repeated_flows(scope)
    yield from _splits(scope)
    yield from _rows(scope)


def _sizes(scope: Scope) -> Iterator[Finding]:
    for level in scope.levels:
        nodes = scope.inside(level)
        host = scope.nodes[level] if level else None
        named = (host.id, host.name) if host else (scope.process.id, scope.process.name)
        most = MOST_IN_FRAME if host else MOST_NODES
        if len(nodes) > most:
            yield advice("level-size", *named, number=len(nodes), most=most)
        elif not host and len(nodes) > MANY_NODES:
            yield advice("level-size", *named, number=len(nodes), most=MANY_NODES)


def _joins(scope: Scope, node: Node) -> Iterator[Finding]:
    enters, leaves = len(scope.incoming(node)), len(scope.outgoing(node))
    gateway = node.kind.endswith("Gateway")
    if enters > 1 and not gateway:
        yield on("join", node)
    if gateway and enters > 1 and leaves > 1:
        yield on("join/both", node)
    if gateway and enters == 1 and leaves == 1:
        yield on("superfluous-gateway", node)
    plain = [flow for flow in scope.outgoing(node) if flow.condition is None and flow.id != node.default]
    if not gateway and len(plain) > 1:
        yield on("no-implicit-split", node)


def _ends(scope: Scope, node: Node) -> Iterator[Finding]:
    links = node.event is not None and node.event.kind == "link"
    if node.kind != "endEvent" and not scope.outgoing(node) and not node.triggered_by_event and not links:
        yield on("no-implicit-end", node)


def _frame(scope: Scope, node: Node) -> Iterator[Finding]:
    if node.kind != "subProcess" or node.triggered_by_event:
        return
    inner = scope.inside(node.id)
    if not any(scope.process.boundary(node.id)) and node.loop is None and not any(e.triggered_by_event for e in inner):
        yield on("frame", node)
    if any(each.kind == "subProcess" and not each.triggered_by_event for each in inner):
        yield on("frame/nested", node)
    if sum(1 for each in inner if each.is_activity) == 1 and len(inner) <= 3:
        yield on("frame/one", node)


def _drawn_reminder(scope: Scope, node: Node) -> Iterator[Finding]:
    if node.kind != "boundaryEvent" or node.interrupting or node.event is None or node.event.kind != "timer":
        return
    seen: set[str] = set()
    todo = [flow.target for flow in scope.outgoing(node)]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += [flow.target for flow in scope.outgoing(scope.nodes[name])]
    kinds = {scope.nodes[name].kind for name in seen}
    if kinds & {"serviceTask", "sendTask"} and kinds <= {"serviceTask", "sendTask", "endEvent"}:
        yield on("drawn-reminder", node)


def _shared_deadlines(scope: Scope, node: Node) -> Iterator[Finding]:
    if node.loop is None or node.loop.sequential or "ownDeadlines" in node.properties:
        return
    keys = scope.deadlines_within(node)
    if keys:
        yield on("shared-deadlines", node, keys=", ".join(sorted(keys)))


def _parallel(scope: Scope) -> Iterator[Finding]:
    for level in scope.levels:
        gateways = [node for node in scope.inside(level) if node.kind == "parallelGateway"]
        out = Counter(len(scope.outgoing(node)) for node in gateways if len(scope.outgoing(node)) > 1)
        back = Counter(len(scope.incoming(node)) for node in gateways if len(scope.incoming(node)) > 1)
        for node in gateways:
            branches = len(scope.outgoing(node))
            if branches > 1 and out[branches] > back[branches]:
                yield on("join/parallel", node)


def _repeated_flows(scope: Scope) -> Iterator[Finding]:
    times = Counter((flow.source, flow.target) for flow in scope.flows)
    for flow in scope.flows:
        if times[flow.source, flow.target] > 1:
            yield on("no-duplicate-sequence-flows", flow)


def _splits(scope: Scope) -> Iterator[Finding]:
    known = None
    for node in scope.nodes.values():
        flows = scope.outgoing(node)
        if node.kind != "exclusiveGateway" or len(flows) < 2 or node.default is not None:
            continue
        known = vocabulary(scope) if known is None else known
        if _uncovered([flow.condition or "" for flow in flows], known):
            yield on("split", node)


def _uncovered(conditions: list[str], known: dict[str, Type]) -> bool:
    """Whether conditions on one enum or flag leave out an answer. What cannot be told is not complained of."""
    answers: set[object] = set()
    subject: tuple[str, ...] | None = None
    for condition in conditions:
        asked = _asked(condition)
        if asked is None or (subject is not None and asked[0] != subject):
            return False
        subject = asked[0]
        if asked[1] is None or not answers.isdisjoint((asked[1],)):
            return False
        answers |= set(asked[1]) if isinstance(asked[1], tuple) else {asked[1]}
    return subject is not None and not _all_answers(_type_of(subject, known)) <= answers


def _asked(condition: str) -> tuple[tuple[str, ...], object] | None:
    """`x.y == 'A'` -> (("x", "y"), ("A",)); None in place of the answers where they are not listed."""
    try:
        tree = language.parse(condition).tree
    except language.BadExpression:
        return None
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not):
        path = path_of(tree.operand)
        return None if path is None else (path, (False,))
    if not isinstance(tree, ast.Compare):
        path = path_of(tree)
        return None if path is None else (path, (True,))
    path = path_of(tree.left)
    if path is None or len(tree.ops) != 1:
        return None
    right = tree.comparators[0]
    if isinstance(tree.ops[0], ast.Eq) and isinstance(right, ast.Constant):
        return path, (right.value,)
    if isinstance(tree.ops[0], ast.In) and isinstance(right, ast.List | ast.Tuple):
        return path, tuple(each.value for each in right.elts if isinstance(each, ast.Constant))
    return path, None


def _type_of(path: tuple[str, ...], known: dict[str, Type]) -> Type:
    kind: Type = known.get(path[0], "any")
    for name in path[1:]:
        kind = kind.fields.get(name, "any") if isinstance(kind, Record) else "any"
    return kind


def _all_answers(kind: Type) -> set[object]:
    if isinstance(kind, OneOf):
        return set(kind.values)
    return {True, False} if kind == "bool" else set()


def _rows(scope: Scope) -> Iterator[Finding]:
    """More boxes in a row than one reads at a glance."""
    for node in scope.nodes.values():
        before = [scope.nodes[flow.source] for flow in scope.incoming(node)]
        if node.is_activity and not any(each.is_activity for each in before):
            length, here, seen = 1, node, {node.id}
            while (following := _only_next(scope, here)) is not None and following.id not in seen:
                seen.add(following.id)
                length, here = length + 1, following
            if length > LONGEST_ROW:
                yield on("length", node, number=length, most=LONGEST_ROW)


def _only_next(scope: Scope, node: Node) -> Node | None:
    flows = scope.outgoing(node)
    following = scope.nodes[flows[0].target] if len(flows) == 1 else None
    return following if following is not None and following.is_activity else None
