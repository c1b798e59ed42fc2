"""Who and what a form's pickers may name, in one region on one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine import calendar
from engine.regions import Region
from store import documents, organisation, people, recusals, standing
from store.database import Reader
from store.roles import split_scope


@dataclass(frozen=True)
class RegionDirectory:
    """The `Directory` of forms, answered from the store."""

    reader: Reader
    region: Region
    today: date
    case: str | None = None
    """Id of the case, once there is one."""

    def is_person(self, key: str, roles: tuple[str, ...]) -> bool:
        person = people.find(self.reader, key)
        if person is None or not person.active or person.region != self.region.id:
            return False
        return not roles or any(held.role in roles for held in standing.roles_on(self.reader, key, self.today))

    def recusal(self, key: str) -> str | None:
        recused = recusals.of_case(self.reader, self.case, self.today).get(key) if self.case else None
        return f"{recused.tag}, enligt {recused.case_number}" if recused else None

    def is_role(self, scoped: str) -> bool:
        role, area = split_scope(scoped)
        return role in self.region.roles and (not area or self.is_area(area))

    def is_area(self, area: str) -> bool:
        return organisation.area(self.reader, area) is not None

    def is_file(self, key: str) -> bool:
        found = documents.find(self.reader, key)
        return found is not None and (found.region, found.case_id) == (self.region.id, self.case)


def of_region(reader: Reader, region: Region, case: str | None = None) -> RegionDirectory:
    """The directory of a region, for forms of a case when it is given."""
    return RegionDirectory(reader, region, calendar.local_day(reader.now, region.timezone), case)
