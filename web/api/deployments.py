"""Deployments: BPMN and DMN files become new versions of processes, all of them or none."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import fields
from werkzeug.exceptions import UnsupportedMediaType

from engine import deployments as moves
from engine.deployments import Files
from engine.errors import NotFound
from store import definitions as versions
from store import proposals
from store.database import Reader
from store.definitions import Part
from web import here
from web.api import caller, cursors, sight
from web.api.cursors import Paged, page_of
from web.api.problems import Unfit
from web.api.reading import Nothing, Shape, is_plain
from web.api.room import Room, guarded
from web.attachments import safe_name

room = Room("deployments", "Files become versions of processes.")

MOST_FILES = 100
LARGEST_FILE = 1_000_000
LONGEST_NOTE = 1_000
ENDINGS = (".bpmn", ".dmn")


class DeployedProcess(Shape):
    id = fields.String(required=True, attribute="version", metadata={"description": "Of the process definition."})
    key = fields.String(required=True)
    name = fields.String(required=True)
    is_new = fields.Boolean(required=True, metadata={"description": "False when nothing had changed."})
    is_proposed = fields.Boolean(
        required=True, metadata={"description": "True when it waits for another designer or the coordinator."}
    )


class Proposal(Shape):
    id = fields.String(required=True)
    process_definition_id = fields.String(required=True, attribute="version")
    key = fields.String(required=True, attribute="process_key")
    proposed_at = fields.AwareDateTime(required=True, attribute="at")
    proposed_by = fields.String(required=True, attribute="by", metadata={"description": "Person key."})
    note = fields.String(required=True)


ProposalPage = page_of(Proposal)


class Deployment(Shape):
    process_definitions = fields.List(fields.Nested(DeployedProcess), required=True)


@room.post("/deployments", scope="processes:deploy", uploads=True, answers=Deployment, status=201)
def deploy() -> dict[str, Any]:
    """Deploy files; 422 names every element that is refused"""
    who = caller.current()
    with here.db().read() as reader:
        sight.require(reader, "process.propose")
        beside, words = _in_force(reader, who.region.id)
    files, note = _files(), _note()
    done = moves.deploy(guarded(), who.region, files, by=who.by, note=note, beside=beside, words=words)
    return {"process_definitions": done}


@room.get("/deployments/proposals", scope="processes:deploy", query=Paged, answers=ProposalPage)
def proposed(query: dict[str, Any]) -> dict[str, Any]:
    """What designers have proposed and nobody has approved yet, oldest first"""
    with here.db().read() as reader:
        sight.require(reader, "process.approve")
        found = proposals.open_of_region(reader, caller.current().region.id)
    return cursors.part(found, query)


@room.post("/deployments/proposals/<id>/approve", scope="processes:deploy", takes=Nothing, answers=DeployedProcess)
def approve(body: dict[str, Any], id: str) -> moves.Result:
    """Put a proposal in service; whoever proposed it may not"""
    who = caller.current()
    with here.db().read() as reader:
        sight.require(reader, "process.approve")
        found = [each for each in proposals.open_of_region(reader, who.region.id) if each.id == id]
    if not found:
        raise NotFound("Förslaget", id)
    return moves.approve(guarded(), who.region, found[0].version, by=who.by)


def _in_force(reader: Reader, region: str) -> tuple[dict[str, bytes], dict[str, str]]:
    """The files and texts of the versions in force: what a new file calls need not be sent along."""
    parts: list[Part] = []
    for each in versions.all_latest(reader, region):
        parts += versions.files(reader, each.version)
    called = {f"{each.kind}/{each.filename}": each.bytes for each in parts if each.filename.endswith(ENDINGS)}
    return called, {each.filename: each.bytes.decode() for each in parts if each.kind == "texts"}


def _files() -> Files:
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    sent = request.files.getlist("file")
    if not 1 <= len(sent) <= MOST_FILES or set(request.files) - {"file"}:
        raise Unfit({"file": f"Skicka 1-{MOST_FILES} filer, var och en i en del med namnet file."})
    found: dict[str, bytes] = {}
    for each in sent:
        name = safe_name(each.filename)
        if not name.lower().endswith(ENDINGS) or name in found:
            raise Unfit({"file": f"{name}: filer ska sluta på .bpmn eller .dmn och ha var sitt namn."})
        # One byte more than may be: the reader of diagrams then says that it is too large.
        found[name] = each.stream.read(LARGEST_FILE + 1)
    return found


def _note() -> str:
    note = request.form.get("note", "")
    if set(request.form) - {"note"}:
        raise Unfit(dict.fromkeys(set(request.form) - {"note"}, "Fältet finns inte."))
    if len(note) > LONGEST_NOTE or not is_plain(note, lines=True):
        raise Unfit({"note": f"Högst {LONGEST_NOTE} tecken, och inga styrtecken."})
    return note
