"""The catalogue of messages: what comes from other systems, and what is handed over to them.

It is `processes/messages.yaml`, checked against `processes/schemas/messages.schema.json`. What comes in is held to it
before any process gets it; a hand-over that goes to another system bears the message's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from engine import yaml_file
from engine.errors import FormErrors
from engine.regions import PROCESSES

FILE = PROCESSES / "messages.yaml"


@dataclass(frozen=True)
class Part:
    """A field of a message."""

    type: str
    """`text`, `date`, `number`, `boolean`, `texts`, `rows` or `any`."""
    means: str
    required: bool = False
    options: tuple[str, ...] = ()
    """The values that there are; empty for any."""


@dataclass(frozen=True)
class Message:
    """One message, in or out."""

    name: str
    id: str
    title: str
    system: str
    """Whom it comes from or goes to."""
    fields: Mapping[str, Part]
    processes: tuple[str, ...] = ()
    """Of a message that comes in: processes that it starts or that wait for it."""
    instead: str = ""
    """What happens where no process waits for it."""
    key: str = ""
    topic: str = ""
    """Of a message that goes out: the hand-over in a diagram."""
    open: bool = False
    """The diagram says which other fields there are."""


@dataclass(frozen=True)
class Catalogue:
    """Name -> message, in the order of the file."""

    inbound: Mapping[str, Message]
    outbound: Mapping[str, Message]

    def of_topic(self, topic: str) -> Message:
        """The message that a hand-over sends: each has one."""
        return next(each for each in self.outbound.values() if each.topic == topic)


@cache
def load() -> Catalogue:
    """The shipped catalogue."""
    return read(FILE.read_text(encoding="utf-8"))


def read(text: str) -> Catalogue:
    """A catalogue from its text. Raises `yaml_file.BadYaml`, naming lines."""
    written = yaml_file.read(text, "messages", FILE.name).data
    return Catalogue(*({name: _message(name, each) for name, each in written[way].items()} for way in ("in", "out")))


def check(name: str, payload: Mapping[str, Any]) -> None:
    """Hold what came in to the catalogue; what that does not name is free. Raises `FormErrors`."""
    known = load().inbound.get(name)
    faults = {
        each: fault
        for each, part in (known.fields if known else {}).items()
        if (fault := _fault(part, payload.get(each)))
    }
    if faults:
        raise FormErrors(faults)


def _message(name: str, written: Mapping[str, Any]) -> Message:
    more = {key: written[key] for key in ("instead", "key", "topic", "open") if key in written}
    fields = {each: _part(part) for each, part in written["fields"].items()}
    system = written.get("from") or written["to"]
    return Message(name, written["id"], written["title"], system, fields, tuple(written.get("processes", ())), **more)


def _part(written: Mapping[str, Any]) -> Part:
    options = tuple(written.get("options", ()))
    return Part(written["type"], written["means"], written.get("required", False), options)


def _fault(part: Part, value: Any) -> str:
    """What is wrong with a value, in a sentence; empty when nothing is."""
    if value is None or value == "":
        return f"{part.means}: uppgiften saknas." if part.required else ""
    fits, wanted = _TYPES[part.type]
    if not fits(value):
        return f"{part.means}: ska vara {wanted}."
    if part.options and value not in part.options:
        return f"{part.means}: ska vara någon av {', '.join(part.options)}."
    return ""


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_TYPES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "text": (_is_text, "text"),
    "date": (_is_date, "ett datum, som 2026-04-14"),
    "number": (lambda value: isinstance(value, int | float) and not isinstance(value, bool), "ett tal"),
    "boolean": (lambda value: isinstance(value, bool), "true eller false"),
    "texts": (lambda value: isinstance(value, list) and all(map(_is_text, value)), "en lista med text"),
    "rows": (
        lambda value: isinstance(value, list) and all(isinstance(row, dict) for row in value),
        "en lista med poster",
    ),
    "any": (lambda value: True, "något"),
}
"""Type -> whether a value is of it, and what it is called."""
