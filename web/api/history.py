"""History: what cases have gone through and what people have done; and the whole of it, to take away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response
from marshmallow import fields, validate

from engine.record import exports
from engine.record.log import Part
from store import feeds
from store.feeds import HistoryFilters
from store.history import Entry
from web import here
from web.api import activities, caller, cursors, instances, tasks
from web.api.cursors import Paged, page_of
from web.api.instances import InstanceFilters
from web.api.reading import Line, Shape
from web.api.room import Room
from web.api.streams import taken_away
from web.api.tasks import TaskFiltering

room = Room("history", "What has happened.")

FORMATS = {
    "xes": ("xes", "application/xml"),
    "ocel-json": ("ocel", "application/json"),
    "csv": ("csv", "text/csv; charset=utf-8"),
    "jsonl": ("jsonl", "application/x-ndjson"),
}
"""What is asked for -> the name that the exports have for it, and its media type."""


class PastTasks(TaskFiltering):
    state = Line(load_default=None, validate=validate.OneOf(tasks.STATES), metadata={"enum": list(tasks.STATES)})


class ActivityFilters(Paged):
    process_instance_id = Line(load_default=None)
    activity_id = Line(load_default=None)
    started_after = fields.AwareDateTime(load_default=None)
    started_before = fields.AwareDateTime(load_default=None)


class OperationFilters(Paged):
    process_instance_id = Line(load_default=None)
    user_id = Line(load_default=None, metadata={"description": "Person key."})
    operation_type = Line(load_default=None)
    after = fields.AwareDateTime(load_default=None)
    before = fields.AwareDateTime(load_default=None)


class UserOperation(Shape):
    id = fields.String(required=True)
    process_instance_id = fields.String(
        required=True, allow_none=True, metadata={"description": "null for what belongs to no case."}
    )
    process_definition_key = fields.String(required=True)
    activity_id = fields.String(required=True)
    operation_type = fields.String(required=True)
    timestamp = fields.AwareDateTime(required=True)
    user_id = fields.String(required=True, allow_none=True)
    on_behalf_of = fields.String(required=True, allow_none=True)
    mandate = fields.String(required=True, allow_none=True)
    details = fields.Dict(keys=fields.String(), required=True, allow_none=True)


class Export(Shape):
    format = Line(required=True, validate=validate.OneOf(tuple(FORMATS)), metadata={"enum": list(FORMATS)})
    definition_key = Line(load_default=None, metadata={"description": "Only cases of this process."})


OperationPage = page_of(UserOperation)


@room.get("/history/process-instances", scope="history:read", query=InstanceFilters, answers=instances.Page)
def process_instances(query: dict[str, Any]) -> dict[str, Any]:
    """Cases, also those that have ended, newest first"""
    return instances.listed(query)


@room.get("/history/activity-instances", scope="history:read", query=ActivityFilters, answers=activities.Page)
def activity_instances(query: dict[str, Any]) -> dict[str, Any]:
    """What cases have gone through, oldest first"""
    filters = HistoryFilters(
        case_id=query["process_instance_id"],
        element=query["activity_id"],
        since=query["started_after"],
        before=query["started_before"],
    )
    with here.db().read() as reader:
        return activities.page(reader, query, filters)


@room.get("/history/tasks", scope="history:read", query=PastTasks, answers=tasks.Page)
def past_tasks(query: dict[str, Any]) -> dict[str, Any]:
    """Tasks, also those that are done, newest first"""
    after = cursors.read(query["cursor"], datetime, str)
    with here.db().read() as reader:
        rows = feeds.past_tasks(
            reader, caller.current().sight, tasks.filters(query), after=after, limit=query["limit"] + 1
        )
        page = cursors.page(rows, query["limit"], lambda each: (each.opened_at, each.id))
        return page | {"items": tasks.told(reader, page["items"])}


@room.get("/history/user-operations", scope="history:read", query=OperationFilters, answers=OperationPage)
def user_operations(query: dict[str, Any]) -> dict[str, Any]:
    """What people have done, oldest first"""
    filters = HistoryFilters(
        case_id=query["process_instance_id"],
        person=query["user_id"],
        what=query["operation_type"],
        since=query["after"],
        before=query["before"],
    )
    after = cursors.read(query["cursor"], datetime, str, int)
    with here.db().read() as reader:
        rows = feeds.operations(reader, caller.current().sight, filters, after=after, limit=query["limit"] + 1)
    page = cursors.page(rows, query["limit"], lambda each: (each.at, each.chain, each.seq))
    return page | {"items": [_operation(each) for each in page["items"]]}


@room.get(
    "/history/export",
    scope="history:read",
    query=Export,
    answers={"type": "string"},
    kind="*/*",
    also=(404,),
)
def export(query: dict[str, Any]) -> Response:
    """History to take away, for auditors and registrars; that it was taken becomes a row in it"""
    who, (format, media_type) = caller.current(), FORMATS[query["format"]]
    pieces = exports.export(here.db(), who.region.id, format, by=who.by, part=Part(query["definition_key"]))
    return taken_away(pieces, media_type)


def _operation(each: Entry) -> dict[str, Any]:
    return {
        "id": f"{each.chain}:{each.seq}",
        "process_instance_id": None if each.chain.startswith("region:") else each.chain,
        "process_definition_key": each.process,
        "activity_id": each.element,
        "operation_type": each.what,
        "timestamp": each.at,
        "user_id": each.person,
        "on_behalf_of": each.on_behalf_of,
        "mandate": each.mandate,
        "details": each.details,
    }
