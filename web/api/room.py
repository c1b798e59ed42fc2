"""A part of the door: views that say in one line what they take, answer and want of the token.

From the same line come the check before the view and its place in the OpenAPI document, refusals included.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Response, current_app, g, request
from flask_smorest import Blueprint

from engine.errors import NotFound
from web import here
from web.api import caller, once
from web.api.conditions import Ask, Guarded
from web.api.problems import NotInScope, NotLetIn, TooFast
from web.api.reading import Parser, Shape, is_plain
from web.api.scopes import PERSONAL
from web.doors import MACHINES, open_to

V = TypeVar("V", bound=Callable[..., Any])

LONGEST_ID = 200
ALWAYS = (401, 403, 422, 429, 503)
OF_ONE = (404,)
OF_CHANGES = (400, 409, 413, 415)
KEY = {
    "in": "header",
    "name": once.HEADER,
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "Sent again with the same key, the request is carried out once. Kept for seven days.",
}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "The `ETag` that was read: anything else answers 412, and nothing is done.",
}


class _Blueprint(Blueprint):  # type: ignore[misc]
    ARGUMENTS_PARSER = Parser()


class Room:
    """Views of one noun."""

    def __init__(self, name: str, about: str) -> None:
        self.blueprint = _Blueprint(f"api-{name}", f"web.api.{name}", url_prefix="/api/v1", description=about)
        self.blueprint.before_request(_let_in)
        self.blueprint.after_request(_see_out)

    def get(
        self,
        rule: str,
        *,
        scope: str,
        answers: Any,
        query: type[Shape] | None = None,
        kind: str | None = None,
        also: tuple[int, ...] = (),
    ) -> Callable[[V], V]:
        """A view that reads. `kind` is the media type of an answer that is no JSON; `also` are its own refusals."""
        return self._route("GET", rule, scope, answers, 200, kind, query=query, also=also)

    def post(
        self,
        rule: str,
        *,
        scope: str,
        answers: Any,
        takes: type[Shape] | None = None,
        status: int = 200,
        uploads: bool = False,
        conditional: bool = False,
    ) -> Callable[[V], V]:
        """A view that changes something. `conditional` ones honour If-Match."""
        return self._route(
            "POST", rule, scope, answers, status, None, takes=takes, uploads=uploads, conditional=conditional
        )

    def delete(self, rule: str, *, scope: str) -> Callable[[V], V]:
        """A view that takes something away, and answers with nothing."""
        return self._route("DELETE", rule, scope, None, 204, None)

    def _route(
        self,
        method: str,
        rule: str,
        scope: str,
        answers: Any,
        status: int,
        kind: str | None,
        *,
        query: type[Shape] | None = None,
        takes: type[Shape] | None = None,
        uploads: bool = False,
        conditional: bool = False,
        also: tuple[int, ...] = (),
    ) -> Callable[[V], V]:
        documented: dict[str, Any] = {"security": [{"token": []}], "description": f"Scope: `{scope}`."}
        if method == "POST":
            documented["parameters"] = [KEY, IF_MATCH] if conditional else [KEY]
        if uploads:
            documented["requestBody"] = _uploads()

        def declare(view: V) -> V:
            made: Any = open_to(MACHINES)(view)
            made.scope = scope
            made = self.blueprint.response(status, answers, content_type=kind)(made)
            if query is not None:
                made = self.blueprint.arguments(query, location="query")(made)
            if takes is not None:
                made = self.blueprint.arguments(takes, location="json", required=_asks(takes))(made)
            for refusal in sorted({*_refusals(method, rule, conditional), *also}):
                made = self.blueprint.alt_response(refusal, HTTPStatus(refusal).name)(made)
            made = self.blueprint.doc(**documented)(made)
            self.blueprint.route(rule, methods=[method])(made)
            return view

        return declare


def guarded(ask: Ask | None = None) -> Guarded:
    """The database for a move of this request: it asks what `If-Match` asks, and keeps the receipt."""
    return Guarded(here.db(), ask=ask, note=once.note)


def _asks(takes: type[Shape]) -> bool:
    """Whether there is a field that must be sent."""
    return any(each.required for each in takes().fields.values())


def _refusals(method: str, rule: str, conditional: bool) -> set[int]:
    found = {*ALWAYS, *(OF_ONE if "<" in rule else ()), *(OF_CHANGES if method == "POST" else ())}
    return found | ({412} if conditional else set())


def _uploads() -> dict[str, Any]:
    file = {"type": "string", "format": "binary"}
    properties = {
        "file": {"type": "array", "items": file, "minItems": 1},
        "note": {"type": "string", "maxLength": 1000},
    }
    schema = {"type": "object", "properties": properties, "required": ["file"]}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


# Before and after every view -------------------------------------------------------------------------------------


def _let_in() -> Response | None:
    """Who is it, is the token for this, and has it been done already?"""
    secret = caller.secret_of(request)
    with here.db().read() as reader:
        found = caller.find(reader, secret) if secret else None
    require_pace(f"token:{found.token.id}" if found else f"address:{request.remote_addr}")
    if found is None:
        raise NotLetIn("Skicka Authorization: Bearer med en nyckel som gäller.")
    g.caller = found
    scope = getattr(current_app.view_functions[request.endpoint or ""], "scope", None)
    if scope is None or (scope != PERSONAL and not found.may(scope)):
        raise NotInScope(str(scope))
    if not all(is_plain(str(each)) and len(str(each)) <= LONGEST_ID for each in (request.view_args or {}).values()):
        raise NotFound("Adressen", "")
    return once.before(here.db())


def require_pace(caller: str) -> None:
    """Raises `TooFast` when a caller asks for more than this process lets through."""
    seconds = here.pace().wait(caller)
    if seconds:
        raise TooFast(seconds)


def _see_out(response: Response) -> Response:
    once.after(here.db(), response)
    return response
