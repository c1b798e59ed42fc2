"""A diagram as data: what `reading` makes of a BPMN file, and all that the rest of the house knows of it.

Everything here is frozen and plain, so that a definition can be cached by its hash and shared between
cases and threads. Ids, names and expressions are text exactly as the file has them (expressions without
their `${...}` wrapping); nothing has been evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

SINGLE_STEPS = frozenset(
    "task userTask manualTask serviceTask sendTask receiveTask scriptTask businessRuleTask".split()
)
ACTIVITIES = SINGLE_STEPS | {"callActivity", "subProcess"}
GATEWAYS = frozenset("exclusiveGateway parallelGateway inclusiveGateway eventBasedGateway".split())
EVENTS = frozenset("startEvent endEvent intermediateCatchEvent intermediateThrowEvent boundaryEvent".split())
PERSON_TASKS = frozenset("task userTask manualTask".split())
"""Tasks that wait for a person. Connectors with a manual form wait for one too, but the moves decide that."""


@dataclass(frozen=True)
class Choice:
    """One alternative of an enum field: the code that is stored and the words that are shown."""

    id: str
    name: str


@dataclass(frozen=True)
class Field:
    """One question of a form, as `camunda:formField` declares it."""

    id: str
    label: str
    type: str
    """`string`, `long`, `double`, `boolean`, `date` or `enum`."""
    default: str | None = None
    """Literal text, or an expression when `default_is_expression`."""
    default_is_expression: bool = False
    choices: tuple[Choice, ...] = ()
    constraints: Mapping[str, str] = field(default_factory=dict)
    """`required`, `readonly`, `min`, `max`, `minlength`, `maxlength` -> the text of `config`."""
    properties: Mapping[str, str] = field(default_factory=dict)
    """`help`, `multiline`, `multiple`, `file`, `url`, `picker`, `roles`, `rows`, `requiredInRow`, `minRows`,
    `visibleIf`, `requiredIf`, `rule`, `ruleText`, `deadline`, `maxDate`, `personal`, `bulkSafe`.
    Expressions are unwrapped. The choice of a `personal` field is not told beside the history of its case."""

    @property
    def required(self) -> bool:
        return self.constraints.get("required", "false") != "false"

    @property
    def readonly(self) -> bool:
        return self.constraints.get("readonly", "false") != "false"

    @property
    def multiple(self) -> bool:
        return self.properties.get("multiple") == "true"

    @property
    def rows(self) -> str | None:
        """The name of the repeatable row this field is a column of, or None."""
        return self.properties.get("rows")

    @property
    def column(self) -> str:
        """The field's name inside its row: `comments_section` in rows `comments` is column `section`."""
        return self.id.removeprefix(f"{self.rows}_") if self.rows else self.id


@dataclass(frozen=True)
class Timer:
    """When a timer event is due: `date` (an instant or a day), `duration` (ISO 8601) or `cycle` (`R3/P1D`)."""

    kind: str
    expression: str
    literal: bool
    """True when `expression` is an ISO 8601 text rather than something to evaluate."""


@dataclass(frozen=True)
class Event:
    """What an event catches or throws."""

    kind: str
    """`none`, `message`, `timer`, `signal`, `error`, `escalation`, `link`, `terminate`; `reading` also reports
    `conditional`, `compensate`, `cancel` and `multiple`, which `checking` refuses."""
    name: str | None = None
    """Message, signal or link name; error or escalation code. None catches every error or escalation."""
    timer: Timer | None = None


@dataclass(frozen=True)
class Assignment:
    """One `camunda:in`/`out` or `camunda:inputParameter`/`outputParameter`: `target` gets the value of `expression`."""

    target: str
    expression: str


@dataclass(frozen=True)
class Loop:
    """A multi-instance marker. Exactly one of `collection` and `cardinality` is set."""

    sequential: bool
    collection: str | None = None
    element_variable: str | None = None
    cardinality: str | None = None
    completion_condition: str | None = None


