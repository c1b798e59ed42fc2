"""Requests wait for each other's end, and not for what is slow."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.patience import PATIENCE
from web.turns import Turns


class Door:
    """An application that stays inside until it is let out, and notes who came in."""

    def __init__(self) -> None:
        self.came = threading.Semaphore(0)
        self.out = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.came.release()
        assert self.out.wait(PATIENCE)
        return [b"done"]


def ask(turns: Turns, said: list[bytes]) -> threading.Thread:
    asking = threading.Thread(target=lambda: said.extend(turns({}, lambda *_: None)))
    asking.start()
    return asking


class Room:
    """An application that takes its time and counts who is inside."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.inside += 1
        for _ in range(100_000):
            self.most = max(self.most, self.inside)
        self.inside -= 1
        return [b"done"]


def test_those_who_wait_are_inside_one_at_a_time() -> None:
    room, said = Room(), []
    turns = Turns(room, seconds=PATIENCE)
    for each in [ask(turns, said) for _ in range(8)]:
        each.join(PATIENCE)
    assert said == [b"done"] * 8
    assert room.most == 1


def test_nobody_waits_long_for_what_is_slow() -> None:
    door, said = Door(), []
    turns = Turns(door, seconds=0.0)
    both = [ask(turns, said) for _ in range(2)]
    assert all(door.came.acquire(timeout=PATIENCE) for _ in both)
    door.out.set()
    for each in both:
        each.join(PATIENCE)
    assert said == [b"done", b"done"]


def test_a_failure_gives_the_turn_back() -> None:
    def fails(*_: Any) -> Iterable[bytes]:
        raise RuntimeError("felet")

    turns = Turns(fails, seconds=PATIENCE)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="felet"):
            turns({}, lambda *_: None)
