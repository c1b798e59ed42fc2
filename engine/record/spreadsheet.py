"""Tables for a spreadsheet program (xlsx): the register of local additions, and what became of comments.

A file of its own: openpyxl takes its time to import, and only these need it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from string import ascii_uppercase
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

from engine.record import register
from engine.responses import Response
from store.additions import Addition

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS: Mapping[str, tuple[str, int]] = {
    "articleTitle": ("Nationell artikel", 38),
    "article": ("Adress eller id", 38),
    "articleVersion": ("Version", 10),
    "anchor": ("Plats i artikeln", 24),
    "title": ("Lokalt tillägg", 34),
    "area": ("Programområde", 26),
    "documentReference": ("Protokoll", 16),
    "publishedOn": ("Publicerat", 13),
    "reviewBy": ("Ses över", 13),
}
"""Field of a row -> heading and width in characters."""
_HEAD = {"font": Font(bold=True, color="FFFFFF"), "fill": PatternFill("solid", fgColor="0A3437")}


_RESPONSES: Mapping[str, int] = {
    "Nr": 6,
    "Från": 30,
    "Avsnitt": 24,
    "Synpunkt": 60,
    "Förslag": 44,
    "Vad den ledde till": 20,
    "Motivering": 44,
}
"""Heading -> width in characters."""


def sheet(today: date, additions: Sequence[Addition], areas: Mapping[str, str]) -> bytes:
    """The register of local additions as xlsx."""
    rows = (
        register.row(each)
        | {"area": areas.get(each.area, each.area), "publishedOn": each.published_on, "reviewBy": each.review_by}
        for each in additions
    )
    return _book(today, "Lokala tillägg", dict(COLUMNS.values()), ([row[name] for name in COLUMNS] for row in rows))


def responses(today: date, found: Sequence[Response]) -> bytes:
    """The response table of a consultation round as xlsx."""
    rows = (
        [
            each.number,
            each.who,
            each.comment.section,
            each.comment.comment,
            each.comment.proposal,
            each.disposition,
            each.comment.response,
        ]
        for each in found
    )
    return _book(today, "Synpunkter", _RESPONSES, rows)


def _book(today: date, name: str, widths: Mapping[str, int], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet: text stays text, also what looks like a formula, and days are days."""
    book = Workbook(write_only=True)
    book.properties.created = book.properties.modified = datetime.combine(today, time())
    book.properties.creator = "Kunskapsflöde"
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    for letter, width in zip(ascii_uppercase, widths.values(), strict=False):
        sheet.column_dimensions[letter].width = width
    sheet.append([_cell(sheet, heading, **_HEAD) for heading in widths])
    for row in rows:
        sheet.append([_cell(sheet, value, alignment=Alignment(wrap_text=True, vertical="top")) for value in row])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _cell(rows: Any, value: Any, **look: Any) -> Any:
    cell = WriteOnlyCell(rows, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    for name, worn in look.items():
        setattr(cell, name, worn)
    return cell
