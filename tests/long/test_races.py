"""Two at once at the same task: exactly one wins, and the other hears that it is done, by whom and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from engine import cases, clock, tasks
from engine.errors import AlreadyDone, NotRunning
from store import tasks as task_rows
from store.cases import Case
from tests.core import diagrams as d
from tests.engine.town import Town
from tests.figures import Figure
from tests.long.hands import processes
from tests.patience import PATIENCE
from tests.scale import size
from tests.web.api.partner import Partner, partner
from tests.web.house import House
from web.app import create_app
from web.settings import Settings

ROUNDS = size("RACES", 8, 400)
"""Of each kind of race, on each database."""
OVER_HTTP = size("HTTP_RACES", 20, 1_000)
"""On each database."""
ONE_WINS = "one wins each, the other hears who was faster"
CHAIR = "lpoChair@LUNG"
Move = Callable[[], Any]


def together(*moves: Move) -> list[Any]:
    """Answers, or what was raised, of moves that begin at the same moment."""
    barrier, answers = Barrier(len(moves)), [None] * len(moves)

    def run(number: int) -> None:
        barrier.wait()
        try:
            answers[number] = moves[number]()
        except Exception as error:
            answers[number] = error

    threads = [Thread(target=run, args=(number,)) for number in range(len(moves))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return answers


def asked() -> bytes:
    closes = d.boundary("Closes", "Ask", d.timer("PT1H"))
    ask = d.user_task("Ask", d.field("answer"), candidateGroups=CHAIR)
    return d.diagram(d.start(), ask, closes, d.end(), d.chain("Closes", d.end("Silent")))


@pytest.fixture
def town(town: Town) -> Town:
    town.person("Li", CHAIR)
    town.deploy(asked())
    return town


def one_won(answers: list[Any], *late: type[Exception]) -> Exception:
    """The error of the one who came second; every other outcome is a failure."""
    errors = [each for each in answers if isinstance(each, Exception)]
    assert len(errors) == 1, answers
    assert isinstance(errors[0], late), repr(errors[0])
    return errors[0]


def completes(town: Town, task: str, who: str) -> Move:
    return lambda: tasks.complete(town.db, task, {"answer": who}, by=town.by(who))


def claims(town: Town, task: str, who: str) -> Move:
    return lambda: tasks.claim(town.db, task, by=town.by(who))


def test_two_programs_over_http(town: Town, figure: Figure) -> None:
    """One 200 and one 409 with who was faster, whatever happens; never 500."""
    house = House(town, create_app(town.db, Settings()))
    one, other = partner(house, "Lo"), partner(house, "Li")
    answers: Counter[tuple[int, ...]] = Counter()
    for _ in range(OVER_HTTP):
        _, task = _open(town)
        both = together(*(_posts(each, f"/tasks/{task}/complete") for each in (one, other)))
        answers[tuple(sorted(each.status_code for each in both))] += 1
        [late] = [each for each in both if each.status_code == 409]
        assert late.json["type"].endswith(":already-done")
        assert late.json["by"] in ("Lo", "Li")
    assert answers == {(200, 409): OVER_HTTP}
    figure("Two programs complete one task over HTTP", f"{OVER_HTTP} races", "each one 200 and one 409; never 500")


def _posts(program: Partner, path: str) -> Move:
    return lambda: program.post(path, variables={"answer": "ja"})


def test_complete_and_complete(town: Town, figure: Figure) -> None:
    for _ in range(ROUNDS):
        case, task = _open(town)
        answers = together(completes(town, task, "Lo"), completes(town, task, "Li"))
        late = one_won(answers, AlreadyDone)
        assert isinstance(late, AlreadyDone)
        winner = town.case(case).variables["answer"]
        assert (late.who, late.when) == (winner, "16 februari 2026")
        assert town.told(case).count("completed Ask") == 1
    figure("Two people complete one task", f"{ROUNDS} races", ONE_WINS)


def test_claim_and_claim(town: Town, figure: Figure) -> None:
    for _ in range(ROUNDS):
        case, task = _open(town)
        answers = together(claims(town, task, "Lo"), claims(town, task, "Li"))
        late = one_won(answers, AlreadyDone)
        [taken] = [each for each in answers if not isinstance(each, Exception)]
        assert isinstance(late, AlreadyDone)
        assert town.keys[str(late.who)] == taken.assignee
        assert late.when == "16 februari 2026"
        assert "är redan tagen av" in str(late)
        assert town.told(case).count("claimed Ask") == 1
    figure("Two people claim one task", f"{ROUNDS} races", ONE_WINS)


def test_complete_and_cancel(town: Town, figure: Figure) -> None:
    for _ in range(ROUNDS):
        case, task = _open(town)
        cancel = lambda case=case: cases.cancel(town.db, case.id, reason="Dubblett", by=town.by("Sam"))  # noqa: E731
        late = one_won(together(completes(town, task, "Lo"), cancel), AlreadyDone, NotRunning)
        told = town.told(case)
        if isinstance(late, AlreadyDone):
            assert (late.who, late.when) == ("Sam", "16 februari 2026")
            assert (told.count("cancelled"), told.count("completed Ask")) == (1, 0)
        else:
            assert (told.count("cancelled"), told.count("completed Ask")) == (0, 1)
    figure("One completes, one cancels the case", f"{ROUNDS} races", ONE_WINS)


def test_complete_and_timer(town: Town, figure: Figure) -> None:
    for _ in range(ROUNDS):
        case, task = _open(town)
        town.clock.advance(timedelta(hours=1))
        answer, ticked = together(completes(town, task, "Lo"), lambda: clock.tick(town.db))
        fired = isinstance(answer, AlreadyDone)
        assert fired or not isinstance(answer, Exception), repr(answer)
        assert ticked.fired == fired
        told = town.told(case)
        assert (told.count("fired Closes"), told.count("completed Ask")) == (fired, not fired)
    figure(
        "One completes while the timer of the task fires",
        f"{ROUNDS} races",
        ONE_WINS,
    )


def test_complete_and_forward(town: Town, figure: Figure) -> None:
    ask = d.user_task("Ask", d.field("answer"), candidateGroups="${one}", inside=d.many(f"${{['{CHAIR}']}}", "one"))
    town.deploy(d.diagram(d.start(), ask, d.end(), id="round"))
    for _ in range(ROUNDS):
        case = town.start("round")
        task = town.open_task("Ask").id
        forward = lambda task=task: tasks.forward(town.db, task, ["registrar"], by=town.by("Li"))  # noqa: E731
        answer, forwarded = together(completes(town, task, "Lo"), forward)
        assert not isinstance(answer, Exception), repr(answer)
        if isinstance(forwarded, Exception):
            assert isinstance(forwarded, AlreadyDone), repr(forwarded)
            assert town.case(case).status == "completed"
        else:
            town.complete("Ask", "Ria", {"answer": "också"})
        assert town.told(case).count("completed Ask") == (1 if isinstance(forwarded, Exception) else 2)
    figure(
        "One completes, one forwards",
        f"{ROUNDS} races",
        "the completion holds",
    )


def test_between_processes(town: Town, figure: Figure) -> None:
    """As `test_complete_and_complete`, where no lock of a process helps."""
    url = town.db.engine.url.render_as_string(hide_password=False)
    pipes, barrier = [processes.Pipe() for _ in range(2)], processes.Barrier(2)
    people = [town.keys[who] for who in ("Lo", "Li")]
    runners = [
        processes.Process(target=_runner, args=(url, pipe[1], barrier, person), daemon=True)
        for pipe, person in zip(pipes, people, strict=True)
    ]
    for each in runners:
        each.start()
    for _ in range(ROUNDS):
        case, task = _open(town)
        for ours, _ in pipes:
            ours.send(task)
        assert sorted(ours.recv() for ours, _ in pipes) == ["AlreadyDone", "ok"]
        assert town.told(case).count("completed Ask") == 1
    for ours, _ in pipes:
        ours.send(None)
    for each in runners:
        each.join(PATIENCE)
        assert each.exitcode == 0
    figure(
        "Two people complete one task, from two processes",
        f"{ROUNDS} races",
        ONE_WINS,
    )


def _runner(url: str, pipe: Any, barrier: Any, person: str) -> None:
    from engine.access import Actor
    from store.database import Database, SteppedClock
    from tests.conftest import START

    db = Database(url, SteppedClock(START))
    while (task := pipe.recv()) is not None:
        barrier.wait(PATIENCE)
        try:
            tasks.complete(db, task, {"answer": person}, by=Actor(person))
        except Exception as error:
            pipe.send(type(error).__name__)
        else:
            pipe.send("ok")


def _open(town: Town) -> tuple[Case, str]:
    case = town.start()
    with town.db.read() as reader:
        [task] = task_rows.open_of_case(reader, case.id)
    return case, task.id
