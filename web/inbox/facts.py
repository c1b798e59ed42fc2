"""The six facts that explain a task: why you, what, how long, when, what if not, and who can help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine import calendar
from engine.access import COORDINATOR
from store import people, standing, tasks
from store.cases import Case
from store.database import Reader
from store.roles import Held, split_scope
from store.tasks import Task
from web import here, words
from web.language import say
from web.visitor import Visitor


@dataclass(frozen=True)
class Fact:
    icon: str
    word: str
    text: str
    more: str = ""
    tone: str = ""
    mail: str = ""
    """An address to write to."""


def of(reader: Reader, task: Task, case: Case, visitor: Visitor, questions: int) -> list[Fact]:
    """Always the same six in the same place."""
    today = here.today(reader)
    return [
        _why(reader, task, visitor),
        Fact("pen", say("Vad"), task.name, _size(questions)),
        _time(task),
        _when(task, today),
        _if_nothing(task),
        _contact(reader, task, case, visitor, today),
    ]


def _why(reader: Reader, task: Task, visitor: Visitor) -> Fact:
    word, region = say("Varför du"), here.region()
    if task.status == "completed":
        return Fact(
            "person", word, _title_of(reader, task, visitor) or say("Du följer ärendet"), _doer(reader, task, visitor)
        )
    if task.assignee == visitor.person:
        giver = people.names(reader, {task.claimed_by}).get(task.claimed_by) if task.claimed_by else None
        more = say("tilldelad av {name}", name=giver) if giver and task.claimed_by != visitor.person else ""
        taken = say("Uppgiften är din") if task.claimed_by else say("Du är utsedd till uppgiften")
        return Fact("person", word, _title_of(reader, task, visitor) or taken, more)
    if task.assignee in visitor.people:
        absent = people.names(reader, {task.assignee}).get(task.assignee, "")
        return Fact("person", word, say("Du är ersättare"), say("för {name}", name=absent))
    title = _title_of(reader, task, visitor)
    if title:
        return Fact("person", word, title, say("du kan ta uppgiften"))
    roles = ", ".join(region.title(role) for role, _ in tasks.roles_of(reader, task.id))
    return Fact("person", word, say("Du följer ärendet"), say("görs av {roles}", roles=roles) if roles else "")


def _doer(reader: Reader, task: Task, visitor: Visitor) -> str:
    """Who did a task that is done."""
    if task.completed_by == visitor.person:
        return say("du gjorde uppgiften")
    name = people.names(reader, {task.completed_by}).get(task.completed_by) if task.completed_by else None
    return say("{name} gjorde uppgiften", name=name) if name else ""


def _title_of(reader: Reader, task: Task, visitor: Visitor) -> str:
    """The title of the role that brings the task to this person."""
    held = next((h for scope in tasks.roles_of(reader, task.id) if (h := _covers(visitor, *scope))), None)
    return words.role(held.role, held.area, visitor.areas) if held else ""


def _covers(visitor: Visitor, role: str, area: str) -> Held | None:
    return next((held for held in visitor.roles if held.role == role and held.area in ("", area)), None)


def _size(questions: int) -> str:
    if questions == 0:
        return say("inget att fylla i")
    return say("1 fråga") if questions == 1 else say("{n} frågor", n=questions)


def _time(task: Task) -> Fact:
    minutes = str(task.properties.get("minutes") or "")
    if not minutes.isdecimal():
        return Fact("hourglass", say("Tid"), say("Ingen uppskattning"))
    time = words.told(calendar.hours_and_minutes(int(minutes)))
    return Fact("hourglass", say("Tid"), say("Ungefär {time}", time=time), say("beräknad tid"))


def _when(task: Task, today: date) -> Fact:
    if task.status in ("completed", "answered") and task.closed_at:
        was = say("skulle vara klar {day}", day=words.short_day(task.due, today.year)) if task.due else ""
        return Fact("done", say("Klart"), words.capital(words.moment(task.closed_at, today)), was)
    due = words.due_fact(task.due, today)
    return Fact("clock", say("Senast"), due.text, due.more, due.tone if due.tone != "quiet" else "")


def _if_nothing(task: Task) -> Fact:
    written = str(task.properties.get("ifNothing") or "")
    return Fact("alert", say("Om inget görs"), written or say("Uppgiften ligger kvar"))


def _contact(reader: Reader, task: Task, case: Case, visitor: Visitor, today: date) -> Fact:
    """Whom the diagram names, else the owner of the case, else the coordinator: the first who is not the visitor."""
    named = [each for each in (str(task.properties.get("contact") or ""), case.owner, COORDINATOR) if each]
    reached = [fact for each in named for fact in _reached(reader, task, each, today)]
    others = [fact for fact, person in reached if person != visitor.person]
    found = (others or [fact for fact, _ in reached])[:1]
    title = here.region().title(split_scope(named[0])[0])
    return found[0] if found else Fact("phone", say("Kontakt"), title, say("ingen har rollen just nu"))


def _reached(reader: Reader, task: Task, named: str, today: date) -> list[tuple[Fact, str]]:
    """A person, or those who hold a role: each as a fact, and their key."""
    if (person := people.find(reader, named)) is not None:
        return [(Fact("phone", say("Kontakt"), person.name, mail=person.email or ""), person.key)]
    role, area = split_scope(named)
    title, holders = here.region().title(role), standing.holders(reader, task.region, role, area, today)
    known = [person for each in holders if (person := people.find(reader, each.person))]
    return [(Fact("phone", say("Kontakt"), each.name, title, mail=each.email or ""), each.key) for each in known]
