"""Roles, and the area that each is held for.

They are written `lpoChair@LUNG`, or `coordinator` for the whole region. The area "" is the whole region and covers
every area.
"""

from __future__ import annotations

from store.quick import quick


@quick(frozen=True, slots=True)
class Held:
    """A role that a person can act in on a day."""

    person: str
    role: str
    area: str
    mandate: str
    """Id of the mandate."""
    kind: str
    """`ordinary`, `substitute`, or `absence` when the holder is away and this person stands in."""
    on_behalf_of: str | None = None
    """The absent holder."""

    @property
    def scope(self) -> str:
        return scope(self.role, self.area)


def scope(role: str, area: str = "") -> str:
    """`lpoChair@LUNG`, or `coordinator` for the whole region."""
    return f"{role}@{area}" if area else role


def split_scope(text: str) -> tuple[str, str]:
    """`lpoChair@LUNG` -> (`lpoChair`, `LUNG`); `coordinator` -> (`coordinator`, "")."""
    role, _, area = text.strip().partition("@")
    return role.strip(), area.strip()
