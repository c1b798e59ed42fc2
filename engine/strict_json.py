"""JSON from outside, without what its readers disagree about."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, NoReturn

LONGEST_NUMBER = 400
"""Digits; a double has at most 309 before its point."""


def loads(text: str | bytes) -> Any:
    """Raises ValueError, also for a name that stands twice, a number that is none or too large, and endless depth."""
    try:
        return json.loads(
            text.decode("utf-8") if isinstance(text, bytes) else text,
            object_pairs_hook=_each_name_once,
            parse_constant=_refused,
            parse_float=_number,
            parse_int=_integer,
        )
    except RecursionError:
        raise ValueError("innehållet är för djupt nästlat") from None


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two values for one name nobody can say which was meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise ValueError(f"{twice[:80]!r} står två gånger i samma objekt")
    return found


def _refused(word: str) -> NoReturn:
    raise ValueError(f"{word} är inget tal")


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} är för stort")
    return value


def _integer(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError("ett tal är för långt")
    return int(text)
