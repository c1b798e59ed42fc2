"""The event log as OCEL 2.0 JSON: events that belong to several objects at once.

Objects are cases, tasks, documents, persons and roles. A document is its bytes: the same one in two cases is one
object of both, which a log of cases alone cannot say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

from engine.record.log import Event, Log, Trace
from store import cases, documents, links, tasks
from store.cases import Case
from store.columns import instant_text
from store.database import Reader

OBJECTS: dict[str, tuple[str, ...]] = {
    "case": ("process", "version", "status", "outcome"),
    "task": ("element", "name", "status"),
    "document": ("mediaType",),
    "person": (),
    "role": (),
}
"""Type -> its attributes, all of them text."""
EVENT = ("activityName", "activityType", "processKey")
"""Attributes of every event, all of them text."""

_ALWAYS = "1970-01-01T00:00:00.000000Z"


def pieces(log: Log) -> Iterator[str]:
    """The file, a case at a time: events first, then the objects and types that they have named."""
    types: set[str] = set()
    named: dict[str, str] = {}
    yield '{"events":['
    yield from _listed(_events(log, types, named))
    yield '],\n"objects":['
    yield from _listed(chain(_objects(log), (_object(id, kind, {}, []) for id, kind in named.items())))
    yield f'],\n"eventTypes":{_json([_type(each, EVENT) for each in sorted(types)])}'
    yield f',\n"objectTypes":{_json([_type(*each) for each in OBJECTS.items()])}}}\n'


def _events(log: Log, types: set[str], named: dict[str, str]) -> Iterator[Any]:
    """Every event; notes its type, and the persons and roles that it names."""
    for trace in log.traces():
        work = _Work(log.reader, trace)
        for each in trace.events:
            types.add(each.label)
            named |= {f"person:{each.person}": "person"} if each.person else {}
            named |= {f"role:{each.role}": "role"} if each.role else {}
            yield {
                "id": f"{trace.case.number}/{each.seq}",
                "type": each.label,
                "time": instant_text(each.at),
                "attributes": [{"name": name, "value": value} for name, value in _about(each).items()],
                "relationships": [_to(id, qualifier) for id, qualifier in work.around(each)],
            }


def _about(event: Event) -> dict[str, str]:
    return dict(zip(EVENT, (event.name, event.kind, event.process), strict=True))


class _Work:
    """What the events of a case have to do with: its tasks, and the documents that came with them."""

    def __init__(self, reader: Reader, trace: Trace) -> None:
        self.case = trace.case
        self.tasks = {each.key: each for each in tasks.of_case(reader, trace.case.id)}
        self.documents: dict[str, list[str]] = {}
        for each in documents.of_case(reader, trace.case.id):
            if each.task_id is not None:
                self.documents.setdefault(each.task_id, []).append(f"document:{each.hash}")

    def around(self, event: Event) -> Iterator[tuple[str, str]]:
        """Objects of an event, each with what it is to it."""
        yield f"case:{self.case.number}", "case"
        task = self.tasks.get(event.task or "")
        if task is not None:
            yield _task_id(self.case, task.key), "task"
            yield from ((each, "output") for each in dict.fromkeys(self.documents.get(task.id, ())))
        if event.person:
            yield f"person:{event.person}", "performer"
        if event.role:
            yield f"role:{event.role}", "role"


def _objects(log: Log) -> Iterator[Any]:
    """Cases, tasks and documents."""
    written: set[str] = set()
    for case in log.cases():
        papers = {f"document:{each.hash}": each for each in documents.of_case(log.reader, case.id)}
        related = [_to(each, "document") for each in papers] + list(_linked(log, case))
        about = {name: str(value or "") for name, value in _of_case(case).items()}
        yield _object(f"case:{case.number}", "case", about, related, case.started_at)
        for task in tasks.of_case(log.reader, case.id):
            about = {"element": task.element, "name": task.name, "status": task.status}
            yield _object(_task_id(case, task.key), "task", about, [_to(f"case:{case.number}", "case")], task.opened_at)
        for id, paper in papers.items():
            if id not in written:
                written.add(id)
                yield _object(id, "document", {"mediaType": paper.media_type}, [], paper.added_at)


def _of_case(case: Case) -> dict[str, str | None]:
    return {"process": case.process_key, "version": case.version, "status": case.status, "outcome": case.outcome}


def _linked(log: Log, case: Case) -> Iterator[dict[str, str]]:
    """Other cases that a case leads to, as far as they are in the same log."""
    for each in links.of_case(log.reader, case.id):
        other = cases.find(log.reader, each.to_case) if each.from_case == case.id else None
        if other is not None and log.part.has(other):
            yield _to(f"case:{other.number}", each.kind)


def _task_id(case: Case, key: str) -> str:
    return f"task:{case.number}/{key}"


def _object(
    id: str, kind: str, about: Mapping[str, str], related: list[dict[str, str]], at: datetime | None = None
) -> dict[str, Any]:
    since = instant_text(at) if at else _ALWAYS
    attributes = [{"name": name, "time": since, "value": value} for name, value in about.items()]
    return {"id": id, "type": kind, "attributes": attributes, "relationships": related}


def _to(id: str, qualifier: str) -> dict[str, str]:
    return {"objectId": id, "qualifier": qualifier}


def _type(name: str, attributes: Iterable[str]) -> dict[str, Any]:
    return {"name": name, "attributes": [{"name": each, "type": "string"} for each in attributes]}


def _listed(values: Iterable[Any]) -> Iterator[str]:
    for number, value in enumerate(values):
        yield f"{',' if number else ''}\n{_json(value)}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
