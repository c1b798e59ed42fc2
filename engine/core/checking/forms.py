"""Form fields: types, limits, choices, rows and the properties that ask for more than the modeler knows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from engine.core.checking import names
from engine.core.checking.scope import Scope, about
from engine.core.findings import Finding
from engine.core.model import Field, Node
from engine.core.templates import is_template

TYPES = frozenset("string long double boolean date enum".split())
NUMBERS = frozenset(("long", "double"))
CONSTRAINTS: Mapping[str, frozenset[str]] = {
    "required": TYPES,
    "readonly": TYPES,
    "min": NUMBERS,
    "max": NUMBERS,
    "minlength": frozenset(("string",)),
    "maxlength": frozenset(("string",)),
}
"""Constraint -> the field types it can be asked of."""
FLAG = frozenset(("true", "false"))
PROPERTIES: Mapping[str, frozenset[str] | None] = {
    "help": None,
    "multiline": FLAG,
    "multiple": FLAG,
    "file": frozenset(("one", "many")),
    "url": FLAG,
    "picker": frozenset(("person", "personOrRole", "programArea", "group")),
    "roles": None,
    "follows": None,
    "rows": None,
    "requiredInRow": FLAG,
    "minRows": None,
    "visibleIf": None,
    "requiredIf": None,
    "rule": None,
    "ruleText": None,
    "deadline": None,
    "maxDate": None,
    "personal": FLAG,
    "bulkSafe": FLAG,
}
"""Property -> the values it may have, None for free text."""
WHOLE = re.compile(r"-?\d{1,15}")
DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
MOST_ROWS = 500


def check(scope: Scope) -> Iterator[Finding]:
    for node in scope.nodes.values():
        if node.form:
            yield from _names(node)
            yield from _rows(node)
            for field in node.form:
                yield from _field(scope, node, field)


def _names(node: Node) -> Iterator[Finding]:
    for name, times in Counter(field.id for field in node.form).items():
        if times > 1:
            yield about("field-twice", node, field=name)
    rows = {field.rows for field in node.form if field.rows}
    for field in node.form:
        if field.id in rows and not field.rows:
            yield about("field-twice", node, field=field.id)


def _rows(node: Node) -> Iterator[Finding]:
    for field in node.form:
        if field.rows is not None and (not field.id.startswith(f"{field.rows}_") or names.is_bad(field.column)):
            yield about("rows-column", node, field=field.id, rows=field.rows)
        if field.rows is None and {"requiredInRow", "minRows"} & field.properties.keys():
            yield about("rows-missing", node, field=field.id)
        least = field.properties.get("minRows")
        if least is not None and not (WHOLE.fullmatch(least) and 0 <= int(least) <= MOST_ROWS):
            yield about("field-property", node, field=field.id, what="minRows", value=least)


def _field(scope: Scope, node: Node, field: Field) -> Iterator[Finding]:
    if field.type not in TYPES:
        yield about("field-type", node, field=field.id, type=field.type)
        return
    if not field.label.strip():
        yield about("field-label", node, field=field.id)
    for aspect in (_constraints, _limits, _choices, _default, _properties, _combinations):
        yield from aspect(node, field)
    yield from _deadline_and_roles(scope, node, field)


def _constraints(node: Node, field: Field) -> Iterator[Finding]:
    for name, value in field.constraints.items():
        if name not in CONSTRAINTS:
            yield about("field-constraint", node, field=field.id, what=name)
        elif field.type not in CONSTRAINTS[name]:
            yield about("field-constraint-type", node, field=field.id, what=name, type=field.type)
        elif not _fits(name, value, field):
            yield about("field-constraint-value", node, field=field.id, what=name, value=value)


def _fits(name: str, value: str, field: Field) -> bool:
    if name in ("required", "readonly"):
        return value in FLAG or value == ""
    if name in ("minlength", "maxlength"):
        return bool(WHOLE.fullmatch(value)) and int(value) >= 0
    return bool((WHOLE if field.type == "long" else DECIMAL).fullmatch(value))


def _limits(node: Node, field: Field) -> Iterator[Finding]:
    for low, high in (("min", "max"), ("minlength", "maxlength")):
        bounds = [field.constraints.get(name, "") for name in (low, high)]
        if all(DECIMAL.fullmatch(bound) for bound in bounds) and float(bounds[0]) > float(bounds[1]):
            yield about("field-limits", node, field=field.id, low=bounds[0], high=bounds[1])


def _choices(node: Node, field: Field) -> Iterator[Finding]:
    ids = [choice.id for choice in field.choices]
    if field.type != "enum":
        if ids:
            yield about("choices-without-enum", node, field=field.id)
        return
    if not ids:
        yield about("no-choices", node, field=field.id)
    for name, times in Counter(ids).items():
        if times > 1 or not name.strip():
            yield about("choice-twice", node, field=field.id, choice=name)
    for choice in field.choices:
        if not choice.name.strip():
            yield about("choice-nameless", node, field=field.id, choice=choice.id)


def _default(node: Node, field: Field) -> Iterator[Finding]:
    if field.default is None or field.default_is_expression or field.default == "":
        return
    values = [part.strip() for part in field.default.split(",")] if field.multiple else [field.default]
    if not all(_is_value(field, value) for value in values):
        yield about("bad-default", node, field=field.id, value=field.default)


def _is_value(field: Field, value: str) -> bool:
    tests: Mapping[str, Callable[[str], bool]] = {
        "long": lambda text: WHOLE.fullmatch(text) is not None,
        "double": lambda text: DECIMAL.fullmatch(text) is not None,
        "boolean": lambda text: text in FLAG,
        "date": _is_day,
        "enum": lambda text: text in {choice.id for choice in field.choices},
        "string": lambda text: not is_template(text),
    }
    return tests[field.type](value)


def _is_day(text: str) -> bool:
    try:
        return len(text) == len("2026-01-01") and date.fromisoformat(text) is not None
    except ValueError:
        return False


def _properties(node: Node, field: Field) -> Iterator[Finding]:
    for name, value in field.properties.items():
        if name not in PROPERTIES:
            yield about("field-property-unknown", node, field=field.id, what=name)
        elif ((allowed := PROPERTIES[name]) is not None and value not in allowed) or not value.strip():
            yield about("field-property", node, field=field.id, what=name, value=value)


def _combinations(node: Node, field: Field) -> Iterator[Finding]:
    """Properties that mean something only together with others."""
    asked = field.properties.keys()
    on_text = field.type == "string"
    needs = (
        ("rule", "ruleText" in asked),
        ("ruleText", "rule" in asked),
        ("roles", "picker" in asked),
        ("maxDate", field.type == "date"),
        ("deadline", field.type == "date" and not field.rows),
        ("multiline", on_text),
        ("url", on_text),
        ("picker", on_text and "file" not in asked),
        ("file", on_text and not field.multiple),
        ("multiple", field.type == "enum" or "picker" in asked),
    )
    for name, fits in needs:
        if name in asked and not fits and field.properties[name] != "false":
            yield about("field-combination", node, field=field.id, what=name)


def _deadline_and_roles(scope: Scope, node: Node, field: Field) -> Iterator[Finding]:
    for role in filter(None, (role.strip() for role in field.properties.get("roles", "").split(","))):
        if not is_template(role) and role.partition("@")[0] not in scope.words.roles:
            yield about("unknown-role", node, role=role)
    deadline = field.properties.get("deadline")
    if deadline is not None and names.is_bad(deadline):
        yield about("field-property", node, field=field.id, what="deadline", value=deadline)
