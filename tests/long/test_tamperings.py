"""A thousand changes behind our back: verification names every one of them, and nothing else."""

from __future__ import annotations

import json
import random
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from store import seals, verifying
from store.chain_keys import ChainKeys
from store.database import Database
from store.history import Head, heads
from store.verifying import Fault
from tests.engine.town import Town
from tests.figures import Figure
from tests.long.tamperings import KINDS, Tampering, World, forge_without_the_key, snapshot, table
from tests.long.test_kills import five_tasks
from tests.scale import size
from web.cli import main

TAMPERINGS = size("TAMPERINGS", 120, 1_000)
CASES = 8
SEED = 24


@pytest.fixture
def world(town: Town) -> tuple[World, dict[str, object]]:
    return lived_in(town)


def lived_in(town: Town) -> tuple[World, dict[str, object]]:
    """A town with a history of three seals, the head exported at the third, and some that came after it."""
    town.deploy(five_tasks())
    for _ in range(CASES):
        town.start(by="Sam")
    _work(town)
    with town.db.transaction() as tx:
        seals.seal(tx)
    _work(town)
    with town.db.transaction() as tx:
        seals.seal(tx)
        before = snapshot(tx)
    _work(town)
    with town.db.transaction() as tx:
        seals.seal(tx)
        exported = seals.head(tx)
        sealed = {each.chain: each.seq for each in tx.all(select(heads), Head)}
    _work(town)
    with town.db.read() as reader:
        assert list(verifying.verify(reader, exported)) == []
        now = sorted(snapshot(reader)[table.name], key=lambda row: (row["chain"], row["seq"]))
    return World(now, before, sealed), exported


def _work(town: Town) -> None:
    """Every open task is completed, a day later."""
    town.clock.advance(timedelta(days=1))
    for task in town.open_tasks():
        town.complete(task.element, "Sam", {"answer": f"svar på {task.id}"})


def test_every_tampering_is_named(town: Town, world: tuple[World, dict[str, object]], figure: Figure) -> None:
    written, exported = world
    dice = random.Random(SEED)
    for number in range(TAMPERINGS):
        kind, seed = KINDS[number % len(KINDS)], dice.getrandbits(32)
        touched, faults = _tampered(town.db, kind, seed, written, exported)
        named = {each.chain for each in faults}
        assert named & touched, f"{kind.__name__}, seed {seed}: {touched} not in {faults}"
        assert named <= {*touched, "nowhere", "sigill"}, f"{kind.__name__}, seed {seed}: a false alarm in {faults}"
        assert all(each.sentence.endswith(".") for each in faults)
    with town.db.read() as reader:
        assert list(verifying.verify(reader, exported)) == []
    figure(
        "History tampered with behind our back",
        f"{TAMPERINGS} tamperings of {len(KINDS)} kinds, {len(written.now)} rows",
        f"{TAMPERINGS} named, against a head exported before; 0 false alarms",
        seed=SEED,
    )


def test_with_a_key_the_newest_rows_are_safe_too(town: Town, figure: Figure) -> None:
    town.db.keys = ChainKeys((b"k" * 32,))
    written, _ = lived_in(town)
    dice = random.Random(SEED)
    for _ in range(TAMPERINGS // 10):
        seed = dice.getrandbits(32)
        touched, faults = _tampered(town.db, forge_without_the_key, seed, written, None)
        assert touched <= {each.chain for each in faults}, f"seed {seed}: {touched} not in {faults}"
    with town.db.read() as reader:
        assert list(verifying.verify(reader)) == []
    figure(
        "History written anew by someone without its key",
        f"{TAMPERINGS // 10} forgeries of any row and all after it, {len(written.now)} rows, no head kept outside",
        f"{TAMPERINGS // 10} named; 0 false alarms",
        seed=SEED,
    )


def _tampered(
    db: Database, kind: Tampering, seed: int, world: World, exported: dict[str, object] | None
) -> tuple[set[str], list[Fault]]:
    """What was touched, and what verification says; afterwards all is as it was."""
    with db.transaction() as tx:
        kept = tx.connection.begin_nested()
        touched = kind(tx, random.Random(seed), world)
        faults = list(verifying.verify(tx, exported))
        kept.rollback()
    return touched, faults


def test_the_command_names_what_it_finds(one_town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `test_every_tampering_is_named`, one of each kind, at a terminal."""
    world, exported = lived_in(one_town)
    one_town.db.close()
    head = tmp_path / "head.json"
    head.write_text(json.dumps(exported), "utf-8")
    for number, kind in enumerate(KINDS):
        copy = tmp_path / f"copy{number}.sqlite3"
        shutil.copyfile(tmp_path / "test.sqlite3", copy)
        monkeypatch.setenv("KF_DATABASE_URL", f"sqlite:///{copy}")
        assert CliRunner().invoke(main, ["audit", "verify", "--head", str(head)]).exit_code == 0
        _tamper(Database(f"sqlite:///{copy}"), lambda tx, kind=kind: kind(tx, random.Random(SEED), world))  # type: ignore[misc]
        told = CliRunner().invoke(main, ["audit", "verify", "--head", str(head)])
        assert told.exit_code == 1, f"{kind.__name__}: {told.output}"
        assert "Kedja" in told.output


def _tamper(db: Database, change: object) -> None:
    with db.transaction() as tx:
        change(tx)  # type: ignore[operator]
    db.close()
