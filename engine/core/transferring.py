"""Moving a case to another version of its process: what stands in the way, or the case as that version has it.

Pure: rows in, rows out. Every place where the case waits must be in the other version too, as the same kind of element
in the same part, under its own id or the one that it is mapped to. Right or refused: where nothing can be said for
certain the case stays, and the finding says why.

What waits goes on waiting. A timer whose words are the same keeps its moment, a message its key; those whose words have
changed are worked out anew. Guards that the other version has added are armed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.core.compiling import Net, nets
from engine.core.deliveries import Refit
from engine.core.findings import Finding
from engine.core.model import Definition, Flow, Node
from engine.core.specs.activities import Activity, Held
from engine.core.specs.element import Element
from engine.core.specs.events import BoundaryEvent, ChosenEvent, EventStart, Waiting
from engine.core.specs.gateways import EXITS, Joining, ParallelGateway
from engine.core.specs.scopes import SubProcess
from engine.core.state import State, dump, load
from engine.core.stepping import MOVED

WITHOUT = ""
"""What an event is mapped to that the case shall no longer wait for."""

_WORDS = {
    "element-gone": (
        "Ärendet väntar här, men elementet finns inte i den nya versionen.",
        "Ange vilket element som motsvarar det: --map {id}=NYTT. Eller för ärendet förbi elementet först.",
        "The case waits here, but the new version has no such element.",
        "Say which element it has become: --map {id}=NEW. Or take the case past it first.",
    ),
    "guard-gone": (
        "Händelsen lyssnar i ärendet, men finns inte i den nya versionen.",
        "Ange vilken händelse som motsvarar den: --map {id}=NY, eller --map {id}= om den inte ska väntas in mer.",
        "The event listens in the case, but the new version does not have it.",
        "Say which event it has become: --map {id}=NEW, or --map {id}= if the case shall not wait for it any more.",
    ),
    "scope-differs": (
        "Elementet ligger i en annan del av processen i den nya versionen.",
        "För ärendet förbi elementet först, eller ange ett element i samma del: --map {id}=NYTT.",
        "The element lies in another part of the process in the new version.",
        "Take the case past it first, or give an element of the same part: --map {id}=NEW.",
    ),
    "kind-differs": (
        "Elementet är något annat i den nya versionen: {what}.",
        "Ange ett element av samma slag: --map {id}=NYTT. Eller för ärendet förbi elementet först.",
        "The element is something else in the new version: {what}.",
        "Give an element of the same kind: --map {id}=NEW. Or take the case past it first.",
    ),
    "flow-gone": (
        "Ärendet har kommit hit på en väg som inte finns i den nya versionen.",
        "För ärendet förbi elementet först.",
        "The case has come here by a flow that the new version does not have.",
        "Take the case past it first.",
    ),
    "join-differs": (
        "Den nya versionen väntar in andra vägar i ”{what}”, och ärendet är redan på väg dit.",
        "För ärendet förbi ”{what}” först.",
        "The new version waits for other flows at “{what}”, and the case is on its way there already.",
        "Take the case past “{what}” first.",
    ),
    "field-gone": (
        "Frågan ”{what}” finns inte i uppgiften i den nya versionen. Det som är skrivet där följer inte med i svaret.",
        "Ingenting, om svaret inte behövs. Annars: gör klart uppgiften innan ärendet flyttas.",
        "The question “{what}” is not in the task in the new version. What is written there does not follow.",
        "Nothing, if the answer is not needed. Otherwise complete the task before the case is moved.",
    ),
}


@dataclass(frozen=True)
class Transfer:
    """What a case is to the other version."""

    findings: tuple[Finding, ...]
    """`fel`: the case cannot be moved. `råd`: what people should know."""
    rows: Mapping[str, str]
    """The state's rows for the other version; meaningless where there is a `fel`."""
    refit: Refit
    """The first step of the case on the other version."""
    elements: Mapping[str, str]
    """Task key -> its element there, for those whose element has another id."""


def transfer(old: Definition, new: Definition, rows: Mapping[str, str], mapping: Mapping[str, str]) -> Transfer:
    """Put a case, as its rows say, on another version. `mapping` is element -> the element that it has become.

    Raises `StateUnreadable` for rows that are not of the old version.
    """
    move = _Move(load(old, rows), new, mapping)
    move.seat_all()
    move.ask_joins()
    if any(each.level == "fel" for each in move.findings):
        return Transfer(tuple(move.findings), {}, Refit(), {})
    refit = move.refit()
    elements = move.renamed()
    move.sit_down()
    return Transfer(tuple(move.findings), dump(move.state), refit, elements)


