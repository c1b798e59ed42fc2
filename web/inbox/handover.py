"""What someone who makes a hand-over by hand is to hand over: the system it goes to, and what the case says to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine import catalogue, definitions
from engine.catalogue import Message
from engine.definitions import Deployed
from engine.record import labels
from engine.record.labels import Labels
from store import cases, organisation, people
from store.cases import Case
from store.database import Reader
from store.roles import split_scope
from store.tasks import Task
from web import here, words

_KEY = re.compile(r"[0-9a-f]{32}")
"""A key that stands for nothing a person knows: a document's, which is among the papers of the case."""
_NUMBER = re.compile(r"\w{3}-[0-9]{4}-[0-9]{3,}")


@dataclass(frozen=True)
class Handover:
    system: str
    values: tuple[tuple[str, str, str], ...]
    """Labels, what stands under them, and the id of the case that this is the number of, if it is."""


def of(reader: Reader, task: Task, case: Case) -> Handover | None:
    """None for a task that hands nothing over."""
    deployed = definitions.of_case(reader, case)
    topic = deployed.node(task.process, task.element).topic if task.kind == "connector" else None
    message = next((each for each in catalogue.load().outbound.values() if each.topic == topic), None)
    if topic is None or message is None:
        return None
    said = _labels(reader, deployed, task.inputs)
    told = _told(message, _asked(deployed), said, {**task.inputs, "title": _title(task, case)})
    linked = tuple((label, text, _case_of(reader, text)) for label, text in told)
    return Handover(deployed.region.connector(topic).system or message.system, linked)


def _case_of(reader: Reader, text: str) -> str:
    """The id of the case that a text is the number of; empty where it is none, or none of the reader's."""
    found = cases.find_any(reader, text, here.region().id) if _NUMBER.fullmatch(text) else None
    return found.id if found and here.may(reader, "case.see", case=found) else ""


def _title(task: Task, case: Case) -> str | None:
    """What it is about, where that is not the case's own name."""
    return task.inputs.get("title") if task.inputs.get("title") != case.title else None


def _told(
    message: Message, asked: Mapping[str, str], said: Labels, inputs: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Every value that can be read, in the order of the catalogue and then of the diagram."""
    for name in dict.fromkeys([*message.fields, *inputs]):
        label = message.fields[name].means if name in message.fields else asked.get(name)
        text = _text(asked, said, name, inputs.get(name))
        if label and text:
            yield label, text


def _text(asked: Mapping[str, str], said: Labels, name: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, list) and all(isinstance(each, Mapping) for each in value):
        return "\n".join(f"{number}. {_row(asked, said, name, row)}" for number, row in enumerate(value, 1))
    told = (said.say(name, each) for each in (value if isinstance(value, list) else [value]))
    return ", ".join(each for each in told if not _KEY.fullmatch(each))


def _row(asked: Mapping[str, str], said: Labels, rows: str, row: Mapping[str, Any]) -> str:
    known = ((asked.get(f"{rows}_{column}"), f"{rows}_{column}", value) for column, value in row.items())
    return "; ".join(
        f"{label}: {said.say(name, value)}" for label, name, value in known if label and value not in (None, "")
    )


def _asked(deployed: Deployed) -> dict[str, str]:
    """The label of every field of the process and of what it calls."""
    nodes = (node for process in deployed.definition.processes for node in process.nodes.values())
    return {each.id: each.label for node in nodes for each in node.form if each.label}


def _labels(reader: Reader, deployed: Deployed, inputs: Mapping[str, Any]) -> Labels:
    """The words of the process, and the names of the people and the titles of the roles that the values name."""
    areas = organisation.names_on(reader, here.today(reader))
    texts = set(_texts(inputs))
    roles = {each: words.role(*split_scope(each), areas) for each in texts if "@" in each}
    persons = people.names(reader, {each for each in texts if _KEY.fullmatch(each)})
    return labels.of(deployed.definition, {**roles, **persons}, areas)


def _texts(value: Any) -> Iterator[str]:
    """Every text in the values, some of which are keys of people or scoped roles."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, Mapping)):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(each)
