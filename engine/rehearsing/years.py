"""A long time in a rehearsal: things arrive, people do their work, are late, are away and leave, and time passes.

What arrives, and which answers decide something, is written down; whatever else a form demands is answered as by
somebody who answers only what must be answered. Every working day each person does what they mean to do that day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from engine import (
    access,
    calendar,
    cases,
    clock,
    context,
    definitions,
    directory,
    incidents,
    messages,
    people,
    silence,
)
from engine import tasks as moves
from engine.access import COORDINATOR, SYSTEM, Actor
from engine.connectors import webhook
from engine.core import sandbox, templates
from engine.core.expressions import ExpressionError, Session
from engine.errors import Conflict, Forbidden, FormErrors, MoveError, NotFound
from engine.rehearsing.filling import Filler
from engine.rehearsing.house import House, Unmet, as_shown, moment
from engine.work import fields_of
from store import absences, mandates
from store import cases as case_rows
from store import incidents as incident_rows
from store import people as people_rows
from store import tasks as task_rows
from store.tasks import Task

AT_WORK = time(10, 0)
PACE = 2
"""Working days after which a task is done, unless it is due before or whoever has it is late."""
TRIES = 8
"""How many times a form is filled further before it is said not to be possible."""
Data = Mapping[str, Any]


def pass_by(house: House, step: Data) -> None:
    """Let time go until a day, with all that a year's plan says. Raises `Unmet` as soon as something goes wrong."""
    plan = step["year"]
    year = _Year(house, plan)
    for day in year.days(moment(plan["until"], house.region.timezone)):
        year.open_day(day)
        if calendar.is_workday(day):
            year.work(day)
            year.try_again()
        if day.weekday() == 0:
            year.look()
    year.look()


