"""Plays a diagram in a test: real steps, a clock that is moved by hand, and a look at what happened.

With `restart=True` the state is written to its rows and read back before every step, as a fresh process would do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from engine.core import state as states
from engine.core.deliveries import (
    AddInstance,
    Begin,
    Cancel,
    CompleteTask,
    Context,
    Delivery,
    EffectDone,
    EffectFailed,
    FireTimers,
    Happening,
    OpenedTask,
    ReceiveMessage,
    ReceiveSignal,
    Reschedule,
    Retry,
    Step,
    Subscription,
)
from engine.core.model import Definition, Process
from engine.core.reading import read
from engine.core.stepping import step

MORNING = datetime(2026, 2, 16, 7, 0, tzinfo=UTC)
"""08:00 in Stockholm."""


def process(source: bytes) -> Process:
    document = read(source, "test.bpmn")
    assert document.process is not None, document.findings
    assert not [each for each in document.findings if each.level == "fel"], document.findings
    return document.process


def define(main: bytes, *called: bytes, decisions: Mapping[str, Any] | None = None) -> Definition:
    parts = [process(each) for each in called]
    return Definition(process(main), {part.id: part for part in parts}, decisions or {}, version="test")


class Play:
    """One case of one diagram."""

    def __init__(self, *sources: bytes, restart: bool = False, functions: Any = None, **context: Any) -> None:
        decisions = context.pop("decisions", None)
        self.definition = define(*sources, decisions=decisions)
        self.restart = restart
        self.now = MORNING
        self.context = {"case": {"number": "REM-2026-001"}, **context}
        self.functions = functions or {}
        self.state: Any = None
        self.rows: dict[str, str] = {}
        self.open: dict[str, OpenedTask] = {}
        self.timers: dict[str, datetime] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.effects: dict[str, Any] = {}
        self.problems: dict[str, Any] = {}
        self.history: list[Happening] = []
        self.thrown: list[Any] = []
        self.redated: dict[str, Any] = {}
        self.last: Step | None = None

    # moving --------------------------------------------------------------------------------------------------------

    def deliver(self, delivery: Delivery) -> Play:
        if self.restart and self.state is not None:
            self.state = states.load(self.definition, self.rows)
        context = Context(now=self.now, functions=self.functions, **self.context)
        done = step(self.definition, self.state, delivery, context)
        self.state, self.last = done.state, done
        self._write_rows(done)
        self._book(done)
        self.check_partition()
        return self

    def begin(self, start_event: str | None = None, **variables: Any) -> Play:
        return self.deliver(Begin(variables, start_event))

    def complete(self, element: str, loop: int | None = None, **values: Any) -> Play:
        return self.deliver(CompleteTask(self.key(element, loop), values))

    def later(self, **span: float) -> Play:
        self.now += timedelta(**span)
        return self.deliver(FireTimers())

    def message(self, name: str, key: str | None = None, **payload: Any) -> Play:
        """To whoever waits for the name; `key` where the test is about keys."""
        waiting = {each.key for each in self.subscriptions.values() if each.name == name}
        return self.deliver(ReceiveMessage(name, key or next(iter(waiting), None), payload))

    def signal(self, name: str) -> Play:
        return self.deliver(ReceiveSignal(name))

    def add(self, element: str, value: Any) -> Play:
        return self.deliver(AddInstance(self.key(element), value))

    def effect_done(self, **values: Any) -> Play:
        return self.deliver(EffectDone(next(iter(self.effects)), values))

    def effect_failed(self, reason: str) -> Play:
        return self.deliver(EffectFailed(next(iter(self.effects)), reason))

    def retry(self) -> Play:
        return self.deliver(Retry())

    def cancel(self) -> Play:
        return self.deliver(Cancel())

    def deadline(self, key: str, day: date) -> Play:
        self.context["deadlines"] = {**self.context.get("deadlines", {}), key: day}
        return self.deliver(Reschedule())

    # looking -------------------------------------------------------------------------------------------------------

    @property
    def waiting(self) -> list[str]:
        """Ids of the elements with open work, in order of opening."""
        return [task.element for task in self.open.values()]

    @property
    def done(self) -> list[str]:
        """Ids of what has been passed, in order: tasks, gateways and events."""
        told = ("completed", "fired", "received", "thrown")
        return [each.element for each in self.history if each.what in told]

    @property
    def taken(self) -> list[str]:
        return [each.element for each in self.history if each.what == "taken"]

    def told(self, what: str) -> list[str]:
        return [each.element for each in self.history if each.what == what]

    @property
    def ended(self) -> bool:
        return self.last is not None and self.last.ended

    @property
    def outcome(self) -> str | None:
        return self.last.outcome if self.last else None

    @property
    def variables(self) -> Mapping[str, Any]:
        assert self.last is not None
        return self.last.variables

    def key(self, element: str, loop: int | None = None) -> str:
        return next(
            task.task for task in self.open.values() if task.element == element and loop in (None, task.loop_counter)
        )

    # bookkeeping ---------------------------------------------------------------------------------------------------

    def _write_rows(self, done: Step) -> None:
        self.rows.update(done.state.changed)
        for key in done.state.removed:
            self.rows.pop(key, None)
        assert self.rows == states.dump(done.state), "written by difference, the rows are not the state"

    def _book(self, done: Step) -> None:
        for closed in done.closed:
            del self.open[closed.task]
        self.open.update({task.task: task for task in done.opened})
        for key in done.disarmed:
            del self.timers[key]
        self.timers.update({timer.task: timer.due for timer in done.armed})
        for key in done.unsubscribed:
            del self.subscriptions[key]
        self.subscriptions.update({each.task: each for each in done.subscribed})
        self.effects = {each.task: each for each in done.effects}
        for key in done.resolved:
            self.problems.pop(key, None)
        self.problems.update({each.task: each for each in done.problems})
        self.redated = {each.task: each for each in done.redated}
        self.history.extend(done.history)
        self.thrown.extend(done.thrown)

    def check_partition(self) -> None:
        """A case has ended, or waits for someone or something, or says why it stands still."""
        alive = self.open or self.timers or self.subscriptions or self.effects or self.problems
        assert self.ended or alive, f"stands still in silence after {self.done}"
        if self.ended:
            assert [self.open, self.timers, self.subscriptions, self.effects, self.problems] == [{}, {}, {}, {}, {}]
