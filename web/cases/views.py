"""Cases: the list, one case, and its documents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from io import BytesIO
from typing import Any

from flask import Blueprint, render_template, request, send_file
from werkzeug.wrappers import Response as Answer

from engine.errors import NotFound
from store import cases, definitions, disposals, documents, tasks
from store.cases import Case
from store.tasks import Task
from web import here, receipts, words
from web.cases import page, papers, waiting, wording
from web.doors import SIGNED_IN, open_to

pages = Blueprint("cases", __name__, template_folder="templates")

SHOWN = 50
STATUSES = {"pagar": ("active", "suspended"), "klara": ("completed", "cancelled")}
"""Choice of the list -> the statuses it shows; any other shows all."""


@pages.get("/arenden")
@open_to(SIGNED_IN)
def index() -> str:
    """The cases that the visitor may see, newest first; a search goes through all of them.

    The address may name a place in a diagram: then only those that wait there.
    """
    visitor, text = here.visitor(), request.args.get("sok", "").strip()[:100]
    chosen = "alla" if text else request.args.get("lage", "pagar")
    first = here.number("fran", most=999_999)
    with here.db().read() as reader:
        place = waiting.asked_for(reader)
        found = cases.listed(
            reader,
            visitor.region,
            status=STATUSES.get(chosen, ()),
            ids=here.cases_seen(reader),
            text=text,
            within=place.cases if place else None,
            limit=SHOWN,
            offset=first,
        )
        today = here.today(reader)
        awaited = tasks.open_of_cases(reader, (each.id for each in found))
        kinds = definitions.names(reader, {each.version for each in found})
    return render_template(
        "cases.html",
        cases=[_line(each, kinds.get(each.version, ""), awaited.get(each.id, ()), today) for each in found],
        place=place,
        text=text,
        chosen=chosen,
        following=first + SHOWN if len(found) == SHOWN else 0,
    )


@pages.get("/arenden/<id>")
@open_to(SIGNED_IN)
def show(id: str) -> str:
    """One case: how far it has come, what has happened, its dates, people and documents."""
    with here.db().read() as reader:
        case = page.found(reader, here.visitor(), id)
        if disposal := disposals.find(reader, case.id):
            return render_template("case-disposed.html", **page.of_disposed(reader, here.visitor(), case, disposal))
        told = page.of_case(reader, here.visitor(), case, whole="allt" in request.args)
        return render_template("case.html", **told, receipt=receipts.read())


@pages.get("/arenden/<id>/dokument/<document>")
@open_to(SIGNED_IN)
def document(id: str, document: str) -> Answer:
    """A document of the case: shown where that is safe, else taken home."""
    with here.db().read() as reader:
        case = page.found(reader, here.visitor(), id)
        found = documents.find(reader, document)
        if found is None or found.case_id != case.id:
            raise NotFound("Dokumentet", document)
        content = documents.content(reader, found)
        shown = found.media_type in papers.INLINE and (found.media_type != papers.PAGE or papers.is_made(reader, found))
    kind = found.media_type.partition(";")[0]
    answer = send_file(BytesIO(content), mimetype=kind, as_attachment=not shown, download_name=found.name)
    if found.media_type == papers.PAGE:
        answer.headers["Content-Security-Policy"] = papers.SANDBOX
    return answer


def _line(case: Case, kind: str, waiting: Iterable[Task], today: date) -> dict[str, Any]:
    soonest = min((each.due for each in waiting if each.due), default=None)
    return {
        "case": case,
        "status": wording.status(case),
        "kind": kind,
        "now": ", ".join(dict.fromkeys(each.name for each in waiting)),
        "due": words.due(soonest, today) if soonest else None,
        "started": words.day(case.started_at, today),
    }
