"""Events under fire: receivers that fail in every way, senders that are killed; each event arrives, in order per case.

Time is moved on all the while, so that leases and back-off take no waiting.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import func, select

from engine import cases
from store import clock as clock_rows
from store import outbox, webhooks
from store.database import Database, Reader
from store.outbox import Outgoing
from store.webhooks import Endpoint
from tests.conftest import START
from tests.engine.town import REGION, Town
from tests.figures import Figure
from tests.long.hands import ended, killed, processes
from tests.long.receiver import Arrival, Arrivals, receive
from tests.long.senders import HERE, make, send
from tests.long.servers import free_port, until
from tests.long.test_kills import five_tasks
from tests.patience import PATIENCE
from tests.scale import FULL, size
from webhooks import endpoints
from webhooks.outbound import Outbound

EVENTS = size("EVENTS", 300, 20_000)
"""For the ill receivers together."""
KILLS = size("SENDER_KILLS", 5, 100)
VANISHES = size("VANISHES", 1, 20)
ILL = size("RECEIVERS", 5, 20)
PER_CASE = 12
"""A case started and completed, five tasks created and completed."""
CASES = -(-EVENTS // (ILL * PER_CASE))
SENDERS = 2
TOLD = size("TOLD", 5, 300)
"""Cases whose start is told to one receiver while others never answer."""
SEED = 14
QUICK = 1.0
"""Seconds that a sender waits for a receiver."""
STEP = timedelta(seconds=4)
"""How far the clock goes at each look. Where nobody has anything to send it goes on to when somebody has."""
IN_EARNEST = 10.0 if FULL else PATIENCE
"""Seconds after which a dead receiver is left, at full size as by the product. Nothing is to wait for it meanwhile."""
LATEST = IN_EARNEST / 2
"""Seconds that an event may take to a receiver that is well."""


@dataclass
class Fire:
    """Senders and a receiver at work on the events of one database."""

    town: Town
    ledger: Path
    choose: random.Random
    stack: ExitStack
    port: int = field(default_factory=free_port)
    senders: list[BaseProcess] = field(default_factory=list)
    answering: set[str] = field(default_factory=set)
    """Ids of the endpoints that answer at all."""

    def __post_init__(self) -> None:
        self.url = self.town.db.engine.url.render_as_string(hide_password=False)
        self.db = Database(self.url)
        self.stack.callback(self.db.close)
        with self.db.transaction() as tx:
            clock_rows.set_to(tx, START)
        self.arrivals = Arrivals(self.ledger)
        self.latest = time.monotonic()
        self.receiver = self.start(receive, self.port, self.ledger, SEED)

    def start(self, target: object, *arguments: object) -> BaseProcess:
        process: BaseProcess = processes.Process(target=target, args=arguments)  # type: ignore[arg-type]
        process.start()
        self.stack.enter_context(ended(process))
        return process

    def subscribe(self, path: str) -> Endpoint:
        url = f"http://127.0.0.1:{self.port}{path}"
        endpoint, _ = endpoints.add(self.db, Outbound(HERE), REGION, url)
        if not path.startswith("/silent"):
            self.answering.add(endpoint.id)
        return endpoint

    def wait_for(self, number: int) -> None:
        """Until that many events have been taken; it is a failure when none comes."""
        while (taken := len(self.arrivals.taken)) < number:
            until(lambda taken=taken: self.has_taken_more_than(taken), "an event that is taken")  # type: ignore[misc]

    def has_taken_more_than(self, number: int) -> bool:
        self.look()
        return len(self.arrivals.taken) > number

    def look(self) -> None:
        """Let time pass, and see what has come."""
        if self.arrivals.look():
            self.latest = time.monotonic()
        quiet = time.monotonic() - self.latest
        with self.db.transaction() as tx:
            is_stuck = quiet > QUICK * 2
            leaps = is_stuck or (quiet > QUICK / 3 and not self.is_sending(tx))
            clock_rows.advance(tx, max(STEP, self.next_moment(tx, is_stuck) - tx.now) if leaps else STEP)

    def next_moment(self, reader: Reader, is_stuck: bool) -> datetime:
        """When something is due to a receiver that answers; where nothing moves, when a lease runs out too."""
        out, to = outbox.outbox.c, webhooks.endpoints.c
        waits = select(func.min(out.next_at)).where(out.recipient.in_(self.answering), out.next_at > reader.now)
        rests = select(func.min(to.rests_until)).where(to.id.in_(self.answering), to.rests_until > reader.now)
        found = [reader.scalar(waits if is_stuck else waits.where(out.status == "waiting")), reader.scalar(rests)]
        return min((each for each in found if each is not None), default=reader.now)

    def is_sending(self, reader: Reader) -> bool:
        """Whether a sender, dead or alive, holds anything for a receiver that answers."""
        with_lease = select(outbox.outbox.c.recipient).where(outbox.outbox.c.status == "sending")
        return any(row[0] in self.answering for row in reader.execute(with_lease))

    def kill_a_sender(self) -> None:
        number = self.choose.randrange(len(self.senders))
        killed(self.senders[number])
        self.senders[number] = self.start(send, self.url, QUICK)

    def let_the_receiver_vanish(self) -> None:
        """Nobody is there, until time has gone on for a while."""
        killed(self.receiver)
        for _ in range(20):
            self.look()
        self.receiver = self.start(receive, self.port, self.ledger, SEED)

    def deliveries(self, endpoint: Endpoint) -> list[Outgoing]:
        with self.db.read() as reader:
            return outbox.to_recipient(reader, endpoint.id)


def test_every_event_arrives_under_one_id_and_in_order(town: Town, tmp_path: Path, figure: Figure) -> None:
    town.deploy(five_tasks())
    choose = random.Random(SEED)
    with ExitStack() as stack:
        fire = Fire(town, tmp_path / "ledger", choose, stack)
        living = [fire.subscribe(f"/ill{number}") for number in range(ILL)] + [fire.subscribe("/well")]
        silent = fire.subscribe("/silent")
        expected = CASES * PER_CASE * len(living)
        fire.senders = [fire.start(send, fire.url, QUICK) for _ in range(SENDERS)]
        maker = fire.start(make, fire.url, town.keys["Sam"], CASES)
        for moment, what in _accidents(choose, expected):
            fire.wait_for(moment)
            what(fire)
        fire.wait_for(expected)
        maker.join(PATIENCE)
        until(lambda: _all_recorded(fire, living), "every delivery noted")
        assert maker.exitcode == 0
        for each in living:
            _check(fire, each)
        assert {each.sent_at for each in fire.deliveries(silent)} == {None}
        again = sum(each.taken for each in fire.arrivals.every) - expected
        figure(
            "Events to receivers that fail, hang, hang up, answer late or twice, and vanish",
            f"{CASES * PER_CASE * ILL} events, {KILLS} kills of senders, {VANISHES} of the receiver",
            f"all delivered under one id, in order per case; {len(fire.arrivals.every)} requests, "
            f"{again} events taken more than once, 0 lost",
            seed=SEED,
        )


def _accidents(choose: random.Random, expected: int) -> Iterator[tuple[int, Callable[[Fire], None]]]:
    """After how many events something happens, and what."""
    kinds = [Fire.kill_a_sender] * KILLS + [Fire.let_the_receiver_vanish] * VANISHES
    choose.shuffle(kinds)
    return zip(sorted(choose.sample(range(1, expected), len(kinds))), kinds, strict=True)


def _all_recorded(fire: Fire, living: list[Endpoint]) -> bool:
    fire.look()
    return {out.status for each in living for out in fire.deliveries(each)} == {"sent"}


def _check(fire: Fire, endpoint: Endpoint) -> None:
    path = endpoint.url.removeprefix(f"http://127.0.0.1:{fire.port}")
    came = [each for each in fire.arrivals.every if each.path == path]
    sent = {each.id: each for each in fire.deliveries(endpoint)}
    assert len(sent) == CASES * PER_CASE
    assert {each.id for each in came if each.taken} == set(sent), "an event was lost"
    assert {each.id for each in came} == set(sent), "an event had another id"
    assert len({(each.id, each.body) for each in came}) == len(sent), "an event was not the same the second time"
    first: dict[str, Arrival] = {}
    new: dict[str, list[int]] = {}
    for each in came:
        if first.setdefault(each.id, each) is each:
            new.setdefault(each.case, []).append(each.sequence)
    assert all(each == sorted(each) for each in new.values()), "an event came before an earlier one of its case"


def test_a_dead_receiver_delays_nobody(town: Town, tmp_path: Path, figure: Figure) -> None:
    """Three that never answer, for as long as a sender waits in earnest; one that is well."""
    town.deploy(five_tasks())
    with ExitStack() as stack:
        fire = Fire(town, tmp_path / "ledger", random.Random(SEED), stack)
        silent = [fire.subscribe(f"/silent{each}") for each in range(3)]
        well = fire.subscribe("/well")
        fire.senders = [fire.start(send, fire.url, IN_EARNEST)]
        _seconds_to_arrive(fire)  # the first one waits for a process that starts
        waits = sorted(_seconds_to_arrive(fire) for _ in range(TOLD))
        assert {each.sent_at for endpoint in silent for each in fire.deliveries(endpoint)} == {None}
        assert len(fire.deliveries(well)) == len(fire.arrivals.taken) == TOLD * 2 + 2
    assert waits[-1] < LATEST
    figure(
        "Events to one receiver while three others never answer",
        f"{TOLD * 2} events",
        f"median {waits[len(waits) // 2] * 1000:.0f} ms, slowest {waits[-1] * 1000:.0f} ms after the move",
    )


def _seconds_to_arrive(fire: Fire) -> float:
    """From the start of a case until the last of its events is there."""
    expected = len(fire.arrivals.taken) + 2
    began = time.monotonic()
    cases.start(fire.db, REGION, "test", {}, by=fire.town.by("Sam"))
    fire.wait_for(expected)
    return fire.arrivals.every[-1].at - began
