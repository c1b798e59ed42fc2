"""One step at work: the tokens that are on the move, and the few ways in which they move.

Tokens run one at a time, fired events first, each in the order in which it came. An element evaluates before it changes
anything; when it cannot go on its token stays where it was, marked with a problem, and the others go on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.core import variables
from engine.core.decisions import DecisionError
from engine.core.deliveries import Context, Problem
from engine.core.errors import LimitReached, Stopped
from engine.core.expressions import ExpressionError, Session
from engine.core.journal import Journal
from engine.core.model import Flow
from engine.core.workflow import Case

if TYPE_CHECKING:
    from engine.core.specs.element import Element
    from engine.core.specs.gateways import InclusiveGateway

MOVES_PER_STEP = 20_000
"""A loop without a waiting step stops here with a problem instead of running for ever."""
TASKS_PER_CASE = 10_000
PROBLEM = "problem"
STOPS = (Stopped, ExpressionError, DecisionError)
"""What goes wrong in an element stops its token, by the error's `rule`, and nothing else."""


class Run:
    """What the elements of a case use while a step runs."""

    def __init__(self, case: Case, context: Context, session: Session) -> None:
        self.case = case
        self.context = context
        self.session = session
        self.journal = Journal()
        self.queue: deque[Task] = deque()
        self.moves = 0
        case.run = self

    # evaluating ----------------------------------------------------------------------------------------------------

    def evaluate(self, task: Task, expression: str, extra: Mapping[str, Any] | None = None) -> Any:
        return self.session.evaluate(expression, {**variables.view(task), **(extra or {})})

    def fill(self, task: Task, text: str, extra: Mapping[str, Any] | None = None) -> Any:
        """The value of a text that may hold `${...}`: as it is, one expression, or filled in."""
        return self.session.fill(text, {**variables.view(task), **(extra or {})}) if "${" in text else text

    def roles(self, task: Task, text: str) -> tuple[str, ...]:
        """The roles that a text names: see `Session.roles`. Plain names need nothing of what the element sees."""
        return self.session.roles(text, variables.view(task) if "{" in text else {})

    # running -------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Run until nothing moves by itself."""
        while True:
            while self.queue:
                self._advance(self.queue.popleft())
            if not self._open_joins():
                return

    def _advance(self, task: Task) -> None:
        if task.id not in self.case.index:
            return
        try:
            self._go_on(task)
        except STOPS as stop:
            self.stop(task, stop.rule, str(stop))
        if task.id in self.case.index:
            self.journal.touch(task)

    def _go_on(self, task: Task) -> None:
        self._count_move()
        if task.state == TaskState.FUTURE:
            task.task_spec._update(task)
        if task.state == TaskState.COMPLETED:
            task.task_spec._on_complete(task)  # it could not leave last time
        elif task.id in self.case.index and self.may_run(task):
            task.run()

    @staticmethod
    def may_run(task: Task) -> bool:
        return bool(task.state == TaskState.READY and not task.internal_data.get("held"))

    def _count_move(self) -> None:
        self.moves += 1
        if self.moves > MOVES_PER_STEP:
            raise LimitReached(
                f"Ärendet tog mer än {MOVES_PER_STEP} steg utan att vänta på någon. Se efter om det går i ring."
            )
        if len(self.case.index) > TASKS_PER_CASE:
            raise LimitReached(f"Ärendet har fler än {TASKS_PER_CASE} samtidiga delar.")

    def _open_joins(self) -> bool:
        """Let inclusive joins go that no token can reach any more."""
        waiting = [
            task
            for task in self.case.index.values()
            if task.task_spec.waits_for_reach and task.state == TaskState.WAITING
        ]
        for task in waiting:
            spec: InclusiveGateway = task.task_spec
            if spec.nobody_comes(task):
                spec.merge(task, self)
                return True
        return False

    # moving tokens -------------------------------------------------------------------------------------------------

    def sprout(self, workflow: Any, spec: Element, giver: Task | None = None, parent: Task | None = None) -> Task:
        """A token reaches an element."""
        task = self.case.sprout(workflow, spec, parent)
        if giver is not None:
            variables.hand_on(giver, task)
        self.queue.append(task)
        self.journal.touch(task)
        return task

    def move(self, task: Task, flows: Iterable[Flow]) -> None:
        """The token leaves its element along flows; without any it ends here."""
        flows = tuple(flows)
        workflow = task.workflow
        if len(flows) > 1:
            variables.fork(task)
        for flow in flows:
            self.take(task, flow)
        if not flows:
            variables.settle(task)
            self.journal.touch_scope(workflow)
        self.remove(task)

    def take(self, task: Task, flow: Flow) -> None:
        self.tell_taken(task, flow)
        child = self.sprout(task.workflow, task.workflow.spec.task_specs[flow.target], giver=task)
        child.internal_data["came"] = flow.id

    def tell_taken(self, task: Task, flow: Flow) -> None:
        self.count(task.task_spec.process.id, flow.id)
        self.journal.tell("taken", task, element=flow.id, element_kind="sequenceFlow", name=flow.name)

    def count(self, process: str, element: str) -> None:
        """Elements reached are kept beside the state: the tree itself forgets."""
        counts = self.case.reached.setdefault(process, {})
        counts[element] = counts.get(element, 0) + 1

    def ready(self, task: Task, *, first: bool = False) -> None:
        """Let a waiting task run: an event has come, a scope has ended, a person is done."""
        self.relieve(task)
        task.internal_data.pop("held", None)
        task._set_state(TaskState.READY)
        self.journal.touch(task)
        if first:
            self.queue.appendleft(task)
        else:
            self.queue.append(task)

    def remove(self, task: Task) -> None:
        """The token is gone from this element; its scope may end with it."""
        workflow = task.workflow
        for child in task.children:
            self.withdraw(child)
        self.case.fell(task)
        self.journal.forget(task)
        if workflow.live == 0:
            self._end(workflow)

    def withdraw(self, task: Task) -> None:
        """Cancel a task with all that hangs under it."""
        for child in task.children:
            self.withdraw(child)
        self.close_scope(task)
        task.task_spec.withdrawn(task, self)
        if PROBLEM in task.internal_data:
            self.journal.resolve(task)
        task._set_state(TaskState.CANCELLED)
        self.case.fell(task)
        self.journal.forget(task)

    def withdraw_all(self, workflow: Any, but: Task | None = None) -> None:
        for task in sorted(workflow.task_tree.children, key=lambda each: each.id):
            if task is not but:
                self.withdraw(task)

    def close_scope(self, host: Task) -> None:
        scope = self.case.scope_of(host)
        if scope is not None:
            self.withdraw_all(scope)
            self.case.drop_scope(host)
            self.journal.forget_scope(host)

    def _end(self, workflow: Any) -> None:
        """The last token of a scope has ended."""
        self.withdraw_all(workflow)
        if workflow.parent_task_id is None:
            self.case.completed = True
        else:
            self.ready(workflow.host)

    # stopping ------------------------------------------------------------------------------------------------------

    def stop(self, task: Task, rule: str, message: str) -> None:
        """The token cannot go on: it stays, and people are told."""
        task.internal_data[PROBLEM] = rule
        self.journal.touch(task)
        spec = task.task_spec
        self.journal.tell("problem", task, {"rule": rule, "message": message})
        self.journal.fail(Problem(str(task.id), spec.node.id, spec.process.id, rule, message))

    def relieve(self, task: Task) -> None:
        """The problem of a task, if it has one, is no more."""
        if task.internal_data.pop(PROBLEM, None) is not None:
            self.journal.resolve(task)
            self.journal.tell("resolved", task)
            self.journal.touch(task)

    def retry(self, task: Task) -> None:
        """Let a stopped token try again where it stands."""
        self.relieve(task)
        self.queue.append(task)
