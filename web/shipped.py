"""The files that the product ships: processes, decision tables and texts, by name."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "processes"
TEXTS = FOLDER / "texts"


def diagrams(folder: Path = FOLDER) -> dict[str, bytes]:
    return _files(folder, "*.bpmn")


def tables(folder: Path = FOLDER) -> dict[str, bytes]:
    return _files(folder, "*.dmn")


def texts(folder: Path = FOLDER) -> dict[str, str]:
    """The texts of a folder; the product's own for diagrams that lie in a folder without texts."""
    own = folder / "texts"
    return {name: content.decode() for name, content in _files(own if own.is_dir() else TEXTS, "*.yaml").items()}


def _files(folder: Path, pattern: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob(pattern))}
