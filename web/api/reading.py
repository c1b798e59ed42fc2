"""What programs send: JSON that every reader understands alike, and fields that are known or refused."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from flask import Request
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from engine import strict_json
from web.api.problems import NotJson, Unfit

LARGEST = 1_000_000
"""Bytes of a JSON body."""
DEEPEST = 64
LONGEST_LINE = 1_000

SWEDISH = {
    "required": "Fältet krävs.",
    "null": "Fältet kan inte vara null.",
    "invalid": "Värdet är av fel slag.",
    "unknown": "Fältet finns inte.",
    "type": "Ett JSON-objekt krävs.",
}


class Shape(Schema):
    """What is sent or answered: snake_case here, camelCase there; unknown fields are refused."""

    class Meta:
        unknown = RAISE

    error_messages = SWEDISH

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.data_key = camel(field_name)
        field_obj.error_messages = {**field_obj.error_messages, **SWEDISH}


class Nothing(Shape):
    """No fields at all."""


class Line(fields.String):
    """Text that any database can store and any log can show: no control characters, and not endless."""

    longest = LONGEST_LINE

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not is_plain(text, lines=True) or len(text) > self.longest:
            raise ValidationError(f"Högst {self.longest} tecken, och inga styrtecken.")
        return text


class Text(Line):
    """A longer text."""

    longest = 20_000


def camel(name: str) -> str:
    """`process_instance_id` -> `processInstanceId`."""
    first, *others = name.split("_")
    return first + "".join(each.capitalize() for each in others)


def is_plain(text: str, *, lines: bool = False) -> bool:
    """Whether a text has no control characters and no halves of characters."""
    return not any(unicodedata.category(mark) in ("Cc", "Cs") and not (lines and mark in "\n\r\t") for mark in text)


class Parser(FlaskParser):
    """Reads arguments as webargs does, but strictly."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"query": RAISE, "json": None}  # noqa: RUF012  # None: the schema decides

    def _raw_load_json(self, req: Request) -> Any:
        return json_body(req)

    def handle_error(
        self, error: ValidationError, req: Request, schema: Schema, *, error_status_code: Any, error_headers: Any
    ) -> NoReturn:
        messages: Any = error.messages  # by location: query or json
        raise Unfit(dict(_flat(next(iter(messages.values()), {})))) from error


def json_body(req: Request) -> Any:
    """The body as JSON; one that is not there is an empty object.

    Raises NotJson, or the errors for a body that is too large or of another kind.
    """
    if (req.content_length or 0) > LARGEST:
        raise RequestEntityTooLarge
    if not req.content_type and not req.get_data(cache=True):
        return {}
    if req.mimetype != "application/json":
        raise UnsupportedMediaType
    body = req.get_data(cache=True)
    if len(body) > LARGEST:
        raise RequestEntityTooLarge
    return strict(body)


def strict(body: bytes) -> Any:
    """JSON in UTF-8 without what readers or databases disagree about. Raises NotJson."""
    try:
        value = strict_json.loads(body)
        _require_plain(value, 0)
    except ValueError as error:
        raise NotJson(f"Innehållet är inte giltig JSON: {str(error)[:200]}") from None
    return value


def _require_plain(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError(f"djupare än {DEEPEST} nivåer")
    match value:
        case str():
            if not is_plain(value, lines=True):
                raise ValueError("en text innehåller styrtecken eller halva tecken")
        case dict():
            for name, inner in value.items():
                _require_plain(name, depth)
                _require_plain(inner, depth + 1)
        case list():
            for inner in value:
                _require_plain(inner, depth + 1)


def _flat(messages: Any, place: str = "") -> list[tuple[str, str]]:
    """`{"variables": {"x": ["..."]}}` -> `("variables.x", "...")`."""
    if isinstance(messages, Mapping):
        places = ((f"{place}.{name}" if place else str(name), inner) for name, inner in messages.items())
        return [each for there, inner in places for each in _flat(inner, there)]
    if isinstance(messages, Sequence) and not isinstance(messages, str):
        return [(place, " ".join(str(each) for each in messages))]
    return [(place, str(messages))]
