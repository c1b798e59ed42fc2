"""The one evaluator: every expression of a diagram, a form or a decision table is answered here, in a sandbox.

A plain name, a field of one (`route.next`) or a literal is answered by a look-up; everything else by `sandbox.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from engine.core import language, plain, sandbox, templates, types
from engine.core.language import BUILTINS, BadExpression, Expression, Path
from engine.core.sandbox import Calls
from engine.core.templates import is_template, unwrap
from engine.core.variables import own_key

__all__ = [
    "EVERY_NAME",
    "RESERVED",
    "ExpressionError",
    "Session",
    "is_template",
    "type_check",
    "unwrap",
]

STEP_SECONDS = 0.3
"""What all expressions of one step may take together of a processor."""
FREE_SECONDS = 0.005
"""What each expression has for free: the way into the worker and out, not work."""
LEAST_SECONDS = 0.02

RESERVED = BUILTINS | {"deadline", "region", "case", "now", "today", "True", "False", "None", "cellInput"}
"""Names that no variable may have."""


class _EveryName(Collection[str]):
    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


EVERY_NAME = _EveryName()
"""For `declared`, when a check before deployment has settled which names there are: one that is not set is None."""


class ExpressionError(Exception):
    """An expression could not be read or answered."""

    rule = "expression"

    def __init__(self, expression: str, reason: str) -> None:
        self.expression = expression
        self.reason = reason
        """A Swedish sentence. May hold text from the diagram."""
        shown = expression if len(expression) <= 200 else f"{expression[:200]}…"
        super().__init__(f"Uttrycket «{shown}» går inte att räkna ut. {reason}")

    def __reduce__(self) -> tuple[type[ExpressionError], tuple[str, str]]:
        return type(self), (self.expression, self.reason)  # between processes too


@dataclass
class Session:
    """The expressions of one step: functions and objects they may use, and the time they have left."""

    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    objects: Mapping[str, Any] = field(default_factory=dict)
    declared: Collection[str] = frozenset()
    seconds_left: float = STEP_SECONDS

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        """The value of an expression, bare or in `${...}`, as a plain JSON value.

        A name that is declared but not set is None, and so is a field that a dictionary lacks. Raises
        `ExpressionError`.
        """
        source = unwrap(expression)
        try:
            return self._answer(language.parse(source), variables)
        except (BadExpression, plain.NotPlain) as error:
            raise ExpressionError(source, _sentence(error)) from None

    def run(self, script: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run the assignments of a script in order; the names they assign with their last values."""
        assigned: dict[str, Any] = {}
        try:
            for name, expression in language.parse_script(script).assignments:
                self._refuse_reserved(name)
                assigned[name] = self._answer(expression, {**variables, **assigned})
            return dict(plain.copy(assigned))
        except (BadExpression, plain.NotPlain) as error:
            raise ExpressionError(script, _sentence(error)) from None

    def fill(self, text: str, variables: Mapping[str, Any]) -> str:
        """Replace every `${...}` of a text by its value: None by nothing, a list by its items with commas."""
        return "".join(
            as_text(self.evaluate(part.text, variables)) if part.is_expression else part.text
            for part in templates.parts(text)
        )

    def roles(self, text: str, variables: Mapping[str, Any]) -> tuple[str, ...]:
        """The roles that a text names: `lpoChair@${programAreaIds}, coordinator` -> one per area, and `coordinator`.

        A whole piece may be an expression that gives a role, a list of roles, a picker's answer or None (no role).
        A role whose area has no value is left out: without its scope it would reach the whole region.
        """
        pieces = templates.split(text)
        named = (role for piece in pieces for role in self._roles_of(piece, variables)) if "{" in text else pieces
        return tuple(dict.fromkeys(named))

    def _roles_of(self, piece: str, variables: Mapping[str, Any]) -> Iterator[str]:
        texts = [""]
        for part in templates.parts(piece):
            values = _items(self.evaluate(part.text, variables)) if part.is_expression else [part.text]
            texts = [text + value for text in texts for value in values]
        return (role.strip() for text in texts for role in text.split(",") if role.strip())

    def _answer(self, expression: Expression, variables: Mapping[str, Any]) -> Any:
        if expression.is_literal:
            return plain.copy(expression.literal)
        if expression.path:
            return plain.copy(self._look_up(expression.path, variables))
        values = {f"_v{index}": self._look_up(path, variables) for index, path in enumerate(expression.paths)}
        return plain.copy(self._sandboxed(expression, values))

    def _look_up(self, path: Path, variables: Mapping[str, Any]) -> Any:
        value = self._named(path[0], variables)
        if path[0] == "deadline" and len(path) == 2 and (own := own_key(path[1], variables)) in (value or {}):
            path = (path[0], own)
        for name in path[1:]:
            if value is not None and not isinstance(value, Mapping):
                raise BadExpression(f"«{path[0]}» har inget fält som heter «{name}».")
            value = None if value is None else value.get(name)
        return _textual(value) if path[0] in self.objects else value

    def _named(self, name: str, variables: Mapping[str, Any]) -> Any:
        if name in self.objects:
            return self.objects[name]
        if name in BUILTINS or name in self.functions:
            raise BadExpression(f"«{name}» är en funktion och måste anropas med parenteser.")
        if name in variables:
            return variables[name]
        if name in self.declared:
            return None
        raise BadExpression(f"Namnet «{name}» är okänt.")

    def _refuse_reserved(self, name: str) -> None:
        if name in RESERVED or name in self.functions or name in self.objects:
            raise BadExpression(f"«{name}» är ett reserverat namn och kan inte tilldelas ett värde.")

    def _sandboxed(self, expression: Expression, values: dict[str, Any]) -> Any:
        if unknown := expression.functions - self.functions.keys():
            raise BadExpression(f"Det finns ingen funktion som heter «{min(unknown)}».")
        if self.seconds_left <= 0:
            raise BadExpression(sandbox.SPENT)
        calls = Calls({name: self.functions[name] for name in expression.functions})
        try:
            return sandbox.run(expression.code, _sendable(values), calls, max(self.seconds_left, LEAST_SECONDS))
        except sandbox.NothingThere:
            raise BadExpression(
                f"{_unset(expression, values)} saknar värde och kan inte jämföras eller räknas med."
            ) from None
        finally:
            self.seconds_left -= max(0.0, calls.seconds - FREE_SECONDS)


