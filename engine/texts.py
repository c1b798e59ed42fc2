"""The words of mails: templates that designers write in `processes/texts/*.yaml`, filled by look-up alone.

`{{ name }}` is replaced by the value of that name; nothing is ever evaluated. A template has a `subject` and a `body`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from engine import calendar, yaml_file
from engine.core.expressions import as_text

_NAME = re.compile(r"\{\{\s*([A-Za-z][A-Za-z0-9_.]*)\s*\}\}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Template:
    """One mail's words."""

    subject: str
    body: str

    def fill(self, values: Mapping[str, Any]) -> tuple[str, str]:
        """Subject (one line) and body with their names replaced; a name without a value becomes nothing."""
        subject = " ".join(_fill(self.subject, values).split())
        return subject[:LONGEST_SUBJECT], _fill(self.body, values).strip() + "\n"


def read(files: Mapping[str, str]) -> dict[str, Template]:
    """Every template of some files, filename -> text. Raises `yaml_file.BadYaml`."""
    found: dict[str, Template] = {}
    for name, text in sorted(files.items()):
        found |= _read(text, name)
    return found


@lru_cache(maxsize=16)
def _read(text: str, name: str) -> Mapping[str, Template]:
    """Kept: every version of every process has the same few files with it."""
    written = yaml_file.read(text, "texts", name).data
    return {key: Template(words["subject"], words["body"]) for key, words in written.items()}


def _fill(text: str, values: Mapping[str, Any]) -> str:
    return _NAME.sub(lambda match: _said(_look_up(match.group(1), values)), text)


def _said(value: Any) -> str:
    """A value as a person reads it: `2026-04-14`, as days stand in variables, is `14 april 2026`."""
    try:
        return calendar.long_date(date.fromisoformat(value)) if _DAY.fullmatch(value) else as_text(value)
    except (TypeError, ValueError):
        return as_text(value)


def _look_up(name: str, values: Mapping[str, Any]) -> Any:
    value: Any = values
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
