"""Where the cases of a process wait, on its newest diagram: the versions that they run on are laid over each other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine import calendar, definitions
from engine.core.model import Definition, Node, Process
from engine.definitions import Deployed
from engine.errors import NotFound
from engine.regions import Region
from store import definitions as versions
from store import waiting
from store.database import Reader
from store.waiting import Waits, Wanted

CATCHES = frozenset(("intermediateCatchEvent", "receiveTask"))
"""What a case comes to and waits at; a boundary event waits beside a step, which is where the case is."""


@dataclass(frozen=True)
class Chart:
    """One diagram of a process, as the newest version that has it draws it."""

    name: str
    """Of the case's own process."""
    cases: int
    """How many of its cases are open."""
    process: Process
    source: bytes
    """The BPMN file."""
    drawings: Mapping[int, Process]
    """Number of the version -> the same process there, newest first."""
    wanted: Wanted

    def find(self, element: str) -> tuple[Node, int | None]:
        """An element as the newest version that has it draws it, and the number of that version unless it is the one
        drawn. Raises `NotFound`.
        """
        for number, each in self.drawings.items():
            if element in each.nodes:
                return each.nodes[element], None if each is self.process else number
        raise NotFound("Steget", element)


@dataclass(frozen=True)
class Place:
    """An element where cases wait."""

    waits: Waits
    node: Node
    version: int | None
    """The newest that has the element, where that is an older one than the one drawn."""


def chart(reader: Reader, region: Region, key: str, process: str, ids: Sequence[str] | None) -> Chart:
    """The diagram of a process (`key`), or of one that it calls (`process`, unless empty).

    `ids` are the cases that count; None counts all. Raises `NotFound`.
    """
    running = waiting.versions(reader, region.id, key, ids)
    known = _known(reader, region.id, key, running)
    wanted = process or key
    having = {number: each for number, each in known.items() if wanted in each.diagrams}
    if not having:
        raise NotFound("Processen", wanted)
    newest = next(iter(having.values()))
    drawings = {number: each.definition.lookup(wanted) for number, each in having.items()}
    return Chart(
        name=newest.process.name,
        cases=sum(running.values()),
        process=newest.definition.lookup(wanted),
        source=newest.diagrams[wanted],
        drawings=drawings,
        wanted=Wanted(
            region=region.id,
            process_key=key,
            ids=ids,
            now=reader.now,
            today=calendar.local_day(reader.now, region.timezone),
            process=wanted,
            catches=_catches(wanted, having.values()),
            calls=_calls(wanted, having.values()),
        ),
    )


def places(reader: Reader, chart: Chart) -> list[Place]:
    """Where its cases wait, those with most late ones first."""
    return [Place(each, *chart.find(each.element)) for each in waiting.counts(reader, chart.wanted)]


def _known(reader: Reader, region: str, key: str, running: Iterable[str]) -> dict[int, Deployed]:
    """The newest version, and those that open cases run on, newest first: number -> version."""
    deployed = versions.of_key(reader, region, key)
    wanted = {each.version for each in deployed[:1]} | set(running)
    newest_of_each = {each.version: each for each in reversed(deployed) if each.version in wanted}
    newest_first = sorted(newest_of_each.values(), key=lambda each: each.number, reverse=True)
    return {each.number: definitions.of_version(reader, each.version) for each in newest_first}


def _catches(process: str, known: Iterable[Deployed]) -> dict[str, str]:
    """Element -> the process it stands in, for the diagram and all that it calls; of two by the same id the outer."""
    found: dict[str, str] = {}
    for each in known:
        for inner in _with_called(each.definition, process):
            for node in inner.nodes.values():
                if node.kind in CATCHES:
                    found.setdefault(node.id, inner.id)
    return found


def _calls(process: str, known: Iterable[Deployed]) -> dict[str, list[str]]:
    """Called process -> the call activities of the diagram that lead to it, also through others."""
    found: dict[str, dict[str, None]] = {}
    for each in known:
        for node in each.definition.lookup(process).nodes.values():
            for inner in _with_called(each.definition, node.called):
                found.setdefault(inner.id, {})[node.id] = None
    return {called: list(by) for called, by in found.items() if called != process}


def _with_called(definition: Definition, process: str | None) -> Iterable[Process]:
    """A process and all that it calls, outermost first; none where the definition does not have it."""
    known = {each.id: each for each in definition.processes}
    found: dict[str, Process] = {}
    pending = deque([process])
    while pending:
        id = pending.popleft()
        if id in known and id not in found:
            found[id] = known[id]
            pending += [node.called for node in known[id].nodes.values()]
    return found.values()
