"""The clock: completes what was answered, fires what is due, reminds, and starts what the calendar starts.

Any number may run at once. Each due case is claimed under a lock and stepped in a savepoint of its own: what goes wrong
with one is an incident there, and never stops the next.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from engine import (
    completions,
    handovers,
    reminding,
    schedules,
    steps,
)
from engine.access import CLOCK
from engine.connectors import webhook
from engine.core.deliveries import FireTimers
from engine.errors import MoveError
from store import cases, held_answers, incidents, reminders, tasks, timers
from store import schedules as schedule_rows
from store.database import Database, Transaction
from store.errors import StoreError
from store.reminders import Reminder
from store.schedules import Schedule
from store.timers import Timer

PER_TRANSACTION = 20
"""Cases that one transaction steps: few enough for others to get their turn."""
MOST_ROUNDS = 10_000
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""How long a case whose timers cannot be fired rests after each failed try; then as long as the last."""

TIMERS, REMINDERS, ANSWERS = "clock", "reminders", "answers"
"""What an incident of the clock is about, where the core has no task key for it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ticked:
    """What one tick did."""

    fired: int = 0
    """Cases whose timers fired."""
    reminded: int = 0
    started: int = 0
    failed: int = 0
    completed: int = 0
    """Tasks whose answers may no longer be taken back."""

    def plus(self, other: Ticked) -> Ticked:
        return Ticked(
            self.fired + other.fired,
            self.reminded + other.reminded,
            self.started + other.started,
            self.failed + other.failed,
            self.completed + other.completed,
        )

    @property
    def is_idle(self) -> bool:
        return self == Ticked()


def tick(db: Database) -> Ticked:
    """Do everything that is due now, however long the clock has been away: each thing once, cycles coalesced."""
    total = Ticked()
    for work in _work_that_is_due(db):
        for _ in range(MOST_ROUNDS):
            with db.transaction() as tx:
                done = work(tx)
            total = total.plus(done)
            if done.is_idle:
                break
    return total


def _work_that_is_due(db: Database) -> list[Callable[[Transaction], Ticked]]:
    """A look that locks nothing: most of the time there is nothing to do."""
    looks = (
        (held_answers.next_wake, _complete),
        (timers.next_wake, _fire),
        (reminders.next_wake, _remind),
        (schedule_rows.next_due, _start),
    )
    with db.read() as reader:
        moments = [(look(reader), work) for look, work in looks]
        return [work for moment, work in moments if moment is not None and moment <= reader.now]


# Answers -------------------------------------------------------------------------------------------------------------


def _complete(tx: Transaction) -> Ticked:
    """One answer that may be taken back no longer."""
    held = held_answers.claim_due(tx)
    if held is None:
        return Ticked()
    try:
        with tx.savepoint():
            case = cases.find(tx, held.case_id)
            assert case is not None, "an answer has a case"
            completions.finish_held(tx, case, held)
            incidents.resolve_task(tx, held.case_id, ANSWERS)
    except StoreError:
        raise
    except Exception as error:
        log.exception("the answer of task %s could not be taken", held.task_id)
        held_answers.postpone(tx, held.task_id, tx.now + BACK_OFF[0])
        task = tasks.find(tx, held.task_id)
        message = (
            f"Svaret är sparat men uppgiften kunde inte göras klar ({type(error).__name__}). Klockan försöker igen."
        )
        _report(tx, held.case_id, ANSWERS, task.element if task else "", message)
        return Ticked(failed=1)
    return Ticked(completed=1)


# Timers --------------------------------------------------------------------------------------------------------------


def _fire(tx: Transaction) -> Ticked:
    done = Ticked()
    for case_id, due in timers.claim_due(tx, PER_TRANSACTION).items():
        fired = _fire_case(tx, case_id, due)
        done = done.plus(Ticked(fired=1) if fired else Ticked(failed=1))
    return done


def _fire_case(tx: Transaction, case_id: str, due: list[Timer]) -> bool:
    try:
        with tx.savepoint():
            case = cases.find(tx, case_id)
            assert case is not None, "a timer has a case"
            case = completions.finish_all_held(tx, case)
            if case.status == "active":
                steps.take(tx, case, FireTimers(tuple(each.key for each in due)), CLOCK)
            _disarm_leftovers(tx, case_id, due)
            if any(each.attempts for each in due):
                incidents.resolve_task(tx, case_id, TIMERS)
    except StoreError:
        raise
    except Exception as error:
        log.exception("timers of case %s could not fire", case_id)
        _rest(tx, case_id, due, error)
        return False
    return True


def _disarm_leftovers(tx: Transaction, case_id: str, due: list[Timer]) -> None:
    """A timer row that the core knows nothing of would be due for ever."""
    before = {each.key: each.due for each in due}
    for each in timers.of_case(tx, case_id):
        if before.get(each.key) == each.due and each.due <= tx.now:
            timers.disarm(tx, case_id, each.key)


def _rest(tx: Transaction, case_id: str, due: list[Timer], error: Exception) -> None:
    attempts = max(each.attempts for each in due)
    timers.postpone(tx, case_id, tx.now + BACK_OFF[min(attempts, len(BACK_OFF) - 1)])
    message = f"Klockan kunde inte föra ärendet vidare ({type(error).__name__}). Den försöker igen."
    _report(tx, case_id, TIMERS, due[0].element, message)


def _report(tx: Transaction, case_id: str, what: str, element: str, message: str) -> None:
    case = cases.find(tx, case_id)
    assert case is not None, "what the clock fires has a case"
    incidents.report(
        tx, case.region, case_id, what, element=element, process=case.process_key, rule="clock", message=message
    )


# Reminders -----------------------------------------------------------------------------------------------------------


def _remind(tx: Transaction) -> Ticked:
    done = Ticked()
    for case_id, due in reminders.claim_due(tx, PER_TRANSACTION).items():
        sent = _remind_case(tx, case_id, due)
        done = done.plus(Ticked(reminded=sent) if sent else Ticked(failed=1))
    return done


def _remind_case(tx: Transaction, case_id: str, due: list[Reminder]) -> int:
    """How many were sent; 0 when it failed, and then all of them wait for another try."""
    last = _coalesced(due)
    try:
        with tx.savepoint():
            for reminder in last:
                _send(tx, reminder)
            for reminder in due:
                reminders.fired(tx, reminder.id)
            incidents.resolve_task(tx, case_id, REMINDERS)
    except StoreError:
        raise
    except Exception as error:
        log.exception("reminders of case %s could not be sent", case_id)
        for reminder in due:
            reminders.postpone(tx, reminder.id, tx.now + BACK_OFF[-1])
        task = tasks.find(tx, due[0].task_id)
        message = f"Påminnelsen kunde inte skickas ({type(error).__name__}). Klockan försöker igen om en timme."
        _report(tx, case_id, REMINDERS, task.element if task else "", message)
        return 0
    return len(last)


def _coalesced(due: list[Reminder]) -> list[Reminder]:
    """After a long absence one reminder of each task and kind is enough: the last."""
    return list({(each.task_id, each.kind, each.recipient): each for each in due}.values())


def _send(tx: Transaction, reminder: Reminder) -> None:
    task = tasks.find(tx, reminder.task_id)
    case = cases.find(tx, reminder.case_id)
    if task is None or case is None or task.status != "open":
        return
    if reminder.kind == webhook.LATE:
        handovers.late(tx, case, task)
    else:
        reminding.send(tx, case, task, reminder)


# Calendar starts -----------------------------------------------------------------------------------------------------


def _start(tx: Transaction) -> Ticked:
    done = Ticked()
    for due in schedule_rows.claim_due(tx, PER_TRANSACTION):
        done = done.plus(Ticked(started=1) if _start_one(tx, due) else Ticked(failed=1))
    return done


def _start_one(tx: Transaction, due: Schedule) -> bool:
    try:
        with tx.savepoint():
            steps.start(tx, due.region, due.process_key, {}, CLOCK, start_event=due.element)
            schedule_rows.put(tx, schedules.following(tx, due))
    except StoreError:
        raise
    except Exception as error:
        log.exception("process %s could not start by the calendar", due.process_key)
        reason = str(error) if isinstance(error, MoveError) else type(error).__name__
        _report_start(tx, due, reason)
        schedule_rows.put(tx, _after_failure(tx, due))
        return False
    return True


def _after_failure(tx: Transaction, due: Schedule) -> Schedule:
    """One start that failed does not cost the ones after it; where not even they can be told, there are none."""
    try:
        with tx.savepoint():
            return schedules.following(tx, due)
    except StoreError:
        raise
    except Exception:
        log.exception("process %s: the next start cannot be told", due.process_key)
        return replace(due, due=None)


def _report_start(tx: Transaction, due: Schedule, reason: str) -> None:
    incidents.report(
        tx,
        due.region,
        None,
        f"{due.process_key}:{due.element}",
        element=due.element,
        process=due.process_key,
        rule="clock",
        message=f"Processen {due.process_key} kunde inte starta av sig själv: {reason}",
    )
