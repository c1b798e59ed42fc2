"""Everything that would go wrong when a diagram runs, found before it is deployed.

`check` names all of it at once. What it lets through runs right: the engine's part of that promise is under test, and
what the engine cannot do right is refused here by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.core.checking import calls, events, expressions, forms, gateways, names, people, structure, timers, work
from engine.core.checking.scope import Library, Scope, Topic, Vocabulary
from engine.core.findings import Finding, blocking
from engine.core.reading import Document

__all__ = ["Library", "Topic", "Vocabulary", "check"]

SUBJECTS: tuple[Callable[[Scope], Iterator[Finding]], ...] = (
    structure.check,
    gateways.check,
    events.check,
    timers.check,
    work.check,
    calls.check,
    names.check,
    forms.check,
    people.check,
    expressions.check,
)


def check(document: Document, library: Library, words: Vocabulary) -> list[Finding]:
    """All `fel` of a file: what could not be read, and what may not run. Empty means it may be deployed."""
    findings = blocking(document.findings)
    if document.process is not None:
        scope = Scope(document.process, library, words)
        for subject in SUBJECTS:
            findings += subject(scope)
    return list(dict.fromkeys(findings))
