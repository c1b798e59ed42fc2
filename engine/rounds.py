"""Consultation rounds: invitees follow the tasks in which they answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from engine.access import Actor
from store import rounds
from store.cases import Case
from store.database import Reader, Transaction
from store.rounds import Round
from store.tasks import Task

STANCES = ("stance", "result")
"""The fields of a respondent's form that say where they stand; a form has one of them."""
COMMENTS = "comments"
"""The rows of a respondent's form that become comments of the round: `section`, `comment`, `proposal`."""


def open(tx: Transaction, case: Case, name: str, due: date | None, by: str | None) -> Round:
    """A new round; one that was open in the case is closed."""
    before = current(tx, case)
    if before is not None:
        rounds.close(tx, before.id)
    return rounds.open(tx, case.id, case.region, name, due, by)


def current(reader: Reader, case: Case) -> Round | None:
    return rounds.open_of_case(reader, case.id)


def invite(tx: Transaction, opened: Round, respondents: list[Any], due: date | None, via: str | None = None) -> int:
    """Ask people and roles, as pickers give them; answers with how many."""
    asked = [_who(each) for each in respondents]
    for person, group in asked:
        rounds.invite(tx, opened.id, person=person, group=group, via=via, due=due)
    return len(asked)


def tasks_opened(tx: Transaction, case: Case, opened_tasks: Iterable[Task]) -> None:
    """Tasks of a multi-instance have opened: each is some invitee's, or someone's whom nobody had invited."""
    instances = [task for task in opened_tasks if task.multi_instance and isinstance(task.element_value, Mapping)]
    opened = current(tx, case) if instances else None
    if opened is None:
        return
    waiting = [each for each in rounds.invitees_of(tx, opened.id) if each.task_id is None]
    for task in instances:
        who = _who(task.element_value)
        invitee = next((each for each in waiting if (each.person, each.group) == who), None)
        if invitee is None:
            invitee = rounds.invite(tx, opened.id, person=who[0], group=who[1], due=task.due)
        else:
            waiting.remove(invitee)
        rounds.attach(tx, invitee.id, task.id)


def forwarded(tx: Transaction, case: Case, element: Mapping[str, Any], via: str | None) -> None:
    """Someone who was missed is asked too."""
    opened = current(tx, case)
    if opened is not None:
        invite(tx, opened, [element], opened.due, via)


def answered(tx: Transaction, task: Task, values: Mapping[str, Any], by: Actor) -> None:
    """A respondent has answered: the answer and every comment become rows of the round."""
    invitee = rounds.invitee_of_task(tx, task.id) if task.multi_instance else None
    if invitee is not None:
        rounds.answered(
            tx,
            invitee.id,
            by=by.performer,
            on_behalf_of=by.on_behalf_of,
            stance=next((values[name] for name in STANCES if values.get(name)), None),
            answer={name: value for name, value in values.items() if name != COMMENTS},
            comments_=[_comment(row) for row in values.get(COMMENTS) or []],
        )


def tasks_closed(tx: Transaction, case: Case, closed: Iterable[Task | None]) -> None:
    """Close the open round once each invitee's task is closed: whoever has not answered is `silent`."""
    opened = current(tx, case) if any(task and task.multi_instance for task in closed) else None
    if opened is not None and rounds.is_over(tx, opened.id):
        rounds.close(tx, opened.id)


def finish(tx: Transaction, case: Case) -> None:
    """The case has ended: a round that is still open is closed with it."""
    opened = current(tx, case)
    if opened is not None:
        rounds.close(tx, opened.id)


def finished(tx: Transaction, case: Case) -> Round | None:
    """The round that was opened last, which takes no more answers; None where there has been none."""
    finish(tx, case)
    return next(iter(rounds.of_case(tx, case.id)), None)


def withdraw(tx: Transaction, case: Case) -> None:
    """The case was cancelled."""
    opened = current(tx, case)
    if opened is not None:
        rounds.close(tx, opened.id, "withdrawn")


def _who(respondent: Any) -> tuple[str | None, str | None]:
    if isinstance(respondent, Mapping):
        return respondent.get("person"), respondent.get("group")
    text = str(respondent)
    return (None, text) if "@" in text else (text, None)


def _comment(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row.get("section") or "", row.get("comment") or "", row.get("proposal") or ""
