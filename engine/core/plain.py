"""Plain values: what a variable may hold, and a copy of a value that is certain to be one.

A sandbox can hand back something tiny that never ends when it is written out (`x = [x, x]` forty times), so nothing
else may touch a foreign value before it has been copied here, under caps.
"""

from __future__ import annotations

import math
from datetime import date
from typing import Any

MAX_BYTES = 1_000_000
"""Size of a value as JSON, about."""
MAX_DEPTH = 32
MAX_INTEGER = 2**63 - 1


class NotPlain(ValueError):
    """The value is no plain JSON value, or too large: a Swedish clause that fits after «därför att»."""


def copy(value: object) -> Any:
    """A deep copy as plain JSON: None, bool, int, finite float, str, list, dict with str keys; a date becomes ISO text.

    Raises `NotPlain` for anything else, and past 1 MB or 32 levels.
    """
    return _Copying().copy(value, 0)


class _Copying:
    """One copy under way: `left` is the number of bytes it may still use."""

    def __init__(self) -> None:
        self.left = MAX_BYTES

    def copy(self, value: object, depth: int) -> Any:
        if value is None or value is True or value is False:
            self._spend(5)
            return value
        if type(value) is str:
            return self._text(value)
        if type(value) is int or type(value) is float:
            return self._number(value)
        if depth >= MAX_DEPTH:
            raise NotPlain(f"värdet har fler än {MAX_DEPTH} nivåer")
        return self._compound(value, depth)

    def _compound(self, value: object, depth: int) -> Any:
        self._spend(2)
        if isinstance(value, dict):
            return {self._key(key): self.copy(each, depth + 1) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.copy(each, depth + 1) for each in value]
        if isinstance(value, date):
            return value.isoformat()
        raise NotPlain(f"ett värde av slaget {type(value).__name__[:40]} kan inte sparas")

    def _key(self, key: object) -> str:
        if type(key) is not str:
            raise NotPlain("en nyckel måste vara text")
        return self._text(key)

    def _text(self, text: str) -> str:
        self._spend(len(text) + 3)
        if "\0" in text:
            raise NotPlain("texten innehåller ett nolltecken")
        try:
            self._spend(len(text.encode()) - len(text))
        except UnicodeEncodeError:
            raise NotPlain("texten innehåller ogiltiga tecken") from None
        return text

    def _number(self, number: int | float) -> int | float:
        self._spend(8)
        if isinstance(number, float) and not math.isfinite(number):
            raise NotPlain("talet är oändligt eller odefinierat")
        if isinstance(number, int) and abs(number) > MAX_INTEGER:
            raise NotPlain("talet är för stort")
        return number

    def _spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise NotPlain("värdet är större än 1 MB")
