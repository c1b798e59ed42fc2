"""A site that answers on a port of its own, on a database and a clock of its own, and browsers that visit it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from engine import live, regions
from store.database import Database, SteppedClock
from store.migrations import upgrade
from tests.browser.pictures import chromium
from tests.browser.site import Site
from tests.conftest import START
from tests.patience import PATIENCE
from web.app import create_app
from web.demo import building
from web.settings import Settings

expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the shipped processes and the invented people, and no cases."""
    path = tmp_path_factory.mktemp("settled") / "site.sqlite3"
    db = Database(f"sqlite:///{path}", SteppedClock(START))
    upgrade(db)
    region = regions.load("jh")
    building.settle(db, region)
    building.deploy(db, region)
    db.close()
    return path


@pytest.fixture
def site(settled: Path, tmp_path: Path, browser: Browser) -> Iterator[Site]:
    with served(settled, tmp_path, browser, Settings(env="demo")) as found:
        yield found


@contextmanager
def served(settled: Path, folder: Path, browser: Browser, settings: Settings, port: int = 0) -> Iterator[Site]:
    """A site of its own until the block ends, at the address in its settings where that says one."""
    live.forget()
    path = folder / "site.sqlite3"
    shutil.copyfile(settled, path)
    clock = SteppedClock(START)
    db = Database(f"sqlite:///{path}", clock)
    server = make_server("127.0.0.1", port, create_app(db, settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    visited = Site(settings.base_url or f"http://127.0.0.1:{server.server_port}", db, clock, browser)
    yield visited
    visited.leave()
    server.shutdown()
    thread.join()
    db.close()
    assert visited.complaints == []
