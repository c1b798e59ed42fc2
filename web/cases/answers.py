"""What people answered in the tasks of a case, beside the rows of its history that say they did."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.core.model import Field
from engine.definitions import Deployed
from store.cases import Case
from store.database import Reader
from store.tasks import Task
from web import here
from web.cases.timeline import Happening


def beside(
    reader: Reader, case: Case, deployed: Deployed, own_tasks: Iterable[Task], told: Iterable[Happening]
) -> list[Happening]:
    """The rows with what was chosen, and the task to read the rest in, as far as the visitor may see them."""
    answered = {each.key: each for each in own_tasks if each.status == "completed"}
    return [_beside(reader, case, deployed, answered.get(each.answer), each) for each in told]


def _beside(reader: Reader, case: Case, deployed: Deployed, task: Task | None, told: Happening) -> Happening:
    if task is None:
        return told
    may_read = here.may(reader, "task.see", case=case, task=task)
    if not may_read and case.owner != here.visitor().person:
        return told
    said = _chosen(deployed, task, with_reason=not may_read)
    more = " · ".join(part for part in (said, told.more) if part)
    return replace(told, more=more, task=task.id if may_read else "")


def _chosen(deployed: Deployed, task: Task, *, with_reason: bool) -> str:
    """The last choice of the form, which is what the case goes on by: `Beslut: Återremiss`. With the reason for it
    where the reader may not open the answer to find it: `Beslut: Återremiss. Kostnaden saknas.`
    """
    process = deployed.home(task.element, task.process)
    asked = process.nodes[task.element].form if process else ()
    choices = [(each, words) for each in asked if (words := _words(each, task))]
    if not choices:
        return ""
    choice, words = choices[-1]
    said = f"{choice.label} {words}" if choice.label.endswith("?") else f"{choice.label}: {words}"
    return ". ".join([said, *_reasons(asked, choice, task)]) if with_reason else said


def _reasons(asked: Iterable[Field], choice: Field, task: Task) -> Iterator[str]:
    """What is written because of the choice that was made."""
    for each in asked:
        is_text = each.type == "string" and not (each.rows or each.properties.keys() & {"picker", "file", "personal"})
        if is_text and re.search(rf"\b{choice.id}\b", each.properties.get("requiredIf", "")):
            yield from filter(None, [(task.values or {}).get(each.id)])


def _words(asked: Field, task: Task) -> str:
    if asked.type != "enum" or asked.rows or asked.multiple or asked.readonly or asked.properties.get("personal"):
        return ""
    value = (task.values or {}).get(asked.id)
    return next((each.name for each in asked.choices if each.id == value), "")
