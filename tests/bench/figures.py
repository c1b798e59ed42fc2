"""A figure as `make bench` prints it: one JSON line, beside the floor measured in the same run."""

from __future__ import annotations

import json
from typing import Any


def figure(workload: str, metric: str, value: float, unit: str, floor: float | None = None, **params: Any) -> None:
    """Print one line; `floor` is what the bare rows, or the smaller size, gave in the same unit."""
    said = {"workload": workload, "metric": metric, "params": params, "value": _short(value), "unit": unit}
    print(json.dumps(said | {"floor": None if floor is None else _short(floor)}), flush=True)


def _short(value: float) -> float:
    return float(f"{value:.4g}")
