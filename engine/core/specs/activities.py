"""Activities: work that people, connectors, tables and scripts do, one at a time.

An activity that waits is opened once, with its people, dates and texts worked out, and its boundary events are
armed with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.core import decisions, timing, variables
from engine.core.deliveries import Effect, OpenedTask, RedatedTask
from engine.core.errors import Stopped
from engine.core.model import Node
from engine.core.specs.element import Element
from engine.core.specs.events import BoundaryEvent, Waiting
from engine.core.specs.throwing import throw

if TYPE_CHECKING:
    from engine.core.compiling import Net
    from engine.core.run import Run
    from engine.core.specs.multiple import MultiInstance

LEAVING = "[leaving]"
"""Marks the spec that chooses among conditional flows out of an activity."""
SET_DEADLINES = "deadline.set"
"""The effect that keeps named days."""
DEADLINE = "deadline."
PRIORITY = re.compile(r"-?\d{1,9}", re.ASCII)
"""What every database has room for."""


class Activity(Element):
    """Work with boundary events around it and flows out of it."""

    def __init__(self, net: Net, node: Node, name: str | None = None, many: MultiInstance | None = None) -> None:
        super().__init__(net, node, name)
        self.many = many
        """The multi-instance whose instance this is."""

    def enter(self, task: Task, run: Run) -> bool:
        task.internal_data[variables.LOCALS] = self.locals(task, run)
        opening = self.prepare(task, run)
        guards = [] if self.many or task.children else [(spec, spec.prepare(task, run)) for spec in self.guards()]
        for spec, arming in guards:
            spec.arm(run.case.sprout(task.workflow, spec, task), arming, run)
        return self.open(task, opening, run)

    def guards(self) -> list[Waiting]:
        specs = [self._wf_spec.task_specs[node.id] for node in self.process.boundary(self.node.id)]
        return [spec for spec in specs if isinstance(spec, BoundaryEvent)]

    def locals(self, task: Task, run: Run) -> dict[str, Any]:
        """`camunda:inputParameter`: variables that only this activity sees."""
        given = dict(task.internal_data.get("instance", {}))
        for each in self.node.inputs:
            given[each.target] = run.evaluate(task, each.expression, given)
        return given

    def prepare(self, task: Task, run: Run) -> Any:
        """Evaluate what opening needs."""

    def open(self, task: Task, opening: Any, run: Run) -> bool:
        """Begin the work with what `prepare` found. True: it is done by performing."""
        return True

    def hold(self, task: Task, run: Run) -> bool:
        """Wait for someone outside."""
        task.internal_data["held"] = True
        return True

    def give(self, task: Task, values: Mapping[str, Any], run: Run) -> None:
        """Make values the activity's result: by its `camunda:outputParameter` where it has any, else all of them."""
        if self.node.outputs:
            values = {each.target: run.evaluate(task, each.expression, values) for each in self.node.outputs}
        variables.write(task, values)

    def leave(self, task: Task, run: Run) -> None:
        if not task.internal_data.get("told"):
            self.tell_done(task, run)
            task.internal_data["told"] = True
        if self.many is not None:
            self.many.gather(task, run)
            return
        choosing = self._wf_spec.task_specs.get(f"{self.node.id}{LEAVING}")
        if choosing is None:
            run.move(task, self.exits(task, run))
        else:
            run.sprout(task.workflow, choosing, giver=task)
            run.remove(task)

    def withdrawn(self, task: Task, run: Run) -> None:
        if task.state in (TaskState.READY, TaskState.STARTED) and not task.internal_data.get("told"):
            run.journal.tell("cancelled", task)


class Held(Activity):
    """Work that waits for `CompleteTask`: a person's, or a connector's with its manual form."""

    kind = "person"

    def prepare(self, task: Task, run: Run) -> OpenedTask:
        one = asked_instance(task)
        return OpenedTask(
            task=str(task.id),
            element=self.node.id,
            process=self.process.id,
            kind=self.kind,
            name=self.node.name,
            variables=variables.view(task),
            topic=self.node.topic,
            inputs=task.internal_data[variables.LOCALS],
            loop_counter=task.internal_data.get("loop"),
            multi_instance=None if one is None else str(one.parent.id),
            element_value=None if one is None else _element(one),
            priority=self.priority(task, run),
            **self.arrangements(task, run),
        )

    def arrangements(self, task: Task, run: Run) -> dict[str, Any]:
        """Who and when, and the texts that depend on them: what `Reschedule` works out anew."""
        attributes = self.node.attributes
        return {
            "assignee": _person(run.fill(task, attributes.get("assignee", ""))),
            "candidates": run.roles(task, attributes.get("candidateGroups", "")),
            "due": self._day(task, "dueDate", run),
            "follow_up": self._day(task, "followUpDate", run),
            "properties": {name: run.fill(task, text) for name, text in self.node.properties.items()},
        }

    def _day(self, task: Task, attribute: str, run: Run) -> date | None:
        text = self.node.attributes.get(attribute)
        return timing.day(run.fill(task, text), run.context.timezone) if text else None

    def priority(self, task: Task, run: Run) -> int:
        """The number that the diagram gives; 0 for anything else."""
        value = str(run.fill(task, self.node.attributes.get("priority", "0")))
        return int(value) if PRIORITY.fullmatch(value) else 0

    def open(self, task: Task, opening: OpenedTask, run: Run) -> bool:
        run.journal.open(opening)
        run.journal.tell("ready", task)
        return self.hold(task, run)

    def redate(self, task: Task, run: Run) -> None:
        found = self.arrangements(task, run)
        run.journal.redated.append(RedatedTask(task=str(task.id), **found))

    def refit(self, task: Task, run: Run) -> None:
        """Another version of the process says what the open work is; what it sees beside variables is read anew."""
        task.internal_data.pop(variables.LOCALS, None)
        task.internal_data[variables.LOCALS] = self.locals(task, run)
        run.journal.refitted.append(self.prepare(task, run))
        run.journal.touch(task)

    def complete(self, task: Task, values: Mapping[str, Any], run: Run) -> None:
        """Someone is done: that much is certain, whatever follows."""
        task.internal_data["values"] = dict(values)
        task.internal_data["told"] = True
        run.journal.close(task, "completed")
        self.tell_done(task, run, details={"values": dict(values)})
        run.ready(task)

    def perform(self, task: Task, run: Run) -> bool:
        self.give(task, task.internal_data.get("values", {}), run)
        return True

    def withdrawn(self, task: Task, run: Run) -> None:
        super().withdrawn(task, run)
        if task.internal_data.get("held"):
            run.journal.close(task, "cancelled")


