"""Types of the language, for checking expressions before anything runs.

A type is a name (`"text"`, `"int"`, `"float"`, `"bool"`, `"any"`; dates are text) or one of the classes here.
"""

from __future__ import annotations

import ast
import json
import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.core.language import BUILTINS, Expression, quote_iso


@dataclass(frozen=True)
class OneOf:
    """A text that is one of these codes: an enum field, or an output of a decision table."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class ListOf:
    """A list, or rows of a form."""

    item: Type


@dataclass(frozen=True)
class Record:
    """A dictionary with known fields: `deadline`, `region`, a row, a table's answer. An unknown field is an error."""

    fields: Mapping[str, Type] = field(hash=False)


@dataclass(frozen=True)
class Function:
    """A function: its parameters by name, in order, and what it gives."""

    parameters: Mapping[str, Type] = field(hash=False)
    result: Type = "any"


Type = str | OneOf | ListOf | Record | Function
_PLAIN = {"text": "str", "date": "str", "int": "int", "float": "float", "bool": "bool", "any": "Any", "none": "None"}


def unknown_names(expression: Expression, names: Mapping[str, Type]) -> list[str]:
    """Sentences for the names, fields and functions that are not among `names`."""
    found: list[str] = []
    for function in sorted(expression.functions):
        if not isinstance(names.get(function), Function) and names.get(function) != "any":
            found.append(f"Det finns ingen funktion som heter «{function}».")
    for path in expression.paths:
        found.extend(_unknown(path, names))
    return found


def _unknown(path: tuple[str, ...], names: Mapping[str, Type]) -> Iterator[str]:
    if path[0] in BUILTINS or isinstance(names.get(path[0]), Function):
        yield f"«{path[0]}» är en funktion och måste anropas med parenteser."
        return
    if path[0] not in names:
        yield f"Namnet «{path[0]}» är okänt."
        return
    kind = names[path[0]]
    for position, name in enumerate(path[1:], 1):
        if kind == "any":
            return
        if not isinstance(kind, Record) or name not in kind.fields:
            yield f"«{'.'.join(path[:position])}» har inget fält som heter «{name}»."
            return
        kind = kind.fields[name]


def seen_by(expression: Expression, names: Mapping[str, Type]) -> dict[str, Type]:
    """The names that an expression uses, a record with no more than the fields that it asks for: the checker takes
    some fifty times as long over the whole of a region's profile.
    """
    used = expression.names | expression.functions
    return {
        name: _narrowed(kind, [path[1:] for path in expression.paths if path[0] == name])
        for name, kind in names.items()
        if name in used
    }


def _narrowed(kind: Type, asked: Sequence[tuple[str, ...]]) -> Type:
    is_used_whole = () in asked
    if is_used_whole or not isinstance(kind, Record):
        return kind
    return Record(
        {
            name: _narrowed(of, [path[1:] for path in asked if path[0] == name])
            for name, of in kind.fields.items()
            if any(path[0] == name for path in asked)
        }
    )


def impossible_codes(expression: Expression, names: Mapping[str, Type]) -> list[str]:
    """Sentences for comparisons with a code that the name can never have: `route.next == 'BESVRA'`."""
    found = []
    for node in ast.walk(expression.tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn):
            for code, value in _codes(node.left, node.comparators[0], names):
                if code not in value.values:
                    allowed = ", ".join(value.values)
                    found.append(f"«{ast.unparse(node.left)}» kan aldrig vara «{code}»: möjliga värden är {allowed}.")
    return found


def _codes(left: ast.expr, right: ast.expr, names: Mapping[str, Type]) -> Iterator[tuple[str, OneOf]]:
    kind = _kind_of(left, names)
    compared = right.elts if isinstance(right, ast.List | ast.Tuple | ast.Set) else [right]
    for each in compared:
        if isinstance(kind, OneOf) and isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value, kind


def _kind_of(tree: ast.expr, names: Mapping[str, Type]) -> Type | None:
    if isinstance(tree, ast.Name):
        return names.get(tree.id)
    if isinstance(tree, ast.Attribute):
        owner = _kind_of(tree.value, names)
        return owner.fields.get(tree.attr) if isinstance(owner, Record) else None
    return None


@dataclass
class Stubs:
    """The names of an expression as Python declarations, for the sandbox's own type checker."""

    classes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, names: Mapping[str, Type]) -> Stubs:
        stubs = cls()
        for name, kind in sorted(names.items()):
            if name.isidentifier() and not keyword.iskeyword(name) and name not in BUILTINS:
                stubs.names.append(stubs._declaration(name, kind))
        return stubs

    @property
    def text(self) -> str:
        return "\n".join(["from typing import Any, Literal", *self.classes, *self.names, ""])

    def _declaration(self, name: str, kind: Type) -> str:
        if not isinstance(kind, Function):
            return f"{name}: {self.annotation(kind)}"
        parameters = ", ".join(f"{each}: {self.annotation(of)}" for each, of in kind.parameters.items())
        return f"def {name}({parameters}) -> {self.annotation(kind.result)}: {_NOT_RUN}"

    def annotation(self, kind: Type) -> str:
        if isinstance(kind, str):
            return _PLAIN[kind]
        if isinstance(kind, OneOf):
            return f"Literal[{', '.join(map(repr, kind.values))}]" if kind.values else "str"
        if isinstance(kind, ListOf):
            return f"list[{self.annotation(kind.item)}]"
        return self._class(kind) if isinstance(kind, Record) else "Any"

    def _class(self, record: Record) -> str:
        fields = [
            f"    {name}: {self.annotation(kind)}"
            for name, kind in record.fields.items()
            if name.isidentifier() and not keyword.iskeyword(name)
        ]
        name = f"Record{len(self.classes)}"
        self.classes.append("\n".join([f"class {name}:", *fields, _DICTIONARY]))
        return name