class _Move:
    """A case between two versions: each task with the element that it stands at now, and its seat in the other."""

    def __init__(self, state: State, new: Definition, mapping: Mapping[str, str]) -> None:
        self.state = state
        self.case = state.case
        self.new = new
        self.nets = nets(new)
        self.mapping = mapping
        self.findings: list[Finding] = []
        self.seats: dict[int, Element] = {}
        self.left: list[Task] = []
        """Listening events that are given up."""

    # finding seats -------------------------------------------------------------------------------------------------

    def seat_all(self) -> None:
        for task in self._tasks():
            net = self._net(task.workflow)
            if net is None:
                continue  # the element that holds the part has a finding
            if self._is_given_up(task):
                self.left.append(task)
                continue
            seat = net.task_specs.get(self._name(task))
            wrong = self._missing(task, net) if seat is None else self._unlike(task, seat)
            if wrong is not None:
                self._find(task, *wrong)
            elif seat is not None:
                self.seats[task.id] = seat
                self._tell_fields(task, seat)

    def _tasks(self) -> list[Task]:
        """Hosts come before what is inside them."""
        return [self.case.index[key] for key in sorted(self.case.index)]

    def _net(self, workflow: Any) -> Net | None:
        if workflow.parent_task_id is None:
            return self.nets[self.new.process.id]
        host = self.seats.get(workflow.parent_task_id)
        return self.nets[host.inner] if isinstance(host, SubProcess) else None

    def _is_given_up(self, task: Task) -> bool:
        listens = isinstance(task.task_spec, BoundaryEvent | EventStart) and task.state == TaskState.WAITING
        return listens and self.mapping.get(task.task_spec.node.id) == WITHOUT

    def _now(self, element: str) -> str:
        return self.mapping.get(element, element)

    def _name(self, task: Task) -> str:
        """The name of the spec, marks of instances and the like included."""
        element, name = str(task.task_spec.node.id), str(task.task_spec.name)
        return self._now(element) + name.removeprefix(element)

    def _missing(self, task: Task, net: Net) -> tuple[str, str]:
        node = net.process.nodes.get(self._now(task.task_spec.node.id))
        if node is None:
            listens = isinstance(task.task_spec, BoundaryEvent | EventStart)
            return ("guard-gone" if listens else "element-gone"), ""
        if node.container != net.container and not isinstance(task.task_spec, EventStart):
            return "scope-differs", ""
        return "kind-differs", _described(node)

    def _unlike(self, task: Task, seat: Element) -> tuple[str, str] | None:
        """Why a token at the one cannot be a token at the other, if so."""
        node = task.task_spec.node
        if type(task.task_spec) is not type(seat) or _kind(node) != _kind(seat.node):
            return "kind-differs", _described(seat.node)
        if node.attached_to is not None and self._now(node.attached_to) != seat.node.attached_to:
            return "scope-differs", ""
        if _waits_by_flow(task, seat) and self._flow(task, seat) is None:
            return "flow-gone", ""
        if any(each not in seat.process.flows for each in task.internal_data.get(EXITS, ())):
            return "flow-gone", ""
        return None

    def _flow(self, task: Task, seat: Element) -> Flow | None:
        """The flow by which the token came: of the same id, else the one from the same element."""
        came = task.task_spec.process.flows[task.internal_data["came"]]
        flows = seat.process.incoming(seat.node.id)
        same = [each for each in flows if each.id == came.id]
        return next(iter(same or [each for each in flows if each.source == self._now(came.source)]), None)

    def _find(self, task: Task, rule: str, what: str) -> None:
        self.findings.append(_finding("fel", task.task_spec.node, rule, what))

    def _tell_fields(self, task: Task, seat: Element) -> None:
        """Half-written answers stay, but a question that is gone is asked no more."""
        if isinstance(seat, Held) and task.internal_data.get("held"):
            kept = {each.id for each in seat.node.form}
            gone = [each for each in task.task_spec.node.form if each.id not in kept]
            self.findings += [_finding("råd", seat.node, "field-gone", each.label or each.id) for each in gone]

    # joins ---------------------------------------------------------------------------------------------------------

    def ask_joins(self) -> None:
        """A parallel join that waits for more or fewer than before would wait for ever for those already on the way."""
        for task in self._tasks():
            seat = self.seats.get(task.id)
            if seat is None or not seat.counts or task.parent is not task.workflow.task_tree:
                continue
            for join in self._changed_joins(task.task_spec._wf_spec, seat._wf_spec):
                if _would_wait(seat._wf_spec, seat.node.id, join):
                    self._find(task, "join-differs", join.node.name or join.node.id)

    def _changed_joins(self, old: Net, new: Net) -> Iterator[ParallelGateway]:
        before = {self._now(each): len(old.process.incoming(each)) for each in old.process.nodes}
        for spec in new.task_specs.values():
            if isinstance(spec, ParallelGateway) and _flows(new, spec) != before.get(spec.node.id, 1):
                yield spec

    # what follows --------------------------------------------------------------------------------------------------

    def refit(self) -> Refit:
        return Refit(
            rearmed=tuple(str(key) for key, seat in self.seats.items() if self._speaks_otherwise(key, seat)),
            guards=tuple((str(key), guard) for key, seat in self.seats.items() for guard in self._guards(key, seat)),
            listeners=tuple(self._listeners()),
            gone=tuple(str(task.id) for task in self.left),
        )

    def _speaks_otherwise(self, key: int, seat: Element) -> bool:
        task = self.case.index[key]
        waits = isinstance(seat, Waiting) and task.state == TaskState.WAITING
        return waits and MOVED not in task.internal_data and _words(task.task_spec.node) != _words(seat.node)

    def _guards(self, key: int, seat: Element) -> list[str]:
        """Boundary events that the other version has put around an activity that is going on."""
        task = self.case.index[key]
        if not isinstance(seat, Activity) or seat.many is not None or not _is_going_on(task):
            return []
        known = {self._now(each.id) for each in task.task_spec.process.boundary(task.task_spec.node.id)}
        return [each.node.id for each in seat.guards() if each.node.id not in known]

    def _listeners(self) -> Iterator[tuple[str, str]]:
        """Event sub-processes that the other version has put into a part that is going on."""
        for host, workflow in (("", self.case), *((str(key), each) for key, each in self.case.subprocesses.items())):
            net = self._net(workflow)
            known = {self._now(each.node.id) for each in _starts(workflow.spec)}
            yield from ((host, each.node.id) for each in _starts(net) if each.node.id not in known)

    def renamed(self) -> dict[str, str]:
        tasks = {key: self.case.index[key].task_spec.node.id for key in self.seats}
        return {str(key): self.seats[key].node.id for key, was in tasks.items() if was != self.seats[key].node.id}

    def sit_down(self) -> None:
        """From here on the case is one of the other version."""
        for task in self.left:
            self.case.fell(task)
        scopes = [(scope, self._net(scope)) for scope in self.case.subprocesses.values()]
        for key, seat in self.seats.items():
            task = self.case.index[key]
            if _waits_by_flow(task, seat):
                flow = self._flow(task, seat)
                assert flow is not None, "asked before"
                task.internal_data["came"] = flow.id
        for key, seat in self.seats.items():
            self.case.index[key].task_spec = seat
        for scope, net in scopes:
            scope.spec = net
        self.case.reached = {process: self._counts(counts) for process, counts in self.case.reached.items()}

    def _counts(self, counts: Mapping[str, int]) -> dict[str, int]:
        """How often each element has been passed, under the id that it has now."""
        found: dict[str, int] = {}
        for element, times in counts.items():
            now = self._now(element) or element
            found[now] = found.get(now, 0) + times
        return found


