"""A case to play, that lives on from step to step or is read back from its rows before each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.core.play import Play

Player = Callable[..., Play]


@pytest.fixture(params=[False, True], ids=["live", "restarted"])
def play(request: pytest.FixtureRequest) -> Player:
    return lambda *sources, **options: Play(*sources, restart=request.param, **options)
