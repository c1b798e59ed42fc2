"""What can go wrong on the pages of the register."""

from __future__ import annotations


class CannotPrint(Exception):
    """The register cannot be set as PDF now. The sentence says why."""
