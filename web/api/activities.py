"""Activity instances: one for each time a case came to an element, folded from its history."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from marshmallow import fields

from store import feeds
from store.database import Reader
from store.feeds import HistoryFilters
from store.history import Entry
from web.api import caller, cursors
from web.api.cursors import page_of
from web.api.reading import Shape


class ActivityInstance(Shape):
    id = fields.String(required=True)
    process_instance_id = fields.String(required=True)
    process_definition_key = fields.String(required=True)
    activity_id = fields.String(required=True)
    activity_name = fields.String(required=True)
    activity_type = fields.String(required=True)
    loop_counter = fields.Integer(required=True, allow_none=True)
    start_time = fields.AwareDateTime(required=True)
    end_time = fields.AwareDateTime(required=True, allow_none=True)
    duration_in_millis = fields.Integer(required=True, allow_none=True)
    assignee = fields.String(
        required=True, allow_none=True, metadata={"description": "The person who completed it, if a person did."}
    )
    canceled = fields.Boolean(required=True)


Page = page_of(ActivityInstance)


def page(reader: Reader, query: dict[str, Any], filters: HistoryFilters) -> dict[str, Any]:
    """A page of activities that the caller may see."""
    after = cursors.read(query["cursor"], datetime, str, int)
    begun = feeds.activities(reader, caller.current().sight, filters, after=after, limit=query["limit"] + 1)
    ends = feeds.endings(reader, begun)
    found = cursors.page(begun, query["limit"], lambda each: (each.at, each.chain, each.seq))
    return found | {
        "items": [_activity(each, ends.get((each.chain, each.task or "", each.element))) for each in found["items"]]
    }


def _activity(begun: Entry, end: Entry | None) -> dict[str, Any]:
    return {
        "id": f"{begun.chain}:{begun.seq}",
        "process_instance_id": begun.chain,
        "process_definition_key": begun.process,
        "activity_id": begun.element,
        "activity_name": begun.name,
        "activity_type": begun.element_kind,
        "loop_counter": begun.loop_counter,
        "start_time": begun.at,
        "end_time": end.at if end else None,
        "duration_in_millis": (end.at - begun.at) // timedelta(milliseconds=1) if end else None,
        "assignee": end.person if end else None,
        "canceled": end is not None and end.what == "cancelled",
    }
