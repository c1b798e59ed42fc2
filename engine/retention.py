"""How long a closed case is kept where it is not in the diary: what the region's profile says. Pure.

The product tells the day; a person decides on disposal by the region's own plan, and carries it out: `engine.disposal`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from engine import calendar
from engine.regions import Region

CASES, INTERESTS, FEEDBACK, MEMBERS = "cases", "coi", "feedback", "members"
KINDS: Mapping[str, str] = {
    "conflict-of-interest": INTERESTS,
    "coi-renewal": INTERESTS,
    "feedback-collection": FEEDBACK,
    "assignment": MEMBERS,
    "mandate-expiry": MEMBERS,
    "recruitment": MEMBERS,
    "resignation": MEMBERS,
}
"""Process -> the key of the profile's `retention` that its cases go by; the others go by `cases`."""
FOR_GOOD = "bevaras"
"""What the profile says instead of a period of what is never disposed of."""


def rule_of(process: str) -> str:
    """The key of the profile's `retention` that the cases of a process go by."""
    return KINDS.get(process, CASES)


def period_of(region: Region, rule: str) -> str | None:
    """How long the profile has cases kept, as `P10Y`; None for good, or where it says nothing."""
    found = region.data.get("retention", {}).get(rule)
    return None if found == FOR_GOOD else found


def kept_until(region: Region, process: str, ended: date, diary_number: str | None = None) -> date | None:
    """The last day that a closed case is kept; None where the diary or the profile keeps it for good."""
    period = period_of(region, rule_of(process))
    return None if diary_number or not period else calendar.add_period(ended, period)
