"""What can move a case, and what a move gives back: the whole language between `engine/core` and the moves.

A *task key* (`str`) names one open piece of work or one waiting event inside a case; it is stable from opening to
closing and never used again within the case. Variables are JSON values (`None`, bool, int, float, str, list, dict
with str keys); a date is the text `2026-04-14`, an instant the text `2026-04-14T08:00:00+02:00`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

Variables = Mapping[str, Any]

# What moves a case -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Begin:
    """Start the case at one of its start events."""

    variables: Variables = field(default_factory=dict)
    start_event: str | None = None
    """Element id; None takes the plain start event, or the only one there is."""


@dataclass(frozen=True)
class CompleteTask:
    """Someone, or a connector, has done an open task. `values` become variables."""

    task: str
    values: Variables = field(default_factory=dict)


@dataclass(frozen=True)
class EffectDone:
    """The effect that the case waits for has been applied; `values` are its outputs."""

    task: str
    values: Variables = field(default_factory=dict)


@dataclass(frozen=True)
class EffectFailed:
    """The effect that the case waits for could not be applied: the case gets a problem at that element."""

    task: str
    reason: str


@dataclass(frozen=True)
class FireTimers:
    """Fire every timer that is due at `context.now`."""

    tasks: tuple[str, ...] | None = None
    """Only those of these task keys; None for all: a timer that was passed over or moved on outside stays as it is."""


@dataclass(frozen=True)
class MoveTimer:
    """Someone gives a timer another moment, whatever the diagram says."""

    task: str
    due: datetime


@dataclass(frozen=True)
class ReceiveMessage:
    """A message for a waiting element. `task` picks one subscription; None gives it to all that match."""

    name: str
    key: str | None = None
    payload: Variables = field(default_factory=dict)
    task: str | None = None


@dataclass(frozen=True)
class ReceiveSignal:
    """A signal thrown by another case."""

    name: str
    payload: Variables = field(default_factory=dict)


@dataclass(frozen=True)
class AddInstance:
    """Add an instance to the running multi-instance that `task` belongs to; `element` is its collection element."""

    task: str
    element: Any


@dataclass(frozen=True)
class Reschedule:
    """Deadlines, people or the calendar have changed: compute due dates and timers anew."""


@dataclass(frozen=True)
class Refit:
    """The case stands on another version of its process: open work and waiting events become what that one says."""

    rearmed: tuple[str, ...] = ()
    """Keys of waiting events whose words have changed: when, or for what, they wait is worked out anew."""
    guards: tuple[tuple[str, str], ...] = ()
    """Task key of an activity, and a boundary event that it had not before."""
    listeners: tuple[tuple[str, str], ...] = ()
    """Task key of the activity around a scope (empty for the case), and a start of an event sub-process in it."""
    gone: tuple[str, ...] = ()
    """Keys of events that the case does not wait for any more."""


@dataclass(frozen=True)
class Retry:
    """Try again where a problem stopped the case. None retries every stopped place."""

    task: str | None = None


@dataclass(frozen=True)
class Cancel:
    """End the case now; everything open is closed as cancelled."""


Delivery = (
    Begin
    | CompleteTask
    | EffectDone
    | EffectFailed
    | FireTimers
    | MoveTimer
    | ReceiveMessage
    | ReceiveSignal
    | AddInstance
    | Reschedule
    | Refit
    | Retry
    | Cancel
)

# What a step is handed ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Context:
    """The world as this step sees it: values and functions, never fetched by the core itself."""

    now: datetime
    """The moment of the transaction, aware, in UTC."""
    timezone: str = "Europe/Stockholm"
    deadlines: Mapping[str, date] = field(default_factory=dict)
    """Named deadlines of the case: key -> day."""
    case: Variables = field(default_factory=dict)
    """`case.<key>` in expressions: `id`, `title`, `key`, `number`, `startedOn` ..."""
    region: Variables = field(default_factory=dict)
    """`region.<key>`: the region profile."""
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """`workday`, `roll_forward`, `roll_back`, `add_months`, `in_words`, `at`, `window`, `next_meeting`, `holders`,
    `name_of`.

    Dates go in and out as text."""


# What a step gives back --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenedTask:
    """A piece of work that now waits to be done from outside."""

    task: str
    element: str
    process: str
    """Id of the process the element stands in: the case's own, or a called one."""
    kind: str
    """`person` (task, userTask, manualTask), `connector` (service or send task with a connector's topic)."""
    name: str
    variables: Variables
    """What the element sees: for form defaults, visibility rules and connectors."""
    assignee: str | None = None
    candidates: tuple[str, ...] = ()
    """Roles with scope resolved: `lpoChair@LUNG`, `coordinator`."""
    due: date | None = None
    follow_up: date | None = None
    priority: int = 0
    topic: str | None = None
    inputs: Variables = field(default_factory=dict)
    """Values of `camunda:inputParameter`, for connectors."""
    properties: Variables = field(default_factory=dict)
    """The task's `camunda:property` values, `${...}` resolved: `reminder`, `escalation`, `contact`, `ifNothing` ..."""
    loop_counter: int | None = None
    """0-based instance number in a multi-instance."""
    multi_instance: str | None = None
    """Task key of the multi-instance that holds it."""
    element_value: Any = None


