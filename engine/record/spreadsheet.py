"""The register of local additions as a sheet for a spreadsheet program (xlsx).

A file of its own: openpyxl takes its time to import, and only this needs it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

from engine.record import register
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


def sheet(today: date, additions: Sequence[Addition], areas: Mapping[str, str]) -> bytes:
    """The same as xlsx: text stays text, also what looks like a formula, and days are days."""
    book = Workbook(write_only=True)
    book.properties.created = book.properties.modified = datetime.combine(today, time())
    book.properties.creator = "Kunskapsflöde"
    rows = book.create_sheet("Lokala tillägg")
    rows.freeze_panes = "A2"
    for letter, (_, width) in zip("ABCDEFGHIJ", COLUMNS.values(), strict=False):
        rows.column_dimensions[letter].width = width
    rows.append([_cell(rows, heading, **_HEAD) for heading, _ in COLUMNS.values()])
    for each in additions:
        told = register.row(each) | {"area": areas.get(each.area, each.area)}
        told |= {"publishedOn": each.published_on, "reviewBy": each.review_by}
        rows.append([_cell(rows, told[name], alignment=Alignment(wrap_text=True, vertical="top")) for name in COLUMNS])
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
