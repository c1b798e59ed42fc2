"""The files of a folder of processes, the product's own unless another is given: by name."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from engine.connectors import CONNECTORS
from engine.core import reading
from engine.regions import PROCESSES

TEXTS = PROCESSES / "texts"


def files(folder: Path = PROCESSES) -> dict[str, bytes]:
    """Diagrams and tables: file name -> content."""
    return diagrams(folder) | tables(folder)


def diagrams(folder: Path = PROCESSES) -> dict[str, bytes]:
    """File name -> the BPMN file."""
    return _files(folder, "*.bpmn")


def tables(folder: Path = PROCESSES) -> dict[str, bytes]:
    """File name -> the DMN file."""
    return _files(folder, "*.dmn")


def texts(folder: Path = PROCESSES) -> dict[str, str]:
    """The texts of a folder; the product's own for diagrams that lie in a folder without texts."""
    own = folder / "texts"
    return {name: content.decode() for name, content in _files(own if own.is_dir() else TEXTS, "*.yaml").items()}


def place(written: str) -> str:
    """What the inventory's name of a place is called: `gap-analysis/Task_X` -> `Gapanalys: Utse ledare`."""
    key, _, element = written.partition("/")
    if key == "connector":
        return CONNECTORS[element].title
    names = _names(f"{key}.bpmn")
    if not names:
        return written
    return f"{names['']}: {names.get(element, element)}" if element else names[""]


@cache
def _names(file: str) -> dict[str, str]:
    """Element -> name, of a diagram that is shipped; "" is the process itself."""
    source = diagrams().get(file)
    process = reading.read(source, file).process if source else None
    if process is None:
        return {}
    return {"": process.name} | {node.id: node.name or node.id for node in process.nodes.values()}


def _files(folder: Path, pattern: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob(pattern))}
