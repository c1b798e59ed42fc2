"""Process instances: the cases, where they stand and what they know; holding, resuming and cancelling them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response
from marshmallow import fields, validate

from engine import cases as moves
from engine.record import exports
from engine.record.log import Part
from store import cases, feeds, recusals
from store.cases import Case
from store.database import Transaction
from store.feeds import CaseFilters, HistoryFilters
from web import here
from web.api import activities, caller, conditions, cursors, sight
from web.api.cursors import Paged, page_of
from web.api.reading import Line, Shape
from web.api.room import Room, guarded
from web.api.streams import taken_away

room = Room("process-instances", "Cases: one running diagram each.")

STATES = ("active", "suspended", "completed", "cancelled")


class ProcessInstance(Shape):
    id = fields.String(required=True)
    number = fields.String(required=True, metadata={"description": "For people: `REM-2026-001`."})
    business_key = fields.String(required=True, allow_none=True, attribute="start_key")
    process_definition_id = fields.String(required=True, attribute="version")
    process_definition_key = fields.String(required=True, attribute="process_key")
    title = fields.String(required=True)
    state = fields.String(required=True, attribute="status", metadata={"enum": list(STATES)})
    outcome = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True, metadata={"description": "Of suspension or cancellation."})
    owner = fields.String(required=True, allow_none=True)
    start_time = fields.AwareDateTime(required=True, attribute="started_at")
    start_user_id = fields.String(required=True, allow_none=True, attribute="started_by")
    suspended_at = fields.AwareDateTime(required=True, allow_none=True)
    end_time = fields.AwareDateTime(required=True, allow_none=True, attribute="ended_at")
    revision = fields.Integer(required=True, metadata={"description": "Counts the steps it has taken."})


PROCESS_INSTANCE = ProcessInstance()
"""One for all answers."""


class InstanceFilters(Paged):
    business_key = Line(load_default=None)
    number = Line(load_default=None)
    definition_key = Line(load_default=None)
    state = Line(load_default=None, validate=validate.OneOf(STATES), metadata={"enum": list(STATES)})
    started_after = fields.AwareDateTime(load_default=None)
    started_before = fields.AwareDateTime(load_default=None)


class Reason(Shape):
    reason = Line(required=True, validate=validate.Length(min=1), metadata={"maxLength": 1000})


class Archive(Shape):
    format = Line(load_default="erms", validate=validate.OneOf(("erms",)), metadata={"enum": ["erms"]})


class Resumption(Shape):
    choice = Line(
        load_default="fire",
        validate=validate.OneOf(("fire", "shift", "skip")),
        metadata={"description": "Of what passed meanwhile: let it happen now, move all on, or let it pass unseen."},
    )


class Questions(Shape):
    coi_tags = fields.List(Line(), required=True, metadata={"description": "What recusals are tried against."})


class QuestionsChanged(Questions):
    reason = Line(required=True, validate=validate.Length(min=1), metadata={"maxLength": 1000})


class Variables(Shape):
    variables = fields.Dict(keys=fields.String(), required=True)


Page = page_of(ProcessInstance)


@room.get("/process-instances", scope="instances:read", query=InstanceFilters, answers=Page)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """The cases that one may see, newest first"""
    return listed(query)


@room.get("/process-instances/<id>", scope="instances:read", answers=ProcessInstance)
def show(id: str) -> Response:
    """One case"""
    with here.db().read() as reader:
        return answered(sight.case(reader, id))


@room.get("/process-instances/<id>/activity-instances", scope="instances:read", query=Paged, answers=activities.Page)
def activity_instances(query: dict[str, Any], id: str) -> dict[str, Any]:
    """What the case has gone through, oldest first"""
    with here.db().read() as reader:
        case = sight.case(reader, id)
        return activities.page(reader, query, HistoryFilters(case_id=case.id))


@room.get("/process-instances/<id>/variables", scope="instances:read", answers=Variables)
def variables(id: str) -> dict[str, Any]:
    """What the case knows"""
    with here.db().read() as reader:
        return {"variables": sight.case(reader, id).variables}


@room.get("/process-instances/<id>/coi-tags", scope="instances:read", answers=Questions)
def coi_tags(id: str) -> dict[str, Any]:
    """The questions that the case is about: whoever is recused in one of them has no part in it"""
    with here.db().read() as reader:
        return {"coi_tags": recusals.tags_of_case(reader, sight.case(reader, id).id)}


@room.post("/process-instances/<id>/coi-tags", scope="instances:write", takes=QuestionsChanged, answers=Questions)
def tag(body: dict[str, Any], id: str) -> dict[str, Any]:
    """Say which questions the case is about, instead of those it had"""
    with here.db().read() as reader:
        known = sight.case(reader, id).id
    moves.tag(here.db(), known, body["coi_tags"], reason=body["reason"], by=caller.current().by)
    return coi_tags(known)


@room.get(
    "/process-instances/<id>/archive",
    scope="history:read",
    query=Archive,
    answers={"type": "string"},
    kind="application/xml",
)
def archive(query: dict[str, Any], id: str) -> Response:
    """The case file for the archive, as CITS ERMS; for auditors and registrars"""
    with here.db().read() as reader:
        case = sight.case(reader, id)
    who = caller.current()
    pieces = exports.export(here.db(), who.region.id, query["format"], by=who.by, part=Part(case=case.number))
    return taken_away(pieces, "application/xml")


@room.post(
    "/process-instances/<id>/cancel", scope="instances:write", takes=Reason, answers=ProcessInstance, conditional=True
)
def cancel(body: dict[str, Any], id: str) -> Response:
    """End the case and withdraw what it has asked for"""
    return answered(moves.cancel(_guarded(id), id, reason=body["reason"], by=caller.current().by))


@room.post(
    "/process-instances/<id>/suspend", scope="instances:write", takes=Reason, answers=ProcessInstance, conditional=True
)
def suspend(body: dict[str, Any], id: str) -> Response:
    """Hold the case: nothing fires"""
    return answered(moves.suspend(_guarded(id), id, reason=body["reason"], by=caller.current().by))


@room.post(
    "/process-instances/<id>/resume",
    scope="instances:write",
    takes=Resumption,
    answers=ProcessInstance,
    conditional=True,
)
def resume(body: dict[str, Any], id: str) -> Response:
    """Let the case go on"""
    return answered(moves.resume(_guarded(id), id, choice=body["choice"], by=caller.current().by))


def listed(query: dict[str, Any]) -> dict[str, Any]:
    """A page of cases."""
    filters = CaseFilters(
        status=query["state"],
        process_key=query["definition_key"],
        start_key=query["business_key"],
        number=query["number"],
        started_after=query["started_after"],
        started_before=query["started_before"],
    )
    after = cursors.read(query["cursor"], datetime, str)
    with here.db().read() as reader:
        rows = feeds.cases_of(reader, caller.current().sight, filters, after=after, limit=query["limit"] + 1)
    return cursors.page(rows, query["limit"], lambda each: (each.started_at, each.id))


def answered(case: Case, status: int = 200) -> Response:
    """A case with its tag; one that has just begun, with its place."""
    location = f"/api/v1/process-instances/{case.id}" if status == 201 else None
    return conditions.answered(PROCESS_INSTANCE, case, status, location)


def _guarded(id: str) -> conditions.Guarded:
    def document(tx: Transaction) -> Any:
        # Held from here on, so that nobody changes it between the question and the move.
        cases.lock(tx, id)
        return PROCESS_INSTANCE.dump(sight.case(tx, id))

    return guarded(conditions.unchanged(document))
