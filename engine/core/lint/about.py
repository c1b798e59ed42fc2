"""Advice that names a node or a flow."""

from __future__ import annotations

from engine.core.checking.scope import Scope
from engine.core.findings import Finding, advice
from engine.core.model import Flow, Node


def on(rule: str, what: Node | Flow, /, **facts: object) -> Finding:
    return advice(rule, what.id, what.name, **facts)


def is_first_level(scope: Scope) -> bool:
    """Whether cases start here: neither a part by its own word nor called by another."""
    return not scope.process.is_part and not scope.callers
