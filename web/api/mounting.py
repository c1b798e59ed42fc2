"""The door put together: every room under `/api/v1`, and the OpenAPI document of them all."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, current_app, json
from flask_smorest import Api
from marshmallow import fields

from web.api import (
    conversation,
    deployments,
    history,
    incidents,
    instances,
    me,
    messages,
    processes,
    tasks,
    webhooks,
)
from web.api.problems import MEDIA_TYPE
from web.api.reading import Line, Shape, Text
from web.api.scopes import SCOPES
from web.doors import ANYONE, open_to

ROOMS = (deployments, processes, instances, tasks, conversation, messages, history, incidents, webhooks, me)
VERSION = "1"

document = Blueprint("api-document", __name__, url_prefix="/api/v1")


class Problem(Shape):
    """RFC 9457. Programs go by `type`, people read `title` and `detail`."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    errors = fields.List(fields.Dict(keys=fields.String()))


class _Api(Api):  # type: ignore[misc]
    """Errors are answered by the table of problems, and documented as problems."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Not here: one table answers for the whole application."""

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            if status >= 400:
                content = {MEDIA_TYPE: {"schema": Problem}}
                self.spec.components.response(
                    status.name, {"description": status.phrase, "content": content}, lazy=True
                )


def mount(app: Flask) -> None:
    """Open the door of an application."""
    app.config.update(API_TITLE="Kunskapsflöde", API_VERSION=VERSION, OPENAPI_VERSION="3.0.3", OPENAPI_URL_PREFIX=None)
    api = _Api(app, spec_kwargs={"info": {"description": _about()}})
    api.register_field(Line, "string", None)
    api.register_field(Text, "string", None)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for room in ROOMS:
        api.register_blueprint(room.room.blueprint)
    app.extensions["openapi"] = api.spec.to_dict()
    app.register_blueprint(document)


@document.get("/openapi.json")
@open_to(ANYONE)
def openapi() -> Response:
    described: dict[str, Any] = current_app.extensions["openapi"]
    return Response(json.dumps(described), mimetype="application/json")


def _about() -> str:
    lines = (f"- `{scope}`: {words}" for scope, words in SCOPES.items())
    return "Nycklar görs med `kunskapsflode token add` och får användas till:\n" + "\n".join(lines)
