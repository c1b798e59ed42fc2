"""Process definitions: every version of every process of the region, and starting them."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import fields

from engine import cases as moves
from engine import context, definitions, forms, starting
from engine.core.errors import NoNet
from engine.core.net import net
from engine.definitions import Deployed
from engine.errors import Invalid, NotFound
from engine.record import pnml
from store import definitions as versions
from store import feeds
from store.database import Reader
from store.definitions import Deployment
from web import here
from web.api import caller, cursors, instances
from web.api import forms as shapes
from web.api.cursors import Paged, page_of
from web.api.reading import Line, Shape
from web.api.room import Room, guarded

room = Room("process-definitions", "Processes as they are deployed.")


class ProcessDefinition(Shape):
    id = fields.String(required=True, metadata={"description": "Hash of all that the version is made of."})
    key = fields.String(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)
    version_tag = fields.String(required=True, allow_none=True)
    latest = fields.Boolean(required=True)
    startable = fields.Boolean(required=True, metadata={"description": "It has a start by hand."})
    deployed_at = fields.AwareDateTime(required=True)
    deployed_by = fields.String(required=True, allow_none=True)
    note = fields.String(required=True)


class DefinitionFilters(Paged):
    key = Line(load_default=None)
    latest_version = fields.Boolean(load_default=False)


class Start(Shape):
    business_key = Line(
        load_default=None,
        metadata={"description": "Unique per process: the same once more answers with the first case."},
    )
    variables = fields.Dict(keys=fields.String(), load_default=dict)


Page = page_of(ProcessDefinition)


@room.get("/process-definitions", scope="processes:read", query=DefinitionFilters, answers=Page)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """The processes of the region, all versions unless asked for the latest"""
    region, limit = caller.current().region.id, query["limit"]
    after = cursors.read(query["cursor"], str, int)
    with here.db().read() as reader:
        newest = {each.id for each in versions.all_latest(reader, region)}
        only = newest if query["latest_version"] else None
        rows = feeds.deployed(reader, region, process_key=query["key"], only=only, after=after, limit=limit + 1)
        page = cursors.page(rows, limit, lambda each: (each.process_key, each.number))
        return page | {"items": [_told(reader, each, each.id in newest) for each in page["items"]]}


@room.get("/process-definitions/<id>", scope="processes:read", answers=ProcessDefinition)
def show(id: str) -> dict[str, Any]:
    """One version of a process"""
    with here.db().read() as reader:
        found = _found(reader, id)
        newest = versions.latest(reader, found.region, found.process_key)
        return _told(reader, found, newest is not None and newest.id == found.id)


@room.get("/process-definitions/<id>/xml", scope="processes:read", answers={"type": "string"}, kind="application/xml")
def xml(id: str) -> Response:
    """The diagram as it was deployed"""
    with here.db().read() as reader:
        deployed = definitions.of_version(reader, _found(reader, id).version)
    return Response(deployed.diagrams[deployed.process.id], mimetype="application/xml")


@room.get("/process-definitions/<id>/pnml", scope="processes:read", answers={"type": "string"}, kind="application/xml")
def petri_net(id: str) -> Response:
    """The net that the event log of the process replays on"""
    with here.db().read() as reader:
        definition = definitions.of_version(reader, _found(reader, id).version).definition
    try:
        return Response(pnml.text(net(definition)), mimetype="application/xml")
    except NoNet as error:
        raise Invalid(str(error)) from error


@room.get("/process-definitions/<id>/start-form", scope="processes:read", answers=shapes.Form)
def start_form(id: str) -> dict[str, Any]:
    """The questions of a start by hand; none where it has none"""
    with here.db().read() as reader:
        deployed = definitions.of_version(reader, _found(reader, id).version)
        node = starting.plain_start(deployed.process)
        if node is None:
            raise NotFound("Startformuläret", id)
        with context.session(context.of_region(reader, deployed.region)) as session:
            values = forms.shown(node.form, {}, session.evaluate)
            visible = forms.visible(node.form, values, session.evaluate)
    return shapes.form(node.form, values, frozenset(visible), node.documentation)


@room.post(
    "/process-definitions/key/<key>/start",
    scope="instances:write",
    takes=Start,
    answers=instances.ProcessInstance,
    status=201,
)
def start(body: dict[str, Any], key: str) -> Response:
    """Start a case of the latest version"""
    who = caller.current()
    case = moves.start(guarded(), who.region.id, key, body["variables"], business_key=body["business_key"], by=who.by)
    return instances.answered(case, 201)


def _found(reader: Reader, id: str) -> Deployment:
    found = versions.by_version(reader, caller.current().region.id, id)
    if found is None:
        raise NotFound("Processversionen", id)
    return found


def _told(reader: Reader, found: Deployment, latest: bool) -> dict[str, Any]:
    deployed = definitions.of_version(reader, found.version)
    return {
        "id": found.version,
        "key": found.process_key,
        "name": found.name,
        "version": found.number,
        "version_tag": deployed.process.version_tag,
        "latest": latest,
        "startable": _startable(deployed),
        "deployed_at": found.at,
        "deployed_by": found.by,
        "note": found.note,
    }


def _startable(deployed: Deployed) -> bool:
    return not deployed.process.is_part and starting.plain_start(deployed.process) is not None