@dataclass
class _Year:
    """What is to happen, and how far it has come."""

    house: House
    plan: Data
    own: dict[str, Data] = field(default_factory=dict)
    """Case -> answers that are its own, by element."""
    turns: Counter[str] = field(default_factory=Counter)
    """Element -> how many times it has been answered from a list."""
    meant: dict[str, date] = field(default_factory=dict)
    """Task -> the day on which whoever has it means to do it."""

    def __post_init__(self) -> None:
        for each in self.plan.get("away", ()):
            stands_in = self.house.key(each["instead"]) if "instead" in each else None
            first, last = date.fromisoformat(each["from"]), date.fromisoformat(each["to"])
            people.be_absent(self.house.db, self.house.key(each["who"]), first, last, stands_in, by=SYSTEM)

    def days(self, until: datetime) -> Iterator[date]:
        """Every day from today, as time comes to its working hour."""
        zone = self.house.region.timezone
        day = calendar.local_day(self.house.clock.moment, zone)
        while (at := calendar.at(day, AT_WORK, zone)) < until:
            self.house.advance(at)
            yield day
            day += timedelta(days=1)
        self.house.advance(until)

    def open_day(self, day: date) -> None:
        """What comes from outside today, and who has left."""
        today = day.isoformat()
        for group in self.plan.get("arrivals", ()):
            for number, each in enumerate(group["each"], 1):
                if each["day"] == today:
                    self._arrive(group, each, number)
        for each in self.plan.get("leaves", ()):
            if each["day"] == today:
                self._leave(each, day)

    def work(self, day: date) -> None:
        for task in self._open():
            if task.id not in self.meant:
                self.meant[task.id] = self._meant(task, day)
            if self.meant[task.id] <= day:
                self._do(task, day)

    def try_again(self) -> None:
        """What an expression may take is time on the wall: a busy machine is no fault of the diagram."""
        for id, said in self._incidents().items():
            if sandbox.is_out_of_time(said):
                incidents.retry(self.house.db, id, by=SYSTEM)

    def look(self) -> None:
        """Nothing stands still in silence, and nothing has gone wrong. Raises `Unmet`."""
        silent = [f"{each.number} ({each.process_key})" for each in silence.silent_cases(self.house.db)]
        if silent:
            raise Unmet(f"{self._today()} väntar ingen på {', '.join(silent)}.")
        if self._incidents():
            raise Unmet(f"{self._today()}: {' '.join(self._incidents().values())}")

    # What comes and who goes ------------------------------------------------------------------------------------------

    def _arrive(self, group: Data, each: Data, number: int) -> None:
        house, written = self.house, {**group.get("data", {}), **each.get("data", {})}
        with house.db.read() as reader, context.session(context.of_region(reader, house.region)) as session:
            data = house.named(_evaluated(written, {"n": number}, session))
        started: Sequence[str]
        if "message" in group:
            started = messages.correlate(house.db, house.region.id, group["message"], None, data, by=SYSTEM).started
        else:
            started = [cases.start(house.db, house.region.id, group["start"], data, by=house.actor(group)).id]
        self.own |= {case: {**group.get("answers", {}), **each.get("answers", {})} for case in started}
        clock.tick(house.db)

    def _leave(self, written: Data, day: date) -> None:
        """Someone's mandates end; whoever comes after has them from the next day, and what they had left to do."""
        house, leaver = self.house, self.house.key(written["who"])
        with house.db.transaction() as tx:
            held = [each for each in mandates.of(tx, person=leaver) if each.ends is None]
            after = people_rows.add(tx, house.region.id, written["after"]).key
            house.people[written["after"]] = after
            for each in held:
                mandates.end(tx, each.id, day)
                mandates.add(tx, after, each.region, each.role, each.area, starts=day)
            left = task_rows.assigned(tx, house.region.id, leaver)
            person = people_rows.find(tx, leaver)
            assert person is not None
            people_rows.change(tx, leaver, name=person.name, email=person.email, active=False)
        for task in left:
            moves.assign(house.db, task.id, after, by=SYSTEM)

    # Who does what, and when ------------------------------------------------------------------------------------------

    def _open(self) -> list[Task]:
        """What a person may do now; what another system was asked to do is not."""
        with self.house.db.read() as reader:
            running = sorted(case_rows.active(reader), key=lambda case: case.number)  # the same way every time
            found = [task for case in running for task in task_rows.open_of_case(reader, case.id)]
        return [each for each in found if each.status == "open" and not webhook.waits(each.properties)]

    def _meant(self, task: Task, day: date) -> date:
        """The day on which whoever is to do it means to."""
        late = {self.house.people.get(name): days for name, days in self.plan.get("late", {}).items()}
        who = next(iter(self._able(task, day)), None)
        if who in late:
            return max(day, calendar.workday(task.due or day, late[who]))
        if task.due is None:
            return calendar.workday(day, PACE)
        if task.element in self.plan.get("onDueDay", ()):
            return max(day, task.due)
        return max(day, min(task.due, calendar.workday(day, PACE)))

    def _able(self, task: Task, day: date) -> list[str]:
        """Whoever may do it today and is here: those in their own right first, the coordinator for want of others."""
        with self.house.db.read() as reader:
            holders = access.holders(reader, task, day)
            away = absences.on(reader, holders, day)
            stand_in = [each.substitute for each in away.values() if each.substitute]
            here = [each for each in (*holders, *stand_in) if each not in away]
            barred = access.barred(reader, task, day)
            return [each for each in dict.fromkeys(here) if each not in barred]

    def _do(self, task: Task, day: date) -> None:
        refused: MoveError | None = None
        for person in self._able(task, day):
            try:
                self._answer(task, Actor(person))
            except Forbidden as error:
                refused = error
            except (Conflict, NotFound):
                return  # what others did today has closed it
            else:
                return
        if refused is not None:
            raise Unmet(f"{self._today()} kan ingen göra {task.element}: {refused}")

    def _answer(self, task: Task, by: Actor) -> None:
        """Complete a task, filling in what its form asks for besides what the plan says, until it is content."""
        written = self._written(task)
        answers, said = as_shown(self.house.db, task) | written, ""
        for _ in range(TRIES):
            try:
                moves.complete(self.house.db, task.id, answers, by=by)
            except FormErrors as error:
                said = str(error)
                if any(place.split(".")[0] in written for place in error.errors):
                    break
                answers = self._filled(task, answers, error.errors)
            else:
                clock.tick(self.house.db)
                return
        raise Unmet(f"{self._today()} går {task.element} inte att svara på. {said}")

    def _written(self, task: Task) -> dict[str, Any]:
        """What the plan says that this task is answered; of a list, the next."""
        said = self._said(task)
        if isinstance(said, Sequence):
            self.turns[task.element] += 1
            said = said[(self.turns[task.element] - 1) % len(said)]
        with self.house.db.read() as reader:
            case = case_rows.find(reader, task.case_id)
            assert case is not None
            with context.session(context.of_case(reader, case, self.house.region)) as session:
                try:
                    known = {**case.variables, **task.variables}
                    found: dict[str, Any] = self.house.named(_evaluated(said, known, session))
                except ExpressionError as error:
                    raise Unmet(f"Svaret på {task.element} går inte att räkna ut i {case.number}. {error}") from None
                return found

    def _said(self, task: Task) -> Any:
        """The case's own answers go before all cases', and what names the process too before what does not."""
        for answers in (self.own.get(task.case_id, {}), self.plan.get("answers", {})):
            for name in (f"{task.process}.{task.element}", task.element):
                if name in answers:
                    return answers[name]
        return {}

    def _filled(self, task: Task, answers: Data, faults: Mapping[str, str]) -> dict[str, Any]:
        with self.house.db.read() as reader:
            case = case_rows.find(reader, task.case_id)
            assert case is not None
            known = directory.of_region(reader, self.house.region, case.id)
            held = mandates.of(reader, region=self.house.region.id)
            own = [case.variables.get("programAreaId"), *(case.variables.get("programAreaIds") or [])]
            near = [each.person for each in held if each.area and each.area in own]
            filler = Filler(
                fields_of(definitions.of_case(reader, case), task),
                known,
                people=list(dict.fromkeys([*near, *(each.person for each in held)])),
                areas=[each for each in (*own, *(each.area for each in held)) if each],
                roles=[COORDINATOR],
                today=self._today(),
            )
            return filler.filled(answers, faults)

    # How it stands ----------------------------------------------------------------------------------------------------

    def _incidents(self) -> dict[str, str]:
        with self.house.db.read() as reader:
            return {each.id: each.message for each in incident_rows.open_of_region(reader, self.house.region.id)}

    def _today(self) -> str:
        return calendar.local_day(self.house.clock.moment, self.house.region.timezone).isoformat()


def _evaluated(written: Any, known: Data, session: Session) -> Any:
    """The same data with every `${...}` replaced by its value; one that is a whole text keeps its type."""
    if isinstance(written, str):
        whole = list(templates.parts(written))
        if len(whole) == 1 and whole[0].is_expression:
            return session.evaluate(written, known)
        return session.fill(written, known) if any(each.is_expression for each in whole) else written
    if isinstance(written, list):
        return [_evaluated(each, known, session) for each in written]
    if isinstance(written, Mapping):
        return {key: _evaluated(each, known, session) for key, each in written.items()}
    return written
