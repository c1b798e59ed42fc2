"""Printing: pages that were stored with a step are set as PDF afterwards, one by one, by whichever worker is free.

Claimed with a lease in one transaction, set outside any, stored in another: setting takes seconds, and no one is to
wait for it. What fails is tried again, then told as an incident; the case has long gone on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath

from engine import events, journal
from engine.access import SYSTEM
from engine.record import press
from engine.record.press import PressFailed
from store import cases, documents, incidents, renderings
from store.database import Database, Transaction
from store.renderings import Rendering

DOCUMENT = "document"
"""Rule of the incidents that tell of a page that could not be set; their `task` is the document's id."""
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""How long a page rests after each failed try; after the last it is given up."""
PDF = "application/pdf"

Typeset = Callable[[bytes], bytes]
"""A page -> its PDF. Raises `PressFailed`."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Printed:
    """What one round did."""

    done: int = 0
    failed: int = 0


def print_waiting(db: Database, typeset: Typeset = press.typeset) -> Printed:
    """Set every page that is due. Where the press cannot run, nothing is claimed and all of them wait."""
    done = failed = 0
    while _may_print(db, typeset) and (taken := _claim(db)) is not None:
        if _print(db, *taken, typeset):
            done += 1
        else:
            failed += 1
    return Printed(done, failed)


def _may_print(db: Database, typeset: Typeset) -> bool:
    with db.read() as reader:
        due = renderings.is_due(reader)
    return due and (typeset is not press.typeset or not press.missing())


def _claim(db: Database) -> tuple[Rendering, bytes] | None:
    with db.transaction() as tx:
        rendering = renderings.claim(tx)
        if rendering is None:
            return None
        page = documents.find(tx, rendering.document_id)
        assert page is not None, "what is to be set is never removed"
        return rendering, documents.content(tx, page)


def _print(db: Database, rendering: Rendering, page: bytes, typeset: Typeset) -> bool:
    try:
        pdf = typeset(page)
    except PressFailed as error:
        log.warning("document %s could not be set: %s", rendering.document_id, error)
        with db.transaction() as tx:
            _failed(tx, rendering, str(error))
        return False
    with db.transaction() as tx:
        _keep(tx, rendering, pdf)
    return True


def _keep(tx: Transaction, rendering: Rendering, pdf: bytes) -> None:
    case, page = cases.lock(tx, rendering.case_id), documents.find(tx, rendering.document_id)
    current = renderings.find(tx, rendering.document_id)
    if current is None or (current.status, current.attempts) != ("setting", rendering.attempts):
        return
    assert case is not None, "a document has a case"
    assert page is not None, "what is to be set has its page"
    name = str(PurePath(page.name).with_suffix(".pdf"))
    made = documents.add(tx, pdf, region=case.region, name=name, media_type=PDF, case_id=case.id)
    renderings.done(tx, rendering, made.id)
    about = {"document": made.id, "of": page.id, "sha256": made.hash, "title": rendering.title, "name": name}
    journal.note(tx, case, "document.rendered", SYSTEM, about)
    incidents.resolve_task(tx, case.id, page.id)


def _failed(tx: Transaction, rendering: Rendering, said: str) -> None:
    case = cases.lock(tx, rendering.case_id)
    assert case is not None, "a document has a case"
    rest = BACK_OFF[rendering.attempts - 1] if rendering.attempts <= len(BACK_OFF) else None
    if not renderings.failed(tx, rendering, said, tx.now + rest if rest else None) or rest:
        return
    message = f"Dokumentet ”{rendering.title}” kunde inte göras som PDF. Ärendet går vidare. {said}"
    is_new = incidents.report(
        tx,
        case.region,
        case.id,
        rendering.document_id,
        element="",
        process=case.process_key,
        rule=DOCUMENT,
        message=message,
    )
    if is_new:
        events.of_case(tx, case, "incident.created", rule=DOCUMENT)
