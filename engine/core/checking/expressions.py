"""Every expression of a process, typed against what it can see: nothing is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.core import language, phrases, templates
from engine.core.checking import names
from engine.core.checking.scope import Scope, about
from engine.core.dmn import Table
from engine.core.expressions import type_check
from engine.core.findings import Finding
from engine.core.language import BadExpression, Expression
from engine.core.model import Flow, Node, Process
from engine.core.types import Function, ListOf, Record, Type

TEXT_ATTRIBUTES = frozenset("candidateGroups assignee dueDate followUpDate priority".split())
"""Attributes whose `${...}` are filled in."""
OBJECTS = {
    "deadline": "unknown-deadline",
    "region": "unknown-region-key",
    "case": "unknown-case-key",
}


@dataclass(frozen=True)
class Place:
    """One place of the file that holds an expression."""

    on: Node | Flow | Process
    text: str
    local: Mapping[str, Type] = field(default_factory=dict)
    """Names that are known here only."""
    free: bool = False
    """True where unknown names come from a message, which no diagram declares."""
    expected: Type | None = None


def check(scope: Scope) -> Iterator[Finding]:
    known = vocabulary(scope)
    # A part whose callers are not at hand gets names that only they know.
    open_ended = scope.process.is_part and not scope.callers
    for place in places(scope):
        yield from _problems(place, known, open_ended)
    for place in _phrases(scope):
        yield from _problems(place, {phrases.PROFILE: known[phrases.PROFILE]}, open_ended=False)
    for node in scope.nodes.values():
        if node.script:
            yield from _script(scope, node, known, open_ended)
        if node.kind == "callActivity":
            yield from _results(scope, node)


def vocabulary(scope: Scope) -> dict[str, Type]:
    """All names that expressions of the process may use."""
    words = scope.words
    return {
        **names.declared(scope),
        **words.functions,
        "deadline": Record(dict.fromkeys(names.deadlines(scope), "text")),
        "region": "any" if words.region is None else _shape(words.region),
        "case": Record(dict.fromkeys(words.case, "any")),
        "now": "text",
        "today": "text",
    }


def _shape(value: Any) -> Type:
    """The type of a profile's value. A profile may leave out what another has, so only names are certain."""
    if isinstance(value, Mapping):
        return Record({key: _shape(each) for key, each in value.items()})
    if isinstance(value, bool):
        return "bool"
    return ListOf("any") if isinstance(value, list) else "any"


def places(scope: Scope) -> Iterator[Place]:
    """Every expression of the process but scripts and call results."""
    for flow in scope.flows:
        if flow.condition is not None:
            yield Place(flow, flow.condition)
    for node in scope.nodes.values():
        local = names.local(scope, node)
        yield from _of_event(node, local)
        yield from _of_loop(scope, node, local)
        yield from _of_mappings(scope, node, local)
        yield from _of_form(node, local)
        yield from _of_texts(scope, node, local)
        yield from _of_table(scope, node, local)


def _of_table(scope: Scope, node: Node, local: Mapping[str, Type]) -> Iterator[Place]:
    """A decision table reads the variables of the task that asks it."""
    table = scope.library.decisions.get(node.attributes.get("decisionRef", ""))
    if node.kind == "businessRuleTask" and isinstance(table, Table):
        for expression in dict.fromkeys(table.expressions()):
            yield Place(node, expression, local)


def _of_event(node: Node, local: Mapping[str, Type]) -> Iterator[Place]:
    timer = node.event.timer if node.event else None
    if timer is not None and not timer.literal:
        yield Place(node, timer.expression, local, expected="text")


def _of_loop(scope: Scope, node: Node, local: Mapping[str, Type]) -> Iterator[Place]:
    if node.loop is None:
        return
    outer = {
        name: kind for each in reversed(list(scope.around(node))) for name, kind in names.local(scope, each).items()
    }
    if node.loop.collection is not None:
        yield Place(node, node.loop.collection, outer, expected=ListOf("any"))
    if node.loop.cardinality is not None:
        yield Place(node, node.loop.cardinality, outer, expected="int")
    if node.loop.completion_condition is not None:
        yield Place(node, node.loop.completion_condition, local)


def _of_mappings(scope: Scope, node: Node, local: Mapping[str, Type]) -> Iterator[Place]:
    for each in node.inputs:
        yield Place(node, each.expression, local)
    if node.kind == "callActivity":
        return
    given = {**local, **names.fields(node)}
    topic = scope.words.topics.get(node.topic or "")
    if topic is not None:
        given |= {**names.CONNECTOR_ANSWER, **topic.outputs}
    given |= dict.fromkeys(names.assigned(node), "any")
    if result := node.attributes.get("resultVariable"):
        given[result] = "any"
    hears = node.event is not None and node.event.kind in ("message", "signal", "escalation")
    for each in node.outputs:
        yield Place(node, each.expression, given, free=hears or node.kind == "subProcess")


