"""Gateways: tokens counted by flow, as the standard has it.

SpiffWorkflow joins by looking for completed parents in its tree, and merges data deeply: wrong in loops and for lists.
Here a join holds one waiting task for each token that has come, knows by which flow it came, and fires when every flow
has one (parallel) or when no more can come (inclusive). Surplus tokens wait for the next round.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.core import variables
from engine.core.errors import NoWayOut
from engine.core.model import Flow
from engine.core.specs.element import Element

if TYPE_CHECKING:
    from engine.core.run import Run

EXITS = "exits"


def holds(value: object) -> bool:
    """A condition holds when its value is true: 0, empty text and None are not."""
    return bool(value)


class Choosing(Element, ABC):
    """An element that picks its flows while it performs, and takes them when it leaves."""

    def perform(self, task: Task, run: Run) -> bool:
        task.internal_data[EXITS] = [flow.id for flow in self.choose(task, run)]
        return True

    def exits(self, task: Task, run: Run) -> Iterable[Flow]:
        return [self.process.flows[flow] for flow in task.internal_data[EXITS]]

    @abstractmethod
    def choose(self, task: Task, run: Run) -> list[Flow]:
        """The flows to take, from what the task sees."""

    def _default(self) -> list[Flow]:
        if self.node.default is None:
            raise NoWayOut(self.node.name or self.node.id)
        return [self.process.flows[self.node.default]]


class ExclusiveGateway(Choosing):
    """The first flow whose condition holds; the default when none does. Merging passes every token on."""

    def choose(self, task: Task, run: Run) -> list[Flow]:
        flows = self.process.outgoing(self.node.id)
        for flow in flows:
            if flow.id == self.node.default:
                continue
            if flow.condition is None or holds(run.evaluate(task, flow.condition)):
                return [flow]
        return self._default() if flows else []


class Splitting(Choosing):
    """Every flow whose condition holds, and every flow without one; the default when no condition does."""

    def choose(self, task: Task, run: Run) -> list[Flow]:
        flows = self.process.outgoing(self.node.id)
        taken = [flow for flow in flows if flow.id != self.node.default and self._goes(flow, task, run)]
        return taken if taken or not flows else self._default()

    def _goes(self, flow: Flow, task: Task, run: Run) -> bool:
        return flow.condition is None or holds(run.evaluate(task, flow.condition))


class FlowsOut(Splitting):
    """The ways out of an activity that has conditions or a default on them: an inclusive split nobody has drawn."""

    def tell_done(self, task: Task, run: Run, what: str = "completed", details: object = None) -> None:
        """The activity has told already."""


class Joining(Element, ABC):
    """A gateway where tokens wait for each other."""

    def enter(self, task: Task, run: Run) -> bool:
        task._set_state(TaskState.WAITING)
        self.arrived(task, run)
        return False

    @abstractmethod
    def arrived(self, task: Task, run: Run) -> None:
        """A token has come: wait for more, or go on."""

    def waiting(self, task: Task) -> list[Task]:
        """The tokens that wait here in the same scope, oldest first."""
        return [each for each in task.workflow.tokens() if each.task_spec is self and each.state == TaskState.WAITING]

    def merge_into(self, task: Task, others: list[Task], run: Run) -> None:
        """One token goes on with what all of them carry."""
        for conflict in variables.meet(task, others):
            run.journal.tell("conflict", task, conflict)
        for other in others:
            run.case.fell(other)
            run.journal.forget(other)
        run.ready(task)


class ParallelGateway(Joining):
    """One token from each incoming flow; then one on each outgoing."""

    def enter(self, task: Task, run: Run) -> bool:
        if len(self.process.incoming(self.node.id)) <= 1:
            return True
        return super().enter(task, run)

    def arrived(self, task: Task, run: Run) -> None:
        first: dict[str, Task] = {}
        for each in self.waiting(task):
            first.setdefault(each.internal_data["came"], each)
        if len(first) == len(self.process.incoming(self.node.id)):
            first.pop(task.internal_data["came"])
            self.merge_into(task, list(first.values()), run)


class InclusiveGateway(Splitting, Joining):
    """Waits while a token elsewhere can still reach a flow that none has come by; then splits by conditions."""

    waits_for_reach = True

    def enter(self, task: Task, run: Run) -> bool:
        if len(self.process.incoming(self.node.id)) <= 1:
            return True
        return Joining.enter(self, task, run)

    def arrived(self, task: Task, run: Run) -> None:
        """Whether others can come is asked when nothing else moves."""

    def nobody_comes(self, task: Task) -> bool:
        here = self.waiting(task)
        come = {each.internal_data["came"] for each in here}
        empty = [flow for flow in self.process.incoming(self.node.id) if flow.id not in come]
        elsewhere = [each for each in task.workflow.task_tree.children if each not in here and each.task_spec.counts]
        reachable = task.workflow.spec.reachable
        return not any(
            flow.source in reachable(each.task_spec.node.id, self.node.id) for each in elsewhere for flow in empty
        )

    def merge(self, task: Task, run: Run) -> None:
        first: dict[str, Task] = {}
        for each in self.waiting(task):
            first.setdefault(each.internal_data["came"], each)
        first.pop(task.internal_data["came"], None)
        self.merge_into(task, [each for each in first.values() if each is not task], run)
