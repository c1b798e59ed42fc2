"""Advice on a diagram (`råd`): how it looks, reads and treats people. Nothing here stops a deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.core.checking.scope import Library, Scope, Vocabulary
from engine.core.findings import Finding
from engine.core.lint import flowing, manners, picture, wording
from engine.core.reading import Document

__all__ = ["advise"]

SUBJECTS: tuple[Callable[[Document, Scope], Iterator[Finding]], ...] = (
    picture.advise,
    wording.advise,
    manners.advise,
    flowing.advise,
)


def advise(document: Document, library: Library, words: Vocabulary) -> list[Finding]:
    """All `råd` of a file, by the modelling guide. Empty for a file that cannot be read."""
    findings = [finding for finding in document.findings if finding.level == "råd"]
    if document.process is not None:
        scope = Scope(document.process, library, words)
        for subject in SUBJECTS:
            findings += subject(document, scope)
    return list(dict.fromkeys(findings))
