"""One answer each: the marshmallow field that reads what a person gave for a declared field.

Every message is a Swedish sentence that says what to do.
"""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Any, Protocol
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validate

from engine import calendar
from engine.core.model import Field

LONGEST_TEXT = 20_000
MOST_CHOSEN = 1_000
BIGGEST_NUMBER = 2**53
YEARS = range(1900, 2201)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TURNING = "\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c"
"""Characters that change the direction of the text around them, and so can make it lie."""
_FORBIDDEN = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{_TURNING}]")
"""They, control characters but for tab and line end, and halves of characters."""


class Directory(Protocol):
    """Who and what may be picked."""

    def is_person(self, key: str, roles: tuple[str, ...]) -> bool:
        """Is this an active person of the region, holding one of the roles where any are given?"""

    def recusal(self, key: str) -> str | None:
        """What bars this person from the case that the form belongs to, in words; None where nothing does."""

    def is_role(self, scoped: str) -> bool:
        """Is `lpoChair@LUNG` or `coordinator` a role of the region, in an area that exists?"""

    def is_area(self, area: str) -> bool:
        """Is this a programme area?"""

    def is_file(self, key: str) -> bool:
        """Is this a document of the case that the form belongs to?"""


_directory: ContextVar[Directory] = ContextVar("directory")


@contextmanager
def looking_in(directory: Directory) -> Iterator[None]:
    """What is picked while answers are read is looked for here."""
    before = _directory.set(directory)
    try:
        yield
    finally:
        _directory.reset(before)


def answer(field: Field) -> fields.Field[Any]:
    """The reader of one declared field, to be used within `looking_in`.

    None is always allowed here, because what is required depends on the rest.
    """
    if field.properties.get("file") == "many" or field.multiple:
        several = validate.Length(max=MOST_CHOSEN, error=f"Välj högst {MOST_CHOSEN}.")
        words: Any = {"invalid": f"Välj i listan under ”{field.label}”."}
        return _Distinct(_one(field), allow_none=True, validate=several, error_messages=words)
    return _one(field)


def _one(field: Field) -> fields.Field[Any]:
    if field.properties.get("file"):
        return _File(field)
    picker = field.properties.get("picker")
    if picker:
        return _Picked(picker, field)
    return _BY_TYPE.get(field.type, _Text)(field)


class _Answer(fields.Field[Any], ABC):
    """An answer to one declared field."""

    def __init__(self, declared: Field) -> None:
        super().__init__(allow_none=True)
        self.declared = declared

    @property
    def label(self) -> str:
        return f"”{self.declared.label}”"

    def limit(self, name: str) -> str | None:
        return self.declared.constraints.get(name)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        return self.read(value)

    @abstractmethod
    def read(self, value: Any) -> Any:
        """The value as the case will know it. Raises `ValidationError`."""


class _Text(_Answer):
    def __init__(self, declared: Field) -> None:
        super().__init__(declared)
        self.longest = min(int(self.limit("maxlength") or LONGEST_TEXT), LONGEST_TEXT)
        self.shortest = int(self.limit("minlength") or 0)

    def read(self, value: Any) -> str:
        text = clean(value, lines=self.declared.properties.get("multiline") == "true", label=self.label)
        if len(text) > self.longest:
            raise ValidationError(f"Korta {self.label} till högst {self.longest} tecken (nu {len(text)}).")
        if len(text) < self.shortest:
            raise ValidationError(f"Skriv minst {self.shortest} tecken i {self.label}.")
        if self.declared.properties.get("url") == "true":
            self._check_address(text)
        return text

    def _check_address(self, text: str) -> None:
        parts = _split(text)
        if not parts or parts[0] not in ("http", "https") or not parts[1] or any(mark in text for mark in ' "<>'):
            raise ValidationError(f"Skriv en hel webbadress i {self.label}, till exempel https://exempel.se.")


class _Number(_Answer):
    kind: Callable[[str], int | float] = int
    words = "ett heltal"

    def read(self, value: Any) -> int | float:
        number = self._number(value)
        if number != number or abs(number) > BIGGEST_NUMBER:
            raise ValidationError(f"Talet i {self.label} är för stort.")
        least, most = self.limit("min"), self.limit("max")
        if least is not None and number < float(least):
            raise ValidationError(f"Skriv minst {least} i {self.label}.")
        if most is not None and number > float(most):
            raise ValidationError(f"Skriv högst {most} i {self.label}.")
        return number

    def _number(self, value: Any) -> int | float:
        written = value if isinstance(value, str) else repr(value)
        if isinstance(value, bool) or not isinstance(value, str | int | float) or len(written) > 40:
            raise ValidationError(f"Skriv {self.words} i {self.label}.")
        try:
            return type(self).kind(re.sub(r"\s", "", written).replace(",", ".").replace("−", "-"))
        except ValueError:
            raise ValidationError(f"Skriv {self.words} i {self.label}.") from None


class _Decimal(_Number):
    kind = float
    words = "ett tal"


