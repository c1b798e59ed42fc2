"""Starting a case by the start form of its process; and the page about accessibility."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine import cases as moves
from engine import definitions, following, starting
from engine.core.model import Node
from engine.definitions import Deployed
from engine.errors import FormErrors, Incalculable, NotFound
from store import definitions as deployed_versions
from store.database import Reader
from web import here, receipts
from web.cases import page
from web.doors import ANYONE, SIGNED_IN, open_to
from web.inbox import files, given, sheet
from web.start import themes

pages = Blueprint("start", __name__, template_folder="templates")


@pages.get("/starta")
@open_to(SIGNED_IN)
def index() -> str:
    """The processes that the visitor may start."""
    with here.db().read() as reader:
        newest = deployed_versions.all_latest(reader, here.visitor().region)
        found = [definitions.of_version(reader, each.version) for each in newest]
        allowed = [each.process for each in found if _may_start(reader, each)]
        return render_template("start.html", themes=themes.grouped(allowed))


@pages.get("/starta/<key>")
@open_to(SIGNED_IN)
def show(key: str) -> str:
    """The start form; with `efter`, the id of a case to go on from, it has what is known from there."""
    with here.db().read() as reader:
        deployed, node = _startable(reader, key)
        form = sheet.of_start(reader, deployed, node, _from_earlier(reader, deployed))
        return render_template("start-form.html", process=deployed.process, sheet=form)


@pages.post("/starta/<key>")
@open_to(SIGNED_IN)
def submit(key: str) -> Answer:
    """Start the case, or change what is written so far: `do` says which button was pressed."""
    visitor, act = here.visitor(), request.form.get("do", "refresh")
    with here.db().read() as reader:
        _, node = _startable(reader, key)
        asked_at = reader.now
    answers = given.read(request.form, node.form, {})
    answers, refused = files.take_in(answers, node.form, files.Holder(visitor.region))
    if act != "send" or refused:
        return _shown_again(key, given.change_rows(answers, act, request.form) if ":" in act else answers, refused)
    try:
        case = moves.start(
            here.db(),
            visitor.region,
            key,
            given.without_blank_rows(answers, node.form),
            by=visitor.by,
        )
    except FormErrors as wrong:
        return _shown_again(key, answers, wrong.errors)
    except Incalculable as wrong:
        return _shown_again(key, answers, {"": str(wrong)})
    receipt = "Ärendet är startat." if case.started_at >= asked_at else "Det finns redan ett ärende om det. Här är det."
    return redirect(url_for("cases.show", id=case.id, kvitto=receipts.sealed(receipt)), 303)


@pages.get("/tillganglighet")
@open_to(ANYONE)
def accessibility() -> str:
    """How accessible the pages are, and whom to tell when they are not."""
    return render_template("accessibility.html")


def _shown_again(key: str, answers: dict[str, Any], faults: dict[str, str]) -> Response:
    with here.db().read() as reader:
        deployed, node = _startable(reader, key)
        form = sheet.of_start(reader, deployed, node, answers, faults)
        page = render_template("start-form.html", process=deployed.process, sheet=form)
    return make_response(page, 422 if faults else 200)


def _from_earlier(reader: Reader, deployed: Deployed) -> dict[str, Any]:
    """What the form has from the case it goes on from, if the visitor may see that."""
    visitor, id = here.visitor(), request.args.get("efter", "")
    if not id:
        return {}
    earlier = page.found(reader, visitor, id)
    return following.answers_from(reader, here.region(), deployed, earlier, visitor.by)


def _startable(reader: Reader, key: str) -> tuple[Deployed, Node]:
    """A process that the visitor may start by hand. Raises `NotFound` otherwise."""
    deployed = definitions.current(reader, here.visitor().region, key)
    node = starting.plain_start(deployed.process)
    if node is None or not _may_start(reader, deployed):
        raise NotFound("Processen", key)
    return deployed, node


def _may_start(reader: Reader, deployed: Deployed) -> bool:
    process = deployed.process
    if process.is_part or starting.plain_start(process) is None:
        return False
    roles = starting.starters(process)
    return here.may(reader, "case.start", starters=roles)
