"""What the engine tells whoever watches over it: figures, and lines of the log. Keys only: no names, no answers."""

from __future__ import annotations

import logging
import time
from functools import cache

from prometheus_client import CollectorRegistry, Histogram

from engine.access import Actor
from engine.core.deliveries import CompleteTask, Delivery
from store.cases import Case

registry = CollectorRegistry()
"""The figures of this process."""
_seconds = Histogram(
    "kunskapsflode_step_seconds",
    "Steps of cases that were kept, and the time that they took.",
    ("delivery",),
    registry=registry,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_of_kind = cache(_seconds.labels)
log = logging.getLogger("kunskapsflode.engine")


def beginning() -> float:
    """The beginning of a step."""
    return time.perf_counter()


def step(case: Case, delivery: Delivery, by: Actor, began: float) -> None:
    """A case has taken a step, and it is kept."""
    took, kind = time.perf_counter() - began, type(delivery).__name__
    _of_kind(kind).observe(took)
    if log.isEnabledFor(logging.INFO):
        task = delivery.task if isinstance(delivery, CompleteTask) else None
        said = {"case": case.id, "delivery": kind, "task": task, "person": by.person, "ms": round(took * 1000, 1)}
        log.info("step", extra={**said, "status": case.status, "revision": case.revision})


def incident(case_id: str | None, element: str, rule: str) -> None:
    """Something has stopped. What it says may hold an answer, and stands on the page."""
    log.warning("incident", extra={"case": case_id, "element": element, "rule": rule})
