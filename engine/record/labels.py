"""Values of a case as people read them: codes in the words of the forms, keys as names, dates in full."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engine import calendar
from engine.core.model import Definition, Field

NOTHING = "–"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")


@dataclass(frozen=True)
class Labels:
    """The words of one definition, and the names of the people and areas that a document may mention."""

    choices: Mapping[tuple[str, str], str]
    """Field and code -> the words of the alternative."""
    pickers: Mapping[str, str]
    """Field -> `person`, `personOrRole`, `programArea` or `group`."""
    people: Mapping[str, str]
    areas: Mapping[str, str]

    def say(self, name: str, value: Any) -> str:
        """A value of the field `name`; a dash where there is none."""
        if value is None or value == "" or value == []:
            return NOTHING
        if isinstance(value, bool):
            return "Ja" if value else "Nej"
        if isinstance(value, float):
            return f"{value:.15g}".replace(".", ",")
        if isinstance(value, list):
            return ", ".join(self.say(name, each) for each in value)
        if isinstance(value, Mapping):
            return self.say(name, value.get("person") or value.get("group"))
        return self._text(name, str(value)) or NOTHING

    def persons_in(self, inputs: Mapping[str, Any]) -> set[str]:
        """The keys that stand where a picker gives a person, in rows too."""
        chosen = [value for name, value in _values(inputs) if self.pickers.get(name) in ("person", "personOrRole")]
        flat = [each for value in chosen for each in (value if isinstance(value, list) else [value])]
        keys = (each.get("person") if isinstance(each, Mapping) else each for each in flat)
        return {key for key in keys if isinstance(key, str) and key}

    def with_people(self, names: Mapping[str, str]) -> Labels:
        """The same labels, with these names by person key."""
        return replace(self, people=names)

    def _text(self, name: str, text: str) -> str:
        if (name, text) in self.choices:
            return self.choices[name, text]
        if self.pickers.get(name) == "programArea":
            return self.areas.get(text, text)
        return self.people.get(text) or in_full(text)


def of(definition: Definition, people: Mapping[str, str], areas: Mapping[str, str]) -> Labels:
    """The labels of a process and of all that it calls."""
    fields = list(_fields(definition))
    return Labels(
        choices={(each.id, choice.id): choice.name for each in fields for choice in each.choices},
        pickers={each.id: each.properties["picker"] for each in fields if "picker" in each.properties},
        people=people,
        areas=areas,
    )


def _values(inputs: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Field and value; a column of a row is the field `activities_who`."""
    for name, value in inputs.items():
        yield name, value
        for row in value if isinstance(value, list) else ():
            if isinstance(row, Mapping):
                yield from ((f"{name}_{column}", each) for column, each in row.items())


def in_full(text: str) -> str:
    """`2026-04-14` -> `14 april 2026`; any other text as it is."""
    if not _DAY.fullmatch(text):
        return text
    try:
        return calendar.long_date(date.fromisoformat(text[:10]))
    except ValueError:
        return text


def _fields(definition: Definition) -> Iterator[Field]:
    for process in definition.processes:
        for node in process.nodes.values():
            yield from node.form
