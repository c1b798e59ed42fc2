"""Gateways and the flows out of them: who asks a condition, and what happens when none is true."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.checking.scope import Scope, about
from engine.core.checking.structure import loops, successors
from engine.core.findings import Finding
from engine.core.model import ACTIVITIES, Node

ASKING = ACTIVITIES | {"exclusiveGateway", "inclusiveGateway"}
"""Elements that ask the conditions on the flows out of them."""
AFTER_EVENT_GATEWAY = frozenset(("message", "timer", "signal"))


def check(scope: Scope) -> Iterator[Finding]:
    for node in scope.nodes.values():
        yield from _default(scope, node)
        yield from _conditions(scope, node)
        if node.kind == "eventBasedGateway":
            yield from _event_gateway(scope, node)
    yield from _inclusive_in_loops(scope)


def _default(scope: Scope, node: Node) -> Iterator[Finding]:
    if node.default is None:
        return
    flow = next((flow for flow in scope.outgoing(node) if flow.id == node.default), None)
    if flow is None:
        yield about("default-not-outgoing", node, flow=node.default)
    elif flow.condition is not None:
        yield about("default-with-condition", flow)


def _conditions(scope: Scope, node: Node) -> Iterator[Finding]:
    flows = scope.outgoing(node)
    asked = [flow for flow in flows if flow.condition is not None]
    if node.kind not in ASKING:
        for flow in asked:
            yield about("condition-not-asked", flow)
    elif node.kind == "exclusiveGateway" and len(flows) > 1:
        for flow in flows:
            if flow.condition is None and flow.id != node.default:
                yield about("missing-condition", flow)
    elif node.kind not in ACTIVITIES and len(flows) == 1 and asked:
        yield about("lone-condition", asked[0])


def _event_gateway(scope: Scope, node: Node) -> Iterator[Finding]:
    flows = scope.outgoing(node)
    if len(flows) < 2:
        yield about("event-gateway-alone", node)
    for flow in flows:
        target = scope.nodes[flow.target]
        waits = target.kind == "receiveTask" or (
            target.kind == "intermediateCatchEvent"
            and target.event is not None
            and target.event.kind in AFTER_EVENT_GATEWAY
        )
        if not waits or target.loop or any(scope.process.boundary(target.id)):
            yield about("event-gateway-target", target)
        elif len(scope.incoming(target)) > 1:
            yield about("event-gateway-shared", target)


def _inclusive_in_loops(scope: Scope) -> Iterator[Finding]:
    graph = {node.id: list(successors(scope, node)) for node in scope.nodes.values()}
    for loop in loops(graph):
        for name in sorted(loop):
            if scope.nodes[name].kind == "inclusiveGateway":
                yield about("inclusive-in-loop", scope.nodes[name])
