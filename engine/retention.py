"""How long a closed case is kept where it is not in the diary: what the region's profile says. Pure.

The product tells the day; a person decides on disposal by the region's own plan, and nothing is deleted by itself.
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


def kept_until(region: Region, process: str, ended: date, diary_number: str | None = None) -> date | None:
    """The last day that a closed case is kept; None where the diary keeps it, or the profile says nothing."""
    period = region.data.get("retention", {}).get(KINDS.get(process, CASES))
    return None if diary_number or not period else calendar.add_period(ended, period)
