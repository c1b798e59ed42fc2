"""The sandbox: what a diagram computes runs in `monty` worker processes, and is type-checked in one of them.

A worker has no files, no network and no clock, and limits on time and memory. Each expression has a checkout of its
own, so no name survives from one to the next.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from pydantic_monty import (
    Monty,
    MontyCrashedError,
    MontyError,
    MontyRuntimeError,
    MontySession,
    MontyTypingError,
    ResourceLimits,
)

from engine.core import plain
from engine.core.language import BadExpression

GRACE_SECONDS = 5.0
"""How long a worker that does not heed its own clock may live on: long, so that one that only waits for its turn on a
busy machine is not taken for it."""
CHECK_SECONDS = 5.0
"""What the type checker may take: long, so that a busy machine refuses nobody. It runs nothing of the diagram."""
MEMORY_BYTES = 64 * 1024 * 1024
MAX_CALLS = 500
"""Calls of our functions that one expression may make."""
MAX_WORKERS = 16
CHECKS_PER_WORKER = 500
PATIENCE = (1, 2, 4, 8)
"""Its time passes on the wall, for that is the clock a worker has. Code that ran out of it while others had the
processor is begun again, and given so many times as long."""
SHARE = 0.8
"""What code has had of the processor, of its time, when it is to blame for running out of it."""

_BUSY = "Sandlådan är upptagen. Försök igen om en stund."
_TOO_LONG = "Uttrycket tog för lång tid"
SPENT = "Stegets uttryck har tillsammans tagit för lång tid."
_FIELD = """\
def _field(value, name):
    if value is None:
        return None
    if isinstance(value, dict):
        return value.get(name)
    raise AttributeError(name)
