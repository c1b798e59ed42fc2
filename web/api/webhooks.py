"""Webhooks: who hears of events, how each delivery went, and sending again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from engine import events
from engine.errors import NotFound
from store import feeds, outbox, webhooks
from store.database import Reader
from store.outbox import Outgoing
from store.webhooks import EVERYTHING, Attempt
from web import here, outgoing
from web.api import caller, cursors
from web.api.cursors import Paged, page_of
from web.api.reading import Line, Nothing, Shape
from web.api.room import Room, guarded
from webhooks import endpoints
from webhooks.events import PREFIX

room = Room("webhooks", "Who hears of events.")

STATES = ("waiting", "sending", "sent", "failed", "withdrawn")


class Webhook(Shape):
    id = fields.String(required=True)
    url = fields.String(required=True)
    events = fields.List(fields.String(), required=True, metadata={"description": "Without `se.kunskapsflode.`; `*`."})
    created_at = fields.AwareDateTime(required=True)
    failures = fields.Integer(required=True, metadata={"description": "How many times in a row nobody answered."})
    rests_until = fields.AwareDateTime(required=True, allow_none=True)
    disabled_at = fields.AwareDateTime(required=True, allow_none=True)
    disabled_why = fields.String(required=True)


class NewWebhook(Webhook):
    secret = fields.String(required=True, metadata={"description": "To check signatures with. Shown this once."})


class Subscription(Shape):
    url = Line(required=True, validate=validate.Length(min=1), metadata={"format": "uri", "maxLength": 1000})
    events = fields.List(
        Line(validate=validate.OneOf((EVERYTHING, *events.TYPES, *(PREFIX + each for each in events.TYPES)))),
        load_default=lambda: [EVERYTHING],
        validate=validate.Length(max=100),
        metadata={"description": "With or without `se.kunskapsflode.`; all when left out."},
    )


class Delivery(Shape):
    id = fields.String(required=True, metadata={"description": "`webhook-id`, the same at every attempt."})
    type = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": list(STATES)})
    process_instance_id = fields.String(required=True, allow_none=True)
    task_id = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    attempts = fields.Integer(required=True)
    next_attempt_at = fields.AwareDateTime(required=True, allow_none=True)
    sent_at = fields.AwareDateTime(required=True, allow_none=True)
    last_status = fields.Integer(required=True, allow_none=True, metadata={"description": "HTTP; null: no answer."})
    last_answer = fields.String(required=True, metadata={"description": "How it began, or why there was none."})


class DeliveryFilters(Paged):
    state = Line(load_default=None, validate=validate.OneOf(STATES), metadata={"enum": list(STATES)})


class Resent(Shape):
    resent = fields.Integer(required=True)


Page = page_of(Webhook)
DeliveryPage = page_of(Delivery)


@room.get("/webhooks", scope="webhooks:read", query=Paged, answers=Page)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """The webhooks of the region, oldest first"""
    with here.db().read() as reader:
        _require(reader)
        found = webhooks.of_region(reader, caller.current().region.id)
    return cursors.part(found, query)


@room.post("/webhooks", scope="webhooks:write", takes=Subscription, answers=NewWebhook, status=201)
def add(body: dict[str, Any]) -> dict[str, Any]:
    """Ask to hear of events; the secret in the answer is never shown again"""
    with here.db().read() as reader:
        _require(reader)
    who, settings = caller.current(), here.settings()
    outbound, vault = outgoing.outbound(settings), outgoing.vault_to_seal(settings)
    made, secret = endpoints.add(
        guarded(), outbound, who.region.id, body["url"], body["events"], vault=vault, by=who.by
    )
    return {name: getattr(made, name) for name in made.__slots__} | {"secret": secret}


@room.delete("/webhooks/<id>", scope="webhooks:write")
def remove(id: str) -> None:
    """Hear of nothing more"""
    with here.db().read() as reader:
        _seen(reader, id)
    who = caller.current()
    endpoints.remove(here.db(), who.region.id, id, by=who.by)


@room.get("/webhooks/<id>/deliveries", scope="webhooks:read", query=DeliveryFilters, answers=DeliveryPage)
def deliveries(query: dict[str, Any], id: str) -> dict[str, Any]:
    """What has been sent, and what waits, newest first"""
    after, limit = cursors.read(query["cursor"], datetime, str), query["limit"]
    with here.db().read() as reader:
        _seen(reader, id)
        rows = feeds.deliveries(reader, id, status=query["state"], after=after, limit=limit + 1)
        page = cursors.page(rows, limit, lambda each: (each.created_at, each.id))
        latest = feeds.attempts(reader, [each.id for each in page["items"]])
    return page | {"items": [_told(each, latest) for each in page["items"]]}


@room.post("/webhooks/<id>/deliveries/<delivery_id>/retry", scope="webhooks:write", takes=Nothing, answers=Resent)
def retry(body: dict[str, Any], id: str, delivery_id: str) -> dict[str, Any]:
    """Send a delivery again, under the same id"""
    with here.db().read() as reader:
        _seen(reader, id)
        found = outbox.find(reader, delivery_id)
    if found is None or found.kind != "event" or found.recipient != id:
        raise NotFound("Leveransen", delivery_id)
    who = caller.current()
    return {"resent": endpoints.retry(guarded(), who.region.id, delivery_id, by=who.by)}


def _require(reader: Reader) -> None:
    who = caller.current()
    endpoints.require(reader, who.region.id, who.by)


def _seen(reader: Reader, id: str) -> None:
    """Raises `NotFound` for a webhook that the region does not have, and for whoever may not know."""
    who, found = caller.current(), webhooks.find(reader, id)
    if found is None or found.region != who.region.id or not endpoints.allows(reader, who.region.id, who.by):
        raise NotFound("Mottagaren", id)


def _told(out: Outgoing, latest: Mapping[str, Attempt]) -> dict[str, Any]:
    tried = latest.get(out.id)
    return {
        "id": out.id,
        "type": PREFIX + out.name,
        "state": out.status,
        "process_instance_id": out.case_id,
        "task_id": out.task_id,
        "created_at": out.created_at,
        "attempts": out.attempts,
        "next_attempt_at": out.next_at,
        "sent_at": out.sent_at,
        "last_status": tried.status if tried else None,
        "last_answer": tried.says if tried else "",
    }
