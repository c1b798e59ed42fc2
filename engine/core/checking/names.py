"""The variables of a process: which there are, of which type, and which names they may not have.

Not path-sensitive: a name that is set anywhere in the process, or given by a caller, counts as declared.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping

from engine.core import language, templates
from engine.core.checking.scope import Scope, about, deadlines_set
from engine.core.dmn import MAPPINGS, Table
from engine.core.expressions import RESERVED
from engine.core.findings import Finding
from engine.core.model import Field, Node, Process
from engine.core.types import ListOf, OneOf, Record, Type

COUNTERS: Mapping[str, Type] = {
    "loopCounter": "int",
    "nrOfInstances": "int",
    "nrOfActiveInstances": "int",
    "nrOfCompletedInstances": "int",
}
CONNECTOR_ANSWER: Mapping[str, Type] = {"receiptRef": "text", "performedAt": "text", "performedBy": "text"}
"""What every connector gives."""
PICKED = frozenset(("personOrRole",))
"""Pickers whose answer is a record of its own."""
_TYPES: Mapping[str, Type] = {
    "string": "text",
    "long": "int",
    "double": "float",
    "boolean": "bool",
    "date": "text",
}


def check(scope: Scope) -> Iterator[Finding]:
    """Names that would hide something, break the state, or cannot be written in an expression."""
    for node in scope.nodes.values():
        for name in dict.fromkeys(_written(node)):
            if is_bad(name) or name in RESERVED or name in COUNTERS or name in scope.words.functions:
                yield about("bad-name", node, variable=name)
        for each in node.inputs:
            if is_bad(each.target):
                yield about("bad-name", node, variable=each.target)


def is_bad(name: str) -> bool:
    """Whether a name cannot be a variable or a key of one."""
    # Python reads look-alikes of other alphabets as one letter, people as another.
    return (
        not (name.isascii() and name.isidentifier())
        or keyword.iskeyword(name)
        or name.startswith("_")
        or name == "typename"
    )


def _written(node: Node) -> Iterator[str]:
    """Names that a node gives to variables and columns."""
    for each in node.form:
        yield each.rows or each.id
        if each.rows:
            yield each.column
    if "resultVariable" in node.attributes:
        yield node.attributes["resultVariable"]
    if node.loop and node.loop.element_variable is not None:
        yield node.loop.element_variable
    if "outputCollection" in node.properties:
        yield node.properties["outputCollection"]
    yield from (each.target for each in node.outputs)
    yield from assigned(node)


def declared(scope: Scope) -> dict[str, Type]:
    """Every variable of the process with its type; `any` where sources disagree."""
    found: dict[str, Type] = {}
    for name, kind in _sources(scope):
        found[name] = _either(found[name], kind) if name in found else kind
    if "programAreaIds" in found:
        found.setdefault("programAreaId", "text")
    return found


def _sources(scope: Scope) -> Iterator[tuple[str, Type]]:
    for node in scope.nodes.values():
        yield from _given_by(scope, node)
    for caller in scope.callers:
        for each in caller.inputs:
            yield each.target, "any"


def _given_by(scope: Scope, node: Node) -> Iterator[tuple[str, Type]]:
    """What a node adds to the case when it is done."""
    if node.outputs:
        yield from ((each.target, "any") for each in node.outputs)
    else:
        yield from fields(node).items()
        yield from _of_topic(scope, node)
        yield from _of_decision(scope, node)
        yield from ((name, "any") for name in assigned(node))
        yield from _of_message(scope, node)
    if "outputCollection" in node.properties:
        yield node.properties["outputCollection"], ListOf("any")
    if node.loop is not None and node.kind == "subProcess":
        # What one instance writes inside the frame is there for all of the frame.
        yield from local(scope, node, own_only=True).items()


def fields(node: Node) -> dict[str, Type]:
    """A form's answers by name; fields of the same `rows` are one list of records."""
    found: dict[str, Type] = {}
    rows: dict[str, dict[str, Type]] = {}
    for each in node.form:
        if each.rows:
            rows.setdefault(each.rows, {})[each.column] = field_type(each)
        else:
            found[each.id] = field_type(each)
    return found | {name: ListOf(Record(columns)) for name, columns in rows.items()}


