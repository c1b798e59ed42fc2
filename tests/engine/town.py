"""A small region for tests of the moves: its people, its processes, and short names for the moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engine import clock, deployments, regions, tasks
from engine.access import SYSTEM, Actor
from engine.cases import start
from engine.organisation import Loaded, load_files
from engine.regions import Region
from store import cases, history, incidents, mandates, organisation, outbox, people
from store import tasks as task_rows
from store.cases import Case
from store.database import Database, SteppedClock
from store.organisation import Area
from store.roles import split_scope
from store.tasks import Task

REGION = "jh"


@dataclass
class Town:
    """The region and its database; people are called by their first names."""

    db: Database
    clock: SteppedClock
    region: Region
    keys: dict[str, str] = field(default_factory=dict)

    def person(self, name: str, *roles: str, starts: date = date(2026, 1, 1)) -> str:
        with self.db.transaction() as tx:
            made = people.add(tx, REGION, name)
            for role, area in map(split_scope, roles):
                mandates.add(tx, made.key, REGION, role, area, starts=starts)
        self.keys[name] = made.key
        return made.key

    def by(self, name: str, **more: Any) -> Actor:
        return Actor(self.keys[name], **more)

    def deploy(self, *sources: bytes, **more: Any) -> list[deployments.Result]:
        files = {f"{n}.bpmn": source for n, source in enumerate(sources)}
        return deployments.deploy(self.db, self.region, files, by=SYSTEM, **more)

    def start(self, key: str = "test", by: str | None = None, **variables: Any) -> Case:
        return start(self.db, REGION, key, variables, by=self.by(by) if by else SYSTEM)

    def complete(self, element: str, by: str, answers: Mapping[str, Any] | None = None, **more: Any) -> Case:
        return tasks.complete(self.db, self.open_task(element).id, answers or {}, by=self.by(by, **more))

    def complete_after_start(self, element: str, by: str, answers: Mapping[str, Any]) -> Case:
        """Start a case of the process `test` and complete its first task."""
        self.start()
        return self.complete(element, by, answers)

    def tick(self, **ahead: float) -> clock.Ticked:
        self.clock.advance(timedelta(**ahead))
        return clock.tick(self.db)

    def at(self, moment: str) -> clock.Ticked:
        self.clock.set(datetime.fromisoformat(moment))
        return clock.tick(self.db)

    # What there is ---------------------------------------------------------------------------------------------------

    def open_tasks(self) -> list[Task]:
        with self.db.read() as reader:
            found = cases.listed(reader, REGION, limit=1_000)
            return [task for case in found for task in task_rows.open_of_case(reader, case.id)]

    def open_task(self, element: str) -> Task:
        found = [task for task in self.open_tasks() if task.element == element]
        assert found, f"no open task {element}: {[task.element for task in self.open_tasks()]}"
        return found[0]

    def case(self, case: Case) -> Case:
        with self.db.read() as reader:
            found = cases.find(reader, case.id)
        assert found is not None
        return found

    def incidents(self) -> list[incidents.Incident]:
        with self.db.read() as reader:
            return incidents.open_of_region(reader, REGION)

    def told(self, case: Case) -> list[str]:
        """What history says, as `what element`."""
        with self.db.read() as reader:
            return [f"{row.what} {row.element}".strip() for row in history.read(reader, case.id)]

    def mails(self, name: str) -> list[str]:
        """Kinds of mail that a person has got."""
        with self.db.read() as reader:
            return [each.name for each in outbox.to_recipient(reader, self.keys[name])]


def settle(db: Database, clock: SteppedClock) -> Town:
    """The town with Sam who coordinates, Lo and Pia of LUNG, Ria of the diary and Ola who operates."""
    town = Town(db, clock, regions.load(REGION))
    with db.transaction() as tx:
        organisation.load(tx, regions_=[], areas_=[Area("LUNG", "Lung"), Area("HUD", "Hud")], bodies_=[])
    town.person("Sam", "coordinator")
    town.person("Lo", "lpoChair@LUNG")
    town.person("Pia", "primaryCareRep@LUNG")
    town.person("Ria", "registrar")
    town.person("Ola", "operator")
    return town


def load(db: Database, text: str, name: str = "prov.yaml", *, demo_allowed: bool = True) -> Loaded:
    """Load organisation data from its text, as a file of that name."""
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(text, encoding="utf-8")
        return load_files(db, [path], by=SYSTEM, demo_allowed=demo_allowed)[0]
