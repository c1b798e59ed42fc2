"""`deadline.set`: a diagram names days; they become rows of the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import deadlines
from engine.effects.reach import Reach, day


def set_days(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Inputs: deadline key -> day. A key without a day is left as it is."""
    days = {key: day(value, key) for key, value in inputs.items() if value is not None}
    deadlines.set_by_diagram(reach.tx, reach.case, reach.deployed.region, days)
    return {}
