"""Saving what is being written, while it is being written."""

from __future__ import annotations

from flask import Blueprint, request

from store import drafts
from web import here, words
from web.doors import SIGNED_IN, open_to
from web.inbox import given, page, sheet
from web.language import say

pages = Blueprint("drafts", __name__)


@pages.post("/uppgifter/<id>/utkast")
@open_to(SIGNED_IN)
def save(id: str) -> tuple[dict[str, str], int]:
    """Keep the answers as they stand, unchecked; 409 when the task can no longer be answered."""
    visitor = here.visitor()
    with here.db().read() as reader:
        task, case = page.found(reader, visitor, id)
        if not page.acts(reader, visitor, task, case)["write"]:
            return {"saved": say("Uppgiften kan inte besvaras längre. Ladda om sidan.")}, 409
        declared, _ = sheet.declared_for(reader, case, task)
        before = drafts.find(reader, id, visitor.person)
    answers = given.read(request.form, declared, before.values if before else {})
    with here.db().transaction() as tx:
        drafts.save(tx, id, visitor.person, answers)
        now = tx.now
    return {"saved": say("Utkast sparat {time}", time=words.clock(now))}, 200