class _YesNo(_Answer):
    words: Mapping[Any, bool] = {
        **dict.fromkeys((True, "true", "on", "ja", "Ja", "1"), True),
        **dict.fromkeys((False, "false", "off", "nej", "Nej", "0"), False),
    }

    def read(self, value: Any) -> bool:
        if isinstance(value, bool | str) and value in self.words:
            return self.words[value]
        raise ValidationError(f"Svara ja eller nej på {self.label}.")


def in_words(day: str) -> str:
    """`2026-04-14` as people read it: `14 april 2026`."""
    return calendar.long_date(calendar.day_of(day))


class _Day(_Answer):
    def read(self, value: Any) -> str:
        day = self._day(value)
        least, most = self.limit("min"), self.limit("max")
        if least is not None and day < least:
            raise ValidationError(f"Välj en dag tidigast {in_words(least)} i {self.label}.")
        if most is not None and day > most:
            raise ValidationError(f"Välj en dag senast {in_words(most)} i {self.label}.")
        return day

    def _day(self, value: Any) -> str:
        text = value.strip() if isinstance(value, str) else ""
        if not _DATE.fullmatch(text) or not text.isascii():
            raise ValidationError(f"Skriv datum som ÅÅÅÅ-MM-DD i {self.label}.")
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise ValidationError(f"Dagen {text} finns inte. Rätta {self.label}.") from None
        if day.year not in YEARS:
            raise ValidationError(f"Året i {self.label} är orimligt. Rätta datumet.")
        return text


class _Chosen(_Answer):
    def read(self, value: Any) -> str:
        if isinstance(value, str) and any(choice.id == value for choice in self.declared.choices):
            return value
        raise ValidationError(f"Välj något av alternativen i {self.label}.")


class _File(_Answer):
    """A document that has been attached, by its id."""

    def read(self, value: Any) -> str:
        if not isinstance(value, str) or not _directory.get().is_file(value):
            raise ValidationError(f"Filen i {self.label} finns inte i ärendet. Bifoga den igen.")
        return value


class _Picked(_Answer):
    """A person, a role, a programme area or a group, picked from the directory."""

    def __init__(self, picker: str, declared: Field) -> None:
        super().__init__(declared)
        self.picker = picker
        self.roles = tuple(part.strip() for part in declared.properties.get("roles", "").split(",") if part.strip())

    def read(self, value: Any) -> Any:
        match self.picker:
            case "personOrRole":
                return self._person_or_role(value)
            case "person":
                return self._person(value)
            case "programArea":
                return self._area(value)
            case _:
                return self._group(value)

    def _person_or_role(self, value: Any) -> dict[str, str | None]:
        if isinstance(value, dict):
            person, group = value.get("person"), value.get("group")
            if set(value) - {"person", "group"} or bool(person) == bool(group):
                raise ValidationError(f"Välj en person eller en roll i {self.label}.")
            value = person or group
        if isinstance(value, str) and _directory.get().is_role(value):
            return {"person": None, "group": self._group(value)}
        return {"person": self._person(value), "group": None}

    def _person(self, value: Any) -> str:
        if not isinstance(value, str) or not _directory.get().is_person(value, ()):
            raise ValidationError(f"Personen i {self.label} finns inte. Välj i listan.")
        if self.roles and not _directory.get().is_person(value, self.roles):
            raise ValidationError(f"Personen i {self.label} har inte rätt roll. Välj i listan.")
        recusal = _directory.get().recusal(value)
        if recusal:
            raise ValidationError(f"Personen i {self.label} är jävig i frågor om {recusal}. Välj någon annan.")
        return value

    def _group(self, value: Any) -> str:
        if not isinstance(value, str) or not _directory.get().is_role(value):
            raise ValidationError(f"Rollen i {self.label} finns inte. Välj i listan.")
        if self.roles and value.partition("@")[0] not in self.roles:
            raise ValidationError(f"Rollen i {self.label} får inte väljas här. Välj i listan.")
        return value

    def _area(self, value: Any) -> str:
        if not isinstance(value, str) or not _directory.get().is_area(value):
            raise ValidationError(f"Programområdet i {self.label} finns inte. Välj i listan.")
        return value


class _Distinct(fields.List[Any]):
    """Several answers, each once, in the order given; one that comes alone is a list of one."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        several = value if isinstance(value, list) else [value]
        found = super()._deserialize(several, attr, data, **kwargs)
        return [each for n, each in enumerate(found) if each not in found[:n]]


_BY_TYPE: Mapping[str, type[_Answer]] = {
    "string": _Text,
    "long": _Number,
    "double": _Decimal,
    "boolean": _YesNo,
    "date": _Day,
    "enum": _Chosen,
}


def clean(value: Any, *, lines: bool, label: str) -> str:
    """Text as it is kept: NFC, line ends as `\\n`, no control or direction characters.

    Raises `ValidationError`.
    """
    if not isinstance(value, str):
        raise ValidationError(f"Skriv text i {label}.")
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if "\n" in text and not lines:
        raise ValidationError(f"Skriv {label} på en rad.")
    if _FORBIDDEN.search(text):
        raise ValidationError(f"{label} innehåller tecken som inte syns. Skriv texten igen.")
    return text


def _split(address: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return parts.scheme, parts.netloc
