"""A diagram as a Petri net: what process mining replays a history on.

A token of the diagram is a token of the net, and every task and every event between start and end is a transition
with a label; gateways, starts, ends and the borders of scopes are silent. Called processes are drawn where they are
called. The net is *accepting*: a case that has run to its end is a way from one token in `start` to one
token in `end` and none elsewhere.

Nets cannot see that a place is empty. Where the engine waits for that (an inclusive join, a scope with several tokens),
the net may go on too early, but then a token is left behind and the end cannot be reached. So the net allows all that
the engine does, and little more. It says in what order things happen, not on what conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.core.compiling import link_target, plain
from engine.core.errors import NoNet
from engine.core.model import SINGLE_STEPS, Definition, Flow, Node, Process

LARGEST = 20_000
"""Transitions; more than any process that people can read."""


@dataclass(frozen=True)
class Place:
    id: str
    name: str
    """Where in the diagram a token is that lies here; several places may share a name."""


@dataclass(frozen=True)
class Transition:
    """Takes a token from each of `takes` and gives one to each of `gives`."""

    id: str
    label: str | None
    """See `label`; None for what leaves no event in history."""
    takes: tuple[str, ...]
    """Ids of places."""
    gives: tuple[str, ...]


@dataclass(frozen=True)
class PetriNet:
    process: str
    name: str
    places: tuple[Place, ...]
    transitions: tuple[Transition, ...]
    start: str
    """Id of the place that holds the one token of the initial marking."""
    end: str
    """Id of the place that holds the one token of the final marking."""


def label(case_process: str, process: str, element: str) -> str:
    """The name of an element in nets and logs of a process: its id, after that of the called process it stands in."""
    return element if process in ("", case_process) else f"{process}/{element}"


def is_event(what: str, kind: str) -> bool:
    """Whether a `Happening` is an occurrence of a labelled transition: work done, an event that came or was passed."""
    if what == "completed":
        return kind in SINGLE_STEPS or kind in ("intermediateCatchEvent", "intermediateThrowEvent")
    return what in ("fired", "received", "thrown")


def net(definition: Definition) -> PetriNet:
    """The net of a checked definition. Raises `NoNet` when processes call each other in a ring."""
    sheet = _Sheet(definition)
    start = sheet.place(definition.process.id)
    whole = _Scope(sheet, definition.process, None, (definition.process.id,))
    for each in definition.process.inside(None):
        if each.kind == "startEvent":
            sheet.silent([start], [whole.entry[each.id], *whole.listening])
    return PetriNet(
        definition.process.id,
        definition.process.name,
        tuple(sheet.places),
        tuple(sheet.transitions),
        start,
        whole.over,
    )


class _Sheet:
    """What the net is drawn on."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.places: list[Place] = []
        self.transitions: list[Transition] = []

    def place(self, name: str) -> str:
        self.places.append(Place(f"p{len(self.places) + 1}", name))
        return self.places[-1].id

    def transition(self, label: str | None, takes: Iterable[str], gives: Iterable[str]) -> None:
        if len(self.transitions) >= LARGEST:
            raise NoNet(self.definition.process.id, f"det skulle få fler än {LARGEST} övergångar")
        self.transitions.append(Transition(f"t{len(self.transitions) + 1}", label, tuple(takes), tuple(gives)))

    def silent(self, takes: Iterable[str], gives: Iterable[str]) -> None:
        self.transition(None, takes, gives)