@dataclass(frozen=True)
class ClosedTask:
    """Work that no longer waits: `how` is `completed` or `cancelled`."""

    task: str
    how: str


@dataclass(frozen=True)
class RedatedTask:
    """An open task whose dates or candidates changed on `Reschedule`."""

    task: str
    due: date | None
    follow_up: date | None
    assignee: str | None
    candidates: tuple[str, ...]
    properties: Variables = field(default_factory=dict)


@dataclass(frozen=True)
class ArmedTimer:
    """A timer that waits (or waits again, or at another instant): replaces what stood for the same task key."""

    task: str
    element: str
    due: datetime
    """UTC. It may fire when `now >= due`."""


@dataclass(frozen=True)
class Subscription:
    """A message or signal that an element waits for."""

    task: str
    element: str
    name: str
    key: str | None = None
    broadcast: bool = False
    kind: str = "message"
    """`message` or `signal`."""


@dataclass(frozen=True)
class Thrown:
    """A message or signal that leaves the case."""

    kind: str
    """`message` or `signal`."""
    name: str
    element: str
    key: str | None = None
    payload: Variables = field(default_factory=dict)


@dataclass(frozen=True)
class Effect:
    """Something inside the product that an element asks for. The element waits for `EffectDone`."""

    task: str
    element: str
    name: str
    """`deadline.set`, `round.open`, `round.invite`, `case.start`, `case.link` ..."""
    inputs: Variables = field(default_factory=dict)


@dataclass(frozen=True)
class Happening:
    """One history record, in the order in which things happened."""

    what: str
    """`ready`, `completed`, `cancelled`, `fired`, `received`, `thrown`, `taken` (a flow), `decided`, `added`, `ended`,
    `problem`, `resolved`, `conflict` (a join found two values for one variable)."""
    element: str
    element_kind: str
    name: str
    task: str | None = None
    process: str = ""
    loop_counter: int | None = None
    details: Variables = field(default_factory=dict)
    """`values` written, `inputs`/`outputs`/`rules` of a decision, `variable`/`kept`/`lost` of a conflict ..."""


@dataclass(frozen=True)
class Problem:
    """Why the case stands still at an element: an incident."""

    task: str
    element: str
    process: str
    rule: str
    """`expression`, `decision`, `timer`, `no-flow`, `limit`, `effect`, `stall`, `error-uncaught`, or `stopped`."""
    message: str
    """Swedish, for people; may hold text from the diagram: escape it."""


@dataclass(frozen=True)
class Step:
    """The outcome of one step. All tuples hold what changed, not what is."""

    state: Any
    """Opaque to everyone but `engine.core.state`."""
    opened: tuple[OpenedTask, ...] = ()
    closed: tuple[ClosedTask, ...] = ()
    redated: tuple[RedatedTask, ...] = ()
    refitted: tuple[OpenedTask, ...] = ()
    """Open tasks as another version of the process has them."""
    armed: tuple[ArmedTimer, ...] = ()
    disarmed: tuple[str, ...] = ()
    subscribed: tuple[Subscription, ...] = ()
    unsubscribed: tuple[str, ...] = ()
    thrown: tuple[Thrown, ...] = ()
    effects: tuple[Effect, ...] = ()
    history: tuple[Happening, ...] = ()
    problems: tuple[Problem, ...] = ()
    resolved: tuple[str, ...] = ()
    """Task keys whose problem is gone."""
    variables: Variables = field(default_factory=dict)
    """The case's variables at the top level, as they stand after the step."""
    ended: bool = False
    outcome: str | None = None
