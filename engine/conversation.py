"""Moves beside a task: what is said about it, and what is attached to it."""

from __future__ import annotations

from engine import access, definitions, journal
from engine.access import Actor
from engine.errors import Invalid, NotFound, NotRunning
from store import cases, comments, documents, tasks
from store.cases import Case
from store.comments import Comment
from store.database import Database, Transaction
from store.documents import Document
from store.tasks import Task

LONGEST = 20_000


def comment(db: Database, task_id: str, text: str, *, by: Actor) -> Comment:
    """Say something about a task. Raises `NotFound`, `Forbidden`, `NotRunning` or `Invalid`."""
    with db.transaction() as tx:
        task, case, by = _open(tx, task_id, "task.ask", by)
        if by.performer is None or not text.strip() or len(text) > LONGEST:
            raise Invalid(f"Skriv en kommentar på högst {LONGEST} tecken.")
        said = comments.add(tx, case.id, by.performer, text.strip(), task.id)
        journal.note(tx, case, "commented", by, {"comment": said.id}, task)
        return said


def attach(db: Database, task_id: str, name: str, content: bytes, media_type: str, *, by: Actor) -> Document:
    """Attach a file to a task; file fields of its form may name it. Raises as `comment`."""
    with db.transaction() as tx:
        task, case, by = _open(tx, task_id, "task.complete", by)
        if not content:
            raise Invalid(f"Filen {name} är tom. Välj en annan fil.")
        kept = documents.add(
            tx,
            content,
            region=case.region,
            name=name,
            media_type=media_type,
            case_id=case.id,
            task_id=task.id,
            by=by.performer,
        )
        journal.note(tx, case, "attached", by, {"document": kept.id, "sha256": kept.hash}, task)
        return kept


def _open(tx: Transaction, task_id: str, act: str, by: Actor) -> tuple[Task, Case, Actor]:
    task = tasks.find(tx, task_id)
    case = cases.lock(tx, task.case_id) if task else None
    if task is None or case is None:
        raise NotFound("Uppgiften", task_id)
    zone = definitions.of_case(tx, case).region.timezone
    by = access.require(tx, by, act, region=case.region, timezone=zone, case=case, task=task)
    if case.status not in cases.OPEN:
        raise NotRunning(case.number, case.status)
    return task, case, by
