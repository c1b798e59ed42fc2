"""How fast one caller may go: a bucket of requests that fills again at an even pace.

Each process counts for itself, and forgets with its end: a count in the database would cost each request a write.
Several processes together let through as many times more.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_CALLERS = 10_000
"""How many buckets are remembered: whoever has been silent the longest is forgotten, and starts with a full one."""


@dataclass
class Pace:
    """`per_minute` requests in a row, and as many a minute after that. 0 sets no limit."""

    per_minute: int
    now: Callable[[], float] = time.monotonic
    """Seconds."""
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def wait(self, caller: str) -> int:
        """Seconds until the caller's next request is let in; 0 when this one is, and then it is counted."""
        if not self.per_minute:
            return 0
        with self._lock:
            now, each = self.now(), self.per_minute / 60
            left, since = self._left.pop(caller, (float(self.per_minute), now))
            left = min(self.per_minute, left + (now - since) * each)
            self._left[caller] = (left - 1 if left >= 1 else left, now)
            if len(self._left) > MOST_CALLERS:
                self._left.popitem(last=False)
            return 0 if left >= 1 else max(1, math.ceil((1 - left) / each))
