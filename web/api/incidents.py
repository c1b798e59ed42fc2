"""Incidents: where cases have come to a stop, and trying again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from engine import incidents as moves
from engine.errors import NotFound
from store import feeds
from store.database import Reader
from web import here
from web.api import caller, cursors
from web.api.cursors import Paged, page_of
from web.api.reading import Line, Nothing, Shape
from web.api.room import Room, guarded

room = Room("incidents", "Where cases have come to a stop.")

STATES = ("open", "resolved")


class Incident(Shape):
    id = fields.String(required=True)
    state = fields.String(required=True, attribute="status", metadata={"enum": list(STATES)})
    process_instance_id = fields.String(required=True, allow_none=True, attribute="case_id")
    process_definition_key = fields.String(required=True, attribute="process")
    activity_id = fields.String(required=True, attribute="element")
    rule = fields.String(required=True)
    message = fields.String(required=True)
    count = fields.Integer(required=True, metadata={"description": "How many times it has happened."})
    first_at = fields.AwareDateTime(required=True)
    last_at = fields.AwareDateTime(required=True)
    resolved_at = fields.AwareDateTime(required=True, allow_none=True)
    resolved_by = fields.String(required=True, allow_none=True)


class IncidentFilters(Paged):
    state = Line(load_default="open", validate=validate.OneOf(STATES), metadata={"enum": list(STATES)})
    process_instance_id = Line(load_default=None)


class Retried(Shape):
    resolved = fields.Boolean(required=True)
    under_way = fields.Boolean(required=True, metadata={"description": "It is tried; how it goes is not known yet."})
    reason = fields.String(required=True, metadata={"description": "Why it stopped again, when it did."})


Page = page_of(Incident)


@room.get("/incidents", scope="incidents:read", query=IncidentFilters, answers=Page)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """The stops that one may see, newest first"""
    after = cursors.read(query["cursor"], datetime, str)
    with here.db().read() as reader:
        rows = feeds.incidents_of(
            reader,
            caller.current().sight,
            status=query["state"],
            case_id=query["process_instance_id"],
            after=after,
            limit=query["limit"] + 1,
        )
    return cursors.page(rows, query["limit"], lambda each: (each.first_at, each.id))


@room.get("/incidents/<id>", scope="incidents:read", answers=Incident)
def show(id: str) -> Any:
    """One stop"""
    with here.db().read() as reader:
        return _seen(reader, id)


@room.post("/incidents/<id>/resolve", scope="incidents:write", takes=Nothing, answers=Retried)
def resolve(body: dict[str, Any], id: str) -> dict[str, Any]:
    """Try again where the case stopped, and tell how it went"""
    with here.db().read() as reader:
        _seen(reader, id)
    outcome = moves.retry(guarded(), id, by=caller.current().by)
    return {
        "resolved": outcome.result == moves.SOLVED,
        "under_way": outcome.result == moves.UNDER_WAY,
        "reason": outcome.reason,
    }


def _seen(reader: Reader, id: str) -> Any:
    found = feeds.incidents_of(reader, caller.current().sight, id=id, limit=1)
    if not found:
        raise NotFound("Stoppet", id)
    return found[0]
