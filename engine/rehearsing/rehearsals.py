"""Rehearsals: scenarios as data, run through the whole stack on an in-memory database with a virtual clock.

A rehearsal is a file in `processes/rehearsals`, checked against `processes/schemas/rehearsal.schema.json`. What fails
is told with its line. What happened is a strip, day by day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from engine import (
    cases,
    clock,
    deadlines,
    handovers,
    incidents,
    messages,
    tasks,
    yaml_file,
)
from engine.access import SYSTEM
from engine.connectors import webhook
from engine.core.errors import CoreError
from engine.errors import BadRehearsal, MoveError
from engine.regions import PROCESSES
from engine.rehearsing import months, stage, years
from engine.rehearsing.house import House, Unmet, as_shown, moment
from engine.yaml_file import BadYaml, Written
from store import incidents as incident_rows
from store.cases import Case
from store.database import Database
from store.tasks import Task


@dataclass
class Outcome:
    """How a rehearsal went."""

    name: str
    failures: list[str] = field(default_factory=list)
    """One sentence each, with file and line; empty when all went as expected."""
    days: list[stage.Day] = field(default_factory=list)
    """What happened, day by day."""
    months: list[str] = field(default_factory=list)
    """And month by month, a line each, where a year has passed."""
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
    house = House.build(written.data, processes)
    outcome = Outcome(written.data["name"])
    try:
        for index, step in enumerate(written.data["steps"]):
            _take(house, step, f"{path.name}, rad {written.line('steps', index)}", outcome)
            if outcome.failures:
                break
        outcome.days, outcome.taken = stage.strip(house.db, house.region), stage.taken(house.db)
        outcome.failures = outcome.failures or _not_shown(written, outcome.taken, path.name)
        if any("year" in step for step in written.data["steps"]):
            outcome.months = [each.text() for each in months.strip(house.db, house.region)]
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


def _not_shown(written: Written, taken: Iterable[tuple[str, str]], name: str) -> list[str]:
    """Whatever `shows` names must have run."""
    ran = {process for process, _ in taken}
    return [
        f"{name}, rad {written.line('shows', index)}: {each['process']} visas inte: processen har inte gått."
        for index, each in enumerate(written.data.get("shows", []))
        if each["process"] not in ran
    ]


def _take(house: House, step: Mapping[str, Any], where: str, outcome: Outcome) -> None:
    verb = next((each for each in _STEPS if each in step), None)
    try:
        if verb is None:
            raise Unmet(f"Steget säger inte vad som ska hända. Skriv något av {', '.join(_STEPS)}.")
        _STEPS[verb](house, step)
    except (Unmet, MoveError, CoreError) as error:
        outcome.failures.append(f"{where}: {error}")


# Steps ---------------------------------------------------------------------------------------------------------------


def _message(house: House, step: Mapping[str, Any]) -> None:
    """With `error`, what is not taken in."""
    if "error" in step:
        _refused(step, step["message"], lambda: _send(house, step))
        return
    found = _send(house, step)
    house.newest = found.started[-1] if found.started else house.newest
    clock.tick(house.db)


def _send(house: House, step: Mapping[str, Any]) -> messages.Correlated:
    data = house.named(step.get("data", {}))
    return messages.correlate(house.db, house.region.id, step["message"], step.get("key"), data, by=SYSTEM)


def _start(house: House, step: Mapping[str, Any]) -> None:
    """With `error`, what may not be started: by this person, or with this."""
    if "error" in step:
        _refused(step, step["start"], lambda: _begin(house, step))
        return
    house.newest = _begin(house, step).id
    clock.tick(house.db)


def _begin(house: House, step: Mapping[str, Any]) -> Case:
    data = house.named(step.get("data", {}))
    return cases.start(house.db, house.region.id, step["start"], data, by=house.actor(step))


def _complete(house: House, step: Mapping[str, Any]) -> None:
    task = _task(house, step, step["complete"])
    tasks.complete(house.db, task.id, _answers(house, task, step), by=house.actor(step))
    clock.tick(house.db)


def _refuse(house: House, step: Mapping[str, Any]) -> None:
    """What may not be done: an answer, or with `to` that someone is given the task."""
    task = _task(house, step, step["refuse"])

    def move() -> object:
        if "to" in step:
            return tasks.assign(house.db, task.id, house.key(step["to"]), by=house.actor(step))
        return tasks.complete(house.db, task.id, _answers(house, task, step), by=house.actor(step))

    _refused(step, step["refuse"], move)


def _refused(step: Mapping[str, Any], what: str, move: Callable[[], object]) -> None:
    """Make a move that is to be refused with the words of the step."""
    try:
        move()
    except MoveError as error:
        if step.get("error", "").lower() not in str(error).lower():
            raise Unmet(f"{what} avvisades, men med ”{error}” i stället för ”{step['error']}”.") from None
        return
    raise Unmet(f"{what} skulle ha avvisats, men gick igenom.")


def _receipt(house: House, step: Mapping[str, Any]) -> None:
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


def _claim(house: House, step: Mapping[str, Any]) -> None:
    tasks.claim(house.db, _task(house, step, step["claim"]).id, by=house.actor(step))


def _release(house: House, step: Mapping[str, Any]) -> None:
    tasks.release(house.db, _task(house, step, step["release"]).id, by=house.actor(step))


def _assign(house: House, step: Mapping[str, Any]) -> None:
    tasks.assign(house.db, _task(house, step, step["assign"]).id, house.key(step["to"]), by=house.actor(step))


def _forward(house: House, step: Mapping[str, Any]) -> None:
    to = house.named(step["to"] if isinstance(step["to"], list) else [step["to"]])
    tasks.forward(house.db, _task(house, step, step["forward"]).id, to, by=house.actor(step))


def _advance(house: House, step: Mapping[str, Any]) -> None:
    to = moment(step["advance"], house.region.timezone)
    if to <= house.clock.moment:
        raise Unmet(f"{step['advance']} har redan passerat i repetitionen.")
    house.advance(to)


def _cancel(house: House, step: Mapping[str, Any]) -> None:
    cases.cancel(house.db, house.case(step).id, reason=step["cancel"], by=house.actor(step))


def _suspend(house: House, step: Mapping[str, Any]) -> None:
    cases.suspend(house.db, house.case(step).id, reason=step["suspend"], by=house.actor(step))


def _resume(house: House, step: Mapping[str, Any]) -> None:
    cases.resume(house.db, house.case(step).id, choice=step["resume"], by=house.actor(step))
    clock.tick(house.db)


def _move(house: House, step: Mapping[str, Any]) -> None:
    day = datetime.fromisoformat(step["to"]).date()
    case, reason = house.case(step), step.get("reason", "")
    deadlines.move(house.db, case.id, step["move"], day, reason=reason, by=house.actor(step), confirmed=True)
    clock.tick(house.db)


def _retry(house: House, step: Mapping[str, Any]) -> None:
    with house.db.read() as reader:
        found = [
            each for each in incident_rows.open_of_region(reader, house.region.id) if each.element == step["retry"]
        ]
    if not found:
        raise Unmet(f"Det finns ingen öppen incident vid {step['retry']}.")
    incidents.retry(house.db, found[0].id, by=house.actor(step))


def _expect(house: House, step: Mapping[str, Any]) -> None:
    wanted = step["expect"]
    with house.db.read() as reader:
        seen = stage.Seen(reader, house.region, house.people, wanted.get("case") or house.newest)
        faults = list(seen.faults(wanted))
    if faults:
        raise Unmet(" ".join(faults))


_STEPS: dict[str, Callable[[House, Mapping[str, Any]], None]] = {
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
    "year": years.pass_by,
    "expect": _expect,
}


def _task(house: House, step: Mapping[str, Any], element: str) -> Task:
    """The open task of an element, in the case if the step names one: one that `as` has or may take, else any, so
    that the refusal is the true one.
    """
    here = house.case(step).id if "case" in step else None
    with house.db.read() as reader:
        seen = stage.Seen(reader, house.region, house.people, step.get("case"))
        found = [task for task in seen.open_tasks(element) if here in (None, task.case_id)]
        person = house.people.get(step.get("as", ""))
        theirs = [task for task in found if person in seen.doers(task)]
        others = ", ".join(sorted({task.element for task in seen.open_tasks()})) or "inga"
    if not found:
        raise Unmet(f"Ingen öppen uppgift {element}. Öppna uppgifter: {others}.")
    return (theirs or found)[0]


def _answers(house: House, task: Task, step: Mapping[str, Any]) -> dict[str, Any]:
    """What the form shows, with the step's own answers on top."""
    own: dict[str, Any] = house.named(step.get("data", {}))
    return as_shown(house.db, task) | own


def all_files(folder: Path = PROCESSES / "rehearsals") -> Iterator[Path]:
    """Every rehearsal of a folder, by name."""
    return iter(sorted(folder.glob("*.yaml")))
