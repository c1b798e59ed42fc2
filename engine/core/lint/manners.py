"""How a diagram treats people: who, by when, why, and what it costs them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.core import phrases, templates
from engine.core.checking.people import COURTESIES
from engine.core.checking.scope import Scope
from engine.core.findings import Finding, advice
from engine.core.lint.about import is_first_level, on
from engine.core.model import PERSON_TASKS, Node
from engine.core.reading import Document

NUMBER_OF_DAYS = re.compile(r"\$\{\s*workday\(\s*today\s*,.*\}")
MANY_FIELDS = 20
LONGEST_LABEL = 40
LONGEST_HELP = 120


def advise(document: Document, scope: Scope) -> Iterator[Finding]:
    for node in scope.nodes.values():
        if node.kind == "userTask":
            yield from _person(scope, node)
            yield from _due(node)
            yield from _courtesies(node)
        elif node.kind in PERSON_TASKS:
            yield on("plain-task", node)
        elif node.kind in ("serviceTask", "sendTask") and scope.waits(node) and "manualRole" not in node.properties:
            yield on("people/manual", node)
        yield from _form(scope, node)
    if is_first_level(scope):
        yield from _first_level(scope)


def _person(scope: Scope, node: Node) -> Iterator[Finding]:
    groups = templates.split(node.attributes.get("candidateGroups", ""))
    role_of_lane = next((role for role, title in scope.words.roles.items() if node.lane and title == node.lane), None)
    if not groups and not node.attributes.get("assignee") and role_of_lane is None:
        yield on("people", node)
    named = {group.partition("@")[0] for group in groups if "${" not in group.partition("@")[0]}
    if role_of_lane is not None and named and role_of_lane not in named:
        yield on("people/lane", node, lane=node.lane)


def _due(node: Node) -> Iterator[Finding]:
    due = node.attributes.get("dueDate")
    if not due:
        yield on("due", node)
    elif not templates.is_template(due) or NUMBER_OF_DAYS.fullmatch(due):
        yield on("due/literal", node)


def _courtesies(node: Node) -> Iterator[Finding]:
    missing = sorted(COURTESIES - node.properties.keys())
    if missing:
        yield on("courtesy", node, missing=", ".join(missing))


def _form(scope: Scope, node: Node) -> Iterator[Finding]:
    profile = scope.words.region or {}
    is_payload = node.event is not None and node.event.kind == "message"
    if len(node.form) > MANY_FIELDS and not is_payload:  # what comes with a message is filled in by nobody
        yield on("form-size", node, most=MANY_FIELDS)
    for field in node.form:
        if len(phrases.fill(field.label, profile)) > LONGEST_LABEL:
            yield on("field-words", node, field=field.id, what="label", most=LONGEST_LABEL)
        if len(phrases.fill(field.properties.get("help", ""), profile)) > LONGEST_HELP:
            yield on("field-words", node, field=field.id, what="help", most=LONGEST_HELP)


def _first_level(scope: Scope) -> Iterator[Finding]:
    process = scope.process
    if not process.starters:
        yield advice("starters", process.id, process.name)
    for node in scope.inside(None):
        if node.kind == "endEvent" and "outcome" not in node.properties:
            yield on("outcome", node)
