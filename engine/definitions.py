"""Definitions ready to run, by the hash of their version: read, assembled and compiled once for each process of ours.

A case stays on the version it started with, its region profile and texts included.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from engine import regions, texts
from engine.core import decisions, phrases, reading
from engine.core.model import Definition, Node, Process
from engine.errors import NotFound
from engine.regions import Region
from store import definitions
from store.cases import Case
from store.database import Reader
from store.definitions import Part

MOST_KEPT = 256


@dataclass(frozen=True)
class Deployed:
    """A version as cases run on it."""

    definition: Definition
    region: Region
    texts: Mapping[str, texts.Template] = field(default_factory=dict)
    diagrams: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Process -> its BPMN file, as it was deployed."""

    @property
    def version(self) -> str:
        return self.definition.version

    @property
    def process(self) -> Process:
        return self.definition.process

    @cached_property
    def has_undo(self) -> bool:
        """Some answer may be taken back for a while."""
        every = self.definition.processes
        return any("undo" in node.properties for each in every for node in each.nodes.values())

    def node(self, process: str, element: str) -> Node:
        """An element of one of its processes. Raises `KeyError`."""
        return self.definition.lookup(process).nodes[element]

    def home(self, element: str, process: str = "") -> Process | None:
        """The process that an element stands in: the one named, else the first that has it. Two may use the same id."""
        every = (each for each in self.definition.processes if process in ("", each.id))
        return next((each for each in every if element in each.nodes), None)


def of_case(reader: Reader, case: Case) -> Deployed:
    """The version that a case runs on."""
    return of_version(reader, case.version)


def current(reader: Reader, region: str, key: str) -> Deployed:
    """The version that new cases of a process start on. Raises `NotFound`."""
    newest = definitions.latest(reader, region, key)
    if newest is None:
        raise NotFound("Processen", key)
    return of_version(reader, newest.version)


def of_version(reader: Reader, version: str) -> Deployed:
    """A version by its hash. Raises `NotFound`."""
    found = _kept.get(version)
    if found is None:
        found = _assemble(version, tuple(definitions.files(reader, version)))
        _kept.put(version, found)
    return found


def forget() -> None:
    """Drop every version from memory: the next use reads and assembles it anew."""
    _kept.clear()


def _assemble(version: str, parts: tuple[Part, ...]) -> Deployed:
    if not parts:
        raise NotFound("Processversionen", version)
    read = {each.id: (each, part.bytes) for part in parts if (each := _process(part)) is not None}
    main = _process(parts[0])
    assert main is not None, "a kept version begins with its process"
    tables = {id: table for part in parts if part.kind == "decision" for id, table in _tables(part).items()}
    called = {id: each for id, (each, _) in read.items() if id != main.id}
    profile = next(part.bytes.decode() for part in parts if part.kind == "profile")
    written = {part.filename: part.bytes.decode() for part in parts if part.kind == "texts"}
    region = regions.stored(profile)
    definition = Definition(
        process=phrases.worded(main, region.data),
        called={id: phrases.worded(each, region.data) for id, each in called.items()},
        decisions=tables,
        version=version,
    )
    diagrams = {id: content for id, (_, content) in read.items()}
    return Deployed(definition, region, texts.read(written), diagrams)


def _process(part: Part) -> Process | None:
    return reading.read(part.bytes, part.filename).process if part.kind in ("process", "called") else None


def _tables(part: Part) -> Mapping[str, object]:
    tables, _ = decisions.read(part.bytes, part.filename)
    return tables


class _Kept:
    """The versions used last, at most so many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[str, Deployed] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, version: str) -> Deployed | None:
        with self._lock:
            if version in self._found:
                self._found.move_to_end(version)
            return self._found.get(version)

    def clear(self) -> None:
        with self._lock:
            self._found.clear()

    def put(self, version: str, deployed: Deployed) -> None:
        with self._lock:
            self._found[version] = deployed
            while len(self._found) > self._most:
                self._found.popitem(last=False)


_kept = _Kept(MOST_KEPT)
