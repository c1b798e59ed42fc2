"""Kill -9 in mid-step: two processes complete tasks, one after the other is killed, and nothing is lost or doubled."""

from __future__ import annotations

import random
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.core import diagrams as d
from tests.engine.town import Town
from tests.figures import Figure
from tests.long.checker import check
from tests.long.hands import POINTS, Ledger, ended, processes, work
from tests.long.servers import until
from tests.patience import PATIENCE
from tests.scale import size

KILLS = size("KILLS", 20, 200)
"""Four of five at a time of their own, the fifth is the process that worked beside them."""
SEED = 1


def five_tasks() -> bytes:
    asked = [d.user_task(f"Task{n}", d.field("answer"), candidateGroups="coordinator") for n in range(5)]
    asked.insert(2, d.service_task("Set", "deadline.set", extension=d.parameters({"internalDue": "'2026-03-27'"})))
    return d.diagram(d.start(), *asked, d.end())


def test_no_completion_is_lost_or_doubled(town: Town, tmp_path: Path, figure: Figure) -> None:
    town.deploy(five_tasks())
    for _ in range(4):
        town.start(by="Sam")
    ledger, choose = tmp_path / "ledger", random.Random(SEED)
    url = town.db.engine.url.render_as_string(hide_password=False)

    def begin(seed: int, *, keep_going: bool = True, dies: tuple[str, int] | None = None) -> BaseProcess:
        process = processes.Process(target=work, args=(url, ledger, town.keys["Sam"], seed, keep_going, dies))
        process.start()
        return process

    for number in range(0, KILLS, 5):
        beside = begin(-number)
        with ended(beside):
            for each in range(number, number + 4):
                _kill_one(begin, choose, each)
            until(lambda done=number + 5: len(Ledger.read(ledger)["ok"]) > done, "a completion for each")  # type: ignore[misc]
    last = [begin(seed, keep_going=False) for seed in (-1, -2)]
    with ended(*last):
        for each in last:
            each.join(PATIENCE)
            assert each.exitcode == 0
    said = Ledger.read(ledger)
    assert len(said["ok"]) > KILLS
    check(town.db, said["ok"], said["try"])
    figure(
        "Kill -9 in mid-step, two processes at work",
        f"{KILLS} kills",
        f"{len(said['ok'])} completions acknowledged, 0 lost, 0 doubled, every case ended",
        seed=SEED,
    )


def _kill_one(begin: object, choose: random.Random, number: int) -> None:
    """Every other process dies at a named point, the others at any time."""
    points = list(POINTS)
    named = (points[number // 2 % len(points)], choose.randrange(6)) if number % 2 else None
    process = begin(number, dies=named)  # type: ignore[operator]
    with ended(process):
        process.join(PATIENCE if named else choose.uniform(0.05, 0.4))
        if named:
            assert process.exitcode == -9, f"did not come to {named}"
