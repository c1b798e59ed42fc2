"""The event log that process mining reads: those rows of history that say that a step was done or an event came.

One event for each labelled transition of the process's net (`engine.core.net`), so that a log replays on it: tasks and
events in between, no gateways, starts, ends or containers; done, not begun. Times increase strictly within a case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.core import net
from engine.errors import NotFound
from store import cases, definitions, history, mandates
from store.cases import Case
from store.database import Reader
from store.history import Entry

Progress = Callable[[int, int], None]
"""Told how much has been read, of how much: cases, or rows where there is no event log."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a case, under the label of its transition."""

    label: str
    at: datetime
    seq: int
    """Number of the row in the case's history."""
    element: str
    kind: str
    """The element's kind: `userTask`, `boundaryEvent` ..."""
    name: str
    """What people call the element, in Swedish."""
    process: str
    """The process that the element stands in: the case's own, or a called one."""
    task: str | None
    """Key of the token's task: the same for all that happened to one piece of work."""
    loop_counter: int | None
    person: str | None
    """Person key of whoever did it; None for what the diagram does by itself."""
    on_behalf_of: str | None
    role: str | None
    """The role that it was done in: `lpoChair@LUNG`."""


@dataclass(frozen=True)
class Part:
    """Which cases a log is of, when not all of the region."""

    process: str | None = None
    version: int | None = None
    case: str | None = None
    """A case by its number."""
    since: datetime | None = None
    before: datetime | None = None
    """Started since a moment, and before another."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self == Part()

    def has(self, case: Case) -> bool:
        """Whether it is one of them, its version left aside."""
        return (
            self.process in (None, case.process_key)
            and self.case in (None, case.number)
            and (self.since is None or case.started_at >= self.since)
            and (self.before is None or case.started_at < self.before)
        )


@dataclass(frozen=True, slots=True)
class Trace:
    case: Case
    events: list[Event]


class Log:
    """The cases of a region, or some of them; read as they are asked for."""

    def __init__(
        self, reader: Reader, region: str, part: Part = Part(), progress: Progress = lambda done, of: None
    ) -> None:
        """Raises `NotFound` when the process has never been deployed, or not in that version."""
        self.reader = reader
        self.region = region
        self.part = part
        self.process = part.process
        numbered = part.process and part.version
        self._version = version_of(reader, region, part.process or "", part.version).version if numbered else None
        self.progress = progress
        self._roles = {each.id: each.scope for each in mandates.of(reader, region=region)}

    def cases(self) -> Iterator[Case]:
        """By number."""
        if self.part.case is not None:
            one = cases.find_any(self.reader, self.part.case, self.region)
            return (each for each in (one,) if each and self.part.has(each))
        every = cases.stream(self.reader, self.region, self.process, self._version)
        return (each for each in every if self.part.has(each))

    def told(self) -> Iterator[tuple[Case, list[Entry]]]:
        """Each case with every row of its history."""
        number = cases.number_of(self.reader, self.region, self.process, self._version)
        for done, case in enumerate(self.cases(), start=1):
            yield case, history.read(self.reader, case.id)
            self.progress(done, number)

    def traces(self) -> Iterator[Trace]:
        """Each case with its events, in the order in which they happened."""
        for case, rows in self.told():
            yield Trace(case, [self._event(case, row) for row in rows if net.is_event(row.what, row.element_kind)])

    def _event(self, case: Case, row: Entry) -> Event:
        return Event(
            label=net.label(case.process_key, row.process, row.element),
            at=row.at,
            seq=row.seq,
            element=row.element,
            kind=row.element_kind,
            name=row.name,
            process=row.process,
            task=row.task,
            loop_counter=row.loop_counter,
            person=row.person or row.on_behalf_of,
            on_behalf_of=row.on_behalf_of if row.person else None,
            role=self._roles.get(row.mandate or ""),
        )


def version_of(reader: Reader, region: str, process: str, number: int | None = None) -> definitions.Deployment:
    """A version of a process by its number in the region, or the newest. Raises `NotFound`."""
    found = definitions.of_key(reader, region, process)
    if not found:
        raise NotFound("Processen", process)
    chosen = [each for each in found if number in (None, each.number)]
    if not chosen:
        raise NotFound("Versionen", f"{number} av {process}")
    return chosen[0]
