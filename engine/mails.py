"""Mails that the product writes by itself: a new task, a reminder, an escalation, a moved deadline.

The words come from the version's texts by name; where a version has none, from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from textwrap import shorten
from typing import Any

from engine import calendar
from engine.definitions import Deployed
from engine.texts import Template
from store import outbox, people, tasks
from store.cases import Case
from store.database import Transaction
from store.roles import split_scope
from store.tasks import Task

MOST_RECIPIENTS = 50
_LATEST = "Senast {{ dueDate }}. {{ ifNothing }}"
_WORDS: Mapping[str, Template] = {
    "taskAssigned": Template("Ny uppgift: {{ task }} – {{ title }}", "Du har en ny uppgift: {{ task }}. " + _LATEST),
    "taskForwarded": Template("{{ sender }} vill att du svarar: {{ title }}", "{{ task }}. " + _LATEST),
    "roleVacant": Template("Ingen har rollen {{ role }}: {{ title }}", "Utse någon till {{ task }}. " + _LATEST),
    "reminder": Template("Påminnelse: {{ task }} – {{ title }}", "{{ task }} väntar på dig. " + _LATEST),
    "escalation": Template("Försenad: {{ task }} – {{ title }}", "{{ task }} är försenad. " + _LATEST),
    "takenOver": Template(
        "{{ taker }} har tagit över: {{ task }} – {{ title }}", "Det du hade skrivit i {{ task }} följde med."
    ),
    "deadlineMoved": Template(
        "Ny sista dag {{ dueDate }}: {{ task }} – {{ title }}",
        "Uppgiften {{ task }} i ärendet {{ title }} ska vara klar senast {{ dueDate }}. Tidigare dag: {{ before }}.",
    ),
}


@dataclass(frozen=True)
class About:
    """What a mail is about: a task in its case, in the words of the version it runs on."""

    tx: Transaction
    case: Case
    deployed: Deployed
    task: Task

    def send(self, template: str, to: Iterable[str], **more: Any) -> None:
        """Enqueue a mail to each person, by key, or function mailbox, by address; at most `MOST_RECIPIENTS`."""
        persons = list(dict.fromkeys(to))[:MOST_RECIPIENTS]
        if not persons:
            return
        words = self.deployed.texts.get(template) or _WORDS[template]
        subject, text = words.fill(self._values() | more)
        payload = {"subject": subject, "text": text, "link": f"/uppgifter/{self.task.id}"}
        for person in persons:
            outbox.enqueue(
                self.tx,
                self.case.region,
                "mail",
                template,
                payload,
                case_id=self.case.id,
                task_id=self.task.id,
                recipient=person,
            )

    def mailboxes(self) -> list[str]:
        """Addresses of the function mailboxes of the roles that may take the task; none once somebody has it."""
        boxes = self.deployed.region.mailboxes
        if self.task.assignee or not boxes:
            return []
        return [boxes[role] for role, _ in tasks.roles_of(self.tx, self.task.id) if role in boxes]

    def _values(self) -> dict[str, Any]:
        task, minutes = self.task, self.task.properties.get("minutes")
        return {
            "title": self.case.title,
            "number": self.case.number,
            "task": self._task(),
            "dueDate": calendar.long_date(task.due) if task.due else None,
            "minutes": minutes,
            "time": calendar.hours_and_minutes(int(minutes)) if minutes else None,
            "ifNothing": task.properties.get("ifNothing"),
            "contact": self._called(task.properties.get("contact")),
            "assignee": self._called(task.assignee) or "den som tar uppgiften",
            "region": self.deployed.region.data,
        }

    def _task(self) -> str:
        """The task by name, and of several at one element what this one is about."""
        about = str(self.task.properties.get("about") or "")
        person = people.find(self.tx, about) if about else None
        said = shorten(person.name if person else about, 60, placeholder=" …")
        return f"{self.task.name}: {said}" if said else self.task.name

    def _called(self, who: Any) -> str | None:
        """The name of a person by key, or the local title of a role."""
        if not who:
            return None
        person = people.find(self.tx, str(who))
        return person.name if person else self.deployed.region.title(split_scope(str(who))[0])


def task_opened(about: About, to: Iterable[str], vacant: Iterable[str] = ()) -> None:
    """Someone has something new to do; where nobody holds the role, the coordinator hears that."""
    titles = [about.deployed.region.title(split_scope(role)[0]) for role in vacant]
    if titles:
        about.send("roleVacant", to, role=", ".join(titles))
    else:
        about.send("taskAssigned", about.mailboxes() or to)


def reminder(about: About, to: Iterable[str]) -> None:
    """A task is due soon."""
    about.send("reminder", about.mailboxes() or to)


def escalation(about: About, to: Iterable[str]) -> None:
    """A task is late, and someone else should know."""
    about.send("escalation", to)


def taken_over(about: About, before: str, taker: str) -> None:
    """Someone else has taken over what a person had."""
    about.send("takenOver", [before], taker=about._called(taker))


def deadline_moved(about: About, before: date | None, to: Iterable[str]) -> None:
    """A task has another due day than before."""
    about.send("deadlineMoved", to, before=calendar.long_date(before) if before else None)
