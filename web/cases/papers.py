"""The documents of a case: what was added by people, and what the product made, as page and as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.record import documents as made_documents
from engine.record.documents import KINDS
from store import documents, renderings
from store.cases import Case
from store.database import Reader
from store.documents import Document
from store.renderings import Rendering
from web import words
from web.language import say

SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'; base-uri 'none'"
"""For a page that was made of what people have written: it shows itself, and nothing else happens."""
PAGE = made_documents.MEDIA_TYPE
INLINE = frozenset(("application/pdf", "text/plain", "image/png", "image/jpeg", PAGE))


@dataclass(frozen=True)
class Paper:
    """One document as the page of the case shows it."""

    name: str
    kind: str
    """What the product calls it; empty for a file that someone added."""
    when: str
    first: Document
    pdf: Document | None = None
    status: str = ""
    """Of the PDF: `waiting`, `setting`, `set` or `failed`."""
    template: str = ""
    """What it was made from; later versions have the same."""

    @property
    def files(self) -> list[tuple[str, Document]]:
        """Each file with the word of its link."""
        if not self.kind:
            return [(say("Hämta"), self.first)]
        return [(say("Webbsida"), self.first), *([("PDF", self.pdf)] if self.pdf else [])]


def of_case(reader: Reader, case: Case, today: date) -> list[Paper]:
    """Latest first."""
    found = {each.id: each for each in documents.of_case(reader, case.id)}
    made = {each.document_id: each for each in renderings.of_case(reader, case.id) if each.document_id in found}
    set_ones = {each.pdf_id for each in made.values()}
    shown = [each for each in found.values() if each.id not in set_ones]
    return [_paper(each, made.get(each.id), found, today) for each in reversed(shown)]


def newest(papers: Sequence[Paper]) -> list[Paper]:
    """What people added, and of what the product made only the latest version of each."""
    last: dict[str, Paper] = {}
    for each in papers:
        last.setdefault(each.template or each.first.id, each)
    return list(last.values())


def is_made(reader: Reader, document: Document) -> bool:
    """Whether the product made this page itself: what people add is never shown as a page."""
    return renderings.find(reader, document.id) is not None


def _paper(document: Document, made: Rendering | None, found: dict[str, Document], today: date) -> Paper:
    when = words.moment(document.added_at, today)
    if made is None:
        return Paper(document.name, "", when, document)
    kind = say("{kind}, version {n}", kind=say(KINDS[made.template].name), n=made.version)
    return Paper(made.title, kind, when, document, found.get(made.pdf_id or ""), made.status, made.template)
