"""Files that people and programs attach: how large they may be, of what kind, and under which name."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

LARGEST = 25_000_000
"""Bytes."""
KINDS = {
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".md": "text/markdown",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ppt": "application/vnd.ms-powerpoint",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".eml": "message/rfc822",
    ".msg": "application/vnd.ms-outlook",
}
"""Ending -> media type, of what may be attached. The type never comes from the sender."""


def media_type(name: str | None) -> str | None:
    """The kind of a file, by the ending of its name; None for what may not be attached."""
    return KINDS.get(PurePosixPath(safe_name(name)).suffix.lower())


def safe_name(name: str | None) -> str:
    """The last part of a file's name, without what a file system or a header could take for something else."""
    last = unicodedata.normalize("NFC", (name or "").replace("\\", "/").rsplit("/", 1)[-1])
    clean = "".join(mark for mark in last if unicodedata.category(mark)[0] != "C")
    return re.sub(r'[<>:"|?*;]', "_", clean).strip(" .")[:120] or "bilaga"
