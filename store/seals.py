"""Seals: what every chain of history ended with at a moment, bound into a log of its own.

A seal covers the chains that have grown since the seal before. `head` exports the last seal in one small object; kept
outside the house, it also proves later that no chain has lost its tail.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, bindparam, select, update

from store.chain_keys import LOCKS, is_bound
from store.columns import Instant, as_row, canonical, instant_text, metadata
from store.database import Reader, Transaction
from store.errors import AlreadyLocked, HistoryLocked
from store.history import GENESIS, Head, heads

seals = Table(
    "history_seals",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("hash", Text, nullable=False),
)

entries = Table(
    "history_seal_entries",
    metadata,
    Column("seal", ForeignKey("history_seals.number"), primary_key=True),
    Column("chain", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Seal:
    number: int
    """1, 2, 3 ... without gaps."""
    at: datetime
    hash: str


@dataclass(frozen=True, slots=True)
class Covered:
    """What a seal says of one chain: its last row then."""

    seal: int
    chain: str
    seq: int
    hash: str


_LAST = select(seals).order_by(seals.c.number.desc()).limit(1)
_GROWN = select(heads).where(heads.c.seq > heads.c.sealed_seq).order_by(heads.c.chain).with_for_update()
_EVERY_HEAD = select(heads).where(heads.c.seq > 0).order_by(heads.c.chain).with_for_update()
_SEALS_WRITTEN = select(seals)
_SEALED = update(heads).where(heads.c.chain == bindparam("of")).values(sealed_seq=bindparam("to"))


def seal(tx: Transaction) -> Seal | None:
    """Seal the chains that have grown since last time; None when none has."""
    grown = tx.all(_GROWN, Head)
    return _seal(tx, grown) if grown else None


def lock(tx: Transaction) -> Seal:
    """Seal every chain with the key. From here on a row or a seal that is written without it is a fault.

    Raises `AlreadyLocked`, or `HistoryLocked` where there is no key.
    """
    if not tx.keys:
        raise HistoryLocked
    if is_locked(tx):
        raise AlreadyLocked
    return _seal(tx, tx.all(_EVERY_HEAD, Head), locks=True)


def is_locked(reader: Reader) -> bool:
    """Whether a seal says that everything from there on is written with a key."""
    return any(LOCKS in each.hash for each in reader.all(_SEALS_WRITTEN, Seal))


def missing_key(reader: Reader) -> bool:
    """Whether the last seal was made with a key that is not in the settings."""
    found = last(reader)
    return found is not None and not reader.keys.knows(found.hash)


def _seal(tx: Transaction, ends: list[Head], *, locks: bool = False) -> Seal:
    before = last(tx)
    if before is not None and is_bound(before.hash) and not tx.keys:
        raise HistoryLocked
    number = before.number + 1 if before else 1
    covered = [Covered(number, head.chain, head.seq, head.hash) for head in ends]
    content = seal_text(before.hash if before else GENESIS, number, tx.now, covered, locks=locks)
    made = Seal(number, tx.now, tx.keys.bind(content, LOCKS if locks else ""))
    tx.insert(seals, as_row(made))
    tx.insert(entries, [as_row(each) for each in covered])
    tx.execute(_SEALED, [{"of": head.chain, "to": head.seq} for head in ends])
    return made


def seal_text(previous: str, number: int, at: datetime, covered: list[Covered], *, locks: bool = False) -> str:
    """What the hash of a seal binds."""
    ends = sorted([each.chain, each.seq, each.hash] for each in covered)
    content = {"number": number, "at": instant_text(at), "ends": ends} | ({"locks": True} if locks else {})
    return previous + canonical(content)


def last(reader: Reader) -> Seal | None:
    return reader.find(_LAST, Seal)


def head(reader: Reader) -> dict[str, Any]:
    """The last seal as JSON, to be kept outside: `number` (0 for none), `at`, `hash`."""
    found = last(reader)
    if found is None:
        return {"number": 0, "at": None, "hash": GENESIS}
    return {"number": found.number, "at": instant_text(found.at), "hash": found.hash}


def read_head(text: str | bytes) -> dict[str, Any]:
    """A head that was kept outside. Raises ValueError."""
    try:
        kept = json.loads(text)
    except RecursionError as error:
        raise ValueError("too deep") from error
    match kept:
        case {"number": int(number), "hash": str(hash)}:
            return {"number": number, "hash": hash}
    raise ValueError("no head")
