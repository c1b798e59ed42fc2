"""History: append-only rows, one per thing that happened, each bound to the one before by its hash.

A chain belongs to a case (its id), or to a region for what belongs to no case (`region:jh`). Rows of a chain are
numbered without gaps, and their time strictly increases even when the clock goes backwards. `details` are bound by a
salted hash of their own, so that they can be erased later without breaking the chain.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Index, Integer, Table, Text, bindparam, column, func, select, table, update

from store.chain_keys import ChainKeys, is_bound
from store.columns import Instant, Json, as_row, canonical, constant, in_order, instant_text, metadata
from store.database import Reader, Transaction
from store.errors import HistoryLocked
from store.quick import quick

history = Table(
    "history",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("region", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("element_kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("task", Text),
    Column("loop_counter", Integer),
    Column("person", Text),
    Column("mandate", Text),
    Column("on_behalf_of", Text),
    Column("details", Json),
    Column("salt", Text),
    Column("details_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index(None, "region", "at"),
)

heads = Table(
    "history_heads",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("hash", Text, nullable=False),
    Column("sealed_seq", Integer, nullable=False),
)

GENESIS = "0" * 64
"""What the first row of a chain is bound to."""
ERASED = "erased"
"""What happens when details are forgotten: `details["rows"]` says of which rows."""

_MICROSECOND = timedelta(microseconds=1)


@quick(frozen=True, slots=True)
class Note:
    """Something that happened, to be appended."""

    what: str
    """`ready`, `completed`, `claimed`, `fired`, `taken`, `decided`, `deployed`, `exported` ..."""
    element: str = ""
    element_kind: str = ""
    name: str = ""
    process: str = ""
    task: str | None = None
    """The core's task key."""
    loop_counter: int | None = None
    person: str | None = None
    """Person key of whoever did it; None for the clock and the diagram itself."""
    mandate: str | None = None
    on_behalf_of: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    """JSON."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of history."""

    chain: str
    seq: int
    """1 for the first of the chain."""
    at: datetime
    region: str
    what: str
    element: str
    element_kind: str
    name: str
    process: str
    task: str | None
    loop_counter: int | None
    person: str | None
    mandate: str | None
    on_behalf_of: str | None
    details: Mapping[str, Any] | None
    """None when erased."""
    salt: str | None
    details_hash: str
    hash: str


@quick(frozen=True, slots=True)
class Head:
    """The end of a chain."""

    chain: str
    region: str
    seq: int
    at: datetime
    hash: str
    sealed_seq: int
    """The last row that a seal covers."""


_HEAD = select(heads).where(heads.c.chain == bindparam("of"))
_LOCK_HEAD = _HEAD.with_for_update()
_MOVE_HEAD = (
    update(heads)
    .where(heads.c.chain == bindparam("of"))
    .values(seq=bindparam("to"), at=bindparam("moment"), hash=bindparam("with"))
)
_LAST_SEAL = (
    select(column("hash", Text))
    .select_from(table("history_seals"))
    .order_by(column("number").desc())
    .limit(bindparam("most"))
)
_OF_CHAIN = select(history).where(history.c.chain == bindparam("of")).order_by(history.c.seq)
_SINCE = _OF_CHAIN.where(history.c.seq > bindparam("after"))
_EVERYTHING = select(history).order_by(history.c.chain, history.c.seq)
_OF_REGION = _EVERYTHING.where(history.c.region == bindparam("region"))
_ROWS = select(func.coalesce(func.sum(heads.c.seq), 0)).where(heads.c.region == bindparam("region"))
SAYS_SOMETHING = (history.c.what != ERASED) & (history.c.details != constant("{}"))
"""Rows that say more than that something happened; a row that tells of erasing is no such row. NULL is none."""
_SAYING = select(history.c.seq).where(history.c.chain == bindparam("of"), SAYS_SOMETHING).order_by(history.c.seq)
_ERASE = (
    update(history)
    .where(history.c.chain == bindparam("of"), history.c.seq == bindparam("row"))
    .values(details=None, salt=None)
)


def of_region(region: str) -> str:
    """The chain of what belongs to no case."""
    return f"region:{region}"


# Appending ---------------------------------------------------------------------------------------------------------


