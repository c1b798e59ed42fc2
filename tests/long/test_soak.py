"""A server that works on and on: its memory, open files and threads stay as they were once it was warm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.figures import Figure
from tests.long.checker import check
from tests.long.partners import Ledger, Partner
from tests.long.places import furnished
from tests.long.servers import serving, until
from tests.patience import PATIENCE
from tests.scale import size

COMPLETIONS = size("COMPLETIONS", 120, 6_000)
CLIENTS = 3
LOOKS = 6
"""How many times the process is looked at; the first half of them is warming up."""
MEGABYTES = 24
"""What it may grow by once it is warm, however much it does."""
HANDFUL = 12
"""By how many its open files and threads may differ: a worker more, where more came at once than before."""


@dataclass(frozen=True)
class Look:
    """A process and its children, as the machine sees them."""

    megabytes: float
    files: int
    threads: int


def test_nothing_grows(tmp_path: Path, figure: Figure) -> None:
    url = f"sqlite:///{tmp_path / 'test.sqlite3'}"
    db, secret = furnished(url)
    ledger = Ledger()
    with serving(url, tmp_path) as [server]:
        partners = [Partner([server], secret, ledger, seed) for seed in range(CLIENTS)]
        for each in partners:
            each.thread.start()
        looks = [_after(ledger, COMPLETIONS * (number + 1) // LOOKS, server.process.pid) for number in range(LOOKS)]
        for each in partners:
            each.stop.set()
        for each in partners:
            each.thread.join(PATIENCE)
        Partner([server], secret, ledger, CLIENTS, keep_going=False).run()
    assert ledger.wrong == []
    check(db, ledger.done, ledger.tried)
    db.close()
    warm = looks[LOOKS // 2 - 1 :]
    grown = warm[-1].megabytes - warm[0].megabytes
    assert grown < MEGABYTES, looks
    assert _spread(each.files for each in warm) < HANDFUL, looks
    assert _spread(each.threads for each in warm) < HANDFUL, looks
    figure(
        "A server that works on and on",
        f"{len(ledger.done)} completions over HTTP",
        f"{warm[-1].megabytes:.0f} MB, {grown:+.1f} MB over the second half; "
        f"{warm[-1].files} files and {warm[-1].threads} threads open, as before",
    )


def _spread(numbers: Iterable[int]) -> int:
    every = list(numbers)
    return max(every) - min(every)


def _after(ledger: Ledger, completions: int, process: int) -> Look:
    while len(ledger.done) < completions:
        seen = len(ledger.done)
        until(lambda seen=seen: len(ledger.done) > seen, "another completion")  # type: ignore[misc]
        assert ledger.wrong == []
    return _look(process)


def _look(process: int) -> Look:
    family = [process, *_children(process)]
    pages = sum(int(_said(each, "statm").split()[1]) for each in family)
    files = sum(len(list(Path(f"/proc/{each}/fd").iterdir())) for each in family)
    threads = sum(len(list(Path(f"/proc/{each}/task").iterdir())) for each in family)
    return Look(pages * 4096 / 1e6, files, threads)


def _children(process: int) -> list[int]:
    threads = Path(f"/proc/{process}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]


def _said(process: int, about: str) -> str:
    return Path(f"/proc/{process}/{about}").read_text()
