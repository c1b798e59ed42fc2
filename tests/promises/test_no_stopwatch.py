"""No test depends on how fast the machine is: none reads a clock that runs, and none waits for a short while only.

What a test says of speed it says of work: what was read, called or written. Speed itself is measured by the benchmarks,
and by the long tests at full size.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.promises import house

MEASURING = ("tests/bench/", "tests/long/")
CLOCKS = {
    *("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"),
    *("process_time", "process_time_ns", "thread_time", "thread_time_ns", "clock_gettime", "sleep"),
}
ON_THE_WALL = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
ALLOWED = {
    "tests/provider/crooked.py: time.time": "a token says when it was given, and the product looks at its own clock",
    "tests/figures.py: datetime.now": "a figure says on which day it was taken",
}
"""What reads a clock -> why."""
WAITING = {"wait", "join", "result", "communicate", "wait_for", "acquire"}
"""What takes how long it waits at most."""


def stopwatches(module: ast.Module) -> Iterator[str]:
    """Every reading of a running clock, and every limit to a waiting that is a number of its own."""
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (f"time.{each.name}" for each in node.names if each.name in CLOCKS)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "time" and node.attr in CLOCKS:
            yield f"time.{node.attr}"
        elif isinstance(node, ast.Call):
            yield from _limits(node)


def _limits(call: ast.Call) -> Iterator[str]:
    called = ast.unparse(call.func)
    if called in ON_THE_WALL:
        yield called
    waits = called.rpartition(".")[2] in WAITING
    given = [each.value for each in call.keywords if each.arg == "timeout"] + (call.args[-1:] if waits else [])
    yield from (f"{called}: {each.value} s" for each in given if _is_number(each))


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def test_no_test_has_a_stopwatch() -> None:
    found = {
        f"{name}: {each}"
        for path in house.tracked("tests/*.py")
        if not (name := house.name(path)).startswith(MEASURING)
        for each in stopwatches(house.tree(path))
    }
    assert found == set(ALLOWED)


@pytest.mark.parametrize(
    "written",
    [
        "began = time.monotonic()",
        "from time import perf_counter",
        "assert time.process_time() - began < 2.5",
        "assert datetime.now(UTC) < later",
        "assert arrived.wait(5)",
        "thread.join(30)",
        "page.locator('p').wait_for(timeout=2_000)",
        "subprocess.run(command, timeout=60)",
    ],
)
def test_a_stopwatch_is_seen(written: str) -> None:
    assert list(stopwatches(ast.parse(written)))


@pytest.mark.parametrize(
    "written", ["clock.advance(timedelta(hours=1))", "arrived.wait(PATIENCE)", "', '.join(names)", "found.get('time')"]
)
def test_other_times_are_not(written: str) -> None:
    assert not list(stopwatches(ast.parse(written)))