def type_check(expression: str, names: Mapping[str, types.Type], *, expected: types.Type | None = None) -> list[str]:
    """What is wrong with an expression, without running it: Swedish sentences, none when it is right.

    `names` are all variables, objects and functions with their types; a variable is taken as set. `expected` is the
    type the expression should give.
    """
    source = unwrap(expression)
    try:
        parsed = language.parse(source)
    except BadExpression as error:
        return [str(error)]
    if found := types.unknown_names(parsed, names) or types.impossible_codes(parsed, names):
        return found
    stubs = types.Stubs.of(types.seen_by(parsed, names))
    answer = None if expected is None else stubs.annotation(expected)
    try:
        return list(_checked(types.snippet(stubs, parsed, answer)))
    except BadExpression as error:
        return [f"Uttryckets typer går inte att kontrollera ({str(error)[:120]})."]


def as_text(value: Any) -> str:
    """A value as it stands in a text: None is nothing, a list its items with commas, a truth value `ja` or `nej`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, list):
        return ", ".join(as_text(each) for each in value)
    return str(value)


def _items(value: Any) -> list[str]:
    """The scopes or roles that a value stands for."""
    values = value if isinstance(value, list) else [value]
    named = (each.get("group") if isinstance(each, dict) else each for each in values)
    return [str(each) for each in named if each not in (None, "")]


@lru_cache(maxsize=4096)
def _checked(snippet: str) -> tuple[str, ...]:
    """The sandbox's type checker on a snippet that it always rejects, so that nothing of the diagram ever runs."""
    return tuple(types.sentences(sandbox.report(snippet), snippet))


def _sendable(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, str | int) else plain.copy(value) for name, value in values.items()}


def _textual(value: Any) -> Any:
    """Dates as ISO text, mappings as dictionaries, all the way down. Values of our own: no cap on their size."""
    if isinstance(value, Mapping):
        return {key: _textual(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_textual(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _sentence(error: BadExpression | plain.NotPlain) -> str:
    return str(error) if isinstance(error, BadExpression) else f"Svaret kan inte användas: {error}."


def _unset(expression: Expression, values: Mapping[str, Any]) -> str:
    unset = [".".join(path) for index, path in enumerate(expression.paths) if values[f"_v{index}"] is None]
    return " och ".join(f"«{name}»" for name in unset) or "Ett värde"
