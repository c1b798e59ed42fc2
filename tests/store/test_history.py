"""The chains: in order, strictly later each time, and no change goes unseen."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from store import chain_keys, history, seals, verifying
from store.chain_keys import NO_KEYS, ChainKeys
from store.database import Database, SteppedClock, Transaction
from store.errors import AlreadyLocked, HistoryLocked
from store.history import Note, heads
from tests.store import given

table = history.history


def chain(tx: Transaction, name: str, rows: int) -> None:
    notes = [Note("completed", element=f"Task_{each}", person="sam", details={"svar": each}) for each in range(rows)]
    history.append(tx, name, "jh", notes)


def test_numbered_without_gaps_and_strictly_later(db: Database, clock: SteppedClock) -> None:
    for step in (timedelta(0), timedelta(hours=-1), timedelta(days=2)):
        clock.advance(step)
        with db.transaction() as tx:
            chain(tx, "c1", 3)
    with db.read() as reader:
        rows = history.read(reader, "c1")
        assert [each.seq for each in rows] == list(range(1, 10))
        assert all(before.at < after.at for before, after in pairwise(rows))
        assert rows[6].at == clock.moment
        assert history.read(reader, "c1", after=7) == rows[7:]
        assert history.head(reader, "c1") == history.Head("c1", "jh", 9, rows[-1].at, rows[-1].hash, 0)
        assert list(verifying.verify(reader)) == []


def test_a_region_s_chain_is_one_chain_for_everyone(db: Database) -> None:
    def deploy(index: int) -> None:
        with db.transaction() as tx:
            history.append(tx, history.of_region("jh"), "jh", [Note("deployed", name=str(index))])

    assert given.together(6, deploy) == [None] * 6
    with db.read() as reader:
        assert [each.seq for each in history.read(reader, "region:jh")] == [1, 2, 3, 4, 5, 6]
        assert list(verifying.verify(reader)) == []


def test_values_come_back_as_they_were(db: Database) -> None:
    details = {"text": "å\u2028\u0000", "tal": 0.1, "lista": [1, None, True, {"djup": []}], "z": 1, "a": 2}
    with db.transaction() as tx:
        history.append(tx, "c1", "jh", [Note("completed", details=details)])
    with db.read() as reader:
        (row,) = history.stream(reader, "jh")
        assert row.details == details
        assert list(row.details) == list(details)
        assert list(verifying.verify(reader)) == []


def test_personal_details_are_erased_without_breaking_the_chain(db: Database) -> None:
    with db.transaction() as tx:
        chain(tx, "c1", 3)
        history.erase_details(tx, "c1", "jh", [2], Note("", person="sam", details={"reason": "Begärd radering"}))
        *rows, told = history.read(tx, "c1")
        assert [each.details for each in rows] == [{"svar": 0}, None, {"svar": 2}]
        assert (told.what, told.person, told.details) == ("erased", "sam", {"reason": "Begärd radering", "rows": [2]})
        assert list(verifying.verify(tx)) == []


def test_details_that_are_gone_without_a_word_are_a_fault(db: Database) -> None:
    with db.transaction() as tx:
        chain(tx, "c1", 3)
        history.erase_details(tx, "c1", "jh", [2], Note(""))
        tx.execute(update(table).where(table.c.seq == 3).values(details=None, salt=None))
        [fault] = verifying.verify(tx)
        assert (fault.chain, fault.seq) == ("c1", 3)
        assert "utan att det står varför" in fault.sentence


Tampering = Callable[[Transaction, random.Random], None]


def change(tx: Transaction, dice: random.Random) -> None:
    column, value = dice.choice(
        [
            ("what", "cancelled"),
            ("person", "lo"),
            ("element", "Task_X"),
            ("details", {"svar": "nej"}),
            ("details", None),
            ("salt", "00"),
            ("details_hash", "0" * 64),
            ("hash", "0" * 64),
            ("region", "bl"),
            ("mandate", "m"),
            ("loop_counter", 3),
            ("task", "t"),
        ]
    )
    tx.execute(update(table).where(_one(dice)).values({column: value}))


def move_in_time(tx: Transaction, dice: random.Random) -> None:
    tx.execute(update(table).where(_one(dice)).values(at=tx.now - timedelta(days=dice.randint(1, 9))))


def remove(tx: Transaction, dice: random.Random) -> None:
    tx.execute(delete(table).where(_one(dice)))


def insert_one(tx: Transaction, dice: random.Random) -> None:
    row = _row(tx, _one(dice))
    tx.execute(insert(table).values(row | {"seq": 21}))


def swap(tx: Transaction, dice: random.Random) -> None:
    """Two rows change places, in one chain or between two."""
    here = (dice.choice("ab"), dice.randint(1, 20))
    there = dice.choice([(name, seq) for name in "ab" for seq in range(1, 21) if (name, seq) != here])
    one, other = (_row(tx, (table.c.chain == name) & (table.c.seq == seq)) for name, seq in (here, there))
    for place, row in ((here, other), (there, one)):
        content = {key: value for key, value in row.items() if key not in ("chain", "seq")}
        tx.execute(update(table).where(table.c.chain == place[0], table.c.seq == place[1]).values(content))


def cut(tx: Transaction, dice: random.Random) -> None:
    """A tail goes, and its head is made to agree."""
    name, last = dice.choice("ab"), dice.randint(0, 19)
    tx.execute(delete(table).where(table.c.chain == name, table.c.seq > last))
    if last == 0:
        tx.execute(delete(heads).where(heads.c.chain == name))
        return
    row = _row(tx, (table.c.chain == name) & (table.c.seq == last))
    tx.execute(update(heads).where(heads.c.chain == name).values(seq=last, hash=row["hash"], at=row["at"]))


def tamper_with_a_seal(tx: Transaction, dice: random.Random) -> None:
    if dice.random() < 0.5:
        tx.execute(update(seals.entries).where(seals.entries.c.chain == "a").values(seq=19))
    else:
        tx.execute(delete(seals.entries))
        tx.execute(delete(seals.seals))
        tx.execute(insert(seals.seals).values(number=1, at=tx.now, hash="0" * 64))


def _one(dice: random.Random) -> Any:
    return (table.c.chain == dice.choice("ab")) & (table.c.seq == dice.randint(1, 20))


def _row(tx: Transaction, where: Any) -> dict[str, Any]:
    return dict(tx.execute(select(table).where(where)).mappings().one())


@pytest.mark.parametrize("tampering", [change, move_in_time, remove, insert_one, swap, cut, tamper_with_a_seal])
def test_no_tampering_goes_unseen(db: Database, clock: SteppedClock, tampering: Tampering) -> None:
    with db.transaction() as tx:
        chain(tx, "a", 20)
        chain(tx, "b", 20)
        assert seals.seal(tx) is not None
    clock.advance(timedelta(days=1))
    for seed in range(12):
        faults = _faults_after(db, lambda tx, seed=seed: tampering(tx, random.Random(seed)))  # type: ignore[misc]
        assert faults, f"{tampering.__name__} with seed {seed} was not found"
        assert all(each.sentence.endswith(".") for each in faults)
    with db.read() as reader:
        assert list(verifying.verify(reader)) == []


def _faults_after(db: Database, tamper: Callable[[Transaction], None]) -> list[verifying.Fault]:
    """What verification finds; the tampering itself is undone."""
    with db.transaction() as tx:
        kept = tx.connection.begin_nested()
        tamper(tx)
        faults = list(verifying.verify(tx))
        kept.rollback()
    return faults


def test_a_tail_cut_with_its_seals_is_found_against_an_exported_head(db: Database) -> None:
    with db.transaction() as tx:
        chain(tx, "a", 3)
        seals.seal(tx)
        chain(tx, "a", 2)
        seals.seal(tx)
        exported = seals.head(tx)
        assert list(verifying.verify(tx, exported)) == []
    with db.transaction() as tx:
        row = _row(tx, (table.c.chain == "a") & (table.c.seq == 3))
        tx.execute(delete(table).where(table.c.seq > 3))
        tx.execute(update(heads).values(seq=3, at=row["at"], hash=row["hash"], sealed_seq=3))
        tx.execute(delete(seals.entries).where(seals.entries.c.seal == 2))
        tx.execute(delete(seals.seals).where(seals.seals.c.number == 2))
        assert list(verifying.verify(tx)) == []
        assert "exporterades" in next(iter(verifying.verify(tx, exported))).sentence


def test_an_exported_head_stays_good_as_history_grows(db: Database) -> None:
    with db.transaction() as tx:
        assert seals.head(tx)["number"] == 0
        chain(tx, "a", 3)
        seals.seal(tx)
        exported = seals.head(tx)
        chain(tx, "a", 1)
        chain(tx, "b", 1)
        seals.seal(tx)
        assert seals.seal(tx) is None
        assert list(verifying.verify(tx, exported)) == []
        assert tx.scalar(select(func.count()).select_from(seals.entries)) == 3


# With a key ----------------------------------------------------------------------------------------------------------

KEYS = ChainKeys((b"a" * 32,))
OTHERS = ChainKeys((b"b" * 32,))


def locked(db: Database) -> None:
    """Chain `a` from before there was a key, and rows of it and of `b` from after; sealed, and more since."""
    with db.transaction() as tx:
        chain(tx, "a", 3)
        seals.seal(tx)
    db.keys = KEYS
    with db.transaction() as tx:
        seals.lock(tx)
    with db.transaction() as tx:
        chain(tx, "a", 2)
        chain(tx, "b", 3)
        seals.seal(tx)
        chain(tx, "b", 2)


def forge(tx: Transaction, name: str, first: int, keys: ChainKeys = NO_KEYS) -> None:
    """Somebody else did the row: it and all after it, heads and seals are hashed anew, without the right key."""
    before = tx.scalar(select(table.c.hash).where(table.c.chain == name, table.c.seq == first - 1))
    hash = before or history.GENESIS
    for each in history.read(tx, name, after=first - 1):
        made = _row(tx, (table.c.chain == name) & (table.c.seq == each.seq))
        made |= {"person": "lo"} if each.seq == first else {}
        hash = made["hash"] = keys.bind(history.row_text(made, hash))
        tx.execute(update(table).where(table.c.chain == name, table.c.seq == each.seq).values(made))
        same = (seals.entries.c.chain == name) & (seals.entries.c.seq == each.seq)
        tx.execute(update(seals.entries).where(same).values(hash=hash))
    tx.execute(update(heads).where(heads.c.chain == name).values(hash=hash))
    before = history.GENESIS
    for row in tx.all(select(seals.seals).order_by(seals.seals.c.number), seals.Seal):
        covered = tx.all(select(seals.entries).where(seals.entries.c.seal == row.number), seals.Covered)
        before = keys.bind(seals.seal_text(before, row.number, row.at, covered))
        tx.execute(update(seals.seals).where(seals.seals.c.number == row.number).values(hash=before))


def test_what_was_written_before_the_key_and_after_it_is_whole(db: Database) -> None:
    locked(db)
    with db.read() as reader:
        assert list(verifying.verify(reader)) == []
        hashes = [each.hash for name in "ab" for each in history.read(reader, name)]
        exported = seals.head(reader)
    assert [chain_keys.is_bound(each) for each in hashes] == [False] * 3 + [True] * 7
    db.keys = ChainKeys((*OTHERS.keys, *KEYS.keys))
    with db.transaction() as tx:
        chain(tx, "a", 1)
        seals.seal(tx)
        assert list(verifying.verify(tx, exported)) == []


@pytest.mark.parametrize("keys", [NO_KEYS, OTHERS])
@pytest.mark.parametrize(("name", "first"), [("a", 1), ("a", 3), ("a", 4), ("b", 1), ("b", 5)])
def test_who_has_not_the_key_cannot_write_history_anew(db: Database, keys: ChainKeys, name: str, first: int) -> None:
    locked(db)
    faults = _faults_after(db, lambda tx: forge(tx, name, first, keys))
    assert faults
    if first > 3 or name == "b":
        assert name in {each.chain for each in faults}
    with db.read() as reader:
        assert list(verifying.verify(reader)) == []


def test_history_without_any_trace_of_the_key_is_a_fault(db: Database) -> None:
    locked(db)

    def forge_all(tx: Transaction) -> None:
        forge(tx, "a", 1)
        forge(tx, "b", 1)

    [first, *_] = _faults_after(db, forge_all)
    assert first.sentence == verifying.NEVER_LOCKED


def test_a_program_without_the_key_writes_nothing_there(db: Database) -> None:
    locked(db)
    db.keys = NO_KEYS
    for act in (lambda tx: chain(tx, "a", 1), lambda tx: chain(tx, "new", 1), seals.seal, seals.lock):
        with pytest.raises(HistoryLocked), db.transaction() as tx:
            act(tx)
    with db.read() as reader:
        assert seals.missing_key(reader)
        assert "saknas i inställningarna" in next(iter(verifying.verify(reader))).sentence


def test_a_chain_that_has_not_grown_since_history_was_locked_needs_the_key_too(db: Database) -> None:
    with db.transaction() as tx:
        chain(tx, "a", 2)
    db.keys = KEYS
    with db.transaction() as tx:
        seals.lock(tx)
    db.keys = NO_KEYS
    with pytest.raises(HistoryLocked), db.transaction() as tx:
        chain(tx, "a", 1)


def test_history_is_locked_once_and_says_so_when_it_is_not(db: Database) -> None:
    with db.transaction() as tx:
        chain(tx, "a", 3)
        seals.seal(tx)
    db.keys = KEYS
    with db.transaction() as tx:
        assert next(iter(verifying.verify(tx))).sentence == verifying.NEVER_LOCKED
        seals.lock(tx)
        assert list(verifying.verify(tx)) == []
    with pytest.raises(AlreadyLocked), db.transaction() as tx:
        seals.lock(tx)


@pytest.mark.parametrize("written", ["kort", "å", "YWJj"])
def test_what_is_no_key_is_refused(written: str) -> None:
    assert chain_keys.read(chain_keys.new_key())
    with pytest.raises(chain_keys.BadChainKey):
        chain_keys.read(written)