_NOT_RUN = "raise AssertionError"
"""The body of every declaration: the checker reads it, and nothing ever runs it."""

_DICTIONARY = f"""\
    def __getitem__(self, key: str, /) -> Any: {_NOT_RUN}
    def __contains__(self, key: object, /) -> bool: {_NOT_RUN}
    def __len__(self) -> int: {_NOT_RUN}
    def __iter__(self) -> Any: {_NOT_RUN}
    def get(self, key: str, default: Any = None, /) -> Any: {_NOT_RUN}
    def keys(self) -> list[str]: {_NOT_RUN}
    def values(self) -> list[Any]: {_NOT_RUN}
    def items(self) -> list[tuple[str, Any]]: {_NOT_RUN}"""

_STOP = 'stop: int = "here"'
"""A fault of our own at the end, so that no snippet ever passes and runs."""


def snippet(stubs: Stubs, expression: Expression, expected: str | None) -> str:
    """Declarations and a function with the expression as what it returns, for the sandbox's type checker."""
    answer = f" -> {expected}" if expected else ""
    body = f"def check(){answer}:\n    return ({quote_iso(expression.source)}\n    )"
    return f"{stubs.text}{body}\n{_STOP}\n"


def sentences(report: str, checked: str) -> list[str]:
    """The type checker's JSON report on a snippet in Swedish, one sentence for each fault."""
    last = checked.count("\n")
    faults = [each for each in json.loads(report) if each["location"]["row"] < last]
    return list(dict.fromkeys(_sentence(each["name"], each["message"]) for each in faults))


_SENTENCES = {
    "unresolved-reference": (r"Name `(\w+)`", "Namnet «{0}» är okänt."),
    "unresolved-attribute": (r"has no attribute `(\w+)`", "Det finns inget fält som heter «{0}»."),
    "unsupported-operator": (
        r"[Oo]perator `(.+?)` is not supported (?:for|between) objects? of type `(.+?)`(?: and `(.+?)`)?",
        "«{0}» går inte att använda mellan {1} och {2}.",
    ),
    "invalid-argument-type": (
        r"to (?:bound method|function) `(?:\w+\.)?(\w+)` is incorrect: Expected `(.+?)`, found `(.+?)`",
        "«{0}» väntar sig {1} men får {2}.",
    ),
    "missing-argument": (r"parameters? `?(.+?)`? of .*`(\w+)`", "«{1}» saknar argumentet «{0}»."),
    "too-many-positional-arguments": (
        r"to (?:function|bound method) `(?:\w+\.)?(\w+)`",
        "«{0}» får för många argument.",
    ),
    "unknown-argument": (r"Argument `(\w+)` .*`(\w+)`", "«{1}» har inget argument som heter «{0}»."),
    "no-matching-overload": (r"of (?:function|bound method) `(?:\w+\.)?(\w+)`", "«{0}» får argument av fel slag."),
    "invalid-return-type": (r"expected `(.+?)`, found `(.+)`", "Uttrycket ska ge {0} men ger {1}."),
    "not-subscriptable": (r"type `(.+?)`", "«[...]» går inte att använda på {0}."),
    "call-non-callable": (r"type `(.+?)`", "Det går inte att anropa {0} som en funktion."),
    "invalid-key": (r"key of type `(.+?)`", "Det går inte att slå upp med {0} här."),
    "not-iterable": (r"type `(.+?)`", "Det går inte att gå igenom {0} som en lista."),
}
_UNARY = "«{0}» går inte att använda på {1}."


def _sentence(name: str, description: str) -> str:
    if name == "invalid-argument-type" and "__getitem__" in description:
        name = "invalid-key"
    pattern, sentence = _SENTENCES.get(name, ("", ""))
    found = re.search(pattern, description) if pattern else None
    if found is None:
        return f"Uttryckets delar passar inte ihop ({description[:200]})."
    words = [_in_words(each) for each in found.groups(default="")]
    return (_UNARY if name == "unsupported-operator" and not words[2] else sentence).format(*words)


_KINDS = {
    "str": "text",
    "int": "heltal",
    "float": "tal",
    "bool": "sant eller falskt",
    "None": "inget värde",
    "list": "en lista",
    "tuple": "en lista",
    "Sized": "text eller en lista",
    "Record": "en post",
}


def _in_words(kind: str) -> str:
    """`int | list[str]` -> `heltal eller en lista`; names and operators as they are."""
    kind = re.sub(r"Literal\[['\"][^\]]*\]", "str", kind)
    kind = re.sub(r"Literal\[-?\d[^\]]*\]", "int", kind)
    kind = re.sub(r"Literal\[(?:True|False)[^\]]*\]", "bool", kind)
    kind = re.sub(r"\[.*?\]+|(?<=Record)\d+", "", kind)
    return " eller ".join(dict.fromkeys(_KINDS.get(each, each) for each in kind.split(" | ")))
