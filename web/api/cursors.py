"""Cursors: where a list goes on. To a program they are a text to send back; to us, the sort key of the last row."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from store.columns import instant_text
from web.api.problems import Unfit
from web.api.reading import LONGEST_LINE, Line, Shape, is_plain

MOST = 200
USUAL = 50
BIGGEST = 2**31
"""What the databases' integers hold."""


class Paged(Shape):
    """The parameters of every list."""

    limit = fields.Integer(
        load_default=USUAL,
        strict=False,
        validate=validate.Range(1, MOST, error=f"Mellan 1 och {MOST}."),
        metadata={"description": "How many to answer with."},
    )
    cursor = Line(load_default=None, metadata={"description": "`nextCursor` of the page before."})


def page_of(shape: type[Shape]) -> type[Shape]:
    """The shape of a page of things."""
    name = shape.__name__ + "Page"
    members = {
        "items": fields.List(fields.Nested(shape), required=True),
        "next_cursor": fields.String(
            required=True, allow_none=True, metadata={"description": "Where the list goes on; null at its end."}
        ),
    }
    return type(name, (Shape,), members)


def page(rows: Sequence[Any], limit: int, key: Callable[[Any], Sequence[Any]]) -> dict[str, Any]:
    """A page of rows that were read with `limit + 1`: one more tells that the list goes on."""
    shown = rows[:limit]
    more = len(rows) > limit
    return {"items": shown, "next_cursor": write(key(shown[-1])) if more else None}


def part(found: Sequence[Any], query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of a list that is short enough to be read whole; its rows have an `id`. Raises `Unfit`."""
    after, limit = read(query["cursor"], str), query["limit"]
    place = next((n + 1 for n, each in enumerate(found) if after and each.id == after[0]), 0)
    return page(found[place : place + limit + 1], limit, lambda each: (each.id,))


def write(key: Sequence[Any]) -> str:
    texts = [instant_text(each) if isinstance(each, datetime) else each for each in key]
    return base64.urlsafe_b64encode(json.dumps(texts).encode()).decode().rstrip("=")


def read(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The sort key in a cursor, each part of its kind (`str`, `int` or `datetime`). Raises `Unfit`."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(parts, list) or len(parts) != len(kinds):
            raise ValueError("not a key of this list")
        return tuple(_part(each, kind) for each, kind in zip(parts, kinds, strict=True))
    except (ValueError, binascii.Error, TypeError, RecursionError):
        raise Unfit({"cursor": "Använd nextCursor från sidan före, oförändrad."}) from None


def _part(value: Any, kind: Any) -> Any:
    """Raises ValueError or TypeError for what no list of ours would have written."""
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return moment
    if type(value) is not kind:
        raise ValueError("not a key of this list")
    if not (abs(value) < BIGGEST if kind is int else is_plain(value) and len(value) <= LONGEST_LINE):
        raise ValueError("not a key of this list")
    return value
