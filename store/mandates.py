"""Mandates: person x role x programme area, from one day to another.

Who can act in a role on a day, with mandates and absences together, is `store.standing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Column, Date, ForeignKey, Index, Table, Text, and_, bindparam, or_, select, update

from store.columns import as_row, metadata, new_id
from store.database import Reader, Transaction
from store.roles import Held, scope

mandates = Table(
    "mandates",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person", ForeignKey("persons.key"), nullable=False),
    Column("region", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("starts", Date, nullable=False),
    Column("ends", Date),
    Column("note", Text, nullable=False),
    Column("from_group", Text),
    Column("rests_from", Date),
    Index(None, "region", "role", "area"),
    Index(None, "person"),
)


@dataclass(frozen=True, slots=True)
class Mandate:
    id: str
    person: str
    region: str
    role: str
    area: str
    """Programme area, or "" for the whole region."""
    kind: str
    """`ordinary` or `substitute`."""
    starts: date
    ends: date | None
    """Last day, inclusive; None until further notice."""
    note: str
    from_group: str | None
    """The group at the log-in service that gave it by rule; None when someone gave it by hand."""
    rests_from: date | None = None
    """The first day on which it gives nothing, until it is woken; None for one that does not rest."""

    @property
    def scope(self) -> str:
        return scope(self.role, self.area)

    def holds_on(self, day: date) -> bool:
        """Whether its holder may act in the role on a day."""
        rests = self.rests_from is not None and self.rests_from <= day
        return not rests and self.starts <= day and (self.ends is None or self.ends >= day)


_day = bindparam("day", type_=Date)
_awake = or_(mandates.c.rests_from.is_(None), mandates.c.rests_from > _day)
in_force = and_(mandates.c.starts <= _day, or_(mandates.c.ends.is_(None), mandates.c.ends >= _day), _awake)
"""What `Mandate.holds_on` says, in SQL, of the parameter `day`."""


def add(
    tx: Transaction,
    person: str,
    region: str,
    role: str,
    area: str = "",
    *,
    starts: date,
    ends: date | None = None,
    kind: str = "ordinary",
    note: str = "",
    from_group: str | None = None,
) -> Mandate:
    tx.forget(Held)
    mandate = Mandate(new_id(), person, region, role, area, kind, starts, ends, note, from_group)
    tx.insert(mandates, as_row(mandate))
    return mandate


def end(tx: Transaction, mandate: str, last_day: date) -> bool:
    """False when there is no such mandate."""
    tx.forget(Held)
    return tx.execute(update(mandates).where(mandates.c.id == mandate).values(ends=last_day)).rowcount == 1


def rest(tx: Transaction, mandate: str, first_day: date | None) -> None:
    """Let a mandate give nothing from a day on; None wakes it."""
    tx.forget(Held)
    tx.execute(update(mandates).where(mandates.c.id == mandate).values(rests_from=first_day))


def of(reader: Reader, *, region: str | None = None, person: str | None = None) -> list[Mandate]:
    """Every mandate, also past and coming ones, by role, area and first day."""
    query = select(mandates).order_by(mandates.c.role, mandates.c.area, mandates.c.starts, mandates.c.id)
    if region is not None:
        query = query.where(mandates.c.region == region)
    if person is not None:
        query = query.where(mandates.c.person == person)
    return reader.all(query, Mandate)


def ran_out(reader: Reader, since: date, before: date) -> list[tuple[str, str, str]]:
    """Region, role and area of the mandates whose last day was from one day until before another."""
    query = select(mandates.c.region, mandates.c.role, mandates.c.area).distinct()
    found = reader.execute(
        query.where(mandates.c.ends >= since, mandates.c.ends < before).order_by(*query.selected_columns)
    )
    return [(region, role, area) for region, role, area in found]
