"""A dataclass for what every step makes many of: frozen to whoever checks the types, but not guarded at run time.

The guard makes a field ten times as slow to set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

__all__ = ["quick"]

if TYPE_CHECKING:
    from dataclasses import dataclass as quick
else:

    def quick(*, frozen: bool, slots: bool) -> Callable[[type], type]:
        return dataclass(slots=slots, unsafe_hash=frozen)
