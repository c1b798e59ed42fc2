"""Who can act as what on a day: mandates, and who stands in for the absent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import and_, bindparam, or_, select

from store.absences import absences, away
from store.database import Reader
from store.mandates import in_force, mandates
from store.people import persons
from store.quick import quick
from store.roles import Held


@quick(frozen=True, slots=True)
class Standing:
    """What a person is on a day."""

    region: str | None
    """The region they belong to; None for someone unknown or no longer active."""
    persons: frozenset[str]
    """Keys of themselves and of the absent whom they replace."""
    held: tuple[Held, ...]
    """Their own roles, then those of the absent."""


_held = (
    select(mandates.c.person, mandates.c.role, mandates.c.area, mandates.c.id.label("mandate"), mandates.c.kind)
    .join(persons, and_(persons.c.key == mandates.c.person, persons.c.active))
    .where(in_force)
)

# A holder comes once for each who stands in for them on the day, and once when nobody does.
_HOLDERS = (
    _held.add_columns(absences.c.substitute)
    .outerjoin(absences, and_(absences.c.person == mandates.c.person, absences.c.substitute.is_not(None), away))
    .where(
        mandates.c.region == bindparam("region"),
        mandates.c.role == bindparam("role"),
        or_(mandates.c.area == bindparam("area"), mandates.c.area == ""),
    )
    .order_by(mandates.c.area.desc(), mandates.c.kind, mandates.c.starts, mandates.c.person, mandates.c.id)
)
_HOLDING = _held.where(
    mandates.c.region == bindparam("region"), mandates.c.role.in_(bindparam("roles", expanding=True))
).order_by(mandates.c.role, mandates.c.area, mandates.c.kind, mandates.c.starts, mandates.c.person, mandates.c.id)
_STANDS_IN_FOR = select(absences.c.person).where(absences.c.substitute == bindparam("person"), away)
_STANDING = (
    select(
        persons.c.key,
        persons.c.region,
        persons.c.active,
        mandates.c.role,
        mandates.c.area,
        mandates.c.id,
        mandates.c.kind,
    )
    .outerjoin(mandates, and_(mandates.c.person == persons.c.key, in_force))
    .where(or_(persons.c.key == bindparam("person"), persons.c.key.in_(_STANDS_IN_FOR)))
    .order_by(mandates.c.role, mandates.c.area, mandates.c.id)
)


def of(reader: Reader, person: str, day: date) -> Standing:
    """All that a person can act as on a day."""
    rows = list(reader.execute(_STANDING, {"person": person, "day": day}))
    region = next((region for key, region, active, *_ in rows if key == person and active), None)
    if region is None:
        return Standing(None, frozenset(), ())
    held = [Held(key, *mandate) for key, _, active, *mandate in rows if active and mandate[0] is not None]
    own = [each for each in held if each.person == person]
    others = [_standing_in(each, person) for each in held if each.person != person]
    return Standing(region, frozenset(key for key, *_ in rows), (*own, *others))


def roles_on(reader: Reader, person: str, day: date) -> list[Held]:
    """Every role a person can act in on a day: their own, then those of the absent they stand in for."""
    return list(of(reader, person, day).held)


def holders(reader: Reader, region: str, role: str, area: str, day: date) -> list[Held]:
    """Who can act as role@area on a day: ordinary holders, substitutes, and who stands in for the absent.

    Holders of the very area come before those of the whole region, ordinary before substitutes. An absent holder is
    still among them (they may look in), followed by the one who stands in.
    """
    return reader.once((Held, region, role, area, day), lambda: _holders(reader, region, role, area, day))


def _holders(reader: Reader, region: str, role: str, area: str, day: date) -> list[Held]:
    found: dict[Held, None] = {}
    for row in reader.execute(_HOLDERS, {"region": region, "role": role, "area": area, "day": day}):
        *holds, substitute = row
        held = Held(*holds)
        found[held] = None
        if substitute is not None:
            found[_standing_in(held, substitute)] = None
    return list(found)


def _standing_in(held: Held, substitute: str) -> Held:
    return Held(substitute, held.role, held.area, held.mandate, "absence", on_behalf_of=held.person)


def holding(reader: Reader, region: str, roles: list[str], day: date) -> list[Held]:
    """Everyone who holds any of the roles on a day, in whatever area, by role and area."""
    return [Held(*row) for row in reader.execute(_HOLDING, {"region": region, "roles": roles, "day": day})]


def acts_for(person: str, held: Iterable[Held]) -> list[str]:
    """The person, and the absent whose roles they act in."""
    return [person, *sorted({each.on_behalf_of for each in held if each.on_behalf_of})]


def stands_in_for(reader: Reader, person: str, day: date) -> list[str]:
    """Keys of the absent people whom this person replaces on a day."""
    return sorted(set(reader.execute(_STANDS_IN_FOR, {"person": person, "day": day}).scalars()))
