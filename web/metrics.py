"""Figures in the text format of Prometheus: the house as its database shows it, and this process since it started.

Labels are from closed sets (a route is its pattern, never an address), so that the number of series is bounded; none
of them is a person, a case or a text.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask, Response, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from engine import watching
from store import figures
from store.database import Database
from store.errors import StoreError
from store.figures import Figures

CONTENT_TYPE = CONTENT_TYPE_LATEST
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
UNKNOWN = "unknown"


class House(Collector):
    """What the database tells, asked at each reading."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def describe(self) -> list[Metric]:
        return []  # asked when registering: the database need not be up then

    def collect(self) -> Iterator[Metric]:
        try:
            with self.db.read() as reader:
                found = figures.read(reader)
        except StoreError:
            yield _gauge("database_up", "Whether the database answers.", 0)
            return
        yield _gauge("database_up", "Whether the database answers.", 1)
        yield from _of_house(found)


def _of_house(found: Figures) -> Iterator[Metric]:
    yield _by("cases", "Cases by status.", ("status",), {(status,): count for status, count in found.cases.items()})
    yield _gauge("tasks_open", "Open tasks.", found.open_tasks)
    yield _gauge("tasks_overdue", "Open tasks whose day has passed.", found.overdue_tasks)
    yield _gauge("incidents_open", "Open incidents.", found.open_incidents)
    yield _gauge("timers_due", "Timers that are due and have not fired.", found.due_timers)
    yield _gauge("timers_lateness_seconds", "How late the oldest due timer is.", found.timer_lateness)
    yield _by("outbox", "Mails and events by status.", ("kind", "status"), found.outbox)
    yield _gauge("outbox_lateness_seconds", "How late the oldest due mail or event is.", found.outbox_lateness)
    yield _gauge("outbox_claimed_seconds", "Since the oldest that is being sent was claimed.", found.claimed_age)
    yield _gauge("outbox_held", "Whether everything outgoing is held.", int(found.held))
    if found.heartbeat_age is not None:
        yield _gauge("clock_heartbeat_seconds", "Since the clock last looked.", found.heartbeat_age)
    if found.backup_age is not None:
        yield _gauge("backup_age_seconds", "Since the last back-up was taken.", found.backup_age)


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"kunskapsflode_{name}", about, value)


def _by(name: str, about: str, labels: tuple[str, ...], values: Mapping[Any, int]) -> Metric:
    family = GaugeMetricFamily(f"kunskapsflode_{name}", about, labels=labels)
    for each, value in sorted(values.items()):
        family.add_metric(each, value)
    return family


class Requests:
    """What this application has answered."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.answered = Counter(
            "kunskapsflode_http_requests", "Requests answered.", ("route", "method", "status"), registry=registry
        )
        self.seconds = Histogram("kunskapsflode_http_seconds", "Time to answer a request.", registry=registry)

    def begin(self) -> None:
        g.began = time.perf_counter()

    def end(self, response: Response) -> Response:
        method = request.method if request.method in METHODS else UNKNOWN
        self.answered.labels(route_of_request(), method, str(response.status_code)).inc()
        self.seconds.observe(time.perf_counter() - g.began)
        return response


def route_of_request() -> str:
    """The pattern of the route: `/uppgifter/<id>`."""
    return request.url_rule.rule if request.url_rule is not None else UNKNOWN


def measure(app: Flask, db: Database) -> None:
    """Count what the application answers from now on."""
    registry = CollectorRegistry()
    registry.register(House(db))
    requests = Requests(registry)
    app.extensions["metrics"] = registry
    app.before_request(requests.begin)
    app.after_request(requests.end)


def text() -> bytes:
    """All figures of the application at hand, and of its process."""
    own: CollectorRegistry = current_app.extensions["metrics"]
    return generate_latest(own) + generate_latest(watching.registry)


def serve(port: int) -> None:
    """The figures of a process without pages, for this machine itself."""
    start_http_server(port, addr="127.0.0.1", registry=watching.registry)
