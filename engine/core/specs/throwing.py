"""Events that are thrown: messages and signals leave the case, errors and escalations go up through its scopes.

An error goes to the nearest event that catches it, and takes the scope in between away; an escalation may go on beside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.core.deliveries import Thrown
from engine.core.errors import Uncaught
from engine.core.model import Node
from engine.core.specs.element import Element
from engine.core.specs.events import EventStart, Waiting, text_or_none

if TYPE_CHECKING:
    from engine.core.compiling import Net
    from engine.core.run import Run


class ThrowEvent(Element):
    """Throws a message or a signal, raises an escalation, or just marks a point that has been passed."""

    def perform(self, task: Task, run: Run) -> bool:
        throw(self.node, task, run)
        return True

    def tell_done(
        self, task: Task, run: Run, what: str = "completed", details: Mapping[str, Any] | None = None
    ) -> None:
        thrown = self.node.event is not None and self.node.event.kind in ("message", "signal", "escalation")
        super().tell_done(task, run, "thrown" if thrown else "completed", details)


class LinkThrow(Element):
    """Jumps to the catching link of the same name."""

    def __init__(self, net: Net, node: Node, target: str) -> None:
        super().__init__(net, node)
        self.target = target

    def leave(self, task: Task, run: Run) -> None:
        self.tell_done(task, run)
        run.sprout(task.workflow, task.workflow.spec.task_specs[self.target], giver=task)
        run.remove(task)


class EndEvent(Element):
    """A way in which the scope can end; sets the case's outcome at the top level."""

    def perform(self, task: Task, run: Run) -> bool:
        kind = self.node.trigger
        outcome = self.node.properties.get("outcome")
        task.internal_data["outcome"] = None if outcome is None else text_or_none(run.fill(task, outcome))
        if kind == "error":
            raise_error(self.node, task, run)
        elif kind in ("message", "signal", "escalation"):
            throw(self.node, task, run)
        return True

    def leave(self, task: Task, run: Run) -> None:
        outcome = task.internal_data["outcome"]
        if outcome is not None and task.workflow is run.case:
            run.case.outcome = outcome
        self.tell_done(task, run, details={"outcome": outcome} if outcome is not None else None)
        kind = self.node.trigger
        if kind == "error":
            return  # the catcher takes the whole scope away, this token with it
        if kind == "terminate":
            run.withdraw_all(task.workflow, but=task)
        run.move(task, ())


def throw(node: Node, task: Task, run: Run) -> None:
    """Send out what an element throws: messages and signals leave the case, escalations go up through it."""
    event = node.event
    if event is None or event.kind in ("none", "terminate"):
        return
    payload = {each.target: run.evaluate(task, each.expression) for each in node.inputs}
    if event.kind == "escalation":
        escalate(event.name, payload, task, run)
        return
    key = node.properties.get("correlationKey")
    thrown = Thrown(
        event.kind, event.name or "", node.id, None if key is None else text_or_none(run.fill(task, key)), payload
    )
    if event.kind == "signal":
        hear_signal(thrown.name, payload, run)
    run.journal.thrown.append(thrown)


def hear_signal(name: str, payload: Mapping[str, Any], run: Run) -> None:
    """Every event in the case that waits for the signal fires."""
    for task in list(run.case.index.values()):
        spec = task.task_spec
        if (
            isinstance(spec, Waiting)
            and spec.event.kind == "signal"
            and spec.event.name == name
            and task.state == TaskState.WAITING
        ):
            spec.fire(task, run, payload)


def raise_error(node: Node, task: Task, run: Run) -> None:
    """Give an error to the nearest event that catches it."""
    code = node.event.name if node.event else None
    catcher = next(_catchers("error", code, task, run), None)
    if catcher is None:
        raise Uncaught(code)
    catcher.task_spec.fire(catcher, run)


def escalate(code: str | None, payload: Mapping[str, Any], task: Task, run: Run) -> None:
    """Give an escalation to the nearest event that catches it; one that nobody catches is no fault."""
    catcher = next(_catchers("escalation", code, task, run), None)
    if catcher is not None:
        catcher.task_spec.fire(catcher, run, payload)


def _catchers(kind: str, code: str | None, task: Task, run: Run) -> Iterator[Task]:
    """Armed events that catch an error or escalation raised at a task, nearest first."""

    def catching(tasks: list[Task]) -> list[Task]:
        armed = [each for each in tasks if isinstance(each.task_spec, Waiting) and each.state == TaskState.WAITING]
        fitting = [
            each for each in armed if each.task_spec.event.kind == kind and each.task_spec.event.name in (None, code)
        ]
        return sorted(fitting, key=lambda each: each.task_spec.event.name is None)

    workflow = task.workflow
    while True:
        yield from catching([each for each in workflow.task_tree.children if isinstance(each.task_spec, EventStart)])
        if workflow.parent_task_id is None:
            return
        host = workflow.host
        yield from catching(host.children)
        if host.parent is not host.workflow.task_tree:
            yield from catching(host.parent.children)
        workflow = host.workflow
