"""How large the generated and the long tests are: small in CI, full size in `make test-long`."""

from __future__ import annotations

import os

SCALE = int(os.environ.get("TEST_SCALE", "1"))
"""How many times as many examples the generated tests try."""

FULL = os.environ.get("TEST_LONG") == "1"
"""Whether the long tests run at full size."""


def size(name: str, small: int, full: int) -> int:
    """The size of a long test: `full` with TEST_LONG=1, or what a variable of its own says (`KILLS=5000`)."""
    return int(os.environ.get(name) or (full if FULL else small))
