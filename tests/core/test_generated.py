"""A restart after every step ends like no restart, whatever the process and the way through it."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.generated import Tree, blocks, draw, play
from tests.scale import SCALE


@settings(max_examples=120 * SCALE, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(tree=blocks(), seed=st.integers(0, 9))
def test_restarting_after_each_step_changes_nothing(tree: Tree, seed: int) -> None:
    source = draw(tree)
    live = play(source, seed, restart=False)
    fresh = play(source, seed, restart=True)
    assert live.ended
    assert live.history == fresh.history
    assert live.variables == fresh.variables
    assert live.rows == fresh.rows
