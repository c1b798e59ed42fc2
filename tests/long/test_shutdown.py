"""A server that is told to stop while it works: whoever it has let in gets a whole answer, and nothing is half-done."""

from __future__ import annotations

import http.client
import random
from pathlib import Path
from typing import Any

from tests.figures import Figure
from tests.long.checker import check
from tests.long.partners import Ledger, Partner
from tests.long.places import furnished
from tests.long.servers import Answer, WebServer, serving, until
from tests.patience import PATIENCE
from tests.scale import FULL, size

SHUTDOWNS = size("SHUTDOWNS", 1, 40)
CLIENTS = 8
SEED = 23
LONGEST = 30 if FULL else PATIENCE
"""Seconds that a server may take to end."""


class Leaving(Exception):
    """The server takes nothing new: this program goes home."""


class Visitor(Partner):
    """A partner that goes home when nobody opens; an answer that breaks off is never right."""

    def _one(self, server: WebServer, *request: Any) -> Answer:
        try:
            return server.ask(*request)
        except ConnectionRefusedError:
            raise Leaving from None
        except (OSError, http.client.HTTPException) as error:
            self.ledger.wrong.append(f"no whole answer: {error!r}")
            raise Leaving from None

    def run(self) -> None:
        try:
            self.work()
        except Leaving:
            return


def test_whoever_was_let_in_is_answered(tmp_path: Path, figure: Figure) -> None:
    url = f"sqlite:///{tmp_path / 'test.sqlite3'}"
    db, secret = furnished(url)
    ledger, choose = Ledger(), random.Random(SEED)
    slowest = max(_stopped(url, tmp_path, secret, ledger, choose) for _ in range(SHUTDOWNS))
    with serving(url, tmp_path) as servers:
        Partner(servers, secret, ledger, SEED, keep_going=False).run()
    assert ledger.wrong == []
    check(db, ledger.done, ledger.tried)
    db.close()
    figure(
        "A server told to stop while it works",
        f"{SHUTDOWNS} SIGTERM, {CLIENTS} clients",
        f"{ledger.statuses.total()} requests let in, 0 without a whole answer; "
        f"{len(ledger.done)} completions, 0 lost; slowest end {slowest:.1f} s",
        seed=SEED,
    )


def _stopped(url: str, folder: Path, secret: str, ledger: Ledger, choose: random.Random) -> float:
    """Seconds from SIGTERM, sent at a moment of its own while clients ask, until the process has ended."""
    with serving(url, folder) as [server]:
        visitors = [Visitor([server], secret, ledger, choose.getrandbits(32)) for _ in range(CLIENTS)]
        for each in visitors:
            each.thread.start()
        enough = ledger.statuses.total() + choose.randint(20, 60)
        until(lambda: ledger.statuses.total() >= enough, "requests")
        for _ in range(2):  # a second time does no harm
            server.tell_to_stop()
        seconds = until(lambda: server.process.poll() is not None, "an end", LONGEST)
        for each in visitors:
            each.thread.join(PATIENCE)
        assert server.process.returncode == 0, server.log.read_text("utf-8")
    return seconds
