"""SpiffWorkflow's workflow, with the habits taken away that cost time or go wrong in silence.

SpiffWorkflow keeps the tree of tasks, their states and the protocol between a task and its spec (update -> ready ->
run -> complete). Here nothing is predicted, nothing is polled and no iterator with a depth limit decides what may run:
a task exists from the moment a token reaches it until the token has moved on, and then it leaves the tree. So the live
state is as large as what is going on, however long the case has run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from engine.core.compiling import Net
    from engine.core.run import Run
    from engine.core.specs.element import Element

ROOT = "root"


class Token(Task):  # type: ignore[misc]
    """A task whose changes of state are not told to a log: SpiffWorkflow would collect the words, read or not."""

    def _set_state(self, value: int) -> None:
        self._state = value


class _Quiet:
    """What a whole case and a scope inside it have in common."""

    spec: Net
    live: int
    writes: dict[str, int]
    data: dict[str, Any]
    task_tree: Task

    def _plant(self, key: str) -> None:
        self.live = 0
        """Tokens in this scope; armed starts of event sub-processes do not count."""
        self.writes = {}
        """Variable -> the moment of its last write, in the case's own count of writes."""
        self.task_tree = Token(self, self.spec.start, state=TaskState.COMPLETED, id=key)

    def update_waiting_tasks(self) -> None:
        """Nothing is polled: what waits is told when its event comes."""

    def _task_completed_notify(self, task: Task) -> None:
        """The token moves on by `Element.leave`; a scope ends when its last token does."""

    def tokens(self) -> list[Task]:
        return [task for task in self.tasks.values() if task is not self.task_tree]  # type: ignore[attr-defined]


class Scope(_Quiet, BpmnSubWorkflow):  # type: ignore[misc]
    """A running sub-process, event sub-process or called process; `host` is the task it runs for."""

    def __init__(self, net: Net, host: Task, case: Case) -> None:
        super().__init__(net, parent_task_id=host.id, top_workflow=case, deserializing=True)
        self._plant(f"{ROOT}:{host.id}")

    @property
    def host(self) -> Task:
        return self.top_workflow.index[self.parent_task_id]


class Case(_Quiet, BpmnWorkflow):  # type: ignore[misc]
    """The live state of one case."""

    run: Run

    def __init__(self, nets: dict[str, Net], key: str) -> None:
        super().__init__(nets[key], subprocess_specs=nets, deserializing=True)
        self.index: dict[int, Task] = {}
        self.counter = 0
        self.moment = 0
        self.reached: dict[str, dict[str, int]] = {}
        self.outcome: str | None = None
        self._plant(ROOT)

    def get_task_from_id(self, task_id: int) -> Task:
        return self.index[task_id]

    def next_moment(self) -> int:
        self.moment += 1
        return self.moment

    def sprout(self, workflow: Any, spec: Element, parent: Task | None = None) -> Task:
        """A new task that a token has just reached."""
        self.counter += 1
        task = Token(workflow, spec, parent or workflow.task_tree, state=TaskState.FUTURE, id=self.counter)
        self.index[task.id] = task
        workflow.live += spec.counts
        return task

    def fell(self, task: Task) -> None:
        """Take a task out of the tree; its children must be gone or moved."""
        task.parent._children.remove(task.id)
        del task.workflow.tasks[task.id]
        del self.index[task.id]
        task.workflow.live -= task.task_spec.counts

    def lift(self, task: Task) -> None:
        """Hang a task directly under the root of its scope, so that it outlives its parent."""
        root = task.workflow.task_tree
        task.parent._children.remove(task.id)
        task.parent = root
        root._children.append(task.id)

    def open_scope(self, net: Net, host: Task) -> Scope:
        scope = Scope(net, host, self)
        self.subprocesses[host.id] = scope
        return scope

    def drop_scope(self, host: Task) -> None:
        del self.subprocesses[host.id]

    def scope_of(self, host: Task) -> Scope | None:
        return cast("Scope | None", self.subprocesses.get(host.id))

    def depth(self, workflow: Any) -> int:
        """How many scopes lie around this one."""
        return sum(1 for _ in self.around(workflow))

    def around(self, workflow: Any) -> Iterator[Task]:
        """The hosts of a scope, innermost first."""
        while workflow.parent_task_id is not None:
            host = self.index[workflow.parent_task_id]
            yield host
            workflow = host.workflow
