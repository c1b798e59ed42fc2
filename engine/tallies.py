"""A round counted: what each of the asked answered, and how large a share of each programme area did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from store import rounds, standing
from store.database import Reader
from store.roles import split_scope
from store.rounds import Invitee, Round

SILENT = "EJ_SVAR"
"""The answer of whoever had not answered when the round closed."""
ANSWERED = "answered"


@dataclass(frozen=True)
class Answer:
    """What one of the asked said, and for which programme areas they were asked."""

    person: str | None
    group: str | None
    """Role with scope, where nobody by name was asked."""
    areas: frozenset[str]
    said: str
    """Their stance, or `EJ_SVAR`."""
    has_answered: bool
    values: Mapping[str, Any] = field(default_factory=dict)
    """The rest of their form."""

    @property
    def as_row(self) -> dict[str, Any]:
        """As a variable of the case."""
        return {"person": self.person, "group": self.group, "result": self.said, "values": dict(self.values)}


def answers(reader: Reader, counted: Round, day: date) -> list[Answer]:
    """Everyone who was asked, in the order in which they were; a person stands for the areas of their mandates."""
    return [_answer(reader, each, day) for each in rounds.invitees_of(reader, counted.id)]


def rates(found: Sequence[Answer], areas: Sequence[str]) -> list[dict[str, Any]]:
    """One row for each area: how many were asked and answered, and the share in whole per cent."""
    return [_rate(area, [each for each in found if area in each.areas]) for area in areas]


def _answer(reader: Reader, invitee: Invitee, day: date) -> Answer:
    has_answered = invitee.status == ANSWERED
    said = (invitee.stance or "") if has_answered else SILENT
    values = invitee.answer or {}
    return Answer(invitee.person, invitee.group, _areas(reader, invitee, day), said, has_answered, values)


def _areas(reader: Reader, invitee: Invitee, day: date) -> frozenset[str]:
    if invitee.group is not None:
        return frozenset((split_scope(invitee.group)[1],))
    held = standing.roles_on(reader, invitee.person, day) if invitee.person else []
    return frozenset(each.area for each in held)


def _rate(area: str, asked: Sequence[Answer]) -> dict[str, Any]:
    answered = sum(each.has_answered for each in asked)
    share = round(100 * answered / len(asked)) if asked else 0
    return {"programAreaId": area, "asked": len(asked), "answered": answered, "percent": share}
