"""Sources: the systems outside that tell of events, and the named messages that each event becomes.

A source is `processes/sources/<id>.yaml`, checked against `processes/schemas/source.schema.json`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine import yaml_file
from webhooks.errors import BadSource

FOLDER = Path(__file__).resolve().parent.parent / "processes" / "sources"
_ID = re.compile(r"[a-z][a-z0-9-]{0,40}")


@dataclass(frozen=True)
class Mapped:
    """One message that an event becomes."""

    message: str
    key: str | None
    """Expression; None when the diagram says what the key is."""
    data: Mapping[str, str] | str
    """Variable -> expression; or one expression that gives them all."""


@dataclass(frozen=True)
class Source:
    """Who tells, and what becomes of it."""

    id: str
    name: str
    events: Mapping[str, tuple[Mapped, ...]]


def find(id: str, folder: Path = FOLDER) -> Source | None:
    """None when there is no such source. Raises `BadSource`."""
    return read(folder / f"{id}.yaml") if _ID.fullmatch(id) and (folder / f"{id}.yaml").is_file() else None


@lru_cache(maxsize=64)
def read(path: Path) -> Source:
    """A source from its file. Raises `BadSource`, naming lines."""
    try:
        written: Any = yaml_file.read(path.read_text("utf-8"), "source", path.name).data
    except (yaml_file.BadYaml, UnicodeDecodeError) as error:
        raise BadSource(str(error)) from error
    return Source(path.stem, written["name"], {type: tuple(map(_mapped, to)) for type, to in written["events"].items()})


def _mapped(written: Mapping[str, Any]) -> Mapped:
    return Mapped(written["message"], written.get("key"), written.get("data", {}))
