"""What has been filled in before in the case, for whoever goes on from there: who reviews sees what to review."""

from __future__ import annotations

from dataclasses import dataclass

from engine import access
from store import documents, people, tasks
from store.cases import Case
from store.database import Reader
from store.tasks import Task
from web import about, here, words
from web.inbox import questions, sheet
from web.inbox.questions import Around, Attached, Question, Rows
from web.visitor import Visitor

MOST = 6
"""The latest steps are told; the others stand on the page of the case."""


@dataclass(frozen=True)
class Earlier:
    """A step that someone has done, with what they wrote."""

    task: Task
    who: str
    when: str
    items: tuple[Question | Rows, ...]


def of(reader: Reader, visitor: Visitor, task: Task, case: Case) -> list[Earlier]:
    """The latest steps that the visitor may see, latest first. Answers of a round are told as a round, not here."""
    done = [each for each in tasks.of_case(reader, case.id) if _is_told(each, task)]
    done.sort(key=lambda each: each.closed_at or reader.now, reverse=True)
    latest = list({(each.element, each.properties.get("about")): each for each in reversed(done)}.values())[::-1]
    seen = (e for e in latest if access.may(reader, visitor.by, "task.see", **here.place(), case=case, task=e))
    told = (_told(reader, case, each) for each in seen)
    return [each for each, _ in zip((one for one in told if one.items), range(MOST), strict=False)]


def _is_told(each: Task, than: Task) -> bool:
    own = each.element == than.element
    return each.status == "completed" and each.kind == "person" and each.multi_instance is None and not own


def _told(reader: Reader, case: Case, task: Task) -> Earlier:
    names = people.names(reader, {task.completed_by} if task.completed_by else set())
    when = words.moment(task.closed_at, here.today(reader)) if task.closed_at else ""
    return Earlier(
        about.named(reader, [task])[0], names.get(task.completed_by or "", ""), when, _items(reader, case, task)
    )


def _items(reader: Reader, case: Case, task: Task) -> tuple[Question | Rows, ...]:
    """What was answered, in the order of the form."""
    declared, _ = sheet.declared_for(reader, case, task)
    files = {each.id: Attached(each.id, each.name, "") for each in documents.of_case(reader, case.id)}
    around, answers = Around(sheet.offers_for(reader, declared), files), task.values or {}
    items: dict[str, Question | Rows] = {}
    for each in declared:
        value = answers.get(each.rows or each.id)
        if value in (None, "", [], False) or each.readonly:
            continue
        if each.rows:
            columns = [column for column in declared if column.rows == each.rows]
            items[each.rows] = questions.rows(each.rows, columns, value, around)
        else:
            items[each.id] = questions.ask(each, value, around)
    return tuple(items.values())