def field_type(field: Field) -> Type:
    """The type of a field's answer."""
    if "file" in field.properties or field.properties.get("picker") in PICKED:
        kind: Type = "any"
    elif field.type == "enum":
        kind = OneOf(tuple(choice.id for choice in field.choices))
    else:
        kind = _TYPES.get(field.type, "any")
    return ListOf(kind) if field.multiple else kind


def assigned(node: Node) -> tuple[str, ...]:
    """The names a script assigns; none when the script cannot be read, which `expressions` says."""
    if not node.script:
        return ()
    try:
        return tuple(sorted(language.parse_script(node.script).names))
    except language.BadExpression:
        return ()


def _of_topic(scope: Scope, node: Node) -> Iterator[tuple[str, Type]]:
    topic = scope.words.topics.get(node.topic or "")
    if topic is not None:
        yield from topic.outputs.items()
        if scope.waits(node):
            yield from CONNECTOR_ANSWER.items()


def _of_decision(scope: Scope, node: Node) -> Iterator[tuple[str, Type]]:
    if node.kind != "businessRuleTask":
        return
    table = scope.library.decisions.get(node.attributes.get("decisionRef", ""))
    kind = decided(node, table)
    if result := node.attributes.get("resultVariable"):
        yield result, kind
    elif isinstance(kind, Record):
        yield from kind.fields.items()


def decided(node: Node, table: object) -> Type:
    """The type of a decision task's answer; `any` for a table that is not at hand."""
    mapping = node.attributes.get("mapDecisionResult")
    return table.result_type(mapping) if isinstance(table, Table) and mapping in (None, *MAPPINGS) else "any"


def _of_message(scope: Scope, node: Node) -> Iterator[tuple[str, Type]]:
    """A message's payload: what its key is made of, and what processes of the library send with it."""
    for name in key_names(node):
        yield name, "any"
    event = node.event
    if event is None or event.kind not in ("message", "signal", "escalation"):
        return
    for process in (scope.process, *scope.library.processes.values()):
        for thrower in _throwers(process, event.kind, event.name):
            yield from ((each.target, "any") for each in thrower.inputs)


def _throwers(process: Process, kind: str, name: str | None) -> Iterator[Node]:
    for node in process.nodes.values():
        throws = node.kind in ("endEvent", "intermediateThrowEvent", "sendTask")
        if throws and node.event is not None and (node.event.kind, node.event.name) == (kind, name):
            yield node


def key_names(node: Node) -> frozenset[str]:
    """The names in a start key: it is made of what the case begins with, before there is a case."""
    found: set[str] = set()
    for part in templates.parts(node.properties.get("startKey", "")):
        if part.is_expression:
            try:
                found |= language.parse(part.text).names
            except language.BadExpression:
                continue
    return frozenset(found) - RESERVED


def local(scope: Scope, node: Node, *, own_only: bool = False) -> dict[str, Type]:
    """Names that only a node and what stands inside it see: its inputs, its instance of many."""
    found: dict[str, Type] = {}
    for each in (node,) if own_only else (*reversed(list(scope.around(node))), node):
        if each.loop is not None:
            found |= COUNTERS
            if each.loop.element_variable:
                found[each.loop.element_variable] = "any"
        if each.kind != "callActivity":
            found |= {given.target: "any" for given in each.inputs}
    return found


def deadlines(scope: Scope) -> frozenset[str]:
    """Deadline keys: the known ones, and those that the process and its neighbours set."""
    return scope.words.deadlines | scope.library.deadlines | deadlines_set(scope.process)


def _either(first: Type, second: Type) -> Type:
    if first == second:
        return first
    if isinstance(first, OneOf) and isinstance(second, OneOf):
        return OneOf(tuple(dict.fromkeys((*first.values, *second.values))))
    if {_base(first), _base(second)} == {"text"}:
        return "text"
    return "any"


def _base(kind: Type) -> object:
    return "text" if isinstance(kind, OneOf) else kind
