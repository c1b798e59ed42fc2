"""Variables that come from outside without a form: message payloads and start variables, checked at the door."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from engine.core.expressions import RESERVED
from engine.errors import Invalid

LARGEST = 1_000_000
DEEPEST = 32
LONGEST_LIST = 10_000
LONGEST_NAME = 300
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


def message_name(text: str) -> str:
    """The name or key of a message, in NFC. Raises `Invalid` for an empty or long one, and for what cannot be seen."""
    name = unicodedata.normalize("NFC", text).strip()
    if not name or len(name) > LONGEST_NAME or any(unicodedata.category(mark) in ("Cc", "Cf", "Cs") for mark in name):
        raise Invalid("Meddelandets namn eller nyckel är tomt, för långt eller har tecken som inte syns.")
    return name


def checked(variables: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with text in NFC. Raises `Invalid` for reserved names, NaN, control characters and what is too large."""
    if not isinstance(variables, Mapping):
        raise Invalid("Variablerna ska vara namn med värden.")
    for name in variables:
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name in RESERVED or name == "typename":
            raise Invalid(f"”{str(name)[:80]}” kan inte vara namn på en variabel.")
    copied = {name: _copied(value, 0) for name, value in variables.items()}
    if len(json.dumps(copied, ensure_ascii=False)) > LARGEST:
        raise Invalid(f"Variablerna är för stora: högst {LARGEST // 1000} kB.")
    return copied


def _copied(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise Invalid(f"Variablerna är djupare än {DEEPEST} nivåer.")
    match value:
        case None | bool():
            return value
        case int() | float():
            return _number(value)
        case str():
            return _text(value)
        case list() | tuple():
            return _list(value, depth)
        case dict():
            return {_text(str(key)): _copied(inner, depth + 1) for key, inner in value.items()}
        case _:
            raise Invalid(f"Värdet {str(value)[:80]} är inte JSON.")


def _list(values: Any, depth: int) -> list[Any]:
    if len(values) > LONGEST_LIST:
        raise Invalid(f"En lista har fler än {LONGEST_LIST} värden.")
    return [_copied(each, depth + 1) for each in values]


def _number(value: int | float) -> int | float:
    if value != value or abs(value) > 2**63:
        raise Invalid("Ett tal är för stort eller inget tal.")
    return value


def _text(value: str) -> str:
    if any(unicodedata.category(mark) in ("Cc", "Cs") and mark not in "\n\t\r" for mark in value):
        raise Invalid("En text innehåller tecken som inte syns.")
    return unicodedata.normalize("NFC", value)