def append(tx: Transaction, chain: str, region: str, notes: Sequence[Note]) -> Head | None:
    """Append what happened, in order; answers with the new end of the chain. A case's lock is held by the caller."""
    if not notes:
        return None
    head = tx.once((append, chain), lambda: _lock_head(tx, chain, region))
    if not tx.keys and _is_locked(tx, head):
        raise HistoryLocked
    seq, at, hash = head.seq, head.at, head.hash
    rows = []
    for note in notes:
        seq, at = seq + 1, max(tx.now, at + _MICROSECOND)
        row = _bound(chain, region, seq, at, note, hash, tx.keys)
        hash = row["hash"]
        rows.append(row)
    tx.insert(history, rows)
    tx.execute(_MOVE_HEAD, {"of": chain, "to": seq, "moment": at, "with": hash})
    end = Head(chain, region, seq, at, hash, head.sealed_seq)
    tx.know((append, chain), end)
    return end


def erase_details(tx: Transaction, chain: str, region: str, rows: Sequence[int], note: Note) -> None:
    """Forget what rows say beyond that they happened.

    A row of its own tells which, and what `note` says of who did it and why; without it, verification asks.
    """
    if rows:
        tx.execute(_ERASE, [{"of": chain, "row": each} for each in rows])
    append(tx, chain, region, [replace(note, what=ERASED, details={**note.details, "rows": list(rows)})])


def _lock_head(tx: Transaction, chain: str, region: str) -> Head:
    found = tx.find(_LOCK_HEAD, Head, {"of": chain})
    if found is not None:
        return found
    first = Head(chain, region, 0, tx.now - _MICROSECOND, GENESIS, 0)
    if tx.insert_new(heads, as_row(first)):
        return first
    return _lock_head(tx, chain, region)


def _is_locked(tx: Transaction, head: Head) -> bool:
    """Whether what follows has to be written with a key. Where nothing has followed since the last seal, it tells."""
    if is_bound(head.hash) or head.seq > head.sealed_seq:
        return is_bound(head.hash)
    seal = tx.scalar(_LAST_SEAL, {"most": 1})
    return seal is not None and is_bound(seal)


def _bound(
    chain: str, region: str, seq: int, at: datetime, note: Note, previous: str, keys: ChainKeys
) -> dict[str, Any]:
    salt = os.urandom(16).hex()
    row = as_row(note) | {"chain": chain, "region": region, "seq": seq, "at": at, "salt": salt}
    row["details"] = dict(note.details)
    row["details_hash"] = hash_details(salt, note.details)
    row["hash"] = keys.bind(row_text(row, previous))
    return row


# Hashing -----------------------------------------------------------------------------------------------------------

_HASHED = sorted(each for each in Entry.__slots__ if each not in ("details", "salt", "hash"))
"""In the order of canonical JSON."""


def hash_details(salt: str, details: Mapping[str, Any]) -> str:
    """sha256, hex, of the salt and the canonical JSON."""
    return hashlib.sha256((salt + canonical(details)).encode()).hexdigest()


def row_text(row: Mapping[str, Any], previous: str) -> str:
    """What the hash of a row binds."""
    content = {name: row[name] for name in _HASHED}
    content["at"] = instant_text(row["at"])
    return previous + in_order(content)


# Reading -----------------------------------------------------------------------------------------------------------


def read(reader: Reader, chain: str, after: int = 0) -> list[Entry]:
    """The rows of a chain beyond number `after`, in order."""
    return reader.all(_SINCE, Entry, {"of": chain, "after": after})


def saying(reader: Reader, chain: str) -> list[int]:
    """Numbers of the rows whose details could be erased."""
    return list(reader.execute(_SAYING, {"of": chain}).scalars())


def head(reader: Reader, chain: str) -> Head | None:
    return reader.find(_HEAD, Head, {"of": chain})


def stream(reader: Reader, region: str | None = None) -> Iterator[Entry]:
    """Every row, chain by chain and in order, however many there are: for exports."""
    if region is None:
        return reader.stream(_EVERYTHING, Entry)
    return reader.stream(_OF_REGION, Entry, {"region": region})


def count(reader: Reader, region: str) -> int:
    """How many rows `stream` gives for a region."""
    return int(reader.scalar(_ROWS, {"region": region}))
