"""The stage of the demo: a database whose clock is moved from event to event, in the order of time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine import calendar, cases, clock, definitions, messages, schedules, tasks
from engine.access import SYSTEM, Actor
from engine.regions import Region
from store import accounts, inbox, standing
from store import cases as case_rows
from store import schedules as schedule_rows
from store import tasks as task_rows
from store.database import Database, Reader, SteppedClock
from store.schedules import Schedule
from web.demo import outside
from web.demo.stories import ARCHIVE_CLOSES, STORIES, UNREACHED
from web.demo.story import (
    Answered,
    Claimed,
    Day,
    Done,
    Event,
    Message,
    Paused,
    Someone,
    Start,
    Story,
    WhereAsked,
    YearBegins,
)

TOLD = frozenset(("consultation-window-watch", "local-addition-register"))
"""What the calendar starts and the stories answer, from the first day."""


class StoryStuck(Exception):
    """A story of the demo tells of a task that its case does not have then."""


@dataclass
class Stage:
    """A database whose clock is moved from event to event."""

    db: Database
    clock: SteppedClock
    region: Region
    today: date
    keys: dict[str, str] = field(default_factory=dict)
    """User name -> person key."""
    cases: dict[str, str] = field(default_factory=dict)
    """Reference of a story -> id of its case."""

    def __post_init__(self) -> None:
        with self.db.read() as reader:
            self.keys = {each.username: each.person for each in accounts.find_all(reader)}

    def programme(self) -> list[tuple[datetime, Story, Event]]:
        """Every event of every story at its moment: from nine in the morning, a few minutes apart."""
        found = []
        for n, story in enumerate(STORIES):
            for m, event in enumerate(story.events):
                local = datetime.combine(self.day(event.day), time(9), ZoneInfo(self.region.timezone))
                found.append((local + timedelta(minutes=17 * n + 3 * m), story, event))
        return sorted(found, key=lambda each: each[0])

    def day(self, workdays: int) -> date:
        """The day that is so many working days from today."""
        return calendar.workday(self.today, workdays) if workdays else self.today

    def go_to(self, moment: datetime) -> None:
        """Move the clock, and let each night and morning on the way do what is due."""
        zone = ZoneInfo(self.region.timezone)
        day = self.clock.moment.astimezone(zone).date()
        while day <= moment.astimezone(zone).date():
            for each in (time(0, 5), time(8, 5)):
                stop = datetime.combine(day, each, zone)
                if self.clock.moment < stop < moment:
                    self.clock.set(stop)
                    clock.tick(self.db)
            day += timedelta(days=1)
        self.clock.set(moment)
        clock.tick(self.db)
        outside.deliver_events(self.db, closed=moment.astimezone(zone).date() >= self.day(ARCHIVE_CLOSES))
        outside.deliver_mail(self.db, self.keys[UNREACHED])

    def act(self, story: Story, event: Event) -> None:
        """Let one event of a story happen now. Raises `StoryStuck`."""
        match event:
            case Message(_, name, data):
                answer = messages.correlate(self.db, self.region.id, name, story.ref, self.known(data), by=SYSTEM)
                if answer.started:
                    self.cases[story.ref] = answer.started[0]
            case Start(_, process, who, answers):
                case = cases.start(self.db, self.region.id, process, self.known(answers), by=self.actor(who))
                self.cases[story.ref] = case.id
            case Done(_, element, who, answers):
                tasks.complete(self.db, self.task(story, element, who), self.known(answers), by=self.actor(who))
            case WhereAsked(_, element, who, answers):
                if self.waits(story, element):
                    tasks.complete(self.db, self.task(story, element, who), self.known(answers), by=self.actor(who))
            case Claimed(_, element, who):
                tasks.claim(self.db, self.task(story, element, who), by=self.actor(who))
            case Answered(_, process, element, who, answers):
                for task in self.waiting(process, element):
                    tasks.complete(self.db, task, self.known(answers), by=self.actor(who))
            case Paused(_, who, reason):
                cases.suspend(self.db, self.cases[story.ref], reason=reason, by=self.actor(who))
            case YearBegins():
                self.begin_the_year()

    def hold_the_year(self) -> None:
        """Until the year begins, the calendar starts nothing that no story answers."""
        with self.db.transaction() as tx:
            for each in self.of_the_year(tx):
                schedule_rows.put(tx, replace(each, due=None))

    def begin_the_year(self) -> None:
        """From now on the calendar starts what it should."""
        with self.db.transaction() as tx:
            for each in self.of_the_year(tx):
                schedules.set_up(tx, self.region.id, definitions.of_version(tx, each.version))

    def of_the_year(self, reader: Reader) -> list[Schedule]:
        """What the calendar starts and no story tells of."""
        return [each for each in schedule_rows.of_region(reader, self.region.id) if each.process_key not in TOLD]

    def waits(self, story: Story, element: str) -> bool:
        """Whether the story's case has this task."""
        with self.db.read() as reader:
            return any(each.element == element for each in task_rows.open_of_case(reader, self.cases[story.ref]))

    def waiting(self, process: str, element: str) -> list[str]:
        """What is open at an element of the running cases of a process, which the clock has started."""
        with self.db.read() as reader:
            running = case_rows.listed(reader, self.region.id, process_key=process, status=("active",))
            found = [task for case in running for task in task_rows.open_of_case(reader, case.id)]
        return [task.id for task in found if task.element == element]

    def actor(self, who: str) -> Actor:
        """Someone by user name."""
        return Actor(self.keys[who])

    def task(self, story: Story, element: str, who: str) -> str:
        """The open task at an element of the story's case that this person has or can take."""
        person = self.keys[who]
        with self.db.read() as reader:
            roles = standing.roles_on(reader, person, self.clock.moment.date())
            theirs = [
                *inbox.mine(reader, [person], self.clock.moment.date()),
                *inbox.can_take(reader, person, self.region.id, roles, self.clock.moment.date()),
            ]
            found = next((e.id for e in theirs if e.case_id == self.cases[story.ref] and e.element == element), None)
            if found is None:
                waiting = [each.element for each in task_rows.open_of_case(reader, self.cases[story.ref])]
                raise StoryStuck(f"{story.ref}: {who} har inte {element}; det som väntar är {waiting}")
        return found

    def known(self, value: Any) -> Any:
        """An answer with its people and days put in."""
        match value:
            case Someone(username):
                return self.keys[username]
            case Day(workdays):
                return self.day(workdays).isoformat()
            case dict():
                return {key: self.known(each) for key, each in value.items()}
            case list() | tuple():
                return [self.known(each) for each in value]
        return value
