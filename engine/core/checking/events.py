"""Events: which may stand where, what they are called, what they catch, and when."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.checking.scope import Scope, about
from engine.core.findings import Finding
from engine.core.model import Node

PLACES = {
    "start": frozenset(("none", "message", "timer", "signal")),
    "inner start": frozenset(("none",)),
    "event start": frozenset(("message", "timer", "signal", "error", "escalation")),
    "endEvent": frozenset(("none", "message", "signal", "error", "escalation", "terminate")),
    "intermediateCatchEvent": frozenset(("message", "timer", "signal", "link")),
    "intermediateThrowEvent": frozenset(("none", "message", "signal", "escalation", "link")),
    "boundaryEvent": frozenset(("message", "timer", "signal", "error", "escalation")),
}
REFUSED_ALREADY = frozenset(("conditional", "compensate", "cancel", "multiple"))
"""Kinds that `reading` has named."""
INSTANT = frozenset(("scriptTask", "businessRuleTask"))
THROWN_UPWARDS = frozenset(("error", "escalation"))


def check(scope: Scope) -> Iterator[Finding]:
    for node in scope.nodes.values():
        if node.event is not None and node.event.kind not in REFUSED_ALREADY:
            yield from _place(scope, node)
            yield from _name(scope, node)
            yield from _key(scope, node)
            yield from _cycle(scope, node)
        if node.kind == "boundaryEvent":
            yield from _boundary(scope, node)
    for level in scope.levels:
        yield from _links(scope, level)
    yield from _uncaught(scope)


def place(scope: Scope, node: Node) -> str:
    """The row of `PLACES` a node belongs to."""
    if node.kind != "startEvent":
        return node.kind
    host = scope.nodes.get(node.container or "")
    return "start" if host is None else "event start" if host.triggered_by_event else "inner start"


def _place(scope: Scope, node: Node) -> Iterator[Finding]:
    assert node.event
    allowed = PLACES.get(place(scope, node))
    if allowed is not None and node.event.kind not in allowed:
        yield about("event-place", node, kind=node.event.kind)
    catches = place(scope, node) in ("event start", "boundaryEvent")
    if catches and node.event.kind == "error" and not node.interrupting:
        yield about("error-must-interrupt", node)


def _name(scope: Scope, node: Node) -> Iterator[Finding]:
    """Messages, signals and links go by name; a thrown error or escalation by its code."""
    assert node.event
    throws = node.kind in ("endEvent", "intermediateThrowEvent")
    by_name = node.event.kind in ("message", "signal", "link")
    if not node.event.name and (by_name or (throws and node.event.kind in THROWN_UPWARDS)):
        yield about("event-unnamed", node, kind=node.event.kind)


def catches_message(node: Node) -> bool:
    return (
        node.event is not None
        and node.event.kind == "message"
        and node.kind in ("startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask")
    )


def _key(scope: Scope, node: Node) -> Iterator[Finding]:
    if not catches_message(node) or node.properties.get("broadcast") == "true":
        return
    if place(scope, node) == "start":
        if not node.properties.get("startKey"):
            yield about("start-key", node)
    elif not node.properties.get("correlationKey"):
        yield about("correlation-key", node)


def _cycle(scope: Scope, node: Node) -> Iterator[Finding]:
    """A repeated time is heard more than once only where hearing it does not interrupt."""
    timer = node.event.timer if node.event else None
    if timer is None or timer.kind != "cycle":
        return
    where = place(scope, node)
    if where != "start" and (node.interrupting or where not in ("boundaryEvent", "event start")):
        yield about("cycle-place", node)


def _boundary(scope: Scope, node: Node) -> Iterator[Finding]:
    host = scope.nodes.get(node.attached_to or "")
    if host is None or not host.is_activity or host.triggered_by_event or host.container != node.container:
        yield about("boundary-host", node)
        return
    scoped = host.kind in ("subProcess", "callActivity")
    immediate = host.kind in INSTANT or (host.kind in ("serviceTask", "sendTask") and not scope.waits(host))
    if (node.trigger in THROWN_UPWARDS and not scoped) or immediate:
        yield about("boundary-never-fires", node, host=host.name or host.id)


def _links(scope: Scope, level: str | None) -> Iterator[Finding]:
    links = [node for node in scope.inside(level) if node.trigger == "link"]
    catchers = [node for node in links if node.kind == "intermediateCatchEvent"]
    throwers = [node for node in links if node.kind == "intermediateThrowEvent"]
    for node in throwers:
        ends = [each for each in catchers if each.event == node.event]
        if len(ends) != 1 or scope.outgoing(node):
            yield about("link-pair", node)
    for node in catchers:
        if not any(each.event == node.event for each in throwers) or scope.incoming(node):
            yield about("link-pair", node)


def _uncaught(scope: Scope) -> Iterator[Finding]:
    """Errors that nothing in the file catches, in a process that is never called."""
    if scope.process.is_part or scope.callers:
        return
    for node in scope.nodes.values():
        if node.kind == "endEvent" and node.event and node.event.kind == "error" and not _caught(scope, node):
            yield about("error-uncaught", node, code=node.event.name or "")


def _caught(scope: Scope, node: Node) -> bool:
    assert node.event
    around = list(scope.around(node))
    levels = [node.container, *(each.container for each in around)]
    # An event sub-process does not catch what is thrown inside itself.
    own = {each.id for each in around}
    listening = [
        start
        for level in levels
        for host in scope.inside(level)
        if host.triggered_by_event and host.id not in own
        for start in scope.inside(host.id)
        if start.kind == "startEvent"
    ]
    guards = [guard for each in around for guard in scope.process.boundary(each.id)]
    return any(
        each.event is not None and each.event.kind == "error" and each.event.name in (None, node.event.name)
        for each in [*listening, *guards]
    )
