"""What one step has changed so far, collected for `Step` and for writing state by difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.task import Task

from engine.core.deliveries import (
    ArmedTimer,
    ClosedTask,
    Effect,
    Happening,
    OpenedTask,
    Problem,
    RedatedTask,
    Subscription,
    Thrown,
)


@dataclass
class Journal:
    """Work that both comes and goes within the step leaves no trace but its history."""

    opened: dict[str, OpenedTask] = field(default_factory=dict)
    closed: dict[str, ClosedTask] = field(default_factory=dict)
    redated: list[RedatedTask] = field(default_factory=list)
    refitted: list[OpenedTask] = field(default_factory=list)
    armed: dict[str, ArmedTimer] = field(default_factory=dict)
    disarmed: dict[str, None] = field(default_factory=dict)
    subscribed: dict[str, Subscription] = field(default_factory=dict)
    unsubscribed: dict[str, None] = field(default_factory=dict)
    thrown: list[Thrown] = field(default_factory=list)
    effects: dict[str, Effect] = field(default_factory=dict)
    history: list[Happening] = field(default_factory=list)
    problems: dict[str, Problem] = field(default_factory=dict)
    resolved: dict[str, None] = field(default_factory=dict)
    touched: dict[int, None] = field(default_factory=dict)
    """Tasks whose row must be written, in order."""
    scopes: dict[int, None] = field(default_factory=dict)
    """Hosts of scopes whose row must be written."""
    gone: dict[str, None] = field(default_factory=dict)
    """Rows that must be removed."""

    def tell(self, what: str, task: Task, details: Mapping[str, Any] | None = None, **changes: Any) -> None:
        """Add a history record about the element a token is at."""
        spec = task.task_spec
        record = {
            "element": spec.node.id,
            "element_kind": spec.node.kind,
            "name": spec.node.name,
            "task": str(task.id),
            "process": spec.process.id,
            "loop_counter": task.internal_data.get("loop"),
            "details": dict(details or {}),
        }
        self.history.append(Happening(what=what, **{**record, **changes}))

    def open(self, opened: OpenedTask) -> None:
        self.opened[opened.task] = opened

    def close(self, task: Task, how: str) -> None:
        key = str(task.id)
        if self.opened.pop(key, None) is None:
            self.closed[key] = ClosedTask(key, how)

    def arm(self, timer: ArmedTimer) -> None:
        self.armed[timer.task] = timer
        self.disarmed.pop(timer.task, None)

    def disarm(self, task: Task) -> None:
        key = str(task.id)
        if self.armed.pop(key, None) is None:
            self.disarmed[key] = None

    def subscribe(self, subscription: Subscription) -> None:
        self.subscribed[subscription.task] = subscription
        self.unsubscribed.pop(subscription.task, None)

    def unsubscribe(self, task: Task) -> None:
        key = str(task.id)
        if self.subscribed.pop(key, None) is None:
            self.unsubscribed[key] = None

    def fail(self, problem: Problem) -> None:
        self.problems[problem.task] = problem
        self.resolved.pop(problem.task, None)

    def resolve(self, task: Task) -> None:
        key = str(task.id)
        if self.problems.pop(key, None) is None:
            self.resolved[key] = None

    def touch(self, task: Task) -> None:
        self.touched[task.id] = None

    def forget(self, task: Task) -> None:
        self.touched.pop(task.id, None)
        self.effects.pop(str(task.id), None)
        self.gone[f"task:{task.id}"] = None

    def touch_scope(self, workflow: Any) -> None:
        if workflow.parent_task_id is not None:
            self.scopes[workflow.parent_task_id] = None

    def forget_scope(self, host: Task) -> None:
        self.scopes.pop(host.id, None)
        self.gone[f"scope:{host.id}"] = None
