"""Event logs on their nets, judged by PM4Py: a tool of these tests alone, its licence (AGPL) is not the product's.

Alignments judge: replay by tokens passes over events that the net does not know, and so says yes to anything.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

os.environ |= {"PM4PY_SHOW_PROGRESS_BAR": "False", "PM4PY_SHOW_INTERNAL_WARNINGS": "False"}

import pm4py

from engine.access import SYSTEM
from engine.record import exports
from engine.record.log import Part
from store.database import Database

CASE = "case:concept:name"
ACTIVITY = "concept:name"


@dataclass(frozen=True)
class Exported:
    """The log and the net of one process, as they leave the product."""

    xes: str
    pnml: str

    @classmethod
    def of(cls, db: Database, region: str, process: str) -> Exported:
        log = "".join(exports.export(db, region, "xes", by=SYSTEM, part=Part(process)))
        return cls(log, exports.export_net(db, region, process, by=SYSTEM))


class Replay:
    """The cases that have run to their ends, on the net."""

    def __init__(self, exported: Exported, folder: Path) -> None:
        self.log = read_xes(exported.xes, folder)
        path = folder / "net.pnml"
        path.write_text(exported.pnml, encoding="utf-8")
        self.net = pm4py.read_pnml(str(path))
        self.done = self.log[self.log["case:status"] == "completed"] if len(self.log) else self.log
        self.cases = self.done[CASE].nunique() if len(self.done) else 0

    def traces(self) -> dict[str, tuple[str, ...]]:
        """Case -> its activities in order."""
        return {str(case): tuple(rows["concept:name"]) for case, rows in self.done.groupby(CASE)}

    def keep(self, cases: Collection[str]) -> None:
        """Judge these alone."""
        self.done = self.done[self.done[CASE].isin(cases)]
        self.cases = len(cases)

    def fits(self) -> bool:
        """Whether every case is a whole way through the net."""
        return self.fitness == [1.0] * self.cases

    @cached_property
    def fitness(self) -> list[float]:
        """Of each case, 1.0 where it fits."""
        return self._fitness(self.done) if self.cases else []

    def fitness_without_first(self) -> list[float]:
        """Of each case with its first activity dropped, however often it was done; where that is all that was done
        the case is left out, as nothing remains.
        """
        first = self.done.groupby(CASE)[ACTIVITY].transform("first")
        without = self.done[self.done[ACTIVITY] != first]
        return self._fitness(without) if len(without) else []

    def _fitness(self, log: Any) -> list[float]:
        return [each["fitness"] for each in pm4py.conformance_diagnostics_alignments(log, *self.net)]


def read_xes(text: str, folder: Path) -> Any:
    """An exported log as PM4Py reads it: a data frame, a row for each event."""
    path = folder / "log.xes"
    path.write_text(text, encoding="utf-8")
    return pm4py.read_xes(str(path))
