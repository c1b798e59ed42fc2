"""Absences: from one day to another someone is away, and perhaps someone stands in for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Column, Date, ForeignKey, Index, Table, Text, and_, bindparam, or_, select, update

from store.columns import as_row, metadata, new_id
from store.database import Reader, Transaction
from store.roles import Held

absences = Table(
    "absences",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person", ForeignKey("persons.key"), nullable=False),
    Column("substitute", ForeignKey("persons.key")),
    Column("starts", Date, nullable=False),
    Column("ends", Date),
    Column("note", Text, nullable=False),
    Index(None, "person"),
    Index(None, "substitute"),
)


@dataclass(frozen=True, slots=True)
class Absence:
    id: str
    person: str
    substitute: str | None
    starts: date
    ends: date | None
    note: str

    def counts_from(self, day: date) -> bool:
        """Whether it holds on the day or on a later one."""
        return self.ends is None or self.ends >= max(day, self.starts)


_day = bindparam("day", type_=Date)
away = and_(absences.c.starts <= _day, or_(absences.c.ends.is_(None), absences.c.ends >= _day))
"""An absence that holds on the parameter `day`, in SQL."""
_ON = select(absences).where(absences.c.person.in_(bindparam("people", expanding=True)), away)


def add(
    tx: Transaction, person: str, starts: date, ends: date | None = None, substitute: str | None = None, note: str = ""
) -> Absence:
    tx.forget(Held)
    absence = Absence(new_id(), person, substitute, starts, ends, note)
    tx.insert(absences, as_row(absence))
    return absence


def end(tx: Transaction, absence: str, last_day: date) -> None:
    tx.forget(Held)
    tx.execute(update(absences).where(absences.c.id == absence).values(ends=last_day))


def erase(tx: Transaction, person: str) -> None:
    """Forget why the person was away; when, and who stood in, stays."""
    tx.execute(update(absences).where(absences.c.person == person).values(note=""))


def of_person(reader: Reader, person: str) -> list[Absence]:
    """Latest first."""
    return reader.all(select(absences).where(absences.c.person == person).order_by(absences.c.starts.desc()), Absence)


def on(reader: Reader, people: list[str], day: date) -> dict[str, Absence]:
    """Those of the people who are away on a day, with their absence."""
    return {each.person: each for each in reader.all(_ON, Absence, {"people": people, "day": day})}
