"""Whose token it is, and what it may do."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from web.api import caller
from web.api.reading import Shape
from web.api.room import Room
from web.api.scopes import PERSONAL

room = Room("me", "Whose token it is.")


class Role(Shape):
    role = fields.String(required=True)
    area = fields.String(required=True, metadata={"description": "Programme area; empty for the whole region."})
    title = fields.String(required=True)
    on_behalf_of = fields.String(required=True, allow_none=True)


class Me(Shape):
    id = fields.String(required=True)
    name = fields.String(required=True)
    region = fields.String(required=True)
    roles = fields.List(fields.Nested(Role), required=True)
    token_name = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    expires_at = fields.AwareDateTime(required=True, allow_none=True)


@room.get("/me", scope=PERSONAL, answers=Me)
def show() -> dict[str, Any]:
    """The person behind the token"""
    found = caller.current()
    return {
        "id": found.person,
        "name": found.name,
        "region": found.region.id,
        "roles": [
            {
                "role": each.role,
                "area": each.area,
                "title": found.region.title(each.role),
                "on_behalf_of": each.on_behalf_of,
            }
            for each in found.held
        ],
        "token_name": found.token.name,
        "scopes": list(found.token.scopes),
        "expires_at": found.token.expires_at,
    }
