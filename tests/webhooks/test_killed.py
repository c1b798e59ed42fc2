"""Senders that are killed between sending and recording: everything arrives, under the same id, in order per case."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from store.outbox import LEASE
from tests.patience import PATIENCE
from tests.scale import SCALE
from tests.webhooks.office import Office
from tests.webhooks.receiver import Got, Reply, receiving

CASES, NAMES = 4, ("task.created", "task.claimed", "task.completed", "task.cancelled")
KILLS = min(2 * SCALE, 5)
EVERY = 3
"""A sender is killed while its third event is being taken."""


def started(path: Path, moment: datetime) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.webhooks.lone_sender", str(path), moment.isoformat()])


def test_what_a_killed_sender_had_sent_is_sent_again_under_its_id(one_office: Office, tmp_path: Path) -> None:
    office = one_office
    sender: list[subprocess.Popen[bytes]] = []
    killed_at: list[str] = []
    since_start = [0]

    def answer(got: Got, number: int) -> Reply:
        since_start[0] += 1
        if since_start[0] == EVERY and len(killed_at) < KILLS:
            os.kill(sender[-1].pid, signal.SIGKILL)
            killed_at.append(got.id)
        return Reply()

    with receiving(answer) as receiver:
        endpoint = office.subscribe(receiver)
        cases = [office.case() for _ in range(CASES)]
        for case in cases:
            office.tell(case, *NAMES)
        while not sender or sender[-1].returncode:
            since_start[0] = 0
            sender.append(started(tmp_path / "test.sqlite3", office.town.clock.moment))
            sender[-1].wait(PATIENCE)
            office.town.clock.advance(LEASE + timedelta(seconds=1))
        office.drain(seconds=61)

    deliveries = {each.id: each for each in office.deliveries(endpoint)}
    assert len(deliveries) == CASES * len(NAMES)
    assert [each.returncode for each in sender] == [-signal.SIGKILL] * KILLS + [0]
    assert set(receiver.ids) == set(deliveries), "every event has arrived"
    assert {each.status for each in deliveries.values()} == {"sent"}
    again = {id for id in receiver.ids if receiver.ids.count(id) > 1}
    assert again == set(killed_at), "only what was being sent when its sender died came twice"
    for case in cases:
        first = [deliveries[id].sequence for id in dict.fromkeys(receiver.ids) if deliveries[id].case_id == case.id]
        assert first == sorted(first)
