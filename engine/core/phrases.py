"""The words of a region in what a diagram says: `${region.roles.lpoChair.title}` is ”Programordförande” in Blekinge.

A profile is deployed with its diagrams, so its words are put in when a version is read, and nothing is evaluated. What
a task's properties say is filled in by the step itself, with the case's own values besides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.core import templates
from engine.core.model import Choice, Field, Node, Process

PROFILE = "region"
SAID = frozenset(("help", "ruleText"))
"""Properties of a field that are words to whoever answers."""


def said(node: Node) -> Iterator[str]:
    """Every text of an element that is only words: its instruction, and what its form says."""
    yield node.documentation
    for each in node.form:
        yield each.label
        yield from (choice.name for choice in each.choices)
        yield from (text for name, text in each.properties.items() if name in SAID)


def worded(process: Process, profile: Mapping[str, Any]) -> Process:
    """The process as it reads in the region of a profile."""
    nodes = {id: _node(node, profile) for id, node in process.nodes.items()}
    return replace(process, documentation=fill(process.documentation, profile), nodes=nodes)


def fill(text: str, profile: Mapping[str, Any]) -> str:
    """A text with the profile's words in it; a path that the profile lacks stays as it is written."""
    return "".join(_part(part, profile) for part in templates.parts(text)) if "${" in text else text


def _node(node: Node, profile: Mapping[str, Any]) -> Node:
    if not any("${" in text for text in said(node)):
        return node
    form = tuple(_field(each, profile) for each in node.form)
    return replace(node, documentation=fill(node.documentation, profile), form=form)


def _field(field: Field, profile: Mapping[str, Any]) -> Field:
    return replace(
        field,
        label=fill(field.label, profile),
        choices=tuple(Choice(each.id, fill(each.name, profile)) for each in field.choices),
        properties={name: fill(text, profile) if name in SAID else text for name, text in field.properties.items()},
    )


def _part(part: templates.Part, profile: Mapping[str, Any]) -> str:
    if not part.is_expression:
        return part.text
    value: Any = {PROFILE: profile}
    for name in part.text.strip().split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return str(value) if isinstance(value, str | int) else f"${{{part.text}}}"
