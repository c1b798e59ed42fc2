"""What a task is about, of several at one element, where that is a person: the diagram says a key, a page the name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from store import people
from store.database import Reader
from store.inbox import Listed
from store.tasks import Task

_A_KEY = re.compile(r"[0-9a-f]{32}")
_Told = TypeVar("_Told", Task, Listed)


def named(reader: Reader, tasks: Iterable[_Told]) -> list[_Told]:
    """The tasks, those about a person with the name instead of the key."""
    found = list(tasks)
    names = people.names(reader, {key for key in map(_person, found) if key})
    return [_about(each, names.get(_person(each), "")) if _person(each) else each for each in found]


def withheld(task: _Told) -> _Told:
    """The task as those are told of it who may not open it: not about whom."""
    return _about(task, "") if _person(task) else task


def _about(task: _Told, name: str) -> _Told:
    return replace(task, properties={**task.properties, "about": name})


def _person(task: Task | Listed) -> str:
    """The key of the person whom the task is about; empty for one about anything else."""
    said = str(task.properties.get("about") or "")
    return said if _A_KEY.fullmatch(said) else ""
