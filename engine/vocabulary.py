"""The words that diagrams may use in a region: roles, profile keys, topics, functions and deadline keys."""

from __future__ import annotations

from collections.abc import Iterable

from engine import context
from engine.connectors import CONNECTORS
from engine.core.checking import Vocabulary
from engine.effects import EFFECTS
from engine.regions import Region

DEADLINES = frozenset(("externalDue", "internalDue", "compileDue", "approveDue", "submitDue", "triageDue"))
"""Deadline keys that every process knows; a process has its own besides."""


def vocabulary(region: Region, templates: Iterable[str] | None = None) -> Vocabulary:
    """What `engine.core.checking` needs to know of a region, and of the texts that are deployed along."""
    return Vocabulary(
        roles={role: region.title(role) for role in region.roles},
        region=region.data,
        topics={topic: each.vocabulary for topic, each in CONNECTORS.items()}
        | {name: each.vocabulary for name, each in EFFECTS.items()},
        functions=context.FUNCTIONS,
        deadlines=DEADLINES,
        templates=None if templates is None else frozenset(templates),
    )