def _of_form(node: Node, local: Mapping[str, Type]) -> Iterator[Place]:
    seen = {**local, **names.fields(node)}
    for each in node.form:
        beside: dict[str, Type] = {
            name: names.field_type(other)
            for other in node.form
            if each.rows and other.rows == each.rows
            for name in (other.column, other.id)
        }
        here = {**seen, **beside}
        if each.default is not None and each.default_is_expression:
            yield Place(node, each.default, here)
        for name in ("visibleIf", "requiredIf", "rule", "maxDate"):
            if name in each.properties:
                yield Place(node, each.properties[name], here)


def _phrases(scope: Scope) -> Iterator[Place]:
    """What a diagram says in the profile's words: it can name nothing else."""
    said: list[tuple[Node | Process, str]] = [(scope.process, scope.process.documentation)]
    said += [(node, text) for node in scope.nodes.values() for text in phrases.said(node)]
    for on, text in said:
        yield from (Place(on, part.text) for part in templates.parts(text) if part.is_expression)


def _of_texts(scope: Scope, node: Node, local: Mapping[str, Type]) -> Iterator[Place]:
    result: dict[str, Type] = {}
    if name := node.attributes.get("resultVariable"):
        result[name] = names.decided(node, scope.library.decisions.get(node.attributes.get("decisionRef", "")))
    texts = [(name, text) for name, text in node.attributes.items() if name in TEXT_ATTRIBUTES]
    for name, text in [*texts, *node.properties.items()]:
        for part in templates.parts(text):
            if part.is_expression:
                yield Place(node, part.text, {**local, **result}, free=name == "startKey")


def _problems(place: Place, known: Mapping[str, Type], open_ended: bool) -> Iterator[Finding]:
    try:
        parsed = language.parse(templates.unwrap(place.text))
    except BadExpression as error:
        yield about("bad-expression", place.on, expression=place.text, reason=error)
        return
    visible = {**known, **place.local}
    if place.free or open_ended:
        visible = {**dict.fromkeys(parsed.names, "any"), **visible}
    strange = list(_unknown(place.on, parsed, visible))
    yield from strange
    looked_up = parsed.is_literal or parsed.path is not None
    if not strange and not (looked_up and place.expected is None):
        for sentence in type_check(place.text, visible, expected=place.expected):
            yield about("wrong-type", place.on, expression=place.text, reason=sentence)


def _unknown(on: Node | Flow | Process, parsed: Expression, visible: Mapping[str, Type]) -> Iterator[Finding]:
    for function in sorted(parsed.functions):
        if not isinstance(visible.get(function), Function):
            yield about("unknown-function", on, name=function, expression=parsed.source)
    for path in parsed.paths:
        if path[0] not in visible:
            yield about("unknown-variable", on, name=path[0], expression=parsed.source)
        elif (missing := _missing_field(path, visible)) is not None:
            rule = OBJECTS.get(path[0], "unknown-field")
            yield about(rule, on, name=missing, of=path[0], expression=parsed.source)


def _missing_field(path: tuple[str, ...], visible: Mapping[str, Type]) -> str | None:
    kind = visible[path[0]]
    for name in path[1:]:
        if kind == "any":
            return None
        if not isinstance(kind, Record):
            return name
        if name not in kind.fields:
            return name
        kind = kind.fields[name]
    return None


def _script(scope: Scope, node: Node, known: Mapping[str, Type], open_ended: bool) -> Iterator[Finding]:
    try:
        script = language.parse_script(node.script or "")
    except BadExpression as error:
        yield about("bad-expression", node, expression=node.script, reason=error)
        return
    local = {**names.local(scope, node), **dict.fromkeys(script.names, "any")}
    for _, expression in script.assignments:
        yield from _problems(Place(node, expression.source, local), known, open_ended)


def _results(scope: Scope, node: Node) -> Iterator[Finding]:
    """What a call takes from the called process is worked out in there."""
    called = scope.library.processes.get(node.called or "")
    if called is None:
        return
    inner = Scope(called, scope.library, scope.words)
    given = {each.target: "any" for each in node.inputs}
    known = {**given, **vocabulary(inner)}
    for each in node.outputs:
        yield from _problems(Place(node, each.expression), known, open_ended=False)
