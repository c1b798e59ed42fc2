"""Rehearsals: scenarios as data, run through the whole stack on an in-memory database with a virtual clock.

A rehearsal is a file in `processes/rehearsals`, checked against `processes/schemas/rehearsal.schema.json`. What fails
is told with its line. What happened is a strip, day by day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine import (
    calendar,
    cases,
    clock,
    deadlines,
    deployments,
    events,
    handovers,
    incidents,
    messages,
    organisation,
    regions,
    stage,
    tasks,
    yaml_file,
)
from engine.access import SYSTEM, Actor
from engine.connectors import webhook
from engine.core.errors import CoreError
from engine.errors import BadRehearsal, MoveError
from engine.yaml_file import BadYaml, Written
from store import cases as case_rows
from store import held_answers, people, reminders, timers, webhooks
from store import incidents as incident_rows
from store.database import Database, SteppedClock
from store.migrations import in_memory

PROCESSES = Path(__file__).resolve().parent.parent / "processes"
MOMENTS = (time(0, 0), time(8, 0))
"""Every day's moments at which a rehearsal looks at the clock, besides those of timers."""


class Unmet(AssertionError):
    """An expectation is not met, or a step could not be made."""


@dataclass
class Outcome:
    """How a rehearsal went."""

    name: str
    failures: list[str] = field(default_factory=list)
    """One sentence each, with file and line; empty when all went as expected."""
    days: list[stage.Day] = field(default_factory=list)
    """What happened, day by day."""
    taken: frozenset[tuple[str, str]] = frozenset()
    """Process and sequence flow, for coverage."""

    @property
    def passed(self) -> bool:
        return not self.failures


def rehearse(
    path: Path, processes: Path = PROCESSES, look: Callable[[Database, str], None] = lambda db, region: None
) -> Outcome:
    """Run one rehearsal against the processes of a folder. Raises `BadRehearsal` when the file cannot be read.

    `look` is shown the database and the region's id when all is done, before they are gone.
    """
    written = read(path.read_text(encoding="utf-8"), path.name)
    house = _House.build(written.data, processes)
    outcome = Outcome(written.data["name"])
    try:
        for index, step in enumerate(written.data["steps"]):
            _take(house, step, f"{path.name}, rad {written.line('steps', index)}", outcome)
            if outcome.failures:
                break
        outcome.days, outcome.taken = stage.strip(house.db, house.region), stage.taken(house.db)
        look(house.db, house.region.id)
    finally:
        house.db.close()
    return outcome


def read(text: str, name: str = "") -> Written:
    """A rehearsal as written. Raises `BadRehearsal`, naming lines."""
    try:
        return yaml_file.read(text, "rehearsal", name)
    except BadYaml as bad:
        raise BadRehearsal(str(bad)) from None


def _take(house: _House, step: Mapping[str, Any], where: str, outcome: Outcome) -> None:
    verb = next((each for each in _STEPS if each in step), None)
    try:
        if verb is None:
            raise Unmet(f"Steget säger inte vad som ska hända. Skriv något av {', '.join(_STEPS)}.")
        _STEPS[verb](house, step)
    except (Unmet, MoveError, CoreError) as error:
        outcome.failures.append(f"{where}: {error}")


# The house -----------------------------------------------------------------------------------------------------------


@dataclass
class _House:
    """A region of its own: database, clock, people by name."""

    db: Database
    clock: SteppedClock
    region: regions.Region
    people: dict[str, str] = field(default_factory=dict)
    """Name -> person key."""
    newest: str | None = None
    """Id of the case that was started last."""

    @classmethod
    def build(cls, data: Mapping[str, Any], processes: Path) -> _House:
        region = regions.load(data["region"], regions.folder_of(processes))
        if "profile" in data:
            region = regions.varied(region, data["profile"])
        begins = SteppedClock(_moment(data["now"], region.timezone))
        db = in_memory(begins)
        house = cls(db, begins, region)
        organisation.load_file(db, processes / "organisation" / "programme-areas.yaml", by=SYSTEM)
        house._settle(data["people"])
        files, words = deployments.shipped(processes)
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
                    role, area = people.split_scope(scoped)
                    people.add_mandate(tx, key, self.region.id, role, area, starts=first)

    def actor(self, step: Mapping[str, Any]) -> Actor:
        name = step.get("as")
        if name is None:
            return SYSTEM
        behalf = self.key(step["behalf"]) if "behalf" in step else None
        return Actor(self.key(name), behalf, step.get("reason"))

    def key(self, name: str) -> str:
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
            self.clock.set(min(self._next_moment(), to))
            clock.tick(self.db)
            self._note_newest()

    def _next_moment(self) -> datetime:
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


