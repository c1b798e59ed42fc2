"""What has changed between two versions of a process: elements, flows and what they say. A moved box is no change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from engine.core.model import Flow, Node, Process


@dataclass(frozen=True)
class Difference:
    """One change. `field`, `before` and `after` say what changed in an element that both versions have."""

    what: Literal["added", "removed", "changed"]
    element: str
    kind: str
    name: str
    field: str = ""
    before: str = ""
    after: str = ""


def between(old: Process, new: Process) -> list[Difference]:
    """Every change, elements before flows, in the order of the newer file; what is removed comes last."""
    return [*_compared(old.nodes, new.nodes), *_compared(old.flows, new.flows), *_process(old, new)]


def _compared(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for id, each in new.items():
        if id not in old:
            yield Difference("added", id, _kind(each), each.name)
        else:
            yield from _changes(id, old[id], each)
    for id in old.keys() - new.keys():
        yield Difference("removed", id, _kind(old[id]), old[id].name)


def _changes(id: str, old: Node | Flow, new: Node | Flow) -> Iterator[Difference]:
    for each in fields(new):
        before, after = getattr(old, each.name, None), getattr(new, each.name)
        if before != after:
            yield Difference("changed", id, _kind(new), new.name, each.name, _text(before), _text(after))


def _process(old: Process, new: Process) -> Iterator[Difference]:
    for name in ("name", "documentation", "starters", "properties"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Difference("changed", new.id, "process", new.name, name, _text(before), _text(after))


def _kind(each: Node | Flow) -> str:
    return each.kind if isinstance(each, Node) else "sequenceFlow"


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else repr(value)