class _Scope:
    """One level of a diagram, drawn: a process or a sub-process with all that lies inside it."""

    def __init__(self, sheet: _Sheet, process: Process, container: str | None, calls: tuple[str, ...]) -> None:
        self.sheet = sheet
        self.process = process
        self.container = container
        self.calls = calls
        """The processes that are being drawn in each other here, outermost first."""
        self.inside: list[str] = []
        """Every place where a token may lie while the scope runs: what an interruption empties."""
        self.nodes = list(process.inside(container))
        self.entry = {each.id: self._place(each.id) for each in self.nodes}
        """Element -> where a token that comes to it lies."""
        self.arrivals = {flow.id: self._place(flow.id) for each in self.nodes for flow in self._joined(each)}
        """Flow -> where a token that came by it waits for others at a join."""
        self.ended = self._place("ended")
        self.done = self._place("done") if self._forks() else self.ended
        handlers = [each for each in self.nodes if each.triggered_by_event]
        self.listening = [self._place("listening")] if handlers else []
        """Holds a token while the scope's event sub-processes may start."""
        self.over = self._place("over") if handlers else self.done
        """Holds a token when the scope has ended."""
        self._draw(handlers)

    def start(self) -> str:
        """Where a scope inside another begins: at its plain start event, or the only one it has."""
        starts = [each for each in self.nodes if each.kind == "startEvent"]
        return self.entry[next((each for each in starts if plain(each)), starts[0]).id]

    def _draw(self, handlers: list[Node]) -> None:
        for node in self.nodes:
            if not node.triggered_by_event:
                _DRAWN.get(node.kind, _Scope._single_step)(self, node)
        if self.done != self.ended:
            self._gather([self.ended], self.done)
        drawn = [(each, self._inner(self.process, each.id, self.calls)) for each in handlers]
        for handler, scope in drawn:
            self._event_sub_process(handler, scope)
        if handlers:
            self.sheet.silent([self.done, *self.listening], [self.over])
        for node in self.nodes:
            if node.trigger == "terminate":
                self._empty(None, [self.entry[node.id]], self._elsewhere([*self.listening, self.over]), [self.ended])

    # places --------------------------------------------------------------------------------------------------------

    def _place(self, name: str) -> str:
        path = [*self.calls, self.container or ""][1:]
        made = self.sheet.place("/".join([*(each for each in path if each), name]))
        self.inside.append(made)
        return made

    def _joined(self, node: Node) -> tuple[Flow, ...]:
        """The flows into a gateway that waits for more than one of them."""
        flows = self.process.incoming(node.id) if node.kind in ("parallelGateway", "inclusiveGateway") else ()
        return flows if len(flows) > 1 else ()

    def _elsewhere(self, but: list[str]) -> list[str]:
        return [each for each in self.inside if each not in but]

    def _forks(self) -> bool:
        """Whether more than one token may be here at a time."""
        one_way = ("exclusiveGateway", "eventBasedGateway")
        return any(
            (len(self.process.outgoing(each.id)) > 1 and each.kind not in one_way)
            or each.triggered_by_event
            or not each.interrupting
            for each in self.nodes
        )

    # tokens --------------------------------------------------------------------------------------------------------

    def _by(self, flow: Flow) -> str:
        """Where a token lies that has taken a flow."""
        return self.arrivals.get(flow.id) or self.entry[flow.target]

    def _exits(self, node: Node) -> list[str]:
        """Where tokens lie once an element has been left: one for each flow, or one that has the choice."""
        flows = self.process.outgoing(node.id)
        if not flows:
            return [self.ended]
        choosing = node.is_activity or node.kind == "inclusiveGateway"
        if len(flows) == 1 or not choosing or not (node.default or any(flow.condition for flow in flows)):
            return [self._by(flow) for flow in flows]
        leaving = self._place(f"{node.id} leaving")
        self._spread(leaving, node, flows)
        return [leaving]

    def _spread(self, leaving: str, node: Node, flows: tuple[Flow, ...]) -> None:
        """Any of the flows with a condition and every flow without; the default flow when none else.

        The flows are gone through one by one, with a place for each answer to whether any has been taken yet.
        """
        certain = [self._by(flow) for flow in flows if flow.condition is None and flow.id != node.default]
        here = {False: leaving}
        if certain:
            here = {True: self._place(f"{node.id} leaving")}
            self.sheet.silent([leaving], [*certain, here[True]])
        for flow in flows:
            if flow.condition is None or flow.id == node.default:
                continue
            ahead = {taken: self._place(f"{node.id} leaving") for taken in sorted({True, *here})}
            for taken, place in here.items():
                self.sheet.silent([place], [ahead[True], self._by(flow)])
                self.sheet.silent([place], [ahead[taken]])
            here = ahead
        self.sheet.silent([here[True]], [])
        if node.default and False in here:
            self.sheet.silent([here[False]], [self._by(self.process.flows[node.default])])

    def _gather(self, places: list[str], into: str) -> None:
        """Tokens in these places become one."""
        for each in places:
            self.sheet.silent([each], [into])
            self.sheet.silent([each, into], [into])

    def _empty(self, name: str | None, takes: list[str], places: list[str], gives: list[str]) -> None:
        """A transition, and silent ones after it that take away the tokens in some places before it gives."""
        emptying = self._place("emptying")
        self.sheet.transition(name, takes, [emptying])
        for each in places:
            if each not in takes:
                self.sheet.silent([each, emptying], [emptying])
        self.sheet.silent([emptying], gives)

    def _label(self, node: Node) -> str:
        return label(self.sheet.definition.process.id, self.process.id, node.id)

    # elements ------------------------------------------------------------------------------------------------------

    def _single_step(self, node: Node) -> None:
        """A task or an event with a label. Several instances are the same step over and over, and may be none."""
        here, exits = self.entry[node.id], self._exits(node)
        target = link_target(self.process, node)
        if target is not None:
            exits = [self.entry[target.id]]
        if node.loop is not None:
            self.sheet.transition(self._label(node), [here], [here])
            self.sheet.silent([here], exits)
        else:
            self.sheet.transition(self._label(node), [here], exits)
        for gateway in self._event_gateways(node):
            self.sheet.transition(self._label(node), [self.entry[gateway]], exits)
        for guard in self.process.boundary(node.id):
            staying = [] if guard.interrupting else [here]
            self.sheet.transition(self._label(guard), [here], [*staying, *self._exits(guard)])

    def _event_gateways(self, node: Node) -> list[str]:
        sources = [self.process.nodes[flow.source] for flow in self.process.incoming(node.id)]
        return [each.id for each in sources if each.kind == "eventBasedGateway"]

    def _start(self, node: Node) -> None:
        self.sheet.silent([self.entry[node.id]], self._exits(node))

    def _end(self, node: Node) -> None:
        """A token ends. One that raises an error stays until whoever catches it takes the scope away."""
        if node.trigger not in ("error", "terminate"):
            self.sheet.silent([self.entry[node.id]], [self.ended])

    def _exclusive(self, node: Node) -> None:
        for place in [self._by(flow) for flow in self.process.outgoing(node.id)] or [self.ended]:
            self.sheet.silent([self.entry[node.id]], [place])

    def _parallel(self, node: Node) -> None:
        waiting = [self.arrivals[flow.id] for flow in self._joined(node)]
        self.sheet.silent(waiting or [self.entry[node.id]], self._exits(node))

    def _inclusive(self, node: Node) -> None:
        self._gather([self.arrivals[flow.id] for flow in self._joined(node)], self.entry[node.id])
        self.sheet.silent([self.entry[node.id]], self._exits(node))

    def _nothing(self, node: Node) -> None:
        """Drawn by what it belongs to: boundary events by their activity, event gateways by the events that follow."""

    # scopes --------------------------------------------------------------------------------------------------------

    def _inner(self, process: Process, container: str | None, calls: tuple[str, ...]) -> _Scope:
        scope = _Scope(self.sheet, process, container, calls)
        self.inside += scope.inside
        return scope

    def _sub_process(self, node: Node) -> None:
        self._hold(node, self._inner(self.process, node.id, self.calls))

    def _call(self, node: Node) -> None:
        called = node.called or ""
        if called in self.calls:
            raise NoNet(self.sheet.definition.process.id, f"{called} anropar sig själv genom ”{node.name or node.id}”")
        process = self.sheet.definition.lookup(called)
        self._hold(node, self._inner(process, None, (*self.calls, called)))

    def _hold(self, node: Node, scope: _Scope) -> None:
        """An activity with a scope inside: it may be interrupted as long as it holds its own token."""
        here, exits, running = self.entry[node.id], self._exits(node), self._place(f"{node.id} running")
        if node.loop is None:
            self.sheet.silent([here], [running, scope.start(), *scope.listening])
            self.sheet.silent([running, scope.over], exits)
        elif node.loop.sequential:
            scope.inside.append(idle := self._place(f"{node.id} idle"))
            self.sheet.silent([here], [running, idle])
            self.sheet.silent([idle], [scope.start(), *scope.listening])
            self.sheet.silent([scope.over], [idle])
            self.sheet.silent([running, idle], exits)
        else:
            self.sheet.silent([here], [running])
            self.sheet.silent([running], [running, scope.start(), *scope.listening])
            self.sheet.silent([scope.over], [])
            self.sheet.silent([running], exits)
        for guard in self.process.boundary(node.id):
            if guard.interrupting:
                self._empty(self._label(guard), [running], scope.inside, self._exits(guard))
            else:
                self.sheet.transition(self._label(guard), [running], [running, *self._exits(guard)])

    def _event_sub_process(self, node: Node, scope: _Scope) -> None:
        start = next(each for each in scope.nodes if each.kind == "startEvent")
        begun = [scope.start(), *scope.listening]
        if start.interrupting:
            self._empty(self._label(start), self.listening, self._elsewhere([*scope.inside, self.over]), begun)
            self.sheet.silent([scope.over], [self.over])
        else:
            self.sheet.transition(self._label(start), self.listening, [*self.listening, *begun])
            self.sheet.silent([scope.over], [self.ended])


_DRAWN: dict[str, Callable[[_Scope, Node], None]] = {
    "startEvent": _Scope._start,
    "endEvent": _Scope._end,
    "boundaryEvent": _Scope._nothing,
    "eventBasedGateway": _Scope._nothing,
    "exclusiveGateway": _Scope._exclusive,
    "parallelGateway": _Scope._parallel,
    "inclusiveGateway": _Scope._inclusive,
    "subProcess": _Scope._sub_process,
    "callActivity": _Scope._call,
}
"""How each kind of element is drawn; all others are single steps."""
