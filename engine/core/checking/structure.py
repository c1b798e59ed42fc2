"""The shape of the graph: starts and ends, what is reached, what can come to an end, what crosses a border."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from engine.core.checking.scope import Scope, about
from engine.core.findings import Finding, refusal
from engine.core.model import GATEWAYS, Node


def check(scope: Scope) -> Iterator[Finding]:
    yield from _process(scope)
    for level in scope.levels:
        yield from _starts(scope, level)
    yield from _borders(scope)
    yield from _ends_of_flows(scope)
    yield from _unreachable(scope)
    yield from _endless(scope)
    yield from _empty_loops(scope)
    yield from _unseen(scope)


def _unseen(scope: Scope) -> Iterator[Finding]:
    """Marks that cannot be seen, or turn the text around them, make a name read as another."""
    process = scope.process
    if _hides(process.name):
        yield refusal("unseen-marks", process.id, process.name, what=process.name)
    for node in scope.nodes.values():
        shown = (node.name, *(each.label for each in node.form), *(each.name for f in node.form for each in f.choices))
        for text in filter(_hides, shown):
            yield about("unseen-marks", node, what=text)


def _hides(text: str) -> bool:
    return any(unicodedata.category(mark) in ("Cc", "Cf") and mark not in "\n\t\r\u00ad" for mark in text)


def _process(scope: Scope) -> Iterator[Finding]:
    process = scope.process
    if not process.executable:
        yield refusal("not-executable", process.id, process.name)
    if not process.id:
        yield refusal("no-id", None, process.name, kind="process")


def _starts(scope: Scope, level: str | None) -> Iterator[Finding]:
    starts = [node for node in scope.inside(level) if node.kind == "startEvent"]
    plain = [node for node in starts if node.trigger == "none"]
    host = scope.nodes[level] if level else None
    named = (level, host.name) if host else (scope.process.id, scope.process.name)
    if not starts:
        yield refusal("no-start", *named)
    elif (host and len(starts) > 1) or len(plain) > 1:
        yield refusal("several-starts", *named)


def _borders(scope: Scope) -> Iterator[Finding]:
    for flow in scope.flows:
        if scope.nodes[flow.source].container != scope.nodes[flow.target].container:
            yield about("flow-crosses-border", flow)


def _ends_of_flows(scope: Scope) -> Iterator[Finding]:
    for node in scope.nodes.values():
        enters, leaves = scope.incoming(node), scope.outgoing(node)
        if node.kind == "startEvent" and enters:
            yield about("start-with-incoming", node)
        if node.kind == "boundaryEvent" and enters:
            yield about("boundary-with-incoming", node)
        if node.kind == "boundaryEvent" and not leaves:
            yield about("boundary-without-flow", node)
        if node.kind == "endEvent" and leaves:
            yield about("end-with-outgoing", node)
        if node.kind == "startEvent" and not leaves:
            yield about("start-without-flow", node)
        if node.triggered_by_event and (enters or leaves):
            yield about("event-sub-process-in-flow", node)


def successors(scope: Scope, node: Node) -> Iterator[str]:
    """Where a token at a node, or a listener on it, can put a token on the same level."""
    for flow in scope.outgoing(node):
        yield flow.target
    for guard in scope.process.boundary(node.id):
        yield guard.id
    if node.kind == "intermediateThrowEvent" and node.trigger == "link" and node.event:
        for other in scope.inside(node.container):
            if other.kind == "intermediateCatchEvent" and other.trigger == "link" and other.event == node.event:
                yield other.id


def reached(scope: Scope, origins: Iterable[str]) -> set[str]:
    """All nodes that tokens from `origins` can come to on their level, the origins included."""
    found = set(origins)
    todo = list(found)
    while todo:
        for target in successors(scope, scope.nodes[todo.pop()]):
            if target not in found:
                found.add(target)
                todo.append(target)
    return found


def _unreachable(scope: Scope) -> Iterator[Finding]:
    origins = [node.id for node in scope.nodes.values() if node.kind == "startEvent" or node.triggered_by_event]
    found = reached(scope, origins)
    for node in scope.nodes.values():
        if node.id not in found:
            yield about("unreachable", node)


def _endless(scope: Scope) -> Iterator[Finding]:
    """Nodes from which no end can be reached, where nothing around them can end them either."""
    backwards: dict[str, set[str]] = {}
    for node in scope.nodes.values():
        for target in successors(scope, node):
            backwards.setdefault(target, set()).add(node.id)
    ending = {node.id for node in scope.nodes.values() if not list(successors(scope, node)) and node.trigger != "link"}
    todo = list(ending)
    while todo:
        for source in backwards.get(todo.pop(), ()):
            if source not in ending:
                ending.add(source)
                todo.append(source)
    for node in scope.nodes.values():
        if node.id not in ending and node.trigger != "link" and not _ended_from_outside(scope, node):
            yield about("endless", node)


def _ended_from_outside(scope: Scope, node: Node) -> bool:
    around = list(scope.around(node))
    levels = [node.container, *(each.container for each in around)]
    return (
        any(guard.interrupting for each in around for guard in scope.process.boundary(each.id))
        or any(_interrupts(scope, each) for level in levels for each in scope.inside(level))
        or any(each.trigger == "terminate" for each in scope.inside(node.container))
    )


def _interrupts(scope: Scope, node: Node) -> bool:
    return node.triggered_by_event and any(
        start.interrupting for start in scope.inside(node.id) if start.kind == "startEvent"
    )


def _empty_loops(scope: Scope) -> Iterator[Finding]:
    """Loops of gateways alone: nothing in them can change the answer."""
    idle = {node.id for node in scope.nodes.values() if node.kind in GATEWAYS or _is_idle_event(node)}
    graph = {name: [target for target in successors(scope, scope.nodes[name]) if target in idle] for name in idle}
    for loop in loops(graph):
        first = next(node for node in scope.nodes.values() if node.id in loop)
        yield about("empty-loop", first)


def _is_idle_event(node: Node) -> bool:
    return (node.kind == "intermediateThrowEvent" and node.trigger in ("none", "link")) or (
        node.kind == "intermediateCatchEvent" and node.trigger == "link"
    )


def loops(graph: Mapping[str, Iterable[str]]) -> Iterator[frozenset[str]]:
    """The strongly connected parts of a graph that hold a cycle (Tarjan's algorithm, without recursion)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for root in graph:
        work = [(root, iter(graph[root]))] if root not in order else []
        if work:
            order[root] = low[root] = len(order)
            stack.append(root)
            on_stack.add(root)
        while work:
            name, targets = work[-1]
            for target in targets:
                if target not in order:
                    order[target] = low[target] = len(order)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(graph.get(target, ()))))
                    break
                if target in on_stack:
                    low[name] = min(low[name], order[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == order[name]:
                    part = frozenset(_popped(stack, on_stack, name))
                    if len(part) > 1 or name in graph.get(name, ()):
                        yield part


def _popped(stack: list[str], on_stack: set[str], until: str) -> Iterator[str]:
    while True:
        name = stack.pop()
        on_stack.discard(name)
        yield name
        if name == until:
            return
