"""Events that wait: what starts, what interrupts, and where a token stands until something comes.

A waiting event is *armed* once, with its due instant or its message key worked out; the outside then only has to
compare. A boundary event is a child of the activity it guards; the start of an event sub-process listens in the scope
that holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.core import timing, variables
from engine.core.deliveries import ArmedTimer, Subscription
from engine.core.errors import Stopped
from engine.core.model import Event, Node
from engine.core.specs.element import Element

if TYPE_CHECKING:
    from engine.core.compiling import Net
    from engine.core.run import Run

AFTER_GATEWAY = "[chosen]"
"""Marks the spec of an event that hangs under an event-based gateway."""
TOLD = {"timer": "fired", "signal": "fired", "error": "fired", "escalation": "fired", "message": "received"}


@dataclass(frozen=True)
class Arming:
    """What a waiting event waits for, worked out but not yet in force."""

    due: datetime | None = None
    left: int | None = None
    """How many times a cycle comes after `due`; None is without end."""
    anchor: datetime | None = None
    """The first occurrence of a cycle, from which the others are counted."""
    key: str | None = None


class Waiting(Element):
    """An event that waits for something from outside its own token."""

    @property
    def event(self) -> Event:
        assert self.node.event is not None
        return self.node.event

    def prepare(self, task: Task, run: Run) -> Arming:
        """Work out when or by which key this event fires; `task` lends its view."""
        if self.event.timer is not None:
            due, left = timing.first(self.event.timer, task, run)
            return Arming(due=due, left=left, anchor=due)
        key = self.node.properties.get("correlationKey")
        if self.event.kind == "message" and key is not None:
            return Arming(key=self._key(task, key, run))
        return Arming()

    def _key(self, task: Task, written: str, run: Run) -> str:
        key = text_or_none(run.fill(task, written))
        if not key:  # without one, any message of the name would do
            raise Stopped(f"”{self.node.name or self.node.id}” väntar på ett meddelande, men nyckeln {written} är tom.")
        return key

    def arm(self, task: Task, arming: Arming, run: Run) -> None:
        """Put the event in force on its task."""
        task._set_state(TaskState.WAITING)
        run.journal.touch(task)
        if arming.due is not None and arming.anchor is not None:
            task.internal_data.update(left=arming.left, anchor=arming.anchor.isoformat())
            self.set_due(task, arming.due, run)
        if self.event.kind == "message":
            task.internal_data["key"] = arming.key
            broadcast = self.node.properties.get("broadcast") == "true"
            run.journal.subscribe(
                Subscription(str(task.id), self.node.id, self.event.name or "", arming.key, broadcast)
            )
        elif self.event.kind == "signal":
            run.journal.subscribe(Subscription(str(task.id), self.node.id, self.event.name or "", kind="signal"))

    def arm_anew(self, task: Task, run: Run) -> None:
        """What the event waits for is said otherwise now."""
        arming = self.prepare(task, run)
        self._stand_down(task, run)
        self.arm(task, arming, run)

    def set_due(self, task: Task, due: datetime, run: Run) -> None:
        task.internal_data["due"] = due.isoformat()
        run.journal.touch(task)
        run.journal.arm(ArmedTimer(str(task.id), self.node.id, due))

    def fire(self, task: Task, run: Run, payload: Mapping[str, Any] | None = None) -> None:
        """What was waited for has come."""
        if payload:
            task.internal_data["payload"] = dict(payload)
        self._stand_down(task, run)
        run.ready(task, first=True)

    def perform(self, task: Task, run: Run) -> bool:
        payload = task.internal_data.get("payload", {})
        if self.node.outputs:
            payload = {each.target: run.evaluate(task, each.expression, payload) for each in self.node.outputs}
        variables.write(task, payload)
        return True

    def tell_done(
        self, task: Task, run: Run, what: str = "completed", details: Mapping[str, Any] | None = None
    ) -> None:
        payload = task.internal_data.get("payload")
        super().tell_done(task, run, TOLD[self.event.kind], {"values": payload} if payload else details)

    def withdrawn(self, task: Task, run: Run) -> None:
        if task.state == TaskState.WAITING:
            self._stand_down(task, run)

    def _stand_down(self, task: Task, run: Run) -> None:
        if "due" in task.internal_data:
            task.internal_data["fired"] = task.internal_data.pop("due")
            run.journal.disarm(task)
        if self.event.kind in ("message", "signal"):
            run.journal.unsubscribe(task)

    def arm_again(self, task: Task, parent: Task, run: Run) -> None:
        """A listener that does not interrupt goes on listening, as long as its kind can come again."""
        arming = self._next_arming(task, run)
        if arming is not None:
            self.arm(run.case.sprout(task.workflow, self, parent), arming, run)

    def _next_arming(self, task: Task, run: Run) -> Arming | None:
        if self.event.timer is None:
            return Arming(key=task.internal_data.get("key"))
        coming = timing.again(self.event.timer, task, run)
        if coming is None:
            return None
        return Arming(due=coming[0], left=coming[1], anchor=datetime.fromisoformat(task.internal_data["anchor"]))


class CatchEvent(Waiting):
    """An intermediate catch event or a receive task without boundary events: the token itself waits."""

    def enter(self, task: Task, run: Run) -> bool:
        self.arm(task, self.prepare(task, run), run)
        run.journal.tell("ready", task)
        return False


class BoundaryEvent(Waiting):
    """Guards the activity that is its task's parent."""

    def perform(self, task: Task, run: Run) -> bool:
        variables.hand_on(task.parent, task)
        variables.take_from_inside(task.parent, task)
        return super().perform(task, run)

    def leave(self, task: Task, run: Run) -> None:
        host = task.parent
        self.tell_done(task, run)
        run.case.lift(task)
        if self.node.interrupting:
            run.withdraw(host)
        else:
            variables.fork(task)
            self.arm_again(task, host, run)
        run.move(task, self.exits(task, run))


