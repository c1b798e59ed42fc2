"""YAML that people write: read without guesses, checked against a JSON Schema, every problem named with its line.

Only text, whole numbers, decimals, true, false, null, lists and mappings are taken. What YAML would read as a date must
be quoted, a key may stand only once, and a key that the schema does not have is refused.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

SCHEMAS = Path(__file__).resolve().parent.parent / "processes" / "schemas"
LARGEST = 1_000_000
DEEPEST = 32

_TYPES = {
    "object": "nycklar med värden",
    "array": "en lista",
    "string": "text inom citattecken",
    "integer": "ett heltal",
    "number": "ett tal",
    "boolean": "true eller false",
    "null": "tomt",
}

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser in C where it is there: profiles and texts are read again with every version that is put together."""

Place = tuple[str | int, ...]


class BadYaml(ValueError):
    """The text is not YAML of the kind we take, or not what the schema says. `problems` has a sentence per fault."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(self.problems))


@dataclass(frozen=True)
class Written:
    """What stands in a file, and where: `lines` maps each place (keys and indexes from the top) to its line from 1."""

    data: Any
    lines: dict[Place, int]

    def line(self, *place: str | int) -> int:
        return self.lines[place]


def read(text: str, schema: str | None = None, name: str = "") -> Written:
    """Read YAML text; `schema` is the name of a file in `processes/schemas`, `name` that of the file it came from.

    Raises `BadYaml`.
    """
    try:
        written = _parse(text)
        problems = list(_problems(written, schema)) if schema else []
        if problems:
            raise BadYaml(problems)
    except BadYaml as bad:
        raise (BadYaml([f"{name}: {each}" for each in bad.problems]) if name else bad) from None
    return written


def _parse(text: str) -> Written:
    if len(text) > LARGEST:
        raise BadYaml([f"Filen är för stor: högst {LARGEST} tecken."])
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise BadYaml([_syntax(error)]) from None
    lines: dict[Place, int] = {}
    return Written(_build(node, (), lines) if node else {}, lines)


def _syntax(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"Rad {mark.line + 1 if mark else 1}: filen är inte giltig YAML ({getattr(error, 'problem', error)})."


def _build(node: yaml.Node, place: Place, lines: dict[Place, int]) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(place, line)
    if len(place) > DEEPEST:
        raise BadYaml([f"Rad {line}: djupare än {DEEPEST} nivåer."])
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_build(each, (*place, n), lines) for n, each in enumerate(node.value)]
    return _scalar(node, line)


def _mapping(node: yaml.MappingNode, place: Place, lines: dict[Place, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = _scalar(key_node, line) if isinstance(key_node, yaml.ScalarNode) else None
        if not isinstance(key, str):
            raise BadYaml([f"Rad {line}: skriv nyckeln ”{key_node.value}” inom citattecken."])
        if key in found:
            raise BadYaml([f"Rad {line}: nyckeln ”{key}” står två gånger."])
        lines[(*place, key)] = line
        found[key] = _build(value_node, (*place, key), lines)
    return found


def _scalar(node: yaml.Node, line: int) -> Any:
    value = yaml.constructor.SafeConstructor().construct_object(node)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise BadYaml([f"Rad {line}: skriv ”{node.value}” inom citattecken."])


# Schema --------------------------------------------------------------------------------------------------------------


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8")))


def _problems(written: Written, schema: str) -> Iterator[str]:
    errors = sorted(_validator(schema).iter_errors(written.data), key=lambda error: list(map(str, error.absolute_path)))
    for error in map(_innermost, errors):
        yield from _sentences(error, written)


def _innermost(error: ValidationError) -> ValidationError:
    """Where a schema gives a choice, the fault that was meant: in the branch the keys point at, else the deepest."""
    if not error.context:
        return error
    branch = _meant_branch(error)
    inner = [each for each in error.context if each.schema_path[0] == branch] or error.context
    if branch is None and _branches(error):
        return error
    return _innermost(max(inner, key=lambda each: len(each.absolute_path)))


def _branches(error: ValidationError) -> list[Any]:
    """The branches of a choice between mappings."""
    choices: Any = error.validator_value
    mappings = isinstance(choices, list) and all(isinstance(each, dict) and "required" in each for each in choices)
    return choices if mappings and isinstance(error.instance, dict) else []


def _meant_branch(error: ValidationError) -> int | None:
    given = set(error.instance) if isinstance(error.instance, dict) else set()
    return next((n for n, each in enumerate(_branches(error)) if set(each["required"]) <= given), None)


def _sentences(error: ValidationError, written: Written) -> Iterator[str]:
    place: Place = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        here: Any = error.schema
        yield from _unknown(error.instance, list(here.get("properties", {})), place, written)
        return
    if branches := _branches(error):
        known = list(dict.fromkeys(key for each in branches for key in (*each["required"], *each["properties"])))
        yield from _unknown(error.instance, known, place, written)
        if isinstance(error.instance, dict) and set(error.instance) <= set(known):
            first = [each["required"][0] for each in branches]
            yield f"Rad {written.lines.get(place, 1)}: skriv någon av nycklarna {', '.join(first)}."
        return
    yield f"Rad {written.lines.get(place, 1)}: {_named(place)}{_fault(error)}"


def _unknown(given: Any, known: Sequence[str], place: Place, written: Written) -> Iterator[str]:
    for key in given:
        if key not in known:
            yield f"Rad {written.lines[(*place, key)]}: nyckeln ”{key}” finns inte.{_guess(str(key), known)}"


def _guess(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f" Menade du ”{near[0]}”?" if near else f" Nycklar här: {', '.join(sorted(known))}."


def _named(place: Place) -> str:
    return f"”{'.'.join(map(str, place))}” " if place else ""


def _fault(error: ValidationError) -> str:
    expected: Any = error.validator_value
    given: Any = error.instance
    match error.validator:
        case "required":
            missing = [key for key in expected if key not in given]
            return f"saknar {', '.join(missing)}."
        case "type":
            kinds = [expected] if isinstance(expected, str) else list(expected)
            return f"ska vara {' eller '.join(_TYPES[kind] for kind in kinds)}."
        case "enum":
            return f"ska vara något av {', '.join(map(str, expected))}."
        case "const":
            return f"ska vara {expected}."
        case "pattern":
            return f"har fel form: ”{str(given)[:60]}”."
        case "minProperties" | "minItems":
            return "får inte vara tom."
        case _:
            return f"är fel: {error.message[:120]}."
