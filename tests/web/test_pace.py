"""Nobody takes all of the door: who goes too fast is told how long to wait, and others notice nothing."""

from __future__ import annotations

from dataclasses import dataclass

from tests.web.api.partner import good, partner, problem
from tests.web.house import House
from web import pace
from web.pace import Pace


@dataclass
class Seconds:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_again() -> None:
    seconds = Seconds()
    door = Pace(60, seconds)
    assert [door.wait("a") for _ in range(61)] == [0] * 60 + [1]
    assert door.wait("b") == 0
    seconds.now += 1.5
    assert [door.wait("a"), door.wait("a")] == [0, 1]
    seconds.now += 3600
    assert [door.wait("a") for _ in range(61)].count(0) == 60


def test_waiting_as_told_is_enough() -> None:
    seconds = Seconds()
    door = Pace(2, seconds)
    assert [door.wait("a"), door.wait("a")] == [0, 0]
    told = door.wait("a")
    assert told == 30
    seconds.now += told
    assert door.wait("a") == 0


def test_no_limit_and_no_endless_memory() -> None:
    assert {Pace(0).wait("a") for _ in range(1000)} == {0}
    door = Pace(1, Seconds())
    for each in range(pace.MOST_CALLERS + 10):
        door.wait(str(each))
    assert len(door._left) == pace.MOST_CALLERS


def test_a_program_that_goes_too_fast_hears_when_to_come_back(house: House) -> None:
    seconds = Seconds()
    house.app.extensions["pace"] = Pace(3, seconds)
    fast, other = partner(house, "Sam"), partner(house, "Lo")
    for _ in range(3):
        good(fast.get("/me"))
    answer = fast.get("/me")
    problem(answer, 429, "too-many-requests")
    assert answer.headers["Retry-After"] == "20"
    good(other.get("/me"))
    seconds.now += 20
    good(fast.get("/me"))


def test_guessing_tokens_and_signatures_is_slowed_down(house: House) -> None:
    house.app.extensions["pace"] = Pace(2, Seconds())
    client = house.app.test_client()
    guessed = [client.get("/api/v1/me", headers={"Authorization": f"Bearer kf_{n}"}).status_code for n in range(3)]
    assert guessed == [401, 401, 429]
    assert [client.post("/hooks/national", data=b"{}").status_code for _ in range(3)] == [404, 404, 429]
