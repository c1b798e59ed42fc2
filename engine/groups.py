"""Groups at the region's log-in service, and the mandates that each gives by rule.

The rules of a region are `processes/groups/<id>.yaml`, checked against `processes/schemas/groups.schema.json` and
against the roles of the region's profile. A region without the file has no rules: every mandate is given by hand.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine import yaml_file
from engine.errors import BadGroups
from engine.regions import PROCESSES, Region
from engine.yaml_file import Written
from store.roles import split_scope

FOLDER = PROCESSES / "groups"
CAPTURED = "{area}"
AREA = "area"
"""The scope of a role that is held for a programme area, as the profile writes it."""

Scope = tuple[str, str]
"""Role and programme area; "" for the whole region."""


@dataclass(frozen=True)
class Rule:
    """One group, or those of a pattern, and the role it gives."""

    pattern: re.Pattern[str]
    role: str
    area: str
    """A programme area, "" for the whole region, or `CAPTURED`: the one that the group names."""

    def gives(self, group: str) -> Scope | None:
        """The role and area that a group gives by this rule; an area is answered in capitals, known or not."""
        found = self.pattern.fullmatch(group)
        if found is None:
            return None
        return self.role, found["area"].upper() if self.area == CAPTURED else self.area


@dataclass(frozen=True)
class Rules:
    """All rules of a region."""

    rules: tuple[Rule, ...] = ()

    def mandates(self, groups: Iterable[str], areas: Collection[str]) -> dict[Scope, str]:
        """Role and area -> the group that gives it. What names none of the known areas gives nothing."""
        given = ((rule.gives(group), group) for group in sorted(set(groups)) for rule in self.rules)
        return {scope: group for scope, group in given if scope and (not scope[1] or scope[1] in areas)}


def load(region: Region, folder: Path = FOLDER) -> Rules:
    """The rules of a region, none where it has no file. Raises `BadGroups`, naming lines."""
    path = folder / f"{region.id.lower()}.yaml"
    return read(path.read_text("utf-8"), region, path.name) if path.is_file() else Rules()


@lru_cache(maxsize=16)
def read(text: str, region: Region, name: str = "") -> Rules:
    """Rules from their text. Raises `BadGroups`, naming lines."""
    try:
        written = yaml_file.read(text, "groups", name)
    except yaml_file.BadYaml as bad:
        raise BadGroups(str(bad)) from None
    faults = [f"{name}: {each}" if name else each for each in _faults(written, region)]
    if faults:
        raise BadGroups(" ".join(faults))
    return Rules(tuple(map(_rule, written.data["groups"])))


def _rule(written: Mapping[str, str]) -> Rule:
    before, captured, after = written["group"].partition(CAPTURED)
    pattern = re.escape(before) + (r"(?P<area>[\w-]+)" if captured else "") + re.escape(after)
    return Rule(re.compile(pattern, re.IGNORECASE), *split_scope(written["role"]))


def _faults(written: Written, region: Region) -> Iterator[str]:
    """What the schema cannot see: roles that the profile does not have, areas where there should be none."""
    roles: Mapping[str, Any] = region.data["roles"]
    for n, each in enumerate(written.data["groups"]):
        line = f"Rad {written.line('groups', n, 'role')}"
        role, area = split_scope(each["role"])
        if role not in roles:
            yield f"{line}: rollen {role} finns inte i profilen {region.id}."
        elif (roles[role]["scope"] == AREA) != bool(area):
            yield f"{line}: {_scope_of(role, roles[role]['scope'])}"
        if (CAPTURED in each["group"]) != (area == CAPTURED):
            yield f"{line}: {CAPTURED} ska stå både i gruppens namn och i rollen, eller i ingen av dem."


def _scope_of(role: str, scope: str) -> str:
    if scope == AREA:
        return f"rollen {role} gäller ett programområde: skriv {role}@LUNG eller {role}@{CAPTURED}."
    return f"rollen {role} gäller hela regionen: skriv {role} utan programområde."
