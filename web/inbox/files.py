"""Files that are attached in a form: what is taken in, and what may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from engine.core.model import Field
from store import documents
from store.database import Transaction
from store.documents import Document
from store.tasks import Task
from web import here
from web.attachments import LARGEST, media_type, safe_name
from web.language import say

MOST = 20
"""Files in one form."""

Faults = dict[str, str]


@dataclass(frozen=True)
class Holder:
    """What a file is kept for: a task of a case, or a case that is about to start."""

    region: str
    case_id: str | None = None
    task_id: str | None = None

    def holds(self, document: Document) -> bool:
        """Whether the visitor's form may name the document: it was added for the same, or by the visitor for none."""
        if self.task_id is None:
            return document.case_id is None and document.added_by == here.visitor().person
        return (document.case_id, document.task_id) == (self.case_id, self.task_id)


def of_task(task: Task) -> Holder:
    return Holder(task.region, task.case_id, task.id)


def take_in(answers: Mapping[str, Any], declared: Sequence[Field], holder: Holder) -> tuple[dict[str, Any], Faults]:
    """Keep the files of this request and put their ids among the answers; what could not be kept is a fault."""
    dropped = set(request.form.getlist("drop"))
    taken, faults = dict(answers), Faults()
    with here.db().transaction() as tx:
        for field, place in _places(declared, answers):
            named = [documents.find(tx, each) for each in _ids(_at(taken, place)) if each not in dropped]
            kept = [each.id for each in named if each and holder.holds(each)]
            sent = [each for each in request.files.getlist(f"file.f.{place}") if each.filename]
            fault = _unfit(sent, len(kept))
            if fault:
                faults[place] = fault
            else:
                kept += [_keep(tx, each, holder) for each in sent]
            many = field.properties.get("file") == "many"
            _put(taken, place, kept if many else (kept[-1] if kept else None))
    return taken, faults


def _places(declared: Sequence[Field], answers: Mapping[str, Any]) -> Iterator[tuple[Field, str]]:
    """Every file field on the page, with its place among the answers: `attachments`, `comments.2.appendix`."""
    for field in (each for each in declared if each.properties.get("file") and not each.readonly):
        if not field.rows:
            if field.id in answers:
                yield field, field.id
            continue
        for number in range(len(answers.get(field.rows) or [])):
            yield field, f"{field.rows}.{number}.{field.column}"


def _at(answers: Mapping[str, Any], place: str) -> Any:
    if "." not in place:
        return answers.get(place)
    rows, number, column = place.split(".")
    return answers[rows][int(number)].get(column)


def _put(answers: dict[str, Any], place: str, value: Any) -> None:
    if "." not in place:
        answers[place] = value
        return
    rows, number, column = place.split(".")
    answers[rows][int(number)][column] = value


def _ids(value: Any) -> list[str]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _unfit(sent: Sequence[FileStorage], already: int) -> str:
    if already + len(sent) > MOST:
        return say("Bifoga högst {n} filer.", n=MOST)
    for each in sent:
        if media_type(each.filename) is None:
            return say(
                "Filen {name} är av en sort som inte tas emot. Bifoga en PDF i stället.", name=safe_name(each.filename)
            )
        if _size(each) > LARGEST:
            return say("Filen {name} är större än 25 MB. Välj en mindre fil.", name=safe_name(each.filename))
        if _size(each) == 0:
            return say("Filen {name} är tom. Välj en annan fil.", name=safe_name(each.filename))
    return ""


def _keep(tx: Transaction, sent: FileStorage, holder: Holder) -> str:
    kind = media_type(sent.filename)
    assert kind is not None, "what is kept has been judged"
    kept = documents.add(
        tx,
        sent.stream.read(),
        region=holder.region,
        name=safe_name(sent.filename),
        media_type=kind,
        case_id=holder.case_id,
        task_id=holder.task_id,
        by=here.visitor().person,
    )
    return kept.id


def _size(sent: FileStorage) -> int:
    end = sent.stream.seek(0, 2)
    sent.stream.seek(0)
    return end
