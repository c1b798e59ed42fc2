"""The unary tests of DMN: what stands in an input cell of a decision table.

`-`, `"a","b"`, `not("a")`, `< 3`, `[1..10]`, `null` ... are read into plain tests here. What they compare with are
expressions of the one language, answered by the one evaluator; so is a whole expression about the input, `? in [1, 2]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.core import language
from engine.core.language import BadExpression

INPUT = "cellInput"
"""The name of a cell's input in an expression; `?` is short for it."""

Ask = Callable[[str], Any]
"""The value of an expression, as the evaluator gives it."""

_STRING = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_FEEL = re.compile(
    rf"""(?P<string>{_STRING})|(?<![\w.])(?P<word>true|false|null)(?![\w(])|(?P<input>\?)"""
    r"""|(?<![\w.])date(?:\ and\ time)?\(\s*"(?P<date>[^"\\]*)"\s*\)""",
    re.DOTALL,
)
_WORDS = {"true": "True", "false": "False", "null": "None"}
_PIECES = re.compile(rf"{_STRING}|\.\.|.", re.DOTALL)
_COMPARISON = re.compile(r"(<=|>=|!=|<|>|=(?!=))(.*)", re.DOTALL)
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


class BadTest(ValueError):
    """The test cannot be read, or cannot be put to its input: a Swedish sentence that says why."""


@dataclass(frozen=True)
class Equal:
    """The input equals the value, or is in it when the value is a list."""

    expression: str

    def matches(self, value: Any, ask: Ask) -> bool | None:
        wanted = ask(self.expression)
        if isinstance(wanted, bool) and not isinstance(value, bool) and not _is_literal(self.expression):
            return wanted
        if isinstance(wanted, list) and not isinstance(value, list):
            return any(_same(value, each) for each in wanted)
        return _same(value, wanted)


@dataclass(frozen=True)
class Compare:
    """The input stands in an order to the value: `< 3`, `!= "a"`."""

    operator: str
    expression: str

    def matches(self, value: Any, ask: Ask) -> bool | None:
        wanted = ask(self.expression)
        if self.operator in ("=", "!="):
            return _same(value, wanted) is (self.operator == "=")
        return _ordered(self.operator, value, wanted)


@dataclass(frozen=True)
class Between:
    """The input lies in a range; a round or outward bracket leaves its end out."""

    low: Compare
    high: Compare

    def matches(self, value: Any, ask: Ask) -> bool | None:
        return _all([self.low.matches(value, ask), self.high.matches(value, ask)])


@dataclass(frozen=True)
class About:
    """An expression about the input that is true or false: `? in [1, 2]`."""

    expression: str

    def matches(self, value: Any, ask: Ask) -> bool | None:
        answer = ask(self.expression)
        if answer is not None and not isinstance(answer, bool):
            raise BadTest(f"«{self.expression}» ger varken sant eller falskt.")
        return answer


@dataclass(frozen=True)
class AnyOf:
    """At least one of the tests holds."""

    tests: tuple[Test, ...]

    def matches(self, value: Any, ask: Ask) -> bool | None:
        answers = [test.matches(value, ask) for test in self.tests]
        return True if True in answers else None if None in answers else False


@dataclass(frozen=True)
class Not:
    """None of the tests holds. About an input without value it may be unknown, and then it does not match."""

    test: Test

    def matches(self, value: Any, ask: Ask) -> bool | None:
        answer = self.test.matches(value, ask)
        return None if answer is None else not answer


@dataclass(frozen=True)
class Anything:
    """`-` or an empty cell."""

    def matches(self, value: Any, ask: Ask) -> bool | None:
        return True


Test = Equal | Compare | Between | About | AnyOf | Not | Anything


def parse(text: str) -> Test:
    """Read an input cell. Raises `BadTest`."""
    text = text.strip()
    if text in ("", "-"):
        return Anything()
    try:
        return _test(text)
    except BadExpression as error:
        raise BadTest(str(error)) from None


def expression(text: str) -> str:
    """An expression cell in our language: `true`, `null` and `date("2026-01-01")` as DMN writes them become ours.

    Raises `BadTest` for one that cannot be read.
    """
    ours = _FEEL.sub(_our_word, text.strip())
    try:
        language.parse(ours)
    except BadExpression as error:
        raise BadTest(str(error)) from None
    return ours


def _our_word(found: re.Match[str]) -> str:
    if found["string"] is not None:
        return found["string"]
    if found["date"] is not None:
        return f'"{found["date"]}"'
    return _WORDS[found["word"]] if found["word"] else INPUT


def _test(text: str) -> Test:
    alternatives = split(text, ",")
    if len(alternatives) > 1:
        return AnyOf(tuple(_test(each) for each in alternatives))
    if inner := _negated(text):
        return Not(_test(inner))
    if comparison := _COMPARISON.fullmatch(text):
        return Compare(comparison[1], expression(comparison[2]))
    return _range(text) or _value(text)


def _value(text: str) -> Test:
    ours = expression(text)
    reads_input = INPUT in language.parse(ours).names
    return About(ours) if reads_input else Equal(ours)


def _negated(text: str) -> str | None:
    """What stands inside `not(...)`, when its bracket closes at the end."""
    found = re.fullmatch(r"not\s*\((.*)\)", text, re.DOTALL)
    return found[1].strip() if found and _is_whole(found[1]) else None


def _is_whole(text: str) -> bool:
    depth = 0
    for piece in _PIECES.findall(text):
        depth += (piece in "([{") - (piece in ")]}") if len(piece) == 1 else 0
        if depth < 0:
            return False
    return depth == 0


def _range(text: str) -> Test | None:
    if len(text) < 2 or text[0] not in "[(]" or text[-1] not in "])[":
        return None
    ends = split(text[1:-1], "..")
    if len(ends) != 2:
        return None
    low, high = (expression(end) for end in ends)
    return Between(Compare(">=" if text[0] == "[" else ">", low), Compare("<=" if text[-1] == "]" else "<", high))


def split(text: str, separator: str) -> list[str]:
    """Cut at the separators outside strings and brackets."""
    pieces, depth = [""], 0
    for piece in _PIECES.findall(text):
        if len(piece) == 1:
            depth += (piece in "([{") - (piece in ")]}")
        if piece == separator and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += piece
    return [piece.strip() for piece in pieces]


def _is_literal(source: str) -> bool:
    return language.parse(source).is_literal


def _same(value: Any, wanted: Any) -> bool:
    """Equality as DMN has it: no number equals a truth value."""
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)


def _ordered(operator: str, value: Any, wanted: Any) -> bool | None:
    if value is None or wanted is None:
        return None
    if not (_is_number(value) and _is_number(wanted)) and not (isinstance(value, str) and isinstance(wanted, str)):
        raise BadTest(f"{_kind(value)} kan inte jämföras med {_kind(wanted).lower()} («{operator}»).")
    return _OPERATORS[operator](value, wanted)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind(value: Any) -> str:
    if _is_number(value):
        return "Ett tal"
    return {str: "En text", bool: "Ett sant eller falskt", list: "En lista"}.get(type(value), "En post")


def _all(answers: list[bool | None]) -> bool | None:
    return False if False in answers else None if None in answers else True