class PersonTask(Held):
    """A user task; a plain task and a manual task wait for a person too."""


class ConnectorTask(Held):
    """A service or send task whose topic names a connector: something outside the product."""

    kind = "connector"


class EffectTask(Activity):
    """A service task whose topic names an effect: something inside the product, applied before the token goes on."""

    def prepare(self, task: Task, run: Run) -> Effect:
        given, topic = task.internal_data[variables.LOCALS], self.node.topic or ""
        if topic == SET_DEADLINES:
            seen = variables.view(task)
            given = {variables.own_key(key, seen): day for key, day in given.items()}
        return Effect(str(task.id), self.node.id, topic, given)

    def open(self, task: Task, opening: Effect, run: Run) -> bool:
        run.journal.effects[opening.task] = opening
        return self.hold(task, run)

    def perform(self, task: Task, run: Run) -> bool:
        self.give(task, task.internal_data.get("values", {}), run)
        return True


class ScriptTask(Activity):
    """Assignments in the one language; the names they assign become variables."""

    def perform(self, task: Task, run: Run) -> bool:
        self.give(task, run.session.run(self.node.script or "", variables.view(task)), run)
        return True


class DecisionTask(Activity):
    """A decision table; may set named deadlines from its result, as an effect that comes before the flow out."""

    def prepare(self, task: Task, run: Run) -> Any:
        table = run.case.spec.definition.decisions.get(self.node.attributes["decisionRef"])
        if not isinstance(table, decisions.Table):
            raise Stopped(f"Beslutstabellen {self.node.attributes['decisionRef']} finns inte i den här versionen.")
        decision = decisions.decide(table, variables.view(task), run.session)
        result = decision.mapped(self.node.attributes.get("mapDecisionResult"))
        name = self.node.attributes.get("resultVariable")
        values = {name: result} if name else _spread(result)
        return decision, values, self._deadlines(task, values, run)

    def _deadlines(self, task: Task, values: Mapping[str, Any], run: Run) -> dict[str, Any]:
        named = {name: text for name, text in self.node.properties.items() if name.startswith(DEADLINE)}
        seen = variables.view(task)
        return {
            variables.own_key(name.removeprefix(DEADLINE), seen): run.fill(task, text, values)
            for name, text in named.items()
        }

    def open(self, task: Task, opening: Any, run: Run) -> bool:
        decision, values, deadlines = opening
        self.give(task, values, run)
        details = {"inputs": decision.inputs, "outputs": decision.outputs, "rules": list(decision.rules)}
        run.journal.tell("decided", task, {"decision": self.node.attributes["decisionRef"], **details})
        if not deadlines:
            return True
        run.journal.effects[str(task.id)] = Effect(str(task.id), self.node.id, SET_DEADLINES, deadlines)
        return self.hold(task, run)


def asked_instance(task: Task) -> Task | None:
    """The instance of a multi-instance that this is; or that it lies in, where each instance is a part that asks one
    person or role. None for what is done once.
    """
    if _is_instance(task):
        return task
    host = _host(task)
    while host is not None and not _is_instance(host):
        host = _host(host)
    return host if host is not None and _is_respondent(_element(host)) else None


def _is_instance(task: Task) -> bool:
    return getattr(task.task_spec, "many", None) is not None


def _host(task: Task) -> Task | None:
    """The task of the call or sub-process that a task lies in."""
    workflow = task.workflow
    return None if workflow.parent_task_id is None else workflow.host


def _element(instance: Task) -> Any:
    given = instance.internal_data.get("instance") or {}
    return given.get(instance.task_spec.many.element_variable)


def _is_respondent(element: Any) -> bool:
    """A picker's answer: rows of other kinds are not asked, and nobody sends them on."""
    return isinstance(element, Mapping) and set(element) == {"person", "group"}


def _spread(result: Any) -> Mapping[str, Any]:
    """A result without a variable of its own gives each output its name."""
    return result if isinstance(result, Mapping) else {}


def _person(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


class ReceiveTask(Waiting, Activity):
    """Waits for a message, and may be guarded like any activity."""

    def open(self, task: Task, opening: Any, run: Run) -> bool:
        self.arm(task, opening, run)
        run.journal.tell("ready", task)
        return False


class SendTask(Activity):
    """Throws a message, as a throwing event does."""

    def perform(self, task: Task, run: Run) -> bool:
        throw(self.node, task, run)
        return True
