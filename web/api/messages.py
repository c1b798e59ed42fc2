"""Messages: to the case that waits for one, or to the process that one starts."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from engine import messages as moves
from web.api import caller
from web.api.reading import Line, Shape
from web.api.room import Room, guarded

room = Room("messages", "To cases that wait, and processes that a message starts.")


class Message(Shape):
    message_name = Line(required=True, validate=validate.Length(min=1))
    business_key = Line(load_default=None, validate=validate.Length(min=1))
    correlation_keys = fields.Dict(
        keys=fields.String(),
        load_default=None,
        metadata={"description": "One name and its value: the key that the waiting element's correlationKey gives."},
    )
    variables = fields.Dict(keys=fields.String(), load_default=dict)

    @validates_schema(skip_on_field_errors=True)
    def require_one_key(self, data: dict[str, Any], **kwargs: Any) -> None:
        keys = data["correlation_keys"]
        if keys is None:
            return
        if data["business_key"] is not None:
            raise ValidationError("Ange businessKey eller correlationKeys, inte båda.", "correlationKeys")
        if len(keys) != 1 or not all(_is_key(each) for each in keys.values()):
            raise ValidationError("Ange ett namn med ett värde, text eller heltal.", "correlationKeys")


class Correlation(Shape):
    result = fields.String(required=True, metadata={"enum": ["correlated", "started", "kept"]})
    process_instances = fields.List(fields.String(), required=True)
    started = fields.List(
        fields.String(), required=True, metadata={"description": "Those of them that the message started."}
    )
    message_id = fields.String(
        required=True, allow_none=True, metadata={"description": "When nobody waited: it is kept for 90 days."}
    )


@room.post("/messages/correlate", scope="messages:write", takes=Message, answers=Correlation)
def correlate(body: dict[str, Any]) -> dict[str, Any]:
    """Deliver a message; 409 when it fits several waiting cases"""
    who = caller.current()
    found = moves.correlate(guarded(), who.region.id, body["message_name"], _key(body), body["variables"], by=who.by)
    result = "kept" if found.kept else "started" if found.started else "correlated"
    return {
        "result": result,
        "process_instances": list(found.cases),
        "started": list(found.started),
        "message_id": found.kept,
    }


def _key(body: dict[str, Any]) -> str | None:
    keys = body["correlation_keys"]
    return str(next(iter(keys.values()))) if keys else body["business_key"]


def _is_key(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    return 0 < len(str(value)) <= Line.longest