class EventStart(Waiting):
    """The start of an event sub-process, listening in the scope around it.

    While it listens it keeps no scope alive; once it has fired the scope must wait for what it opens.
    """

    counts = 0

    def __init__(self, net: Net, node: Node, opens: Node) -> None:
        super().__init__(net, node)
        self.opens = opens

    def fire(self, task: Task, run: Run, payload: Mapping[str, Any] | None = None) -> None:
        super().fire(task, run, payload)
        task.internal_data["counted"] = True
        task.workflow.live += 1

    def leave(self, task: Task, run: Run) -> None:
        workflow = task.workflow
        self.tell_done(task, run)
        host = run.sprout(workflow, workflow.spec.task_specs[self.opens.id], giver=task)
        if self.node.interrupting:
            for each in [each for each in workflow.task_tree.children if each not in (task, host)]:
                run.withdraw(each)
        else:
            variables.fork(host)
            self.arm_again(task, workflow.task_tree, run)
        self._uncount(task)
        run.remove(task)

    def withdrawn(self, task: Task, run: Run) -> None:
        super().withdrawn(task, run)
        self._uncount(task)

    def _uncount(self, task: Task) -> None:
        if task.internal_data.pop("counted", False):
            task.workflow.live -= 1


def listen(workflow: Any, run: Run) -> None:
    """Arm the starts of a scope's event sub-processes: all of them, or none when one cannot be worked out."""
    starts = [spec for spec in workflow.spec.task_specs.values() if isinstance(spec, EventStart)]
    armings = [(spec, spec.prepare(workflow.task_tree, run)) for spec in starts]
    for spec, arming in armings:
        spec.arm(run.case.sprout(workflow, spec), arming, run)


class StartEvent(Element):
    """The start of a process or of a sub-process; what it waited for has already happened."""

    def enter(self, task: Task, run: Run) -> bool:
        """The case begins to listen as it begins; a scope inside does so as it is opened."""
        if task.workflow is run.case:
            listen(run.case, run)
        return True

    def tell_done(
        self, task: Task, run: Run, what: str = "completed", details: Mapping[str, Any] | None = None
    ) -> None:
        values = task.internal_data.get("values")
        super().tell_done(task, run, what, {"values": values} if values else None)


class Opening(Element):
    """The same start event seen from inside its event sub-process: `EventStart` has told of it."""

    def tell_done(
        self, task: Task, run: Run, what: str = "completed", details: Mapping[str, Any] | None = None
    ) -> None:
        """Nothing to tell twice."""


class EventBasedGateway(Element):
    """Waits for the first of the events that follow it. They are its task's children, each with a timer of its own."""

    def enter(self, task: Task, run: Run) -> bool:
        flows = self.process.outgoing(self.node.id)
        specs: list[ChosenEvent] = [self._wf_spec.task_specs[f"{flow.target}{AFTER_GATEWAY}"] for flow in flows]
        armings = [spec.prepare(task, run) for spec in specs]
        for spec, arming, flow in zip(specs, armings, flows, strict=True):
            child = run.case.sprout(task.workflow, spec, task)
            child.internal_data["came"] = flow.id
            spec.arm(child, arming, run)
        task._set_state(TaskState.STARTED)
        return False


class ChosenEvent(Waiting):
    """An event that hangs under an event-based gateway: when it fires, the gateway is decided for it."""

    def perform(self, task: Task, run: Run) -> bool:
        variables.hand_on(task.parent, task)
        return super().perform(task, run)

    def leave(self, task: Task, run: Run) -> None:
        gateway, flow = task.parent, self.process.flows[task.internal_data["came"]]
        gateway.task_spec.tell_done(gateway, run)
        run.tell_taken(gateway, flow)
        self.tell_done(task, run)
        run.case.lift(task)
        run.withdraw(gateway)
        run.move(task, self.exits(task, run))


def text_or_none(value: Any) -> str | None:
    """A value as a key or an outcome; None stays None."""
    return None if value is None else str(value)
