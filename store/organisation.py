"""The regions, the national programme areas and the bodies that meet: loaded from data, never written in code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, Date, Index, Table, Text, bindparam, or_, select

from store.columns import Json, as_row, metadata
from store.database import Reader, Transaction

regions = Table(
    "regions",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("healthcare_region", Text, nullable=False),
    Column("timezone", Text, nullable=False),
)

areas = Table(
    "areas",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("municipal", Boolean, nullable=False),
    Column("aliases", Json, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
)

bodies = Table(
    "bodies",
    metadata,
    Column("region", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("details", Json, nullable=False),
    Index(None, "region", "kind"),
)

NATIONAL = "nat"
"""The region of bodies that every region shares."""


@dataclass(frozen=True, slots=True)
class RegionRow:
    key: str
    """`jh`, `bl`, `da`, `or`."""
    name: str
    healthcare_region: str
    timezone: str = "Europe/Stockholm"


@dataclass(frozen=True, slots=True)
class Area:
    id: str
    """`LUNG`."""
    name: str
    host: str = ""
    municipal: bool = False
    aliases: Sequence[str] = ()
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Body:
    id: str
    """`HSN`: known within its region, and another body in the next one."""
    region: str
    """The key of a region, or `NATIONAL`."""
    name: str
    kind: str
    """`LPO`, `LAG`, `LSG`, `NSG`, `board` ..."""
    area: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    """Meeting cadence, mailbox and what else the data tells."""


_REGION = select(regions).where(regions.c.key == bindparam("key"))
_AREA = select(areas).where(areas.c.id == bindparam("id"))
_on = bindparam("day", type_=Date)
_AREAS = (
    select(areas)
    .where(or_(areas.c.valid_from.is_(None), areas.c.valid_from <= _on))
    .where(or_(areas.c.valid_to.is_(None), areas.c.valid_to >= _on))
    .order_by(areas.c.name)
)
_NAMES = select(areas.c.id, areas.c.name).where(areas.c.id.in_(bindparam("ids", expanding=True)))
_BODIES = select(bodies).where(bodies.c.region == bindparam("region")).order_by(bodies.c.kind, bodies.c.name)


def load(tx: Transaction, *, regions_: list[RegionRow], areas_: list[Area], bodies_: list[Body]) -> None:
    """Add what is new and replace what is there; nothing is removed, because cases may name it."""
    tx.put(regions, [as_row(each) for each in regions_])
    tx.put(areas, [as_row(each) for each in areas_])
    tx.put(bodies, [as_row(each) for each in bodies_])


def region(reader: Reader, key: str) -> RegionRow | None:
    return reader.find(_REGION, RegionRow, {"key": key})


def area(reader: Reader, id: str) -> Area | None:
    return reader.find(_AREA, Area, {"id": id})


def area_names(reader: Reader, ids: Iterable[str]) -> dict[str, str]:
    """Programme area -> its name, for those that are known."""
    wanted = [each for each in ids if each]
    return reader.pairs(_NAMES, {"ids": wanted}) if wanted else {}


def area_ids(reader: Reader) -> set[str]:
    """Every programme area that has been loaded, whether or not it still exists."""
    return set(reader.execute(select(areas.c.id)).scalars())


def areas_on(reader: Reader, day: date) -> list[Area]:
    """The programme areas that exist on a day, by name."""
    return reader.all(_AREAS, Area, {"day": day})


def names_on(reader: Reader, day: date) -> dict[str, str]:
    """Programme area -> its name, of those that exist on a day."""
    return {each.id: each.name for each in areas_on(reader, day)}


def bodies_of(reader: Reader, region: str) -> list[Body]:
    return reader.all(_BODIES, Body, {"region": region})
