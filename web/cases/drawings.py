"""The drawing of a case: the diagram it runs on, and where in it the case stands."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine import definitions
from engine.core import templates
from engine.core.model import Process
from engine.definitions import Deployed
from engine.errors import NotFound
from store import history, incidents, tasks
from store.cases import Case
from store.database import Reader
from web import here
from web.cases import page, progress
from web.cases.progress import Traces
from web.doors import SIGNED_IN, open_to

pages = Blueprint("drawings", __name__, template_folder="templates")


@pages.get("/arenden/<id>/ritning")
@open_to(SIGNED_IN)
def show(id: str) -> str:
    """The drawing on a page of its own: the case's own process, or one that it calls."""
    with here.db().read() as reader:
        case = page.found(reader, here.visitor(), id)
        deployed = definitions.of_case(reader, case)
        parts = [(each.id, each.name) for each in deployed.definition.processes]
        return render_template("drawing.html", case=case, process=_asked_for(deployed), parts=parts)


@pages.get("/arenden/<id>/ritning.bpmn")
@open_to(SIGNED_IN)
def source(id: str) -> Answer:
    """The diagram as it was deployed."""
    with here.db().read() as reader:
        deployed = definitions.of_case(reader, page.found(reader, here.visitor(), id))
    return Response(deployed.diagrams[_asked_for(deployed).id], mimetype="application/xml")


@pages.get("/arenden/<id>/lage")
@open_to(SIGNED_IN)
def marks(id: str) -> Answer:
    """Where the case stands, for the drawing: element -> state, words; and which called parts can be opened."""
    with here.db().read() as reader:
        case = page.found(reader, here.visitor(), id)
        deployed = definitions.of_case(reader, case)
        traces = _traces(reader, case)
    process = _asked_for(deployed)
    states = {node: traces.state((process.id, node)) for node in process.nodes}
    opens = {
        node.id: url_for("drawings.show", id=case.id, process=node.called)
        for node in process.nodes.values()
        if node.called in deployed.definition.called
    }
    badges = {element: str(len(each)) for (owner, element), each in traces.waiting.items() if owner == process.id}
    badges |= {id: "1" for id in opens if states[id] == "now"}
    return jsonify(states=states, opens=opens, badges=badges, roles=_role_tags(deployed, process))


def _asked_for(deployed: Deployed) -> Process:
    """The process that the address names, or the case's own. Raises `NotFound`."""
    wanted = request.args.get("process") or deployed.process.id
    process = next((each for each in deployed.definition.processes if each.id == wanted), None)
    if process is None:
        raise NotFound("Processen", wanted)
    return process


def _traces(reader: Reader, case: Case) -> Traces:
    stopped, today = incidents.open_of_case(reader, case.id), here.today(reader)
    return progress.traces(history.read(reader, case.id), tasks.of_case(reader, case.id), stopped, today, {})


def _role_tags(deployed: Deployed, process: Process) -> dict[str, str]:
    """Element -> the title of who does it, for tags in the drawing."""
    written = {
        node.id: node.attributes.get("candidateGroups", "") or node.properties.get("manualRole", "")
        for node in process.nodes.values()
    }
    roles = {id: next(iter(templates.split(text)), "").partition("@")[0] for id, text in written.items()}
    return {id: deployed.region.title(role) for id, role in roles.items() if role in deployed.region.roles}
