"""Back-ups while others write, restored on a machine with nothing on it by the commands that docs/operations.md names.

What was acknowledged before a back-up began is in it; its history verifies; what is due fires once; and nothing leaves
before an operator says so, and then once, under the ids it had.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from store import backup, cases, history, outbox, settings, timers, verifying
from store import tasks as task_rows
from store.database import Database
from tests import postgres
from tests.core import diagrams as d
from tests.engine import partition
from tests.engine.town import REGION, Town
from tests.figures import Figure
from tests.long.hands import Ledger, ended, processes, work
from tests.long.servers import until
from tests.patience import PATIENCE
from tests.scale import size
from tests.webhooks.receiver import Receiver, receiving
from web import worker
from webhooks import endpoints
from webhooks.outbound import Outbound, networks

BACKUPS = size("BACKUPS", 1, 50)
WRITERS = size("WRITERS", 1, 2)
WAITING = 25
"""Cases with a timer."""
ROOT = Path(__file__).resolve().parents[2]


def five_tasks() -> bytes:
    return d.diagram(
        d.start(), *(d.user_task(f"T{n}", d.field("answer"), candidateGroups="coordinator") for n in range(5)), d.end()
    )


def waits() -> bytes:
    return d.diagram(d.start(), d.catch("Soon", d.timer("PT1H")), d.catch("Wait", d.timer("P40D")), d.end(), id="waits")


@dataclass
class Machine:
    """A place with the product installed and nothing else: a folder, and the address of an empty database."""

    folder: Path
    url: str

    def command(self, *arguments: str) -> str:
        """What the installed command says. It runs in the machine's own folder."""
        done = subprocess.run(
            self._line(*arguments), cwd=self.folder, env=self._environ(), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def working(self) -> Iterator[None]:
        """`kunskapsflode work` runs meanwhile."""
        log = (self.folder / "log").open("w")
        process = subprocess.Popen(
            self._line("work"), cwd=self.folder, env=self._environ(), stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
            log.close()

    @contextmanager
    def database(self) -> Iterator[Database]:
        found = Database(self.url)
        yield found
        found.close()

    def _line(self, *arguments: str) -> list[str]:
        return [str(Path(sys.executable).with_name("kunskapsflode")), *arguments]

    def _environ(self) -> dict[str, str]:
        own = {
            "KF_DATABASE_URL": self.url,
            "KF_CLOCK_SECONDS": "1",
            "KF_WEBHOOKS_ALLOW_PRIVATE": "127.0.0.0/8",
            "KF_POSTGRESQL_PROGRAMS": str(postgres.programs()),
            "PYTHONPATH": str(ROOT),
        }
        return {name: value for name, value in os.environ.items() if not name.startswith("KF_")} | own


@contextmanager
def empty_machine(like: Database, folder: Path) -> Iterator[Machine]:
    (folder / "data").mkdir(parents=True)
    if like.is_sqlite:
        yield Machine(folder, f"sqlite:///{folder}/data/kunskapsflode.sqlite3")
        return
    with postgres.another(address(like)) as url:
        yield Machine(folder, url)


def address(db: Database) -> str:
    return db.url.set(drivername=db.url.get_backend_name()).render_as_string(hide_password=False)


def test_backups_under_load_come_back_whole(town: Town, tmp_path: Path, figure: Figure) -> None:
    town.deploy(five_tasks(), waits())
    waiting = [town.start("waits").id for _ in range(WAITING)]
    with receiving() as receiver, empty_machine(town.db, tmp_path / "machine") as machine:
        endpoint = _subscribed(town, receiver)
        town.tick(hours=2)  # each case has passed its first timer, and told of it
        with _worked_on(town, tmp_path / "ledger") as acknowledged:
            for number in range(BACKUPS - 1):
                _there_and_back(town.db, tmp_path / str(number), acknowledged())
            known = acknowledged()
            Machine(tmp_path, address(town.db)).command("backup", "last.kfb")
        said = machine.command("restore", str(tmp_path / "last.kfb"))
        assert "rader historik, hela" in said
        assert "hålls kvar" in said
        with machine.database() as db:
            _check(db, known)
        _goes_on(machine, receiver, endpoint, waiting)
    figure(
        "Back-ups while others write, each restored on an empty machine",
        f"{BACKUPS} back-ups, {WRITERS} writers, {WAITING * 2} timers",
        "chains whole, 0 completions lost or doubled; timers once; nothing left before it was released, then once",
    )


@contextmanager
def _worked_on(town: Town, ledger: Path) -> Iterator[Callable[[], list[str]]]:
    """Processes complete tasks all the while; yields what tells which completions they have had answers to."""
    url = town.db.url.render_as_string(hide_password=False)
    hands = [
        processes.Process(target=work, args=(url, ledger, town.keys["Sam"], seed, True, None))
        for seed in range(WRITERS)
    ]
    with ended(*hands):
        for each in hands:
            each.start()
        until(lambda: ledger.exists() and len(Ledger.read(ledger)["ok"]) > 20, "twenty completions")
        before = len(Ledger.read(ledger)["ok"])
        yield lambda: Ledger.read(ledger)["ok"]
        assert all(each.is_alive() for each in hands), "somebody had to stop for a back-up"
        assert len(Ledger.read(ledger)["ok"]) > before


def _there_and_back(source: Database, place: Path, acknowledged: list[str]) -> None:
    file = place.with_suffix(".kfb")
    backup.write(source, file, str(postgres.programs()))
    with empty_machine(source, place) as machine, machine.database() as db:
        backup.restore(db, file, REGION, str(postgres.programs()))
        _check(db, acknowledged)


def _subscribed(town: Town, receiver: Receiver) -> str:
    allowed = Outbound(networks("127.0.0.0/8"))
    made, _ = endpoints.add(town.db, allowed, REGION, receiver.url, ["timer.fired"])
    return made.id


def _check(db: Database, acknowledged: list[str]) -> None:
    """All that had been acknowledged is there once, nothing stands still in silence, and everything is held."""
    with db.read() as reader:
        every = cases.listed(reader, REGION, limit=1_000_000)
        keys = {task.id: (case.id, task.key) for case in every for task in task_rows.of_case(reader, case.id)}
        rows = list(history.stream(reader, REGION))
        assert list(verifying.verify(reader)) == []
        assert outbox.is_held(reader)
    done = Counter((row.chain, row.task) for row in rows if row.what == "completed" and row.person)
    assert set(done.values()) <= {1}, "a completion is doubled"
    assert {keys[task] for task in acknowledged} <= set(done), "a completion is lost"
    assert partition.silent_cases(db) == []


def _goes_on(machine: Machine, receiver: Receiver, endpoint: str, waiting: list[str]) -> None:
    """The clock runs: timers fire once. The sender runs: nothing leaves, until it is released."""
    with machine.database() as db:
        with db.read() as reader:
            before = {each.id for each in outbox.to_recipient(reader, endpoint)}
        with machine.working():
            until(lambda: not _armed(db), "every timer")
            _until_looked(db, times=3)  # the sender looks as often: what has not left by then is held
            assert receiver.got == []
            with db.read() as reader:
                assert before <= {each.id for each in outbox.waiting(reader, limit=1000)}
            machine.command("outgoing", "release")
            until(lambda: _all_sent(db, endpoint), "every event")
        with db.read() as reader:
            told = [[row.what for row in history.read(reader, case)] for case in waiting]
            sent = outbox.to_recipient(reader, endpoint)
            region = [row.what for row in history.read(reader, history.of_region(REGION))]
    assert all(each.count("fired") == 2 for each in told), "each of the two timers once"
    assert Counter(receiver.ids) == Counter(each.id for each in sent), "each once, under its own id"
    assert before <= set(receiver.ids)
    assert (len(before), len(sent)) == (WAITING, WAITING * 2)
    assert region[-2:] == ["restored", "outgoing.released"]


def _until_looked(db: Database, times: int) -> None:
    """The worker has looked for what is due so many times more."""
    for _ in range(times):
        before = _heartbeat(db)
        until(lambda seen=before: _heartbeat(db) != seen, "another look")  # type: ignore[misc]


def _heartbeat(db: Database) -> object:
    with db.read() as reader:
        return settings.get(reader, worker.HEARTBEAT)


def _armed(db: Database) -> bool:
    with db.read() as reader:
        return timers.next_wake(reader) is not None


def _all_sent(db: Database, endpoint: str) -> bool:
    with db.read() as reader:
        return {each.status for each in outbox.to_recipient(reader, endpoint)} == {"sent"}
