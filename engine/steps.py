"""One step of a case: the core decides, this file sees to it that everything is remembered, all in one transaction.

Read `take` as a table of contents; the files it calls know the details.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from engine import (
    agenda,
    context,
    definitions,
    events,
    journal,
    live,
    messages,
    notices,
    recusals,
    rounds,
    starting,
    watching,
)
from engine.access import SYSTEM, Actor
from engine.core import state as states_of
from engine.core.deliveries import (
    Begin,
    Cancel,
    ClosedTask,
    CompleteTask,
    Delivery,
    Effect,
    EffectDone,
    EffectFailed,
    FireTimers,
    OpenedTask,
    ReceiveMessage,
    Reschedule,
    Step,
    Thrown,
)
from engine.core.stepping import step as core_step
from engine.effects import EFFECTS
from engine.effects.reach import Reach
from engine.errors import EffectRefused
from store import cases, deadlines, incidents, states, subscriptions, tasks, timers
from store import messages as early
from store.cases import Case
from store.database import Transaction
from store.errors import StoreError
from store.tasks import Task

MOST_ROUNDS = 500
"""Core steps that one delivery may lead to, through effects that follow each other; then the case stops there."""
DEEPEST = 20
"""Cases that may wake each other within one transaction."""

log = logging.getLogger(__name__)


def take(
    tx: Transaction, case: Case, delivery: Delivery, by: Actor, *, task: Task | None = None, depth: int = 0
) -> Case:
    """Take a locked case on by a delivery and by all that follows from it; answers with the case as it is then.

    `task` is the one that is completed, where the caller has read it.

    Raises `CoreError` when the delivery does not fit the case. What goes wrong inside the diagram raises nothing: it is
    an incident, and what was delivered is kept.
    """
    began = watching.beginning()
    walk = _Walk(tx, case, by, depth, task)
    pending: deque[Delivery] = deque([delivery])
    while pending:
        delivered = pending.popleft()
        step = walk.step(delivered)
        walk.remember(step, delivered, by if delivered is delivery else SYSTEM)
        pending.extend(walk.follow(step))
    walk.keep_state()
    walk.send_thrown()
    tx.after_commit(lambda: watching.step(walk.case, delivery, by, began))
    return walk.case


def start(
    tx: Transaction,
    region: str,
    key: str,
    variables: Mapping[str, Any],
    by: Actor,
    *,
    start_event: str | None = None,
    start_key: str | None = None,
    starter: Case | None = None,
    depth: int = 0,
) -> Case:
    """Start a case, or answer with the one that has its start key already. Raises as `starting.create`."""
    case, beginning = starting.create(
        tx, region, key, variables, by, start_event=start_event, start_key=start_key, starter=starter
    )
    return take(tx, case, beginning, by, depth=depth) if beginning else case


class _Walk:
    """A case on its way through one or more core steps."""

    def __init__(self, tx: Transaction, case: Case, by: Actor, depth: int, task: Task | None) -> None:
        self.tx = tx
        self.task = task
        self.case = case
        self.by = by
        self.depth = depth
        self.deployed = definitions.of_case(tx, case)
        self.state: Any = None
        self.revision = case.revision
        self.rounds = 0
        self.ended = False
        self.thrown: list[Thrown] = []

    def step(self, delivery: Delivery) -> Step:
        """One step of the core, on the live state or on one read back from its rows."""
        definition = self.deployed.definition
        if self.state is None and not isinstance(delivery, Begin):
            self.state = live.take(self.case) or states_of.load(definition, states.read(self.tx, self.case.id))
        surroundings = context.of_case(self.tx, self.case, self.deployed.region)
        taken = core_step(definition, self.state, delivery, surroundings)
        self.state = taken.state
        self.revision += 1
        self.rounds += 1
        return taken

    def remember(self, step: Step, delivery: Delivery, by: Actor) -> None:
        """Write down everything that a step changed; `by` is whoever delivered, the product itself for what follows."""
        tx, case = self.tx, self.case
        before = case
        states.write(tx, case.id, step.state.changed, step.state.removed)
        case = self.case = cases.step(tx, case, step.variables, _title(step.variables))
        recusals.follow_tags(tx, before, case, self.deployed)
        done = delivery.task if isinstance(delivery, CompleteTask) else None
        journal.step(tx, case, step.history, by, done)
        events.of_history(tx, case, step.history)
        self._tasks(step, delivery, by)
        self._waiting(step)
        self._problems(step)
        self.thrown += step.thrown
        if isinstance(delivery, FireTimers) and step.history:
            events.of_case(tx, case, "timer.fired")
        if step.ended:
            self._end(step, delivery)

    def follow(self, step: Step) -> Iterator[Delivery]:
        """What the step asks for and gets at once: effects, notices that go by mail, messages that came early."""
        for effect in step.effects:
            yield from self._apply(effect)
        for opened in step.opened:
            if self._goes_by_mail(opened):
                yield CompleteTask(opened.task, notices.send(self.tx, self.case, self.deployed, opened))
        if self.case.status == "suspended":
            return  # what has come early is heard when the case goes on
        for each in (each for each in step.subscribed if each.kind == "message"):
            kept = early.take(self.tx, self.case.region, each.name, each.key, self.case.id)
            if kept is not None:
                yield ReceiveMessage(each.name, each.key, kept.payload, each.task)

    def keep_state(self) -> None:
        """Once the commit is certain, the live state may serve the next step."""
        if not self.ended:
            version, revision, state = self.case.version, self.revision, self.state
            self.tx.after_commit(lambda: live.put(self.case.id, version, revision, state))

    def send_thrown(self) -> None:
        """Messages that left the case reach those who wait, or start cases, in the same transaction."""
        for thrown in self.thrown:
            if self.depth >= DEEPEST:
                self._too_deep(thrown)
            else:
                messages.deliver_thrown(self.tx, self.case, thrown, self.depth + 1)
        if self.thrown:
            self.reload()

    def reload(self) -> None:
        """What the case has come to by other hands: an effect, or a case that it woke."""
        found = cases.find(self.tx, self.case.id)
        assert found is not None, "a case that took a step exists"
        self.case = found

    # What a step changed --------------------------------------------------------------------------------------------

    def _tasks(self, step: Step, delivery: Delivery, by: Actor) -> None:
        if isinstance(delivery, Cancel):
            rounds.withdraw(self.tx, self.case)
        over = [task for closed in step.closed if (task := self._close(closed, delivery, by))]
        for changed in step.redated:
            agenda.redate_task(self.tx, self.case, self.deployed, changed)
        for described in step.refitted:
            agenda.refit_task(self.tx, self.case, self.deployed, described)
        waiting = [each for each in step.opened if not self._goes_by_mail(each)]
        waiting = [notices.unsent(each) if self._is_notice(each) else each for each in waiting]
        opened = [agenda.open_task(self.tx, self.case, self.deployed, each, self.by) for each in waiting]
        rounds.tasks_opened(self.tx, self.case, opened)
        rounds.tasks_closed(self.tx, self.case, over)

    def _close(self, closed: ClosedTask, delivery: Delivery, by: Actor) -> Task | None:
        """The task that is open no more, as it was; None for what was no task of anybody's."""
        known = self.task if self.task and self.task.key == closed.task else None
        task = known or tasks.by_key(self.tx, self.case.id, closed.task)
        if task is not None:
            theirs = delivery.values if isinstance(delivery, CompleteTask) and delivery.task == closed.task else None
            agenda.close_task(self.tx, self.case, task, closed, by, theirs)
        return task

    def _waiting(self, step: Step) -> None:
        tx, case = self.tx, self.case
        for key in step.disarmed:
            timers.disarm(tx, case.id, key)
        for timer in step.armed:
            timers.arm(tx, case.id, timer.task, timer.element, timer.due)
        for key in step.unsubscribed:
            subscriptions.remove(tx, case.id, key)
        for each in step.subscribed:
            subscriptions.add(
                tx,
                case.id,
                each.task,
                region=case.region,
                element=each.element,
                name=each.name,
                message_key=each.key,
                broadcast=each.broadcast,
                kind=each.kind,
            )
        if case.status == "suspended":
            timers.hold(tx, case.id)

    def _problems(self, step: Step) -> None:
        tx, case = self.tx, self.case
        for key in step.resolved:
            incidents.resolve_task(tx, case.id, key, self.by.performer)
            events.of_case(tx, case, "incident.resolved", task=key)
        for problem in step.problems:
            is_new = incidents.report(
                tx,
                case.region,
                case.id,
                problem.task,
                element=problem.element,
                process=problem.process,
                rule=problem.rule,
                message=problem.message,
            )
            if is_new:
                events.of_case(tx, case, "incident.created", element=problem.element, rule=problem.rule)
                tx.after_commit(partial(watching.incident, case.id, problem.element, problem.rule))

    def _end(self, step: Step, delivery: Delivery) -> None:
        tx, case = self.tx, self.case
        self.ended = True
        cancelled = isinstance(delivery, Cancel)
        status = "cancelled" if cancelled else "completed"
        self.case = cases.end(
            tx, case, status=status, outcome=step.outcome, reason=self.by.reason if cancelled else None
        )
        states.drop(tx, case.id)
        # What a case said before it was done is still to be handed over.
        incidents.resolve_case(tx, case.id, self.by.performer, but="" if cancelled else messages.MESSAGE)
        rounds.finish(tx, case)
        events.of_case(tx, case, f"process_instance.{status}", outcome=step.outcome)

    # What a step asks for -------------------------------------------------------------------------------------------

    def _apply(self, effect: Effect) -> Iterator[Delivery]:
        if self._goes_in_a_ring():
            reason = f"Ärendet tog mer än {MOST_ROUNDS} steg utan att vänta på någon. Se efter om det går i ring."
            yield EffectFailed(effect.task, reason)
            return
        before = deadlines.days(self.tx, self.case.id)
        try:
            with self.tx.savepoint():
                reach = Reach(self.tx, self.case, self.deployed, self.by, self._start_case)
                outputs = EFFECTS[effect.name].apply(reach, effect.inputs)
        except EffectRefused as refused:
            yield EffectFailed(effect.task, str(refused))
            return
        except StoreError:
            raise
        except Exception:
            # A fault of ours must not cost the person their answer: it becomes an incident like any other.
            log.exception("effect %s failed at %s", effect.name, effect.element)
            yield EffectFailed(effect.task, f"Steget {effect.name} gick inte att utföra. Felet är loggat.")
            return
        self.reload()
        yield EffectDone(effect.task, outputs)
        after = deadlines.days(self.tx, self.case.id)
        if any(after[key] != day for key, day in before.items()):
            yield Reschedule()

    def _start_case(self, key: str, variables: Mapping[str, Any]) -> Case:
        if self.depth >= DEEPEST:
            raise EffectRefused(f"Ärenden startar varandra i fler än {DEEPEST} led.")
        tx, region = self.tx, self.case.region
        return start(tx, region, key, variables, self.by, starter=self.case, depth=self.depth + 1)

    def _goes_by_mail(self, opened: OpenedTask) -> bool:
        return self._is_notice(opened) and notices.reaches_anybody(self.tx, self.case, self.deployed, opened)

    def _is_notice(self, opened: OpenedTask) -> bool:
        return notices.is_notice(self.deployed, opened) and not self._goes_in_a_ring()

    def _goes_in_a_ring(self) -> bool:
        """So much has followed from one delivery that it may never end: from now on nothing happens by itself."""
        return self.rounds >= MOST_ROUNDS

    def _too_deep(self, thrown: Thrown) -> None:
        why = f"Meddelandet {thrown.name} har väckt ärenden i fler än {DEEPEST} led och stannar här."
        messages.keep_thrown(self.tx, self.case, thrown, why)


def _title(variables: Mapping[str, Any]) -> str | None:
    """The title that the case has given itself."""
    title = variables.get("title")
    return title if isinstance(title, str) and title.strip() else None
