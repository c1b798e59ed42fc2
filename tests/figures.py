"""What the long tests have shown: printed after a run, and at full size written to `docs/figures.md`.

A test hands in a figure once it has passed: `figure("Kills in mid-step", "200 kills", "0 lost, 0 doubled", seed=1)`. A
figure takes the place of the one before with the same name and database; the others stay.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.scale import FULL

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "figures.md"
COLUMNS = ("What", "Size", "Database", "Result", "Seed", "Date", "Commit")
HEADING = """# Figures

What `make test-long` showed the last time each of its tests ran at full size. Each test writes its own line, and only
when it has passed. The machine had two cores that were shared with other work, so times say little; counts say all.

"""

Figure = Callable[..., None]
Row = tuple[str, ...]


@pytest.fixture
def figure(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Figure:
    """`figure(what, size, result, seed=1)`: the database is the one that the test runs on, unless it is given."""
    params: dict[str, Any] = request.node.callspec.params if hasattr(request.node, "callspec") else {}

    def hand_in(what: str, size: str, result: str, *, seed: object = "-", database: str | None = None) -> None:
        record_property("figure", [what, size, database or str(params.get("db", "sqlite")), result, str(seed)])

    return hand_in


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    found = list(_handed_in(terminalreporter))
    if not found:
        return
    terminalreporter.section("figures")
    for row in found:
        terminalreporter.line(" | ".join(row))
    if FULL:
        written = read(PAGE) | {_key(row): (*row, f"{datetime.now(UTC):%Y-%m-%d}", _commit()) for row in found}
        PAGE.write_text(page(written), "utf-8")


def page(rows: dict[tuple[str, str], Row]) -> str:
    """The page of these figures, in the order of their names."""
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *(rows[key] for key in sorted(rows))]
    return HEADING + "".join(f"| {' | '.join(row)} |\n" for row in lines)


def read(path: Path) -> dict[tuple[str, str], Row]:
    """The figures of a page, by name and database; none when there is no page."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines if line.startswith("| ")]
    return {_key(row): row for row in rows[2:]}


def _handed_in(reporter: pytest.TerminalReporter) -> Iterator[Row]:
    for report in reporter.getreports("passed"):
        for name, value in getattr(report, "user_properties", ()):
            if name == "figure" and report.when == "call":
                yield tuple(str(each).replace("|", "/") for each in value)


def _key(row: Row) -> tuple[str, str]:
    return row[0], row[2]


def _commit() -> str:
    """What was tested; `+` where files had changed since."""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs")
    return _git("rev-parse", "--short", "HEAD") + ("+" if changed else "")


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()
