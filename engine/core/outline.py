"""A process as ordered Swedish text: stages, steps, and branches with their answers in words.

For reading a diagram without a picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.core import templates
from engine.core.model import Definition, Flow, Node, Process

DEEPEST = 6
"""Levels of calls and sub-processes that are written out."""
_WAYS_IN = {
    "timer": "När tiden är inne",
    "message": "När meddelandet kommer",
    "signal": "När signalen kommer",
    "error": "Vid fel",
    "escalation": "Vid eskalering",
}

Branches = tuple[tuple[str, str], ...]
"""The way into nested branches: (element that parts, flow taken), outermost first."""


@dataclass(frozen=True)
class Line:
    """One line of the outline."""

    depth: int
    """0 for the process itself; each branch, sub-process and called process lies one deeper."""
    element: str
    kind: str
    """`start`, `step`, `stage` (has lines of its own below), `question`, `branch`, `event` or `end`."""
    text: str


def outline(definition: Definition, titles: Mapping[str, str]) -> list[Line]:
    """The whole process in reading order; `titles` are role -> words."""
    writer = _Writer(definition, titles)
    writer.level(definition.process, None, 0)
    return writer.lines


@dataclass
class _Writer:
    definition: Definition
    titles: Mapping[str, str]
    lines: list[Line] = field(default_factory=list)

    def level(self, process: Process, container: str | None, depth: int) -> None:
        """One process or sub-process. Nesting is bounded by `DEEPEST`; flows are followed without recursion."""
        nodes = [node for node in process.inside(container) if node.event is None or node.kind != "boundaryEvent"]
        walk = _Walk(process, nodes)
        for item, branches in walk.in_order():
            if isinstance(item, Flow):
                back = " – tillbaka" if item.id in walk.returns else ""
                text = f"{_answer(process, item)}{back}"
                self.lines.append(Line(depth + len(branches) - 1, item.id, "branch", text))
            else:
                self.element(process, item, depth + len(branches))
        for node in nodes:
            if node.triggered_by_event:
                self.write(node, depth, "event", f"När som helst: {_named(node)}")
                self.inner(process, node, depth)

    def element(self, process: Process, node: Node, depth: int) -> None:
        if node.kind == "startEvent":
            self.write(node, depth, "start", f"Börjar: {_named(node)}")
        elif node.kind == "endEvent":
            self.write(node, depth, "end", f"Slutar: {_named(node)}")
        elif node.kind == "boundaryEvent":
            self.write(node, depth - 1, "event", _interruption(node))
        elif node.kind.endswith("Gateway"):
            if len(process.outgoing(node.id)) > 1:
                self.lines.append(Line(depth, node.id, "question", _question(node)))
        elif node.kind in ("subProcess", "callActivity"):
            self.write(node, depth, "stage", _named(node))
            self.inner(process, node, depth)
        else:
            self.write(node, depth, "step" if node.is_activity else "event", self.step(node))

    def inner(self, process: Process, node: Node, depth: int) -> None:
        if depth >= DEEPEST:
            return
        if node.kind == "subProcess":
            self.level(process, node.id, depth + 1)
        elif node.called in self.definition.called:
            self.level(self.definition.lookup(node.called or ""), None, depth + 1)

    def write(self, node: Node, depth: int, kind: str, text: str) -> None:
        self.lines.append(Line(depth, node.id, kind, text))

    def step(self, node: Node) -> str:
        """Its name, whether it is done many times, and the roles that are written out: an expression names none."""
        written = (part for part in templates.split(node.attributes.get("candidateGroups", "")) if part[:2] != "${")
        shown = ", ".join(self.titles.get(role, role) for role in (part.partition("@")[0] for part in written))
        many = " (flera samtidigt)" if node.loop and not node.loop.sequential else " (en i taget)" if node.loop else ""
        return f"{_named(node)}{many}" + (f" – {shown}" if shown else "")


class _Walk:
    """Nodes of one level in reading order: a branch to its end before the next, a join after all that lead to it."""

    def __init__(self, process: Process, nodes: list[Node]) -> None:
        self.process = process
        self.nodes = nodes
        self.seen: set[str] = set()
        self.arrived: set[str] = set()
        """Flows that have been followed to their end."""
        self.waiting: dict[str, Branches] = {}
        self.returns = self._back_flows()

    def in_order(self) -> Iterator[tuple[Node | Flow, Branches]]:
        todo: list[tuple[Node | Flow, Branches]] = [
            (node, ()) for node in reversed(self.nodes) if node.kind == "startEvent"
        ]
        while todo or self.waiting:
            item, branches = todo.pop() if todo else self._anyone_waiting()
            if isinstance(item, Flow):
                yield item, branches
                todo += self._arrive(item, branches)
            elif item.id not in self.seen:
                self.seen.add(item.id)
                yield item, branches
                todo += reversed(list(self._onwards(item, branches)))
            if not todo or isinstance(todo[-1][0], Flow):
                todo += self._joins_complete(len(todo[-1][1]) if todo else 0)

    def _onwards(self, node: Node, branches: Branches) -> Iterator[tuple[Node | Flow, Branches]]:
        for guard in self.process.boundary(node.id):
            yield guard, (*branches, (guard.id, guard.id))
        flows = self.process.outgoing(node.id)
        if len(flows) == 1:
            yield from self._arrive(flows[0], branches)
        else:
            yield from ((flow, (*branches, (node.id, flow.id))) for flow in flows)

    def _arrive(self, flow: Flow, branches: Branches) -> list[tuple[Node | Flow, Branches]]:
        """What a flow leads to, unless it is a join that others have yet to come to."""
        self.arrived.add(flow.id)
        node = self.process.nodes.get(flow.target)
        if node is None or node.id in self.seen:
            return []
        if len([each for each in self.process.incoming(node.id) if each.id not in self.returns]) < 2:
            return [(node, branches)]
        earlier = self.waiting.get(node.id)
        self.waiting[node.id] = branches if earlier is None else _common(earlier, branches)
        return []

    def _joins_complete(self, depth: int) -> list[tuple[Node | Flow, Branches]]:
        """A join that all have come to, once no branch beside them (at `depth`) is left to tell."""
        for name in self.waiting:
            if depth <= len(self.waiting[name]) and all(
                flow.id in self.arrived | self.returns for flow in self.process.incoming(name)
            ):
                return [(self.process.nodes[name], self.waiting.pop(name))]
        return []

    def _anyone_waiting(self) -> tuple[Node | Flow, Branches]:
        name = next(iter(self.waiting))
        return self.process.nodes[name], self.waiting.pop(name)

    def _back_flows(self) -> frozenset[str]:
        """Flows that lead back to a node they came from, by a walk in depth from the starts."""
        back: set[str] = set()
        done: set[str] = set()
        for start in self.nodes:
            if start.id in done:
                continue
            on_way = {start.id}
            stack = [(start.id, iter(self.process.outgoing(start.id)))]
            done.add(start.id)
            while stack:
                name, flows = stack[-1]
                for flow in flows:
                    if flow.target in on_way:
                        back.add(flow.id)
                    elif flow.target not in done:
                        done.add(flow.target)
                        on_way.add(flow.target)
                        stack.append((flow.target, iter(self.process.outgoing(flow.target))))
                        break
                else:
                    on_way.discard(name)
                    stack.pop()
        return frozenset(back)


def _common(first: Branches, second: Branches) -> Branches:
    """The branches that both ways lie in."""
    length = next((n for n, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), None)
    return first[: min(len(first), len(second)) if length is None else length]


def _named(node: Node) -> str:
    return node.name or {"startEvent": "start", "endEvent": "slut"}.get(node.kind, node.id)


def _question(node: Node) -> str:
    if node.name:
        return node.name
    return {"parallelGateway": "Samtidigt", "eventBasedGateway": "Det som kommer först"}.get(node.kind, "Vägval")


def _answer(process: Process, flow: Flow) -> str:
    if flow.name:
        return flow.name
    source, target = process.nodes.get(flow.source), process.nodes.get(flow.target)
    if source is not None and source.kind == "parallelGateway":
        return f"Spår {process.outgoing(source.id).index(flow) + 1}"
    if source is not None and source.default == flow.id:
        return "Annars"
    if flow.condition is not None:
        return f"Om {flow.condition}"
    return _named(target) if target else flow.target


def _interruption(node: Node) -> str:
    way = _WAYS_IN.get(node.event.kind if node.event else "", "När det händer")
    return f"{way}: {_named(node)}" + ("" if node.interrupting else " (arbetet fortsätter)")