"""


class NothingThere(BadExpression):
    """Something that is None was compared or counted with."""


class Calls:
    """Our functions as one expression may call them: arguments and results plain, counted, the first failure kept."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.lookup = {name: self._guarded(name, function) for name, function in functions.items()}
        self.seconds = 0.0
        """Processor time that the expression has used in its worker. What waits for its turn on a busy machine is not
        charged, nor what was begun in vain, nor what this process does meanwhile: it may collect its garbage.
        """
        self.failure: str | None = None

    def _guarded(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return plain.copy(function(*plain.copy(args), **plain.copy(kwargs)))
            except Exception as error:
                self.failure = self.failure or f"Funktionen «{name}» gick inte att använda: {str(error)[:300]}"
                raise RuntimeError(name) from None

        return call


def run(code: str, values: Mapping[str, Any], calls: Calls, seconds: float) -> Any:
    """What a piece of code gives, with these values by name, in this time.

    Raises `BadExpression` with a sentence that says why there is no answer, and `NothingThere`.
    """
    snippet = _FIELD + code if "_field(" in code else code
    for patience in PATIENCE:
        calls.seconds = 0.0
        try:
            return _fed(snippet, values, calls, seconds * patience)
        except TimeoutError:
            raise BadExpression(_BUSY) from None
        except MontyError as error:
            failed = BadExpression(calls.failure) if calls.failure else _told(error)
            if not (_is_time_out(error) and calls.seconds < seconds * SHARE):
                break
    raise failed from None


def _fed(snippet: str, values: Mapping[str, Any], calls: Calls, seconds: float) -> Any:
    """What one worker gives, within so many seconds on the wall."""
    limits: ResourceLimits = {
        "max_feed_duration_secs": seconds,
        "max_memory": MEMORY_BYTES,
        "max_recursion_depth": 100,
        "max_suspensions": 2 * MAX_CALLS,
        "max_total_sleep_secs": 0,
    }
    with _WORKERS.pool().checkout(limits=limits) as worker, _charged(calls, worker.worker_pid, most=seconds):
        return worker.feed_run(snippet, inputs=dict(values), external_lookup=calls.lookup)


@contextmanager
def _charged(calls: Calls, pid: int | None, *, most: float) -> Iterator[None]:
    clock = _processor_clock(pid)
    began = time.clock_gettime(clock)
    try:
        yield
    finally:
        try:
            calls.seconds += time.clock_gettime(clock) - began
        except OSError:  # the clock went with the worker
            calls.seconds += most


def _processor_clock(pid: int | None) -> int:
    """The clock of what a process has had of the processor: Linux makes its id from the pid (clock_getcpuclockid(3)).
    The time on the wall elsewhere.
    """
    return time.CLOCK_MONOTONIC if pid is None or sys.platform != "linux" else ~pid << 3 | 2


def _is_time_out(error: MontyError) -> bool:
    return isinstance(error, MontyRuntimeError) and isinstance(error.exception(), TimeoutError)


def is_out_of_time(said: str) -> bool:
    """Whether words of an error say that the machine was too slow, which another try may find otherwise."""
    return any(reason in said for reason in (_TOO_LONG, SPENT, _BUSY))


def report(snippet: str) -> str:
    """The faults that the type checker finds in a snippet, as JSON. Raises `BadExpression`."""
    try:
        return _CHECKER.report(snippet)
    except TimeoutError:
        raise BadExpression(_BUSY) from None
    except MontyError as error:
        raise _told(error) from None


def _told(error: MontyError) -> BadExpression:
    """What went wrong, in a Swedish sentence."""
    if isinstance(error, MontyCrashedError):
        return BadExpression(f"{_TOO_LONG} eller för mycket minne.")
    if not isinstance(error, MontyRuntimeError):
        return BadExpression(f"Uttrycket går inte att räkna ut ({str(error)[:120]}).")
    kind, detail = type(error.exception()), str(error.exception())[:200]
    if kind is TimeoutError:
        return BadExpression(f"{_TOO_LONG}.")
    if kind in (MemoryError, RecursionError):
        return BadExpression("Uttrycket behöver för mycket minne.")
    if kind is TypeError and "NoneType" in detail:
        return NothingThere(detail)
    return BadExpression(f"{_KINDS.get(kind, 'Uttrycket går inte att räkna ut')} ({detail}).")


_KINDS: Mapping[type[BaseException], str] = {
    TypeError: "Värdena är av slag som inte passar ihop",
    AttributeError: "Ett värde saknar fältet eller metoden",
    ZeroDivisionError: "Division med noll",
    KeyError: "Nyckeln finns inte",
    IndexError: "Listan har inte så många rader",
    ValueError: "Ett värde är ogiltigt",
    NameError: "Ett namn är okänt",
}


class _Checker:
    """One worker kept for type checking: its first snippet costs 20-60 ms, those that follow less than one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: MontySession | None = None
        self._lost_in_fork: MontySession | None = None
        self._uses = 0

    def report(self, snippet: str) -> str:
        """The faults of a snippet as JSON."""
        with self._lock:
            worker = self._worker or self._open()
            self._uses += 1
            try:
                worker.feed_run(snippet)
            except MontyTypingError as error:
                return error.display()
            except MontyError:
                self.close()
                raise
            finally:
                if self._uses >= CHECKS_PER_WORKER:
                    self.close()
        return "[]"

    def _open(self) -> MontySession:
        limits: ResourceLimits = {"max_feed_duration_secs": CHECK_SECONDS, "max_memory": MEMORY_BYTES}
        pool = _WORKERS.pool()
        self._worker = pool.checkout(type_check=True, type_check_format="json", limits=limits).__enter__()
        return self._worker

    def forget(self) -> None:
        """In a forked child: the worker belongs to the parent, which alone may close it."""
        self._lock = threading.Lock()
        self._lost_in_fork, self._worker, self._uses = self._worker, None, 0

    def close(self) -> None:
        worker, self._worker, self._uses = self._worker, None, 0
        if worker is not None:
            with suppress(MontyError, RuntimeError):
                worker.__exit__(None, None, None)


class _Workers:
    """The pool of worker processes of this process, started at first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: Monty | None = None
        self._lost_in_fork: Monty | None = None

    def pool(self) -> Monty:
        if self._lost_in_fork is not None:
            raise BadExpression("Processen delades efter sitt första uttryck och måste startas om.")
        if self._pool is None:
            with self._lock:
                self._pool = self._pool or self._start()
        return self._pool

    def _start(self) -> Monty:
        return Monty(
            max_processes=MAX_WORKERS,
            checkout_timeout=30,
            request_timeout=60,
            feed_duration_limit_grace=GRACE_SECONDS,
            max_checkouts_per_worker=10_000,
        ).__enter__()

    def close(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.__exit__(None, None, None)

    def forget(self) -> None:
        """In a forked child. The workers belong to the parent, and the threads that serve a pool do not survive a fork:
        a child of a process that had begun would wait for ever, and says so instead."""
        self._lock = threading.Lock()
        self._lost_in_fork, self._pool = self._lost_in_fork or self._pool, None


_WORKERS = _Workers()
_CHECKER = _Checker()
atexit.register(_WORKERS.close)
atexit.register(_CHECKER.close)
os.register_at_fork(after_in_child=_WORKERS.forget)
os.register_at_fork(after_in_child=_CHECKER.forget)