@dataclass(frozen=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str | None = None
    id_given: bool = True
    """False where the file had no id and `reading` made one of source and target."""


@dataclass(frozen=True)
class Node:
    """A flow node: activity, gateway or event."""

    id: str
    kind: str
    """The BPMN element name: `userTask`, `exclusiveGateway`, `boundaryEvent` ..."""
    name: str = ""
    container: str | None = None
    """Id of the sub-process that holds it; None at the level of the process."""
    documentation: str = ""
    lane: str | None = None
    """Name of the innermost lane."""
    event: Event | None = None
    attached_to: str | None = None
    interrupting: bool = True
    """Boundary events: `cancelActivity`. Start events of event sub-processes: `isInterrupting`."""
    triggered_by_event: bool = False
    """True for an event sub-process."""
    default: str | None = None
    """Id of the default flow."""
    form: tuple[Field, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    """`camunda:*` attributes without prefix: `candidateGroups`, `assignee`, `dueDate`, `followUpDate`, `priority`,
    `type`, `topic`, `decisionRef`, `resultVariable`, `mapDecisionResult` ... Text with `${...}` kept as written."""
    properties: Mapping[str, str] = field(default_factory=dict)
    """`camunda:property` name -> value, as written."""
    inputs: tuple[Assignment, ...] = ()
    outputs: tuple[Assignment, ...] = ()
    loop: Loop | None = None
    called: str | None = None
    """Process id that a call activity calls."""
    script: str | None = None

    @property
    def is_activity(self) -> bool:
        return self.kind in ACTIVITIES

    @property
    def topic(self) -> str | None:
        """Connector or effect of a service, send or throwing element."""
        return self.attributes.get("topic")

    @property
    def trigger(self) -> str:
        """Kind of its event; `none` where it has none."""
        return self.event.kind if self.event else "none"


@dataclass(frozen=True)
class Process:
    """One process of a file: nodes and flows of all its levels, in the order of the file."""

    id: str
    name: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    documentation: str = ""
    starters: tuple[str, ...] = ()
    """`camunda:candidateStarterGroups`."""
    version_tag: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    """`owner`, `source`, `part`."""
    executable: bool = True
    lanes: tuple[str, ...] = ()

    @property
    def is_part(self) -> bool:
        """True when the process can only be called, never started."""
        return self.properties.get("part") == "true"

    @cached_property
    def _outgoing(self) -> Mapping[str, tuple[Flow, ...]]:
        found: dict[str, list[Flow]] = {}
        for flow in self.flows.values():
            found.setdefault(flow.source, []).append(flow)
        return {node: tuple(flows) for node, flows in found.items()}

    @cached_property
    def _incoming(self) -> Mapping[str, tuple[Flow, ...]]:
        found: dict[str, list[Flow]] = {}
        for flow in self.flows.values():
            found.setdefault(flow.target, []).append(flow)
        return {node: tuple(flows) for node, flows in found.items()}

    def outgoing(self, node: str) -> tuple[Flow, ...]:
        return self._outgoing.get(node, ())

    def incoming(self, node: str) -> tuple[Flow, ...]:
        return self._incoming.get(node, ())

    def inside(self, container: str | None) -> Iterator[Node]:
        """The nodes directly in a sub-process, or at the level of the process for None."""
        return (node for node in self.nodes.values() if node.container == container)

    def boundary(self, node: str) -> Iterator[Node]:
        """The boundary events attached to an activity."""
        return (each for each in self.nodes.values() if each.attached_to == node)


@dataclass(frozen=True)
class Definition:
    """A process with all that it needs to run: called processes and decision tables, by id."""

    process: Process
    called: Mapping[str, Process] = field(default_factory=dict)
    decisions: Mapping[str, object] = field(default_factory=dict)
    """Decision id -> `engine.core.decisions.Table`."""
    version: str = ""
    """Hash of the closure: BPMN, called processes, DMN, profile and texts."""

    @property
    def processes(self) -> tuple[Process, ...]:
        """The process itself, and all that it calls."""
        return (self.process, *self.called.values())

    def lookup(self, process: str) -> Process:
        """One of `processes` by its id. Raises `KeyError`."""
        return self.process if process == self.process.id else self.called[process]
