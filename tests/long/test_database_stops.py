"""PostgreSQL is stopped while programs complete tasks: 503 meanwhile, nothing acknowledged is lost, and all goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.figures import Figure
from tests.long.checker import check
from tests.long.partners import Ledger, Partner
from tests.long.places import furnished
from tests.long.servers import WebServer, serving, until
from tests.patience import PATIENCE
from tests.scale import FULL, size

STOPS = size("STOPS", 2, 10)
WRITERS, SERVERS = 4, 2
BACK = 10 if FULL else PATIENCE
"""Seconds after the start of the database within which the servers are to be ready again."""


@pytest.fixture
def server(postgres_server: str) -> Iterator[postgres.Server]:
    """A durable server of its own. (`postgres_server` says whether there can be one.)"""
    with postgres.running(postgres.DURABLE) as found:
        yield found


def test_nothing_acknowledged_is_lost(server: postgres.Server, tmp_path: Path, figure: Figure) -> None:
    db, secret = furnished(server.address)
    ledger = Ledger()
    with serving(server.address, tmp_path, SERVERS) as servers:
        writers = [Partner(servers, secret, ledger, seed) for seed in range(WRITERS)]
        for each in writers:
            each.thread.start()
        back = [_stop_and_start(server, servers, ledger) for _ in range(STOPS)]
        _end(writers)
        Partner(servers, secret, ledger, WRITERS, keep_going=False).run()
        assert all(each.process.poll() is None for each in servers)
    assert ledger.wrong == []
    check(db, ledger.done, ledger.tried)
    db.close()
    refused = ledger.statuses[503]
    figure(
        "PostgreSQL stopped at once and started, under load",
        f"{STOPS} stops, {WRITERS} writers, {SERVERS} servers",
        f"{len(ledger.done)} completions acknowledged, 0 lost, 0 doubled; {refused} answers 503, 0 answers 500; "
        f"ready at most {max(back):.1f} s after the start",
        database="postgresql",
    )


def _stop_and_start(server: postgres.Server, servers: list[WebServer], ledger: Ledger) -> float:
    """Seconds from the start of the database until all servers are ready."""
    _until_more(ledger, 10)
    refused = ledger.statuses[503]
    server.stop()
    until(lambda: ledger.statuses[503] >= refused + WRITERS, "writers that are refused")
    assert [each.get("/ready") for each in servers] == [503] * len(servers)
    assert [each.get("/live") for each in servers] == [200] * len(servers)
    server.start()
    back = until(lambda: all(each.get("/ready") == 200 for each in servers), "servers that are ready", BACK)
    refused = ledger.statuses[503]
    _until_more(ledger, 20)
    assert ledger.statuses[503] - refused <= WRITERS, "a server that is ready does its work"
    return back


def _until_more(ledger: Ledger, number: int) -> None:
    target = len(ledger.done) + number
    until(lambda: len(ledger.done) >= target or bool(ledger.wrong), f"{number} more completions")
    assert ledger.wrong == []


def _end(writers: list[Partner]) -> None:
    for each in writers:
        each.stop.set()
    for each in writers:
        each.thread.join(PATIENCE)
        assert not each.thread.is_alive()
