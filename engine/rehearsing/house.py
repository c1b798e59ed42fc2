"""A region of its own in memory, in which a rehearsal plays: its database, its clock and its people by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine import calendar, clock, deployments, events, organisation, regions, shipped, tasks
from engine.access import SYSTEM, Actor
from store import cases as case_rows
from store import held_answers, mandates, people, reminders, timers, webhooks
from store.database import Database, SteppedClock
from store.migrations import in_memory
from store.roles import split_scope
from store.tasks import Task

MOMENTS = (time(0, 0), time(8, 0))
"""Every day's moments at which a rehearsal looks at the clock, besides those of timers."""


class Unmet(AssertionError):
    """An expectation is not met, or a step could not be made."""


@dataclass
class House:
    """A region of its own: database, clock, people by name."""

    db: Database
    clock: SteppedClock
    region: regions.Region
    people: dict[str, str] = field(default_factory=dict)
    """Name -> person key."""
    newest: str | None = None
    """Id of the case that was started last."""

    @classmethod
    def build(cls, data: Mapping[str, Any], processes: Path) -> House:
        """The region of a rehearsal as written: its people, and every shipped process deployed. Raises `Refused`."""
        region = regions.load(data["region"], regions.folder_of(processes))
        if "profile" in data:
            region = regions.varied(region, data["profile"])
        begins = SteppedClock(moment(data["now"], region.timezone))
        db = in_memory(begins)
        house = cls(db, begins, region)
        organisation.load_files(db, [processes / "organisation" / "programme-areas.yaml"], by=SYSTEM)
        house._settle(data["people"])
        files = shipped.files(processes)
        words = shipped.texts(processes)
        bundle = _checked(region, tuple(files.items()), tuple(words.items()))
        deployments.deploy_checked(db, region, bundle, files, by=SYSTEM, words=words)
        house._receive()
        return house

    def _receive(self) -> None:
        """The rehearsal stands in for every system that the profile hands over to."""
        with self.db.transaction() as tx:
            for topic in self.region.data.get("connectors", {}):
                connector = self.region.connector(topic)
                if connector.mode == regions.WEBHOOK:
                    webhooks.add(tx, self.region.id, connector.endpoint or "", [events.REQUESTED], "")

    def _settle(self, written: Mapping[str, Any]) -> None:
        first = calendar.local_day(self.clock.moment, self.region.timezone) - timedelta(days=365)
        with self.db.transaction() as tx:
            for scoped, named in written.items():
                for name in [named] if isinstance(named, str) else named:
                    key = self.people.get(name) or people.add(tx, self.region.id, name).key
                    self.people[name] = key
                    role, area = split_scope(scoped)
                    mandates.add(tx, key, self.region.id, role, area, starts=first)

    def actor(self, step: Mapping[str, Any]) -> Actor:
        """Who a step is done by; the product itself where it names nobody."""
        name = step.get("as")
        if name is None:
            return SYSTEM
        behalf = self.key(step["behalf"]) if "behalf" in step else None
        return Actor(self.key(name), behalf, step.get("reason"))

    def key(self, name: str) -> str:
        """The person key of a name. Raises `Unmet`."""
        if name not in self.people:
            raise Unmet(f"{name} finns inte bland personerna i repetitionen.")
        return self.people[name]

    def named(self, value: Any) -> Any:
        """The same data with people's names replaced by their keys."""
        if isinstance(value, str):
            return self.people.get(value, value)
        if isinstance(value, list):
            return [self.named(each) for each in value]
        if isinstance(value, dict):
            return {key: self.named(each) for key, each in value.items()}
        return value

    def case(self, step: Mapping[str, Any]) -> case_rows.Case:
        """The case that a step names, or the one that was started last."""
        with self.db.read() as reader:
            wanted = step.get("case") or self.newest
            found = case_rows.find_any(reader, wanted, self.region.id) if wanted else None
        if found is None:
            raise Unmet(f"Ärendet {step.get('case') or ''} finns inte.")
        return found

    def advance(self, to: datetime) -> None:
        """Let time go: every moment at which something falls due on the way has its own tick."""
        while self.clock.moment < to:
            self.clock.set(min(self._nextmoment(), to))
            clock.tick(self.db)
            self._note_newest()

    def _nextmoment(self) -> datetime:
        now, zone = self.clock.moment, ZoneInfo(self.region.timezone)
        day = now.astimezone(zone).date()
        fixed = [calendar.at(day + timedelta(days=n), at, self.region.timezone) for n in (0, 1) for at in MOMENTS]
        with self.db.read() as reader:
            looks = (timers.next_wake(reader), held_answers.next_wake(reader), reminders.next_wake(reader))
            wakes = [each for each in looks if each is not None]
        return min(moment.astimezone(UTC) for moment in [*fixed, *wakes] if moment > now)

    def _note_newest(self) -> None:
        if self.newest is None:
            with self.db.read() as reader:
                found = case_rows.listed(reader, self.region.id, limit=1)
            self.newest = found[0].id if found else None


@lru_cache(maxsize=16)
def _checked(
    region: regions.Region, files: tuple[tuple[str, bytes], ...], words: tuple[tuple[str, str], ...]
) -> deployments.Bundle:
    """Checked once for all rehearsals of a region, or of a variant of it: it takes longer than most of them."""
    bundle = _read(files)
    deployments.require_sound(region, bundle, bundle.files, dict(words))
    return bundle


@lru_cache(maxsize=2)
def _read(files: tuple[tuple[str, bytes], ...]) -> deployments.Bundle:
    """The same in every region."""
    return deployments.Bundle.of(dict(files))


def moment(text: str, timezone: str) -> datetime:
    """A local moment as UTC; a day alone begins at 08:00."""
    local = datetime.fromisoformat(text if "T" in text else f"{text}T08:00")
    return calendar.at(local.date(), local.time(), timezone).astimezone(UTC)


def as_shown(db: Database, task: Task) -> dict[str, Any]:
    """What a task's form shows, as a person would leave it."""
    with db.read() as reader:
        form = tasks.form(reader, task)
    readonly = {each.id for each in form.fields if each.readonly or each.rows}
    shown = {
        name: value
        for name, value in form.values.items()
        if value is not None and name in form.visible and name not in readonly
    }
    return shown | _rows_shown(form)


def _rows_shown(form: tasks.FormView) -> dict[str, Any]:
    """The rows that the case knows already, with the columns that this form has."""
    columns: dict[str, list[str]] = {}
    for each in form.fields:
        if each.rows and each.id in form.visible:
            columns.setdefault(each.rows, []).append(each.column)
    return {
        name: [{column: row.get(column) for column in known} for row in form.values[name]]
        for name, known in columns.items()
        if form.values.get(name)
    }
