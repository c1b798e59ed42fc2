"""Fields of a diagram as questions on a page: which control, which choices, which words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as one_field
from datetime import date
from typing import Any

from engine.core.model import Field
from web import words
from web.inbox import row_words
from web.language import say

MANY = 8
"""Of more alternatives than this, those that are chosen come first and the list can be searched."""
ADDRESS = re.compile(r"https?://\S+")
FEW = 5
"""Up to so many alternatives are shown as boxed radio buttons, more as a list to choose from."""


@dataclass(frozen=True)
class Option:
    """One alternative."""

    id: str
    words: str
    more: str = ""
    chosen: bool = False


@dataclass(frozen=True)
class Attached:
    """A file that is there already."""

    id: str
    name: str
    size: str


@dataclass(frozen=True)
class Question:
    """One field as it is drawn."""

    id: str
    """Of the control: where a fault links to."""
    name: str
    field: str
    label: str
    control: str
    """`text`, `multiline`, `number`, `date`, `url`, `tick`, `radios`, `select`, `checks`, `file` or `fixed`."""
    value: Any = None
    help: str = ""
    optional: bool = False
    fault: str = ""
    options: tuple[Option, ...] = ()
    files: tuple[Attached, ...] = ()
    several: bool = False
    searchable: bool = False
    limits: Mapping[str, str] = one_field(default_factory=dict)
    """HTML attributes: `maxlength`. Numbers and days are judged when they are sent."""
    depended_on: bool = False
    """Another field is shown or hidden by the answer."""

    @property
    def described_by(self) -> str:
        parts = [f"{self.id}-help" if self.help else "", f"{self.id}-fault" if self.fault else ""]
        return " ".join(part for part in parts if part)

    @property
    def leads_to(self) -> str:
        """The address that a value which can only be read is; empty for any other."""
        return str(self.value) if self.control == "fixed" and ADDRESS.fullmatch(str(self.value)) else ""

    @property
    def said(self) -> str:
        """The answer in words, nothing where there is none."""
        if self.options:
            return ", ".join(each.words for each in self.options if each.chosen)
        if self.files:
            return ", ".join(each.name for each in self.files)
        if isinstance(self.value, bool):
            return say("Ja") if self.value else say("Nej")
        if self.control == "date" and self.value:
            return _day(self.value)
        return words.figure(self.value) if self.value not in (None, []) else ""


@dataclass(frozen=True)
class Box:
    """One repeatable row."""

    number: int
    title: str
    hint: str
    questions: tuple[Question, ...]

    @property
    def faulty(self) -> bool:
        return any(each.fault for each in self.questions)


@dataclass(frozen=True)
class Rows:
    """Repeatable rows and the buttons below them."""

    name: str
    title: str
    singular: str
    boxes: tuple[Box, ...]
    fault: str = ""
    control: str = "rows"

    @property
    def id(self) -> str:
        return f"rows-{self.name}"


class Offers:
    """What may be chosen where the diagram does not list it: people, roles and programme areas."""

    def __init__(self, people: Mapping[str, str], roles: Mapping[str, str], areas: Mapping[str, str]) -> None:
        self.people = people
        self.roles = roles
        self.areas = areas

    def of(self, declared: Field) -> list[Option]:
        wanted = {part.strip() for part in declared.properties.get("roles", "").split(",") if part.strip()}
        match declared.properties.get("picker"):
            case "person":
                return [Option(key, words) for key, words in self.people.items()]
            case "programArea":
                return [Option(key, words) for key, words in self.areas.items()]
            case "group":
                return [Option(key, words) for key, words in self.roles.items() if _is_wanted(key, wanted)]
            case "personOrRole":
                roles = [Option(key, words) for key, words in self.roles.items() if _is_wanted(key, wanted)]
                return [Option(key, words) for key, words in self.people.items()] + roles
        return [Option(choice.id, choice.name) for choice in declared.choices]


def _is_wanted(role: str, wanted: set[str]) -> bool:
    return not wanted or role.partition("@")[0] in wanted


@dataclass(frozen=True)
class Around:
    """What the questions of one form are drawn with."""

    offers: Offers
    files: Mapping[str, Attached] = one_field(default_factory=dict)
    """Those that have been attached already, by id."""
    faults: Mapping[str, str] = one_field(default_factory=dict)
    """Place -> what is wrong there: a field, rows, or a column of one of them, `comments.0.section`."""


def ask(
    declared: Field, value: Any, around: Around, *, row: str = "", depended_on: bool = False, must: bool = True
) -> Question:
    """One field as a question. `row` is the repeatable row it stands in, `comments.0`; `must` says whether a field that
    is only sometimes required is so now.
    """
    place = f"{row}.{declared.column}" if row else declared.id
    options, chosen = around.offers.of(declared), _chosen(value)
    control = _control(declared, options)
    return Question(
        id="q-" + place.replace(".", "-"),
        name=f"f.{place}",
        field=declared.id,
        label=declared.label or declared.id,
        control=control,
        value=_shown(declared, value, options) if control == "fixed" else value,
        help=declared.properties.get("help", ""),
        optional=_is_optional(declared, must),
        fault=around.faults.get(place, ""),
        options=_offered(options, chosen, sort=control == "checks"),
        files=tuple(around.files[each] for each in chosen if each in around.files),
        several=declared.multiple or declared.properties.get("file") == "many",
        searchable=len(options) > MANY,
        limits=_limits(declared),
        depended_on=depended_on,
    )


def _offered(options: Sequence[Option], chosen: Sequence[str], *, sort: bool) -> tuple[Option, ...]:
    """The alternatives, those that are chosen first where there are many to tick."""
    offered = [Option(each.id, each.words, each.more, each.id in chosen) for each in options]
    if sort and len(offered) > MANY:
        offered.sort(key=lambda each: not each.chosen)
    return tuple(offered)


def _control(declared: Field, options: Sequence[Option]) -> str:
    if declared.readonly:
        return "fixed"
    if declared.properties.get("file"):
        return "file"
    if declared.multiple:
        return "checks"
    if declared.type == "enum" or "picker" in declared.properties:
        return "radios" if len(options) <= FEW else "select"
    if declared.properties.get("multiline") == "true":
        return "multiline"
    if declared.properties.get("url") == "true":
        return "url"
    return {"boolean": "tick", "date": "date", "long": "number", "double": "number"}.get(declared.type, "text")


def _is_optional(declared: Field, must: bool) -> bool:
    sometimes = "requiredIf" in declared.properties and must
    always = declared.required or declared.properties.get("requiredInRow") == "true"
    return not (always or sometimes) and not declared.readonly and declared.type != "boolean"


def _chosen(value: Any) -> list[str]:
    """What is chosen, as the text of each option: a person-or-role is one of the two."""
    several = value if isinstance(value, list) else [value]
    return [str(each.get("person") or each.get("group")) if isinstance(each, dict) else str(each) for each in several]


def _shown(declared: Field, value: Any, options: Sequence[Option]) -> str:
    """A value in words, for what can only be read."""
    if value is None or value == []:
        return "–"
    if isinstance(value, bool):
        return say("Ja") if value else say("Nej")
    if declared.type == "date":
        return _day(value)
    named = {each.id: each.words for each in options}
    return ", ".join(named.get(each, each) for each in _chosen(value)) if named else words.figure(value)


def _day(value: Any) -> str:
    """`fredag 29 januari 2027`; what is not a day is left as it is."""
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return f"{words.long_day(day)} {day.year}"


def _limits(declared: Field) -> dict[str, str]:
    longest = declared.constraints.get("maxlength")
    return {"maxlength": longest} if longest else {}


def rows(name: str, columns: Sequence[Field], answers: Sequence[Mapping[str, Any]], around: Around) -> Rows:
    """Repeatable rows as numbered boxes; one empty box when there is none."""
    title = next((each.properties["rowsTitle"] for each in columns if "rowsTitle" in each.properties), "")
    boxes = tuple(_box(name, number, columns, answer, around) for number, answer in enumerate(answers or [{}]))
    return Rows(name, title or row_words.several(name), row_words.one(name), boxes, around.faults.get(name, ""))


def _box(name: str, number: int, columns: Sequence[Field], answer: Mapping[str, Any], around: Around) -> Box:
    asked = tuple(ask(each, answer.get(each.column), around, row=f"{name}.{number}") for each in columns)
    return Box(number, f"{row_words.one(name)} {number + 1}", asked[0].said, asked)
