"""Build the demo: play every story in the order of time, with the clock of the database moved to each moment."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine import calendar, cases, clock, definitions, deployments, messages, organisation, schedules, tasks
from engine.access import SYSTEM, Actor
from engine.core.definition import version_of
from engine.organisation import Loaded
from engine.regions import Region
from store import cases as case_rows
from store import inbox, migrations, people, settings
from store import schedules as schedule_rows
from store import tasks as task_rows
from store.database import Database, Reader, RealClock, SteppedClock
from store.schedules import Schedule
from web import passwords, shipped
from web.demo import outside
from web.demo.stories import (
    ARCHIVE_CLOSES,
    STORIES,
    UNREACHED,
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

PASSWORD = "prova-i-lugn-och-ro"
"""Of every demo account. They are refused on any address but loopback."""
SHIPPED = "shipped.deployed"
TOLD = frozenset(("consultation-window-watch", "local-addition-register"))
"""What the calendar starts and the stories answer, from the first day."""

STEPS = sum(len(story.events) for story in STORIES)

Progress = Callable[[], None]


class StoryStuck(Exception):
    """A story of the demo tells of a task that its case does not have then."""


def is_empty(db: Database) -> bool:
    """Whether the database has nobody in it yet."""
    with db.read() as reader:
        return not people.all_accounts(reader)


def deploy(db: Database, region: Region) -> None:
    """Deploy what is shipped, unless exactly that was deployed the last time; what has not changed makes no version."""
    fingerprint = _fingerprint(region)
    with db.read() as reader:
        if settings.get(reader, SHIPPED) == fingerprint:
            return
    deployments.deploy(
        db,
        region,
        shipped.diagrams(),
        by=SYSTEM,
        note="Följer med Kunskapsflöde",
        beside=shipped.tables(),
        words=shipped.texts(),
    )
    with db.transaction() as tx:
        settings.put(tx, SHIPPED, fingerprint)


def _fingerprint(region: Region) -> str:
    """One hash of all that is shipped for a region."""
    texts = {name: text.encode() for name, text in shipped.texts().items()}
    return version_of(shipped.diagrams() | shipped.tables() | texts | {"profile": region.source.encode()})


def settle(db: Database, region: Region) -> None:
    """The programme areas and groups, and the invented people of the region with accounts to log in with."""
    names = ("programme-areas", "cooperation-groups", f"groups-{region.id}", f"demo-{region.id}")
    paths = [shipped.FOLDER / "organisation" / f"{name}.yaml" for name in names]
    for loaded in organisation.load_files(db, [each for each in paths if each.is_file()], by=SYSTEM):
        open_accounts(db, loaded, PASSWORD)


def open_accounts(db: Database, loaded: Loaded, password: str) -> None:
    """Let everyone who was loaded log in with one password. Who has an account already keeps it."""
    if not loaded.keys:
        return
    hashed = passwords.hash(password)
    with db.transaction() as tx:
        for username, person in loaded.keys.items():
            if people.account_of(tx, person) is None:
                people.add_account(tx, person, username, hashed)


def build(file: Path, region: Region, progress: Progress = lambda: None) -> None:
    """Make the demo's database file, whole or not at all. `progress` is called `STEPS` times."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with Database("sqlite://", RealClock()).read() as reader:
        now = reader.now
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".demo-") as folder:
        made = Path(folder) / file.name
        play(f"sqlite:///{made}", region, now, progress)
        made.replace(file)


def play(url: str, region: Region, now: datetime, progress: Progress = lambda: None) -> None:
    """Make a database at `url` in which all stories have happened; its last moment is `now`."""
    stepped = SteppedClock(now - timedelta(days=100))
    db = Database(url, stepped)
    migrations.upgrade(db)
    settle(db, region)
    deploy(db, region)
    stage = _Stage(db, stepped, region, calendar.roll_back(now.astimezone(ZoneInfo(region.timezone)).date()))
    stage.hold_the_year()
    outside.found_archive(db, region.id)
    for moment, story, event in stage.programme():
        stage.go_to(moment)
        stage.act(story, event)
        progress()
    stage.go_to(now)
    db.close()


@dataclass
class _Stage:
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
            self.keys = {each.username: each.person for each in people.all_accounts(reader)}

    def programme(self) -> list[tuple[datetime, Story, Event]]:
        """Every event of every story at its moment: from nine in the morning, a few minutes apart."""
        found = []
        for n, story in enumerate(STORIES):
            for m, event in enumerate(story.events):
                local = datetime.combine(self.day(event.day), time(9), ZoneInfo(self.region.timezone))
                found.append((local + timedelta(minutes=17 * n + 3 * m), story, event))
        return sorted(found, key=lambda each: each[0])

    def day(self, workdays: int) -> date:
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
        outside.deliver_events(self.db, closed=day > self.day(ARCHIVE_CLOSES))
        outside.deliver_mail(self.db, self.keys[UNREACHED])

    def act(self, story: Story, event: Event) -> None:
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
        with self.db.transaction() as tx:
            for each in self.of_the_year(tx):
                schedule_rows.put(tx, replace(each, due=None))

    def begin_the_year(self) -> None:
        with self.db.transaction() as tx:
            for each in self.of_the_year(tx):
                schedules.set_up(tx, self.region.id, definitions.of_version(tx, each.version))

    def of_the_year(self, reader: Reader) -> list[Schedule]:
        """What the calendar starts and no story tells of."""
        return [each for each in schedule_rows.of_region(reader, self.region.id) if each.process_key not in TOLD]

    def waits(self, story: Story, element: str) -> bool:
        with self.db.read() as reader:
            return any(each.element == element for each in task_rows.open_of_case(reader, self.cases[story.ref]))

    def waiting(self, process: str, element: str) -> list[str]:
        """What is open at an element of the running cases of a process, which the clock has started."""
        with self.db.read() as reader:
            running = case_rows.listed(reader, self.region.id, process_key=process, status=("active",))
            found = [task for case in running for task in task_rows.open_of_case(reader, case.id)]
        return [task.id for task in found if task.element == element]

    def actor(self, who: str) -> Actor:
        return Actor(self.keys[who])

    def task(self, story: Story, element: str, who: str) -> str:
        """The open task at an element of the story's case that this person has or can take."""
        person = self.keys[who]
        with self.db.read() as reader:
            roles = people.roles_on(reader, person, self.clock.moment.date())
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
