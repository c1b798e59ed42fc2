"""A part of the door: views that say in one line what they take, answer and want of the token.

From the same line come the check before the view and its place in the OpenAPI document, refusals included.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Route:
    """What a view says of itself."""

    method: str
    rule: str
    scope: str
    answers: Any
    """The shape, or the schema, of what it answers with."""
    status: int = 200
    kind: str | None = None
    """Media type of an answer that is no JSON."""
    query: type[Shape] | None = None
    takes: type[Shape] | None = None
    uploads: bool = False
    conditional: bool = False
    also: tuple[int, ...] = ()
    """Refusals of its own."""

    @property
    def refusals(self) -> list[int]:
        """Every status that it may refuse with."""
        found = {*ALWAYS, *self.also, *(OF_ONE if "<" in self.rule else ())}
        found |= {*OF_CHANGES} if self.method == "POST" else set()
        return sorted(found | ({412} if self.conditional else set()))

    @property
    def documented(self) -> dict[str, Any]:
        """What the OpenAPI document says besides its shapes."""
        found: dict[str, Any] = {"security": [{"token": []}], "description": f"Scope: `{self.scope}`."}
        if self.method == "POST":
            found["parameters"] = [KEY, IF_MATCH] if self.conditional else [KEY]
        return found | ({"requestBody": _uploads()} if self.uploads else {})


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
        return self._route(Route("GET", rule, scope, answers, kind=kind, query=query, also=also))

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
            Route("POST", rule, scope, answers, status, takes=takes, uploads=uploads, conditional=conditional)
        )

    def delete(self, rule: str, *, scope: str) -> Callable[[V], V]:
        """A view that takes something away, and answers with nothing."""
        return self._route(Route("DELETE", rule, scope, None, 204))

    def _route(self, route: Route) -> Callable[[V], V]:
        blueprint = self.blueprint

        def declare(view: V) -> V:
            made: Any = open_to(MACHINES)(view)
            made.scope = route.scope
            made = blueprint.response(route.status, route.answers, content_type=route.kind)(made)
            if route.query is not None:
                made = blueprint.arguments(route.query(), location="query")(made)
            if route.takes is not None:
                made = blueprint.arguments(route.takes(), location="json", required=_asks(route.takes))(made)
            for refusal in route.refusals:
                made = blueprint.alt_response(refusal, HTTPStatus(refusal).name)(made)
            made = blueprint.doc(**route.documented)(made)
            blueprint.route(route.rule, methods=[route.method])(made)
            return view

        return declare


def guarded(ask: Ask | None = None) -> Guarded:
    """The database for a move of this request: it asks what `If-Match` asks, and keeps the receipt."""
    return Guarded(here.db(), ask=ask, note=once.note)


def _asks(takes: type[Shape]) -> bool:
    """Whether there is a field that must be sent."""
    return any(each.required for each in takes().fields.values())


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
