"""Activities with a diagram of their own inside: sub-processes, event sub-processes and called processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.core import variables
from engine.core.errors import LimitReached
from engine.core.model import Node
from engine.core.specs.activities import Activity
from engine.core.specs.events import listen

if TYPE_CHECKING:
    from engine.core.compiling import Net
    from engine.core.run import Run
    from engine.core.specs.multiple import MultiInstance

DEPTH = 20
"""How many scopes may lie within each other."""


class SubProcess(Activity):
    """A sub-process sees what lies around it; what its tokens wrote becomes the outer token's when it ends."""

    def __init__(self, net: Net, node: Node, inner: str, name: str | None, many: MultiInstance | None) -> None:
        super().__init__(net, node, name, many)
        self.inner = inner
        """Name of the net inside."""

    def prepare(self, task: Task, run: Run) -> Any:
        if run.case.depth(task.workflow) >= DEPTH:
            raise LimitReached(f"Delarna ligger mer än {DEPTH} nivåer djupt i varandra.")

    def open(self, task: Task, opening: Any, run: Run) -> bool:
        net = run.case.subprocess_specs[self.inner]
        scope = run.case.open_scope(net, task)
        scope.data = self.brought(task)
        try:
            listen(scope, run)
        except Exception:
            run.case.drop_scope(task)
            raise
        run.journal.touch_scope(scope)
        run.journal.tell("ready", task)
        task._set_state(TaskState.STARTED)
        run.sprout(scope, net.entry())
        return False

    def brought(self, task: Task) -> dict[str, Any]:
        """The variables a new scope starts with."""
        return {}

    def perform(self, task: Task, run: Run) -> bool:
        self.give(task, self.result(task, run), run)
        run.close_scope(task)
        return True

    def result(self, task: Task, run: Run) -> Mapping[str, Any]:
        scope = run.case.scope_of(task)
        assert scope is not None
        return scope.data


class CallActivity(SubProcess):
    """A called process gets and gives by name only (`camunda:in`, `camunda:out`): nothing else crosses the border."""

    isolated = True

    def locals(self, task: Task, run: Run) -> dict[str, Any]:
        return dict(task.internal_data.get("instance", {}))

    def prepare(self, task: Task, run: Run) -> Any:
        brought = {each.target: run.evaluate(task, each.expression) for each in self.node.inputs}
        super().prepare(task, run)
        task.internal_data["brought"] = brought

    def brought(self, task: Task) -> dict[str, Any]:
        values: dict[str, Any] = task.internal_data.pop("brought")
        return values

    def perform(self, task: Task, run: Run) -> bool:
        inside = self.result(task, run)
        variables.write(
            task, {each.target: run.session.evaluate(each.expression, inside) for each in self.node.outputs}
        )
        run.close_scope(task)
        return True
