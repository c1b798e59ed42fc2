"""Forms: what a person or a program answers, checked against the field declarations of a diagram.

Answers come as JSON values under field ids, and repeatable rows as a list of `{column: value}` under the row's name.
What comes out is what the case will know: every field that may be written has a value, None where nothing was given.
Text is NFC and holds no control characters; dates are `2026-04-14`; a person is a key, a programme area an id, a group
`role@area`, and a person-or-role `{"person": key or None, "group": role@area or None}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from engine.answers import Directory, answer, in_words, looking_in
from engine.core.expressions import ExpressionError
from engine.core.model import Field
from engine.errors import FormErrors

LARGEST_FORM = 256 * 1024
MOST_ROWS = 500
CONDITIONS = frozenset(("visibleIf", "requiredIf", "rule", "maxDate"))
"""Properties of a field that are expressions."""

Answers = Mapping[str, Any]
Evaluate = Callable[[str, Mapping[str, Any]], Any]
"""A session of the sandbox: an expression and the variables it sees -> a JSON value."""


@dataclass(frozen=True)
class Form:
    """The fields of one task as it was declared: single fields, and rows with their columns."""

    declared: Sequence[Field]

    @staticmethod
    def of(declared: Sequence[Field]) -> Form:
        """What is worked out of these very fields is kept: that takes longer than most answers take to read."""
        return _form(_Same(declared))

    @cached_property
    def single(self) -> list[Field]:
        return [field for field in self.declared if not field.rows]

    @cached_property
    def writable(self) -> list[Field]:
        return [field for field in self.single if not field.readonly]

    @cached_property
    def rows(self) -> dict[str, list[Field]]:
        """Row name -> its columns, in the order of the form."""
        found: dict[str, list[Field]] = {}
        for field in self.declared:
            if field.rows:
                found.setdefault(field.rows, []).append(field)
        return found

    @cached_property
    def has_expressions(self) -> bool:
        """Whether it takes an evaluator at all; many are plain questions."""
        return any(field.default_is_expression or CONDITIONS & field.properties.keys() for field in self.declared)

    @cached_property
    def schema(self) -> Schema:
        """The types of what is answered: one reader for each field that may be written, and for each row."""
        declared: dict[str, Any] = {field.id: answer(field) for field in self.writable}
        for name, columns in self.rows.items():
            row = _schema_of({field.column: answer(field) for field in columns})
            declared[name] = fields.List(
                fields.Nested(row),
                allow_none=True,
                validate=_at_most_rows,
                error_messages={"invalid": "Raderna går inte att läsa. Ladda om sidan och försök igen."},
            )
        return _schema_of(declared)


class _Same:
    """The very fields of a form: equal to themselves alone, and kept as long as what was made of them."""

    def __init__(self, declared: Sequence[Field]) -> None:
        self.declared = declared

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.declared is other.declared

    def __hash__(self) -> int:
        return id(self.declared)


@lru_cache(maxsize=1024)
def _form(same: _Same) -> Form:
    return Form(same.declared)


def check(
    declared: Sequence[Field],
    answers: Answers,
    variables: Mapping[str, Any],
    evaluate: Evaluate,
    directory: Directory,
) -> dict[str, Any]:
    """The typed values of a form, or `FormErrors` with one sentence per field.

    `variables` is what the task sees; conditions and rules see the answers on top of it.
    """
    form = Form.of(declared)
    _refuse_oversize(answers)
    values, errors = _typed(form, _without_blanks(form, answers), directory)
    errors |= _readonly_given(form, answers)
    judge = _Judge(form, variables, values, evaluate)
    errors = {place: text for place, text in errors.items() if not judge.is_hidden(place)} | judge.errors(errors)
    if errors:
        raise FormErrors(errors)
    return judge.values


def nothing_to_evaluate(expression: str, _: Mapping[str, Any]) -> Any:
    """An `Evaluate` for a form without expressions."""
    raise AssertionError(f"a form without expressions asked for {expression}")


def shown(declared: Sequence[Field], variables: Mapping[str, Any], evaluate: Evaluate) -> dict[str, Any]:
    """What each field shows before anyone has answered: its default, evaluated where it is an expression.

    Rows that the case knows already are shown under the row's name, to be gone on with.
    """
    rows = {name: variables[name] for name in Form(declared).rows if isinstance(variables.get(name), list)}
    return {field.id: _default(field, variables, evaluate) for field in declared} | rows


def prefilled(declared: Sequence[Field], variables: Mapping[str, Any], evaluate: Evaluate) -> dict[str, Any]:
    """What single fields that may be written show before anyone has answered, where they show anything."""
    offered = {field.id: _default(field, variables, evaluate) for field in Form.of(declared).writable}
    return {name: value for name, value in offered.items() if value is not None}


def visible(declared: Sequence[Field], known: Mapping[str, Any], evaluate: Evaluate) -> set[str]:
    """The ids of the fields to show, given variables and what has been answered so far."""
    return {field.id for field in declared if _holds(field.properties.get("visibleIf"), known, evaluate, True)}


def required(declared: Sequence[Field], known: Mapping[str, Any], evaluate: Evaluate) -> set[str]:
    """The ids of the single fields that must be answered, given variables and what has been answered so far."""
    return {field.id for field in declared if not field.rows and _must(field, known, evaluate)}


def _must(field: Field, known: Mapping[str, Any], evaluate: Evaluate) -> bool:
    """A condition on answers that are half written may not be possible to work out yet: then it is held to hold."""
    try:
        return field.required or _holds(field.properties.get("requiredIf"), known, evaluate, False)
    except ExpressionError:
        return True


def _default(field: Field, variables: Mapping[str, Any], evaluate: Evaluate) -> Any:
    if field.default is None:
        return None
    if field.default_is_expression:
        return evaluate(field.default, variables)
    match field.type:
        case "boolean":
            return field.default == "true"
        case "long":
            return int(field.default)
        case "double":
            return float(field.default)
        case _:
            return field.default


# Types ---------------------------------------------------------------------------------------------------------------


_AS_SENT = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def _refuse_oversize(answers: Answers) -> None:
    try:
        size = len(_AS_SENT.encode(answers).encode("utf-8", "surrogatepass"))
    except (TypeError, ValueError, RecursionError):
        raise FormErrors({"": "Svaret går inte att läsa. Ladda om sidan och försök igen."}) from None
    if size > LARGEST_FORM:
        raise FormErrors(
            {"": f"Svaret är för stort: högst {LARGEST_FORM // 1024} kB. Korta texten eller bifoga en fil."}
        )


def _without_blanks(form: Form, answers: Answers) -> dict[str, Any]:
    """Empty answers become None, and rows with nothing in them are left out."""
    given = {name: None if _is_blank(value) else value for name, value in answers.items()}
    for name in form.rows:
        rows = given.get(name)
        if isinstance(rows, list):
            given[name] = [row for row in rows if not isinstance(row, dict) or not all(map(_is_blank, row.values()))]
    return given


def _is_blank(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _typed(form: Form, answers: Answers, directory: Directory) -> tuple[dict[str, Any], dict[str, str]]:
    """Values by name, and the faults of those that have the wrong type or shape."""
    loaded: dict[str, Any]
    faults: Any = {}
    try:
        with looking_in(directory):
            loaded = _loaded(form.schema, answers)
    except ValidationError as error:
        loaded, faults = _valid(error), error.messages
    names = [field.id for field in form.writable] + list(form.rows)
    empty_rows: dict[str, Any] = {name: [] for name in form.rows}
    given = {name: value for name, value in loaded.items() if value is not None}
    return dict.fromkeys(names) | empty_rows | given, dict(_flat(faults))


def _loaded(schema: Schema, answers: Answers) -> dict[str, Any]:
    # An empty `partial` says what None says: nothing may be missing. Marshmallow takes long to find out what None is.
    found: Any = schema.load(answers, partial=())
    return dict(found)


def _valid(error: ValidationError) -> dict[str, Any]:
    return error.valid_data if isinstance(error.valid_data, dict) else {}


def _schema_of(declared: Mapping[str, Any]) -> Schema:
    schema = Schema.from_dict(dict(declared), name="Form")(unknown=RAISE)
    schema.error_messages = schema.error_messages | {
        "unknown": "Fältet finns inte i formuläret.",
        "type": "Raden går inte att läsa. Ta bort den och skriv den igen.",
    }
    return schema


def _at_most_rows(rows: Any) -> None:
    if len(rows) > MOST_ROWS:
        raise ValidationError(f"Högst {MOST_ROWS} rader. Bifoga resten som en fil.")


def _readonly_given(form: Form, answers: Answers) -> dict[str, str]:
    return {field.id: "Fältet kan bara läsas." for field in form.single if field.readonly and field.id in answers}


def _flat(faults: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(faults, dict):
        for key, inner in faults.items():
            yield from _flat(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(faults, list):
        yield place.removesuffix("._schema"), str(faults[0])


# Conditions and rules ------------------------------------------------------------------------------------------------


class _Judge:
    """Decides which fields count, which must be answered, and whether the answers meet the rules of the form."""

    def __init__(self, form: Form, variables: Mapping[str, Any], values: Mapping[str, Any], evaluate: Evaluate) -> None:
        self.form = form
        self.variables = variables
        self.evaluate = evaluate
        self.values = dict(values)
        self.hidden = self._hide()

    def is_hidden(self, place: str) -> bool:
        return place.split(".")[0] in self.hidden

    def errors(self, faulty: Mapping[str, str]) -> dict[str, str]:
        """What is missing or against a rule, where the type was right."""
        found = dict(self._single_errors())
        for name, columns in self.form.rows.items():
            if name not in self.hidden:
                found |= dict(self._row_errors(name, columns))
        return {place: text for place, text in found.items() if place not in faulty}

    def _hide(self) -> set[str]:
        """Empty what is not visible, in the order of the form: a hidden answer makes no other field visible."""
        hidden: set[str] = set()
        for field in self.form.declared:
            name = field.rows or field.id
            if not self._true(field.properties.get("visibleIf"), otherwise=True):
                hidden.add(name)
                if name in self.values:
                    self.values[name] = [] if field.rows else None
        return hidden

    def _single_errors(self) -> Iterator[tuple[str, str]]:
        for field in self.form.writable:
            if field.id not in self.hidden:
                fault = self._fault(field, self.values[field.id], {}, field.required)
                if fault:
                    yield field.id, fault

    def _row_errors(self, name: str, columns: Sequence[Field]) -> Iterator[tuple[str, str]]:
        rows = self.values[name]
        fewest = max(int(field.properties.get("minRows", 0)) for field in columns)
        if len(rows) < fewest:
            yield name, f"Lägg till minst {fewest} {'rad' if fewest == 1 else 'rader'}."
        for index, row in enumerate(rows):
            seen = {field.id: row.get(field.column) for field in columns} | row
            for field in columns:
                required = field.required or field.properties.get("requiredInRow") == "true"
                fault = self._fault(field, row.get(field.column), seen, required)
                if fault:
                    yield f"{name}.{index}.{field.column}", fault

    def _fault(self, field: Field, value: Any, row: Mapping[str, Any], required: bool) -> str | None:
        if _is_blank(value) or (value is False and field.type == "boolean" and required):
            must = required or self._true(field.properties.get("requiredIf"), row, otherwise=False)
            return _ask(field) if must else None
        latest = self._latest(field, row)
        if latest and value > latest:
            return f"Välj en dag senast {in_words(latest)}."
        if not self._true(field.properties.get("rule"), row, otherwise=True):
            return field.properties.get("ruleText") or f"Svaret i ”{field.label}” stämmer inte med regeln för fältet."
        return None

    def _latest(self, field: Field, row: Mapping[str, Any]) -> str | None:
        expression = field.properties.get("maxDate")
        return self.evaluate(expression, self._seen(row)) if expression else None

    def _true(self, expression: str | None, row: Mapping[str, Any] | None = None, *, otherwise: bool) -> bool:
        return _holds(expression, self._seen(row or {}), self.evaluate, otherwise)

    def _seen(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.variables, **self.values, **row}


def _holds(expression: str | None, known: Mapping[str, Any], evaluate: Evaluate, otherwise: bool) -> bool:
    return bool(evaluate(expression, known)) if expression else otherwise


def _ask(field: Field) -> str:
    what = f"”{field.label}”"
    if field.rows:
        return f"Fyll i {what} eller ta bort raden."
    if field.type == "boolean":
        return f"Kryssa i {what} för att gå vidare."
    if field.properties.get("file"):
        return f"Bifoga en fil under {what}."
    if field.type == "date":
        return f"Skriv en dag under {what}."
    chosen = field.type == "enum" or "picker" in field.properties
    return f"{'Välj' if chosen else 'Fyll i'} {what}."
