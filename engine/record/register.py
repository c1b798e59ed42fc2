"""The register of local additions as it stands: rows, and a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from engine.record import documents
from engine.record.documents import Facts
from engine.record.labels import Labels
from store.additions import Addition


def row(addition: Addition) -> dict[str, Any]:
    """An addition as diagrams and documents see it; days as text."""
    return {
        "article": addition.article,
        "articleVersion": addition.article_version,
        "articleTitle": addition.article_title,
        "anchor": addition.anchor,
        "title": addition.title,
        "area": addition.area,
        "documentReference": addition.document_reference,
        "publishedOn": addition.published_on.isoformat() if addition.published_on else None,
        "reviewBy": addition.review_by.isoformat() if addition.review_by else None,
    }


def page(region: str, today: date, additions: Sequence[Addition], areas: Mapping[str, str]) -> bytes:
    """The register of a day as a document; `areas` are names by id."""
    facts = Facts(region=region, title="Lokala tillägg i nationella kunskapsstöd", made_on=today, version=0)
    labels = Labels(choices={}, pickers={"programAreaId": "programArea"}, people={}, areas=areas)
    return documents.page("additionRegister", facts, labels, {"additions": [row(each) for each in additions]})
