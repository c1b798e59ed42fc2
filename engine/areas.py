"""The programme areas as a region has staffed them on a day: each has an LPO, or a contact person, or is a gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine.regions import Region
from store import mandates, organisation
from store.database import Reader
from store.mandates import Mandate
from store.organisation import Area

CHAIR, CONTACT, SUBSTITUTE = "lpoChair", "contactPerson", "substitute"
LPO, NONE = "LPO", ""
STAFFED = ("programOwner", "primaryCareRep")
"""What an area with an LPO should have besides its chair."""


@dataclass(frozen=True)
class Staffing:
    """One programme area in one region on one day."""

    area: Area
    held: Mapping[str, Sequence[Mandate]]
    """Role -> who holds it for the area, ordinary before substitutes."""
    vacant: Sequence[str] = ()
    """Roles that an area with an LPO should have and that nobody holds as ordinary."""

    @property
    def by(self) -> str:
        """`LPO`, `contactPerson`, or empty: nobody answers for the area."""
        if any(each.kind != SUBSTITUTE for each in self.held.get(CHAIR, ())):
            return LPO
        return CONTACT if self.held.get(CONTACT) else NONE


def staffed(reader: Reader, region: Region, day: date) -> list[Staffing]:
    """Every programme area that exists on the day, by name."""
    in_force = [each for each in mandates.of(reader, region=region.id) if each.holds_on(day)]
    return [_staffing(area, in_force, region) for area in organisation.areas_on(reader, day)]


def gaps(found: Sequence[Staffing]) -> list[Area]:
    """The areas that have neither an LPO nor a contact person."""
    return [each.area for each in found if each.by == NONE]


def _staffing(area: Area, given: Sequence[Mandate], region: Region) -> Staffing:
    here = [each for each in given if each.area == area.id]
    held = {role: _ordinary_first(here, role) for role in dict.fromkeys(each.role for each in here)}
    staffing = Staffing(area, held)
    wanted = (CHAIR, *STAFFED) if staffing.by == LPO or CHAIR in held else ()
    vacant = [role for role in wanted if role in region.roles and not _has_ordinary(held.get(role, ()))]
    return Staffing(area, held, vacant)


def _ordinary_first(held: Sequence[Mandate], role: str) -> list[Mandate]:
    return sorted((each for each in held if each.role == role), key=lambda each: each.kind == SUBSTITUTE)


def _has_ordinary(held: Sequence[Mandate]) -> bool:
    return any(each.kind != SUBSTITUTE for each in held)
