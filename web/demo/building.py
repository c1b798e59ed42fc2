"""The demo's database: what is shipped, the invented people with their accounts, and every story played."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from engine import calendar, deployments, organisation, shipped
from engine.access import SYSTEM
from engine.core.definition import version_of
from engine.regions import PROCESSES, Region
from store import accounts, migrations, settings
from store.database import Database, RealClock, SteppedClock
from web.accounts import open_accounts
from web.demo import outside
from web.demo.stage import Stage
from web.demo.stories import STORIES

PASSWORD = "prova-i-lugn-och-ro"
"""Of every demo account. They are refused on any address but loopback."""
SHIPPED = "shipped.deployed"

STEPS = sum(len(story.events) for story in STORIES)

Progress = Callable[[], None]


def is_empty(db: Database) -> bool:
    """Whether the database has nobody in it yet."""
    with db.read() as reader:
        return not accounts.find_all(reader)


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
    return version_of(shipped.files() | texts | {"profile": region.source.encode()})


def settle(db: Database, region: Region) -> None:
    """The programme areas and groups, and the invented people of the region with accounts to log in with."""
    names = ("programme-areas", "cooperation-groups", f"groups-{region.id}", f"demo-{region.id}")
    paths = [PROCESSES / "organisation" / f"{name}.yaml" for name in names]
    for loaded in organisation.load_files(db, [each for each in paths if each.is_file()], by=SYSTEM):
        open_accounts(db, loaded, PASSWORD)


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
    stage = Stage(db, stepped, region, calendar.roll_back(calendar.local_day(now, region.timezone)))
    stage.hold_the_year()
    outside.found_archive(db, region.id)
    for moment, story, event in stage.programme():
        stage.go_to(moment)
        stage.act(story, event)
        progress()
    stage.go_to(now)
    db.close()
