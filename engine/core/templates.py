"""Text with `${...}` in it: where the expressions begin and end. Nothing is evaluated here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_OPENING = re.compile(r"[$#]\{")
_INSIDE = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[{}]""", re.DOTALL)


@dataclass(frozen=True)
class Part:
    """A stretch of a template: plain text, or an expression without its `${...}`."""

    text: str
    is_expression: bool


@lru_cache(maxsize=1024)  # a diagram's texts are cut again at every step
def parts(text: str) -> tuple[Part, ...]:
    """Cut a text at its `${...}`; one that never closes is plain text."""
    return tuple(_parts(text))


def is_template(text: str) -> bool:
    """Whether the text holds at least one `${...}`."""
    return any(part.is_expression for part in _parts(text))


def unwrap(text: str) -> str:
    """`${x}` -> `x`; any other text is given back without the blanks around it."""
    found = parts(text.strip())
    return found[0].text.strip() if len(found) == 1 and found[0].is_expression else text.strip()


@lru_cache(maxsize=1024)
def split(text: str) -> tuple[str, ...]:
    """Cut a template at the commas outside its expressions: blanks stripped, empty pieces dropped."""
    pieces = [""]
    for part in _parts(text):
        if part.is_expression:
            pieces[-1] += f"${{{part.text}}}"
        else:
            first, *others = part.text.split(",")
            pieces[-1] += first
            pieces.extend(others)
    return tuple(piece.strip() for piece in pieces if piece.strip())


def _parts(text: str) -> Iterator[Part]:
    start = 0
    while opening := _OPENING.search(text, start):
        closing = _closing(text, opening.end())
        if closing is None:
            break
        if opening.start() > start:
            yield Part(text[start : opening.start()], False)
        yield Part(text[opening.end() : closing], True)
        start = closing + 1
    if start < len(text):
        yield Part(text[start:], False)


def _closing(text: str, start: int) -> int | None:
    """Index of the brace that closes an expression, past strings and inner braces."""
    depth = 0
    for token in _INSIDE.finditer(text, start):
        if token[0] == "{":
            depth += 1
        elif token[0] == "}" and depth:
            depth -= 1
        elif token[0] == "}":
            return token.start()
    return None
