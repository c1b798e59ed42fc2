"""The house of the pages, and programs that come to it."""

from __future__ import annotations

import pytest

from tests.web.api.partner import Partner, partner
from tests.web.conftest import house
from tests.web.house import House

__all__ = ["house"]


@pytest.fixture
def sam(house: House) -> Partner:
    """The coordinator's program."""
    return partner(house, "Sam")


@pytest.fixture
def lo(house: House) -> Partner:
    """The program of the chair of LUNG."""
    return partner(house, "Lo")


@pytest.fixture
def hud(house: House) -> Partner:
    """The program of the chair of another area."""
    return partner(house, "Hud")
