"""From a diagram to what SpiffWorkflow runs: one net of specs for each process and each sub-process.

Done once for a definition and shared by all its cases: nothing in a net is ever changed by a running case.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import ClassVar

from SpiffWorkflow.bpmn.specs.control import SimpleBpmnTask
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from engine.core.errors import UnknownStart
from engine.core.model import Definition, Event, Node, Process
from engine.core.specs import activities, events, gateways, multiple, scopes, throwing
from engine.core.specs.element import Element

KEPT = 128
"""Compiled definitions that stay in memory."""


ROOT = "[root]"


class Net(WorkflowSpec):  # type: ignore[misc]
    """The elements of one scope, wired. SpiffWorkflow's own start and end tasks would take names that diagrams use."""

    task_specs: dict[str, Element]
    data_objects: ClassVar[dict[str, object]] = {}

    def __init__(self, definition: Definition, process: Process, container: str | None) -> None:
        super().__init__(name=net_name(process, container))
        self.start = SimpleBpmnTask(self, ROOT)
        self.definition = definition
        self.process = process
        self.container = container
        self.reachable: Callable[[str, str], frozenset[str]] = lru_cache(maxsize=None)(self._reachable)

    def entry(self, start_event: str | None = None) -> Element:
        """The start event a scope begins with."""
        starts = [node for node in self.process.inside(self.container) if node.kind == "startEvent"]
        for node in starts:
            if node.id == start_event or (start_event is None and (len(starts) == 1 or plain(node))):
                return self.task_specs[node.id]
        raise UnknownStart(self.process.id, start_event)

    def _reachable(self, origin: str, without: str) -> frozenset[str]:
        """Nodes that a token at `origin` can still come to without passing `without`, `origin` itself included."""
        found, todo = {origin}, [origin]
        while todo:
            for node in self._next(todo.pop()):
                if node not in found and node != without:
                    found.add(node)
                    todo.append(node)
        return frozenset(found)

    def _next(self, node: str) -> Iterator[str]:
        for flow in self.process.outgoing(node):
            yield flow.target
        for guard in self.process.boundary(node):
            yield guard.id
        target = link_target(self.process, self.process.nodes[node])
        if target is not None:
            yield target.id


def plain(node: Node) -> bool:
    return node.event is None or node.event.kind == "none"


def net_name(process: Process, container: str | None) -> str:
    return process.id if container is None else f"{process.id}/{container}"


_compiled: OrderedDict[int, tuple[Definition, dict[str, Net]]] = OrderedDict()


def nets(definition: Definition) -> dict[str, Net]:
    """All nets of a definition by name; compiled on first use."""
    found = _compiled.get(id(definition))
    if found is None:
        found = (definition, dict(_compile(definition)))
        _compiled[id(definition)] = found
        while len(_compiled) > KEPT:
            _compiled.popitem(last=False)
    return found[1]


def forget() -> None:
    """Drop every compiled definition: the next use compiles anew."""
    _compiled.clear()


def _compile(definition: Definition) -> Iterator[tuple[str, Net]]:
    for process in definition.processes:
        containers = [node.id for node in process.nodes.values() if node.kind == "subProcess"]
        for container in (None, *containers):
            net = _net(definition, process, container)
            yield net.name, net


def _net(definition: Definition, process: Process, container: str | None) -> Net:
    net = Net(definition, process, container)
    host = process.nodes[container] if container else None
    for node in process.inside(container):
        _place(net, node, inside_event=bool(host and host.triggered_by_event))
    for flow in process.flows.values():
        if process.nodes[flow.source].container == container:
            net.task_specs[flow.source].connect(net.task_specs[flow.target])
    return net


def _place(net: Net, node: Node, *, inside_event: bool) -> None:
    """Put the specs of one element into its net."""
    if node.kind == "startEvent" and inside_event:
        events.Opening(net, node)
        return
    if node.triggered_by_event:
        start = next(each for each in net.process.inside(node.id) if each.kind == "startEvent")
        events.EventStart(net, start, opens=node)
    if node.loop is not None:
        many = multiple.MultiInstance(net, node)
        _activity(net, node, name=f"{node.id}{multiple.INSTANCE}", many=many)
    elif node.is_activity:
        _activity(net, node)
    else:
        _gateway_or_event(net, node)
    _place_companions(net, node)


def _place_companions(net: Net, node: Node) -> None:
    flows = net.process.outgoing(node.id)
    if node.is_activity and (node.default is not None or any(flow.condition is not None for flow in flows)):
        gateways.FlowsOut(net, node, name=f"{node.id}{activities.LEAVING}")
    sources = [net.process.nodes[flow.source] for flow in net.process.incoming(node.id)]
    if any(source.kind == "eventBasedGateway" for source in sources):
        events.ChosenEvent(net, node, name=f"{node.id}{events.AFTER_GATEWAY}")


def _activity(net: Net, node: Node, name: str | None = None, many: multiple.MultiInstance | None = None) -> Element:
    match node.kind:
        case "callActivity":
            return scopes.CallActivity(net, node, node.called or "", name, many)
        case "subProcess":
            return scopes.SubProcess(net, node, net_name(net.process, node.id), name, many)
        case "serviceTask" | "sendTask" if node.topic is not None:
            kind = activities.EffectTask if "." in node.topic else activities.ConnectorTask
            return kind(net, node, name, many)
        case "sendTask":
            return activities.SendTask(net, node, name, many)
        case "receiveTask":
            return activities.ReceiveTask(net, node, name, many)
        case "scriptTask":
            return activities.ScriptTask(net, node, name, many)
        case "businessRuleTask":
            return activities.DecisionTask(net, node, name, many)
        case _:
            return activities.PersonTask(net, node, name, many)


def _gateway_or_event(net: Net, node: Node) -> Element:
    match node.kind:
        case "exclusiveGateway":
            return gateways.ExclusiveGateway(net, node)
        case "parallelGateway":
            return gateways.ParallelGateway(net, node)
        case "inclusiveGateway":
            return gateways.InclusiveGateway(net, node)
        case "eventBasedGateway":
            return events.EventBasedGateway(net, node)
        case "startEvent":
            return events.StartEvent(net, node)
        case "endEvent":
            return throwing.EndEvent(net, node)
        case "boundaryEvent":
            return events.BoundaryEvent(net, node)
        case "intermediateThrowEvent":
            target = link_target(net.process, node)
            return throwing.LinkThrow(net, node, target.id) if target else throwing.ThrowEvent(net, node)
        case _:
            link = node.event is not None and node.event.kind == "link"
            return Element(net, node) if link else events.CatchEvent(net, node)


def link_target(process: Process, node: Node) -> Node | None:
    """The catching link event that a throwing one jumps to."""
    if node.kind != "intermediateThrowEvent" or node.event is None or node.event.kind != "link":
        return None
    wanted = Event("link", node.event.name)
    return next(
        each
        for each in process.inside(node.container)
        if each.kind == "intermediateCatchEvent" and each.event == wanted
    )