@lru_cache(maxsize=8)
def _checked(
    region: regions.Region, files: tuple[tuple[str, bytes], ...], words: tuple[tuple[str, str], ...]
) -> deployments.Bundle:
    """Read and checked once for all rehearsals of a region: it takes longer than most of them."""
    return deployments.checked(region, dict(files), words=dict(words))


def _moment(text: str, timezone: str) -> datetime:
    """A local moment as UTC; a day alone begins at 08:00."""
    local = datetime.fromisoformat(text if "T" in text else f"{text}T08:00")
    return calendar.at(local.date(), local.time(), timezone).astimezone(UTC)


# Steps ---------------------------------------------------------------------------------------------------------------


def _message(house: _House, step: Mapping[str, Any]) -> None:
    data = house.named(step.get("data", {}))
    found = messages.correlate(house.db, house.region.id, step["message"], step.get("key"), data, by=SYSTEM)
    house.newest = found.started[-1] if found.started else house.newest
    clock.tick(house.db)


def _start(house: _House, step: Mapping[str, Any]) -> None:
    data = house.named(step.get("data", {}))
    house.newest = cases.start(house.db, house.region.id, step["start"], data, by=house.actor(step)).id
    clock.tick(house.db)


def _complete(house: _House, step: Mapping[str, Any]) -> None:
    task = _task(house, step, step["complete"])
    tasks.complete(house.db, task.id, _answers(house, task, step), by=house.actor(step))
    clock.tick(house.db)


def _refuse(house: _House, step: Mapping[str, Any]) -> None:
    """What may not be done: an answer, or with `to` that someone is given the task."""
    task = _task(house, step, step["refuse"])
    try:
        if "to" in step:
            tasks.assign(house.db, task.id, house.key(step["to"]), by=house.actor(step))
        else:
            tasks.complete(house.db, task.id, _answers(house, task, step), by=house.actor(step))
    except MoveError as error:
        if step.get("error", "").lower() not in str(error).lower():
            raise Unmet(f"{step['refuse']} avvisades, men med ”{error}” i stället för ”{step['error']}”.") from None
        return
    raise Unmet(f"{step['refuse']} skulle ha avvisats, men gick igenom.")


def _receipt(house: _House, step: Mapping[str, Any]) -> None:
    """What another system answers to the hand-over that it was asked for; with `error`, that its answer is refused."""
    element = step["receipt"]
    delivery = _task(house, step, element).properties.get(webhook.HANDOVER, {}).get("delivery")
    if delivery is None:
        raise Unmet(f"{element} har inte lämnats till något annat system.")
    failed = "failed" in step
    name = handovers.FAILED if failed else handovers.COMPLETED
    said = {handovers.REASON: step["failed"]} if failed else house.named(step.get("data", {}))
    try:
        messages.correlate(house.db, house.region.id, name, delivery, said, by=SYSTEM)
    except MoveError as error:
        if "error" not in step or step["error"].lower() not in str(error).lower():
            raise
        return
    if "error" in step:
        raise Unmet(f"Svaret på {element} skulle ha avvisats, men togs emot.")
    clock.tick(house.db)


def _claim(house: _House, step: Mapping[str, Any]) -> None:
    tasks.claim(house.db, _task(house, step, step["claim"]).id, by=house.actor(step))


def _release(house: _House, step: Mapping[str, Any]) -> None:
    tasks.release(house.db, _task(house, step, step["release"]).id, by=house.actor(step))


