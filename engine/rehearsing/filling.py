"""What somebody answers who answers only what must be answered: enough for a form to be taken.

For rehearsals over long times, where only the answers that decide something are written down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.answers import Directory
from engine.core.model import Field
from engine.forms import Form

WORDS = "Som vanligt."
ADDRESS = "https://region.example.se/underlag"


@dataclass(frozen=True)
class Filler:
    """Answers for one form. `people`, `areas` and `roles` are who and what may be picked, the likeliest first."""

    fields: Sequence[Field]
    directory: Directory
    people: Sequence[str]
    areas: Sequence[str]
    roles: Sequence[str]
    today: str

    def filled(self, answers: Mapping[str, Any], faults: Mapping[str, str]) -> dict[str, Any]:
        """The same answers with something in every place that is said to be at fault."""
        found = dict(answers)
        for place in faults:
            name, *inside = place.split(".")
            rows = Form(self.fields).rows.get(name)
            if rows is not None:
                found[name] = self._rows(rows, found.get(name) or [], inside)
            else:
                found |= {field.id: self._answer(field) for field in self.fields if field.id == name}
        return found

    def _rows(self, columns: Sequence[Field], rows: Sequence[Mapping[str, Any]], inside: Sequence[str]) -> list[Any]:
        """One more row where rows are missing, else the column of the row at fault."""
        if not inside:
            must = [field for field in columns if field.required or field.properties.get("requiredInRow") == "true"]
            return [*rows, {field.column: self._answer(field) for field in must or columns[:1]}]
        at, column = int(inside[0]), inside[-1]
        value = next(self._answer(field) for field in columns if field.column == column)
        return [{**row, column: value} if number == at else row for number, row in enumerate(rows)]

    def _answer(self, field: Field) -> Any:
        answer = self._one(field)
        return [answer] if field.multiple and answer is not None else answer

    def _one(self, field: Field) -> Any:
        picker = field.properties.get("picker")
        if picker:
            return _PICKED[picker](self, field)
        if field.properties.get("url") == "true":
            return ADDRESS
        match field.type:
            case "enum":
                return field.choices[0].id
            case "date":
                return self.today
            case "boolean":
                return True
            case "long" | "double":
                return int(float(field.constraints.get("min", "1")))
            case _:
                least, most = int(field.constraints.get("minlength", "0")), field.constraints.get("maxlength")
                return WORDS.ljust(least, ".")[: int(most) if most else None]

    def _person(self, field: Field) -> str | None:
        roles = tuple(role.strip() for role in field.properties.get("roles", "").split(",") if role.strip())
        able = (each for each in self.people if self.directory.is_person(each, roles))
        return next((each for each in able if self.directory.recusal(each) is None), None)

    def _area(self, _: Field) -> str | None:
        return next(iter(self.areas), None)

    def _group(self, _: Field) -> str | None:
        return next((each for each in self.roles if self.directory.is_role(each)), None)

    def _person_or_role(self, field: Field) -> dict[str, Any]:
        return {"person": self._person(field), "group": None}


_PICKED: Mapping[str, Callable[[Filler, Field], Any]] = {
    "person": Filler._person,
    "personOrRole": Filler._person_or_role,
    "programArea": Filler._area,
    "group": Filler._group,
}
