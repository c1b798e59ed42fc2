"""Mails that the product writes by itself: a new task, a reminder, an escalation, a moved deadline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from engine import calendar
from store import outbox
from store.cases import Case
from store.database import Transaction
from store.tasks import Task

MOST_RECIPIENTS = 50


def task_opened(tx: Transaction, case: Case, task: Task, to: Iterable[str]) -> None:
    """Someone has something new to do."""
    text = f"Du har en ny uppgift i ärendet {case.title} ({case.number}): {task.name}."
    _send(tx, case, task, "task", f"Ny uppgift: {task.name} – {case.title}", text + _why(task), to)


def reminder(tx: Transaction, case: Case, task: Task, to: Iterable[str]) -> None:
    """A task is due soon."""
    text = f"Uppgiften {task.name} i ärendet {case.title} ({case.number}) väntar på dig."
    _send(tx, case, task, "reminder", f"Påminnelse: {task.name} – {case.title}", text + _why(task), to)


def escalation(tx: Transaction, case: Case, task: Task, to: Iterable[str]) -> None:
    """A task is late, and someone else should know."""
    text = f"Uppgiften {task.name} i ärendet {case.title} ({case.number}) är försenad."
    _send(tx, case, task, "escalation", f"Försenad: {task.name} – {case.title}", text + _why(task), to)


def deadline_moved(tx: Transaction, case: Case, task: Task, before: date | None, to: Iterable[str]) -> None:
    """A task has another due day than before."""
    was = f" Tidigare: {calendar.long_date(before)}." if before else ""
    text = f"Uppgiften {task.name} i ärendet {case.title} ({case.number}) har fått ny sista dag.{_due(task.due)}{was}"
    _send(tx, case, task, "deadline", f"Ny sista dag: {task.name} – {case.title}", text, to)


def _send(tx: Transaction, case: Case, task: Task, name: str, subject: str, text: str, to: Iterable[str]) -> None:
    words = {"subject": " ".join(subject.split())[:200], "text": text + "\n", "link": f"/uppgifter/{task.id}"}
    for person in list(dict.fromkeys(to))[:MOST_RECIPIENTS]:
        outbox.enqueue(tx, case.region, "mail", name, words, case_id=case.id, task_id=task.id, recipient=person)


def _due(day: date | None) -> str:
    return f" Senast {calendar.long_date(day)}." if day else ""


def _why(task: Task) -> str:
    consequence = task.properties.get("ifNothing")
    return _due(task.due) + (f" Om inget görs: {consequence}" if consequence else "")
