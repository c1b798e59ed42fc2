"""One step: a delivery goes in, everything that follows from it by itself happens, and what changed comes out.

Pure but for its own state: no database, no wall clock, no network. `step` consumes the state it is given; use the one
it gives back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.core import deliveries as d
from engine.core import timing
from engine.core.compiling import nets
from engine.core.errors import NoSuchTask, WrongDelivery
from engine.core.expressions import EVERY_NAME, Session
from engine.core.model import Definition
from engine.core.run import PROBLEM, STOPS, Run
from engine.core.specs.activities import DecisionTask, EffectTask, Held, asked_instance
from engine.core.specs.events import Waiting
from engine.core.specs.multiple import MultiInstance
from engine.core.specs.throwing import hear_signal
from engine.core.state import State, difference
from engine.core.when_asked import WhenAsked
from engine.core.workflow import Case

MOVED = "moved"
"""Mark of a timer that someone has given another moment."""


def step(definition: Definition, state: State | None, delivery: d.Delivery, context: d.Context) -> d.Step:
    """Take a case one step on.

    `state` is None for `Begin` and the state of the last step, or `state.load(...)`, for all else.
    Raises `CoreError` when the delivery does not fit the case; the state must then be thrown away.
    """
    case = state.case if state is not None else Case(nets(definition), definition.process.id)
    run = Run(case, context, Session(context.functions, WhenAsked(lambda: _objects(context)), EVERY_NAME))
    _HANDLERS[type(delivery)](run, delivery)
    run.settle()
    _watch_for_stall(run)
    return _outcome(run)


def _objects(context: d.Context) -> dict[str, Any]:
    """What expressions know by name besides variables and functions."""
    now = context.now.astimezone(ZoneInfo(context.timezone))
    return {
        "deadline": context.deadlines,
        "region": context.region,
        "case": context.case,
        "now": now.isoformat(timespec="seconds"),
        "today": now.date().isoformat(),
    }


def _outcome(run: Run) -> d.Step:
    case, journal = run.case, run.journal
    ended = bool(case.completed)
    if ended:
        journal.history.append(_end_of_case(run))
    after = difference(case, journal)
    return d.Step(
        state=after,
        opened=tuple(journal.opened.values()),
        closed=tuple(journal.closed.values()),
        redated=tuple(journal.redated),
        refitted=tuple(journal.refitted),
        armed=tuple(journal.armed.values()),
        disarmed=tuple(journal.disarmed),
        subscribed=tuple(journal.subscribed.values()),
        unsubscribed=tuple(journal.unsubscribed),
        thrown=tuple(journal.thrown),
        effects=tuple(journal.effects.values()),
        history=tuple(journal.history),
        problems=tuple(journal.problems.values()),
        resolved=tuple(journal.resolved),
        variables=after.variables,
        ended=ended,
        outcome=case.outcome,
    )


def _end_of_case(run: Run) -> d.Happening:
    process = run.case.spec.process
    return d.Happening(
        what="ended",
        element=process.id,
        element_kind="process",
        name=process.name,
        process=process.id,
        details={"outcome": run.case.outcome},
    )


# deliveries --------------------------------------------------------------------------------------------------------


def _begin(run: Run, delivery: d.Begin) -> None:
    case = run.case
    case.data = dict(delivery.variables)
    task = run.sprout(case, case.spec.entry(delivery.start_event))
    task.internal_data["values"] = dict(delivery.variables)


def _complete(run: Run, delivery: d.CompleteTask) -> None:
    task = _task(run, delivery.task)
    if not isinstance(task.task_spec, Held) or not task.internal_data.get("held"):
        raise NoSuchTask(delivery.task)
    task.task_spec.complete(task, delivery.values, run)


def _effect_done(run: Run, delivery: d.EffectDone) -> None:
    task = _waiting_for_effect(run, delivery.task)
    task.internal_data["values"] = dict(delivery.values)
    run.ready(task)


def _effect_failed(run: Run, delivery: d.EffectFailed) -> None:
    task = _waiting_for_effect(run, delivery.task)
    task.internal_data.pop("held")
    task._set_state(TaskState.FUTURE)  # a retry enters it anew
    run.stop(task, "effect", delivery.reason)


def _fire_timers(run: Run, delivery: d.FireTimers) -> None:
    for task in _due(run):
        if delivery.tasks is not None and str(task.id) not in delivery.tasks:
            continue
        if task.id in run.case.index and "due" in task.internal_data:
            task.task_spec.fire(task, run)
            run.settle()


def _move_timer(run: Run, delivery: d.MoveTimer) -> None:
    """The moment holds until the timer fires: a date that it followed no longer moves it."""
    task = _task(run, delivery.task)
    if "due" not in task.internal_data:
        raise NoSuchTask(delivery.task)
    task.internal_data[MOVED] = True
    task.task_spec.set_due(task, delivery.due.astimezone(UTC), run)


def _due(run: Run) -> list[Task]:
    waiting = [task for task in run.case.index.values() if "due" in task.internal_data]
    due = {task.id: datetime.fromisoformat(task.internal_data["due"]) for task in waiting}
    ripe = [task for task in waiting if due[task.id] <= run.context.now]
    return sorted(ripe, key=lambda task: (due[task.id], task.id))


def _receive_message(run: Run, delivery: d.ReceiveMessage) -> None:
    waiting = [task for task in _listeners(run, "message", delivery.name) if _meant(task, delivery)]
    if not waiting:
        raise WrongDelivery(f"Ärendet väntar inte på meddelandet {delivery.name}.")
    for task in waiting:
        if task.id in run.case.index and task.state == TaskState.WAITING:
            task.task_spec.fire(task, run, delivery.payload)
            run.settle()


def _meant(task: Task, delivery: d.ReceiveMessage) -> bool:
    if delivery.task is not None:
        return str(task.id) == delivery.task
    return bool(task.internal_data.get("key") == delivery.key)


def _receive_signal(run: Run, delivery: d.ReceiveSignal) -> None:
    hear_signal(delivery.name, delivery.payload, run)


def _listeners(run: Run, kind: str, name: str) -> list[Task]:
    return [
        task
        for task in run.case.index.values()
        if isinstance(task.task_spec, Waiting)
        and task.state == TaskState.WAITING
        and task.task_spec.event.kind == kind
        and task.task_spec.event.name == name
    ]


def _add_instance(run: Run, delivery: d.AddInstance) -> None:
    task = _task(run, delivery.task)
    one = None if isinstance(task.task_spec, MultiInstance) else asked_instance(task)
    whole = task if one is None else one.parent
    if whole is None or not isinstance(whole.task_spec, MultiInstance):
        raise WrongDelivery(f"Uppgiften {delivery.task} hör inte till en runda som fler kan läggas till i.")
    whole.task_spec.add(whole, delivery.element, run)


def _reschedule(run: Run, _: d.Reschedule) -> None:
    for task in list(run.case.index.values()):
        _redate(task, run)


def _redate(task: Task, run: Run) -> None:
    """Dates and people as they are now. What has no answer stays as it was, with a problem that an answer ends."""
    held = isinstance(task.task_spec, Held) and task.internal_data.get("held")
    if not held and "due" not in task.internal_data:
        return
    before = task.internal_data.get(PROBLEM)
    try:
        if held:
            task.task_spec.redate(task, run)
        else:
            _follow_date(task, run)
    except STOPS as stop:
        run.stop(task, stop.rule, str(stop))
    else:
        if before is not None:
            run.relieve(task)


def _follow_date(task: Task, run: Run) -> None:
    """A timer that follows a date has the moment that the date gives now."""
    if "due" in task.internal_data and MOVED not in task.internal_data:
        due = timing.moved(task.task_spec.event.timer, task, run)
        if due is not None and due.isoformat() != task.internal_data["due"]:
            task.task_spec.set_due(task, due, run)


def _refit(run: Run, delivery: d.Refit) -> None:
    for key in delivery.gone:
        run.journal.disarmed[key] = run.journal.unsubscribed[key] = None
    for key in delivery.rearmed:
        _task(run, key).task_spec.arm_anew(_task(run, key), run)
    for key, guard in delivery.guards:
        host = _task(run, key)
        _arm(run, host.workflow, guard, host)
    for key, start in delivery.listeners:
        _arm(run, run.case.subprocesses[int(key)] if key else run.case, start)
    for task in list(run.case.index.values()):
        if isinstance(task.task_spec, Held) and task.internal_data.get("held"):
            task.task_spec.refit(task, run)
        else:
            _follow_date(task, run)


def _arm(run: Run, workflow: Any, element: str, host: Task | None = None) -> None:
    spec = workflow.spec.task_specs[element]
    arming = spec.prepare(host or workflow.task_tree, run)
    spec.arm(run.case.sprout(workflow, spec, host), arming, run)


def _retry(run: Run, delivery: d.Retry) -> None:
    stopped = [task for task in run.case.index.values() if PROBLEM in task.internal_data]
    for task in stopped:
        if delivery.task in (None, str(task.id)):
            run.retry(task)
            _redate(task, run)


def _cancel(run: Run, _: d.Cancel) -> None:
    run.withdraw_all(run.case)
    run.case.completed = True


_HANDLERS: Mapping[type, Callable[[Run, Any], None]] = {
    d.Begin: _begin,
    d.CompleteTask: _complete,
    d.EffectDone: _effect_done,
    d.EffectFailed: _effect_failed,
    d.FireTimers: _fire_timers,
    d.MoveTimer: _move_timer,
    d.ReceiveMessage: _receive_message,
    d.ReceiveSignal: _receive_signal,
    d.AddInstance: _add_instance,
    d.Reschedule: _reschedule,
    d.Refit: _refit,
    d.Retry: _retry,
    d.Cancel: _cancel,
}


def _task(run: Run, key: str) -> Task:
    task = run.case.index.get(int(key)) if key.isdecimal() else None
    if task is None:
        raise NoSuchTask(key)
    return task


def _waiting_for_effect(run: Run, key: str) -> Task:
    task = _task(run, key)
    if not isinstance(task.task_spec, EffectTask | DecisionTask) or not task.internal_data.get("held"):
        raise NoSuchTask(key)
    return task


# the watchdog ------------------------------------------------------------------------------------------------------


def _watch_for_stall(run: Run) -> None:
    """A case that has not ended waits for someone or something, or says why it stands still: never silence."""
    if run.case.completed or any(_alive(task) for task in run.case.index.values()):
        return
    waiting = [task for task in run.case.index.values() if task.state == TaskState.WAITING]
    if waiting:
        node = waiting[0].task_spec.node
        run.stop(waiting[0], "stall", f"Ärendet väntar vid ”{node.name or node.id}” på något som aldrig kommer.")
        return
    task = next(iter(run.case.index.values()))
    run.stop(task, "stall", "Ärendet står still utan att vänta på någon.")


def _alive(task: Task) -> bool:
    """True for what the outside can move: open work, an armed event that still counts, a known problem."""
    if PROBLEM in task.internal_data or task.internal_data.get("held"):
        return True
    waits = isinstance(task.task_spec, Waiting) and task.state == TaskState.WAITING
    return waits and task.task_spec.event.kind in ("timer", "message", "signal")
