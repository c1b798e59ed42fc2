"""The oracle of every test: no case ever stands still in silence."""

from __future__ import annotations

from engine import silence
from store.database import Database


def silent_cases(db: Database) -> list[str]:
    """The numbers of cases that stand still and say nothing: must be empty."""
    return [each.number for each in silence.silent_cases(db)]
