"""What all elements share: SpiffWorkflow's protocol between a task and its spec, said in BPMN's words.

A token *enters* an element (Spiff: update), the element *performs* (Spiff: run), and the token *leaves* (Spiff:
complete). `enter` and `perform` evaluate everything they need before they change anything, so that a failing expression
leaves the token where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.task import Task

from engine.core.model import Flow, Node, Process

if TYPE_CHECKING:
    from engine.core.compiling import Net
    from engine.core.run import Run


class Element(BpmnSpecMixin):  # type: ignore[misc]
    """An element of a diagram inside one scope."""

    counts = 1
    """How much a token here keeps its scope alive: 0 for what only listens."""
    isolated = False
    """True when the scope inside sees nothing of what lies around it."""
    waits_for_reach = False
    """True for joins that wait until no other token can come."""

    def __init__(self, net: Net, node: Node, name: str | None = None) -> None:
        super().__init__(net, name or node.id, bpmn_name=node.name, lane=node.lane, documentation=node.documentation)
        self.bpmn_id = node.id
        self.node = node
        self.process: Process = net.process

    # the protocol, as SpiffWorkflow calls it -----------------------------------------------------------------------

    def _predict(self, my_task: Task, *_: Any, **__: Any) -> None:
        """Nothing is predicted: a task exists when a token has reached it."""

    def test(self) -> None:
        """The diagram was checked when it was deployed."""

    def _update_hook(self, my_task: Task) -> bool:
        return self.enter(my_task, my_task.workflow.top_workflow.run)

    def _run(self, my_task: Task) -> bool:
        """Run without SpiffWorkflow's error state: a problem leaves the token as it was."""
        return self.perform(my_task, my_task.workflow.top_workflow.run)

    def _on_complete(self, my_task: Task) -> None:
        self.leave(my_task, my_task.workflow.top_workflow.run)

    # what elements say ---------------------------------------------------------------------------------------------

    def enter(self, task: Task, run: Run) -> bool:
        """A token has come. True: perform at once. False: something must happen first."""
        return True

    def perform(self, task: Task, run: Run) -> bool:
        """Do the element's own work. Always True: the token leaves next."""
        return True

    def leave(self, task: Task, run: Run) -> None:
        self.tell_done(task, run)
        run.move(task, self.exits(task, run))

    def exits(self, task: Task, run: Run) -> Iterable[Flow]:
        return self.process.outgoing(self.node.id)

    def tell_done(
        self, task: Task, run: Run, what: str = "completed", details: Mapping[str, Any] | None = None
    ) -> None:
        run.count(self.process.id, self.node.id)
        run.journal.tell(what, task, details)

    def withdrawn(self, task: Task, run: Run) -> None:
        """The token is being cancelled."""

    def counters(self, task: Task) -> Mapping[str, Any]:
        """Variables that the element itself provides, such as `nrOfInstances`."""
        return {}
