"""Live states kept between steps: a short cut, never a truth.

A state is kept under its case, version and revision, handed out to one step at a time, and put back only after the
commit. A step that fails, or that another process has overtaken, finds nothing here and reads the rows.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from store.cases import Case

MOST_KEPT = 512


@dataclass(frozen=True)
class _Kept:
    version: str
    revision: int
    state: Any


_states: OrderedDict[str, _Kept] = OrderedDict()
_lock = threading.Lock()


def take(case: Case) -> Any:
    """The live state of exactly this revision, now the caller's alone; None when there is none."""
    with _lock:
        kept = _states.pop(case.id, None)
    return kept.state if kept and (kept.version, kept.revision) == (case.version, case.revision) else None


def put(case_id: str, version: str, revision: int, state: Any) -> None:
    """Keep a state whose rows are committed."""
    with _lock:
        other = _states.get(case_id)
        if other is None or other.revision < revision:
            _states[case_id] = _Kept(version, revision, state)
            _states.move_to_end(case_id)
        while len(_states) > MOST_KEPT:
            _states.popitem(last=False)


def forget() -> None:
    """Drop everything: the next step of every case reads its rows."""
    with _lock:
        _states.clear()
