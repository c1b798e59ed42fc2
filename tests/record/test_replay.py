"""What the product exports replays on the nets that it exports, for everything that is shipped and much that is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import definitions, live
from engine.core.net import net
from engine.record.log import Log
from engine.rehearsing import rehearsals
from store import history
from store.database import Database
from tests.core.generated import Tree, blocks, draw
from tests.core.walk import accepts, prefix
from tests.engine.town import REGION
from tests.journeys.test_restarts import Journey
from tests.processes.test_shipped import PROCESSES
from tests.record.replay import Exported, Replay
from tests.scale import SCALE

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

NAMES = [path.stem for path in rehearsals.all_files() if not path.stem.startswith("year-")]
"""A year has the same processes in it, and an alignment for each of its hundred cases takes too long."""


@dataclass
class Rehearsed:
    """What a rehearsal leaves behind."""

    exported: dict[str, Exported] = field(default_factory=dict)
    """By process that had a case."""
    impossible: list[str] = field(default_factory=list)
    """Cases that the net does not allow, by the walk."""
    reached: set[str] = field(default_factory=set)
    """Processes, called ones among them, that cases which ended have been in."""

    def look(self, db: Database, region: str) -> None:
        with db.read() as reader:
            for trace in Log(reader, region).traces():
                case, labels = trace.case, [each.label for each in trace.events]
                drawn = net(definitions.of_case(reader, case).definition)
                self.exported[case.process_key] = Exported("", "")
                if case.status == "completed":
                    self.reached |= {row.process for row in history.read(reader, case.id) if row.process}
                # Cases that still run, or that people have cancelled, have no end; but so far the net allows them.
                if not (accepts if case.status == "completed" else prefix)(drawn, labels):
                    self.impossible.append(f"{case.number}: {' '.join(labels)}")
        self.exported = {process: Exported.of(db, region, process) for process in self.exported}


@cache
def rehearsed(name: str) -> Rehearsed:
    """Each rehearsal is run once."""
    path = next(each for each in rehearsals.all_files() if each.stem == name)
    found = Rehearsed()
    outcome = rehearsals.rehearse(path, look=found.look)
    assert outcome.passed, outcome.failures
    return found


@pytest.mark.parametrize("name", NAMES)
def test_cases_of_a_rehearsal_replay(name: str, tmp_path: Path) -> None:
    found = rehearsed(name)
    assert found.exported
    assert found.impossible == []
    for process, exported in found.exported.items():
        replay = Replay(exported, tmp_path)
        if replay.cases:
            replay.keep(_new(exported.pnml, replay.traces()))
            assert replay.fits(), f"{process}: {replay.fitness}"
        if replay.cases and exported.pnml not in _BROKEN:
            _BROKEN.add(exported.pnml)
            assert max(replay.fitness_without_first(), default=0.0) < 1.0


_ALIGNED: set[tuple[str, tuple[str, ...]]] = set()
"""Net and trace that have been aligned: rehearsals go the same ways many times over, and it takes its time."""
_BROKEN: set[str] = set()
"""Nets that have been shown traces with an activity dropped."""


def _new(net: str, traces: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The cases whose way through the net is a new one: one for each way."""
    first = {(net, trace): case for case, trace in traces.items() if (net, trace) not in _ALIGNED}
    _ALIGNED.update(first)
    return list(first.values())


def test_every_shipped_process_has_a_case_that_replays() -> None:
    unseen = set(PROCESSES).difference(*(rehearsed(name).reached for name in NAMES))
    assert not unseen, f"no rehearsal takes a case through {', '.join(sorted(unseen))} to its end"


@settings(max_examples=20 * SCALE, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(tree=blocks(6), seed=st.integers(0, 9))
def test_cases_of_generated_processes_replay(
    tree: Tree, seed: int, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("replay")
    path = folder / "journey.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    journey = Journey(path, restart=False)
    try:
        journey.travel(draw(("seq", ("task",), tree)), seed)
        exported = Exported.of(journey.db, REGION, "test")
    finally:
        journey.db.close()
        live.forget()
    replay = Replay(exported, folder)
    assert replay.cases == 1
    assert replay.fits(), replay.fitness
    assert max(replay.fitness_without_first(), default=0.0) < 1.0
