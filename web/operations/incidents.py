"""One incident: what happened, where in the drawing, what to do, and what came of trying again."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine import definitions
from engine import incidents as moves
from engine.errors import NotFound
from store import cases, incidents
from store.database import Reader
from store.incidents import Incident
from web import here
from web.doors import OPERATORS, open_to
from web.operations import incident_words

pages = Blueprint("incidents", __name__, template_folder="templates")


@pages.get("/drift/hinder/<id>")
@open_to(OPERATORS)
def show(id: str) -> str:
    """One incident, with the others of its case."""
    with here.db().read() as reader:
        found = _found(reader, id)
        others = incidents.open_of_case(reader, found.case_id) if found.case_id else []
        told, *beside = incident_words.rows(reader, [found, *(each for each in others if each.id != found.id)])
        return render_template(
            "incident.html",
            **told,
            others=beside,
            drawn=_diagram(reader, found) is not None,
            may_retry=here.may(reader, "incident.retry") and moves.may_be_tried(found, told["case"]),
            may_write=here.may(reader, "incident.retry"),
            tried=request.args.get("gick", ""),
            under_way=request.args.get("gick") == moves.UNDER_WAY,
            clock_or_sender=found.rule in ("delivery", "mail", "clock", "document"),
        )


@pages.post("/drift/hinder/<id>/forsok")
@open_to(OPERATORS)
def retry(id: str) -> Answer:
    """Try again. The page that follows tells how it stands, not how it was hoped to go."""
    went = moves.retry(here.db(), id, by=here.visitor().by)
    return redirect(url_for("incidents.show", id=id, gick=went.result), 303)


@pages.post("/drift/hinder/<id>/anteckning")
@open_to(OPERATORS)
def annotate(id: str) -> Answer:
    """A note for whoever takes over."""
    moves.annotate(here.db(), id, request.form.get("text", ""), by=here.visitor().by)
    return redirect(url_for("incidents.show", id=id), 303)


@pages.get("/drift/hinder/<id>/ritning.bpmn")
@open_to(OPERATORS)
def source(id: str) -> Answer:
    """The diagram that the incident's element stands in, as it was deployed; nothing of the case."""
    with here.db().read() as reader:
        drawn = _diagram(reader, _found(reader, id))
    if drawn is None:
        raise NotFound("Ritningen", id)
    return Response(drawn, mimetype="application/xml")


@pages.get("/drift/hinder/<id>/lage")
@open_to(OPERATORS)
def marks(id: str) -> Answer:
    """The one mark on that drawing."""
    with here.db().read() as reader:
        found = _found(reader, id)
    state = "stopped" if found.status == "open" else "done"
    return jsonify(states={found.element: state}, opens={}, badges={}, roles={})


def _diagram(reader: Reader, found: Incident) -> bytes | None:
    """The file of the process that the incident's element stands in; None where it is of no case, or of no element."""
    case = cases.find(reader, found.case_id) if found.case_id else None
    if case is None:
        return None
    deployed = definitions.of_case(reader, case)
    home = deployed.home(found.element, found.process)
    return deployed.diagrams[home.id] if home else None


def _found(reader: Reader, id: str) -> Incident:
    found = incidents.find(reader, id)
    if found is None or found.region != here.visitor().region:
        raise NotFound("Hindret", id)
    return found