def _assign(house: _House, step: Mapping[str, Any]) -> None:
    tasks.assign(house.db, _task(house, step, step["assign"]).id, house.key(step["to"]), by=house.actor(step))


def _forward(house: _House, step: Mapping[str, Any]) -> None:
    to = house.named(step["to"] if isinstance(step["to"], list) else [step["to"]])
    tasks.forward(house.db, _task(house, step, step["forward"]).id, to, by=house.actor(step))


def _advance(house: _House, step: Mapping[str, Any]) -> None:
    to = _moment(step["advance"], house.region.timezone)
    if to <= house.clock.moment:
        raise Unmet(f"{step['advance']} har redan passerat i repetitionen.")
    house.advance(to)


def _cancel(house: _House, step: Mapping[str, Any]) -> None:
    cases.cancel(house.db, house.case(step).id, reason=step["cancel"], by=house.actor(step))


def _suspend(house: _House, step: Mapping[str, Any]) -> None:
    cases.suspend(house.db, house.case(step).id, reason=step["suspend"], by=house.actor(step))


def _resume(house: _House, step: Mapping[str, Any]) -> None:
    cases.resume(house.db, house.case(step).id, choice=step["resume"], by=house.actor(step))
    clock.tick(house.db)


def _move(house: _House, step: Mapping[str, Any]) -> None:
    day = datetime.fromisoformat(step["to"]).date()
    case, reason = house.case(step), step.get("reason", "")
    deadlines.move(house.db, case.id, step["move"], day, reason=reason, by=house.actor(step), confirmed=True)
    clock.tick(house.db)


def _retry(house: _House, step: Mapping[str, Any]) -> None:
    with house.db.read() as reader:
        found = [each for each in incident_rows.of_region(reader, house.region.id) if each.element == step["retry"]]
    if not found:
        raise Unmet(f"Det finns ingen öppen incident vid {step['retry']}.")
    incidents.retry(house.db, found[0].id, by=house.actor(step))


def _expect(house: _House, step: Mapping[str, Any]) -> None:
    wanted = step["expect"]
    with house.db.read() as reader:
        seen = stage.Seen(reader, house.region, house.people, wanted.get("case") or house.newest)
        faults = list(seen.faults(wanted))
    if faults:
        raise Unmet(" ".join(faults))


_STEPS: dict[str, Callable[[_House, Mapping[str, Any]], None]] = {
    "message": _message,
    "start": _start,
    "complete": _complete,
    "refuse": _refuse,
    "receipt": _receipt,
    "claim": _claim,
    "release": _release,
    "assign": _assign,
    "forward": _forward,
    "advance": _advance,
    "cancel": _cancel,
    "suspend": _suspend,
    "resume": _resume,
    "move": _move,
    "retry": _retry,
    "expect": _expect,
}


def _task(house: _House, step: Mapping[str, Any], element: str) -> Any:
    """The open task of an element: one that `as` has or may take, else any, so that the refusal is the true one."""
    with house.db.read() as reader:
        seen = stage.Seen(reader, house.region, house.people, step.get("case"))
        found = seen.open_tasks(element)
        person = house.people.get(step.get("as", ""))
        theirs = [task for task in found if person in seen.doers(task)]
        here = ", ".join(sorted({task.element for task in seen.open_tasks()})) or "inga"
    if not found:
        raise Unmet(f"Ingen öppen uppgift {element}. Öppna uppgifter: {here}.")
    return (theirs or found)[0]


def _answers(house: _House, task: Any, step: Mapping[str, Any]) -> dict[str, Any]:
    """What the form shows, as a person would leave it, with the step's own answers on top."""
    with house.db.read() as reader:
        form = tasks.form(reader, task)
    readonly = {each.id for each in form.fields if each.readonly or each.rows}
    shown = {
        name: value
        for name, value in form.values.items()
        if value is not None and name in form.visible and name not in readonly
    }
    own: dict[str, Any] = house.named(step.get("data", {}))
    return shown | _rows_shown(form) | own


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


def all_files(folder: Path = PROCESSES / "rehearsals") -> Iterator[Path]:
    """Every rehearsal of a folder, by name."""
    return iter(sorted(folder.glob("*.yaml")))
