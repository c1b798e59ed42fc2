"""Multi-instance activities: the same work once for each element, in parallel or one after the other.

Each instance is a task of its own under the multi-instance's task and sees its element, `loopCounter` and the counters.
What an instance writes stays its own until it is done; then it is the outer token's, the last one to finish winning.
With the property `outputCollection` the multi-instance also gathers what each instance wrote, in the order of the
elements, as a list of `{"loopCounter", <element variable>, ...}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.core import variables
from engine.core.errors import LimitReached, Stopped, WrongDelivery
from engine.core.model import Node
from engine.core.specs.activities import Activity
from engine.core.specs.gateways import holds

if TYPE_CHECKING:
    from engine.core.compiling import Net
    from engine.core.run import Run

INSTANCE = "[instance]"
"""Marks the spec of one instance."""
INSTANCES = 5_000
TOTAL, DONE, LEFT, GATHERED = "total", "done", "left", "gathered"


class MultiInstance(Activity):
    """The activity as a whole: it carries the boundary events and the counters."""

    def __init__(self, net: Net, node: Node) -> None:
        super().__init__(net, node)
        assert node.loop is not None
        self.loop = node.loop
        self.element_variable = node.loop.element_variable

    def locals(self, task: Task, run: Run) -> dict[str, Any]:
        return {}

    def prepare(self, task: Task, run: Run) -> list[Any]:
        elements = self._elements(task, run)
        if len(elements) > INSTANCES:
            raise LimitReached(f"”{self.node.name}” skulle göras {len(elements)} gånger; högst {INSTANCES} går.")
        return elements

    def _elements(self, task: Task, run: Run) -> list[Any]:
        if self.loop.collection is not None:
            found = run.evaluate(task, self.loop.collection)
            if found is None:
                return []
            if not isinstance(found, list):
                raise Stopped(f"Samlingen {self.loop.collection} i ”{self.node.name}” är inte en lista.")
            return found
        number = run.evaluate(task, self.loop.cardinality or "0")
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise Stopped(f"Antalet i ”{self.node.name}” är inte ett heltal från noll och uppåt.")
        if number > INSTANCES:
            raise LimitReached(f"”{self.node.name}” skulle göras {number} gånger; högst {INSTANCES} går.")
        return list(range(number))

    def open(self, task: Task, elements: list[Any], run: Run) -> bool:
        task.internal_data[TOTAL], task.internal_data[DONE] = len(elements), 0
        if not elements:
            self._finish(task, run)
            return True
        task._set_state(TaskState.STARTED)
        first, rest = (elements[:1], elements[1:]) if self.loop.sequential else (elements, [])
        if rest:
            task.internal_data[LEFT] = rest
        for number, element in enumerate(first):
            self._start(task, number, element, run)
        return False

    def _start(self, task: Task, number: int, element: Any, run: Run) -> None:
        instance = run.sprout(task.workflow, self._wf_spec.task_specs[f"{self.node.id}{INSTANCE}"], parent=task)
        instance.internal_data["loop"] = number
        given = {"loopCounter": number}
        if self.element_variable:
            given[self.element_variable] = element
        instance.internal_data["instance"] = given

    def counters(self, task: Task) -> Mapping[str, Any]:
        total, done = task.internal_data.get(TOTAL, 0), task.internal_data.get(DONE, 0)
        waiting = len(task.internal_data.get(LEFT, ()))
        return {
            "nrOfInstances": total,
            "nrOfCompletedInstances": done,
            "nrOfActiveInstances": total - done - waiting,
        }

    def gather(self, instance: Task, run: Run) -> None:
        """One instance is done."""
        task = instance.parent
        over = self._over(task, instance, run)
        task.internal_data[DONE] += 1
        self._keep(task, instance)
        for child in instance.children:
            run.withdraw(child)
        run.case.fell(instance)
        run.journal.forget(instance)
        run.journal.touch(task)
        left = task.internal_data.get(LEFT)
        if over or (not left and task.internal_data[DONE] == task.internal_data[TOTAL]):
            self._finish(task, run)
            run.ready(task)
        elif left:
            self._start(task, task.internal_data[DONE], left.pop(0), run)

    def _keep(self, task: Task, instance: Task) -> None:
        for name, moment in instance.internal_data.get(variables.WRITES, {}).items():
            task.data[name] = instance.data[name]
            task.internal_data.setdefault(variables.WRITES, {})[name] = moment
        if "outputCollection" in self.node.properties:
            row = {**instance.internal_data["instance"], **instance.data}
            task.internal_data.setdefault(GATHERED, []).append(row)

    def _over(self, task: Task, instance: Task, run: Run) -> bool:
        """Whether the completion condition holds, with this instance counted as done."""
        if self.loop.completion_condition is None:
            return False
        now = self.counters(task)
        counted = {
            "nrOfCompletedInstances": now["nrOfCompletedInstances"] + 1,
            "nrOfActiveInstances": now["nrOfActiveInstances"] - 1,
        }
        return holds(run.evaluate(instance, self.loop.completion_condition, counted))

    def _finish(self, task: Task, run: Run) -> None:
        for child in [each for each in task.children if getattr(each.task_spec, "many", None) is self]:
            run.withdraw(child)
        name = self.node.properties.get("outputCollection")
        if name is not None:
            rows = sorted(task.internal_data.pop(GATHERED, []), key=lambda row: row["loopCounter"])
            variables.write(task, {name: rows})

    def add(self, task: Task, element: Any, run: Run) -> None:
        """Add an instance while the others run: the join waits for it."""
        if task.internal_data[TOTAL] >= INSTANCES:
            raise WrongDelivery(f"”{self.node.name}” har redan {INSTANCES} deltagare.")
        number = task.internal_data[TOTAL]
        task.internal_data[TOTAL] += 1
        if self.loop.sequential:
            task.internal_data.setdefault(LEFT, []).append(element)
        else:
            self._start(task, number, element, run)
        run.journal.touch(task)
        run.journal.tell("added", task, {"element": element}, loop_counter=number)

    def tell_done(
        self, task: Task, run: Run, what: str = "completed", details: Mapping[str, Any] | None = None
    ) -> None:
        """Each instance has told of itself; the whole is counted by the flow that is taken."""

    def withdrawn(self, task: Task, run: Run) -> None:
        """The instances have told."""
