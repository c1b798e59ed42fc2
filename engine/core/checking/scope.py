"""What a check may ask: the process, the processes and tables around it, and the words that are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.core.findings import Finding, refusal
from engine.core.model import PERSON_TASKS, Flow, Node, Process
from engine.core.types import Type


@dataclass(frozen=True)
class Library:
    """Processes and decision tables by id, as they lie beside the file."""

    processes: Mapping[str, Process] = field(default_factory=dict)
    decisions: Mapping[str, Any] = field(default_factory=dict)
    """Decision id -> `engine.core.decisions.Table`."""
    sources: Mapping[str, bytes] = field(default_factory=dict)
    """Process or decision id -> the file it was read from, for the version."""

    @cached_property
    def deadlines(self) -> frozenset[str]:
        """Deadline keys that the processes set."""
        return frozenset[str]().union(*map(deadlines_set, self.processes.values()))


@dataclass(frozen=True)
class Topic:
    """A connector or an effect: the inputs it takes and the variables it gives, name -> type."""

    inputs: frozenset[str] = frozenset()
    outputs: Mapping[str, Type] = field(default_factory=dict)
    any_inputs: bool = False
    """True when it takes inputs of any name, as `deadline.set` does."""


DEADLINE = "deadline."
"""How a property that sets a deadline begins."""
CASE_KEYS = frozenset(("id", "title", "key", "number", "startedOn"))


@dataclass(frozen=True)
class Vocabulary:
    """The words a diagram may use besides its own variables."""

    roles: Mapping[str, str] = field(default_factory=dict)
    """Role id -> its title in the region, as lanes have it."""
    region: Mapping[str, Any] | None = None
    """The profile's keys, nested; None when no profile is at hand, and then its keys are not checked."""
    topics: Mapping[str, Topic] = field(default_factory=dict)
    functions: Mapping[str, Type] = field(default_factory=dict)
    deadlines: frozenset[str] = frozenset()
    templates: frozenset[str] | None = None
    """Names of the texts that mails may have; None when no texts are at hand, and then their names are not checked."""
    case: frozenset[str] = CASE_KEYS


@dataclass(frozen=True)
class Scope:
    """One process under check."""

    process: Process
    library: Library
    words: Vocabulary

    @property
    def nodes(self) -> Mapping[str, Node]:
        return self.process.nodes

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """Flows with both ends in the process; `reading` has named the others."""
        return tuple(flow for flow in self.process.flows.values() if {flow.source, flow.target} <= self.nodes.keys())

    def outgoing(self, node: Node) -> tuple[Flow, ...]:
        return tuple(flow for flow in self.process.outgoing(node.id) if flow.target in self.nodes)

    def incoming(self, node: Node) -> tuple[Flow, ...]:
        return tuple(flow for flow in self.process.incoming(node.id) if flow.source in self.nodes)

    @cached_property
    def levels(self) -> tuple[str | None, ...]:
        """The process itself (None) and its sub-processes by id."""
        return (None, *(node.id for node in self.nodes.values() if node.kind == "subProcess"))

    def inside(self, level: str | None) -> list[Node]:
        return list(self.process.inside(level))

    def around(self, node: Node) -> Iterator[Node]:
        """The sub-processes around a node, innermost first. Safe on files whose nesting makes no sense."""
        seen: set[str] = set()
        container = node.container
        while container in self.nodes and container not in seen:
            assert container is not None
            seen.add(container)
            yield self.nodes[container]
            container = self.nodes[container].container

    @cached_property
    def callers(self) -> tuple[Node, ...]:
        """Call activities in the library that call this process."""
        others = (each for each in self.library.processes.values() if each.id != self.process.id)
        return tuple(node for other in others for node in other.nodes.values() if node.called == self.process.id)

    def deadlines_within(self, node: Node) -> frozenset[str]:
        """Deadline keys that are set inside a sub-process, or in a process that is called and those that it calls."""
        if node.kind == "subProcess":
            inner = [each for each in self.nodes.values() if node in self.around(each)]
        else:
            inner = [node]
        called, todo = set[str](), [each.called for each in inner if each.called]
        keys = {key for each in inner if each is not node for key in _set_by(each)}
        while todo:
            process = self.library.processes.get(todo.pop())
            if process is not None and process.id not in called:
                called.add(process.id)
                keys |= deadlines_set(process)
                todo += [each.called for each in process.nodes.values() if each.called]
        return frozenset(keys)

    def waits(self, node: Node) -> bool:
        """Whether a token stops at the node until someone or something outside moves it."""
        if node.kind in PERSON_TASKS or node.kind in ("receiveTask", "intermediateCatchEvent", "eventBasedGateway"):
            return node.event is None or node.event.kind != "link"
        return node.kind in ("serviceTask", "sendTask") and node.topic is not None and "." not in node.topic


def deadlines_set(process: Process) -> frozenset[str]:
    """Deadline keys that a process sets: by a property, a date field or the effect."""
    return frozenset(key for node in process.nodes.values() for key in _set_by(node))


def _set_by(node: Node) -> Iterator[str]:
    yield from (name.removeprefix(DEADLINE) for name in node.properties if name.startswith(DEADLINE))
    yield from (each.properties["deadline"] for each in node.form if "deadline" in each.properties)
    if node.topic == "deadline.set":
        yield from (each.target for each in node.inputs)


def about(rule: str, on: Node | Flow | Process, /, **facts: object) -> Finding:
    """A refusal that names a node, a flow or the process."""
    return refusal(rule, on.id, on.name, **facts)