def _kind(node: Node) -> tuple[Any, ...]:
    """What must be the same for a token to stay; what an element says may differ."""
    loop = node.loop and (node.loop.sequential, node.loop.element_variable)
    return node.kind, node.event and node.event.kind, node.topic, node.called, node.triggered_by_event, loop


def _words(node: Node) -> tuple[Any, ...]:
    """What decides when or by what a waiting event fires."""
    return node.event, node.properties.get("correlationKey"), node.properties.get("broadcast")


def _described(node: Node) -> str:
    event = f", {node.event.kind}" if node.event else ""
    many = f", {'efter varandra' if node.loop.sequential else 'samtidigt'} för flera" if node.loop else ""
    aim = f", {node.topic or node.called}" if node.topic or node.called else ""
    return f"{node.kind}{event}{many}{aim}"


def _waits_by_flow(task: Task, seat: Element) -> bool:
    """Whether it matters by which flow the token came."""
    return isinstance(seat, Joining | ChosenEvent) and "came" in task.internal_data


def _is_going_on(task: Task) -> bool:
    return task.state in (TaskState.STARTED, TaskState.WAITING) or bool(task.internal_data.get("held"))


def _starts(net: Net | None) -> list[EventStart]:
    return [each for each in net.task_specs.values() if isinstance(each, EventStart)] if net else []


def _flows(net: Net, join: ParallelGateway) -> int:
    return len(net.process.incoming(join.node.id))


def _would_wait(net: Net, element: str, join: ParallelGateway) -> bool:
    """Whether a token is at the join, or can come to it without having been split on its way."""
    if element == join.node.id:
        return True
    if _flows(net, join) < 2 or join.node.id not in net.reachable(element, ""):
        return False
    splits = (each.node.id for each in net.task_specs.values() if isinstance(each, ParallelGateway))
    between = (each for each in splits if each != join.node.id and len(net.process.outgoing(each)) > 1)
    return all(join.node.id in net.reachable(element, each) for each in between)


def _finding(level: Any, node: Node, rule: str, what: str = "") -> Finding:
    message, remedy, message_en, remedy_en = (text.format(id=node.id, what=what) for text in _WORDS[rule])
    return Finding(level, node.id, node.name, rule, message, remedy, message_en, remedy_en)
