"""Seals: what every chain of history ended with at a moment, bound into a log of its own; and verifying it all.

A seal covers the chains that have grown since the seal before. `head` exports the last seal in one small object; kept
outside the house, it also proves later that no chain has lost its tail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, bindparam, select, update

from store.columns import Instant, as_row, canonical, instant_text, metadata
from store.database import Reader, Transaction
from store.history import GENESIS, Entry, Head, hash_details, hash_row, heads, stream

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


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where history is not what was written. `sentence` is Swedish."""

    chain: str
    seq: int
    sentence: str


_LAST = select(seals).order_by(seals.c.number.desc()).limit(1)
_ALL = select(seals).order_by(seals.c.number)
_COVERED = select(entries).order_by(entries.c.seal, entries.c.chain)
_GROWN = select(heads).where(heads.c.seq > heads.c.sealed_seq).order_by(heads.c.chain).with_for_update()
_HEADS = select(heads)
_SEALED = update(heads).where(heads.c.chain == bindparam("of")).values(sealed_seq=bindparam("to"))


# Sealing -----------------------------------------------------------------------------------------------------------


def seal(tx: Transaction) -> Seal | None:
    """Seal the chains that have grown since last time; None when none has."""
    grown = tx.all(_GROWN, Head)
    if not grown:
        return None
    before = last(tx)
    number = before.number + 1 if before else 1
    covered = [Covered(number, head.chain, head.seq, head.hash) for head in grown]
    made = Seal(number, tx.now, _hash(before.hash if before else GENESIS, number, tx.now, covered))
    tx.insert(seals, as_row(made))
    tx.insert(entries, [as_row(each) for each in covered])
    tx.execute(_SEALED, [{"of": head.chain, "to": head.seq} for head in grown])
    return made


def last(reader: Reader) -> Seal | None:
    return reader.find(_LAST, Seal)


def head(reader: Reader) -> dict[str, Any]:
    """The last seal as JSON, to be kept outside: `number` (0 for none), `at`, `hash`."""
    found = last(reader)
    if found is None:
        return {"number": 0, "at": None, "hash": GENESIS}
    return {"number": found.number, "at": instant_text(found.at), "hash": found.hash}


# Verifying ---------------------------------------------------------------------------------------------------------


def verify(reader: Reader, exported: Mapping[str, Any] | None = None) -> Iterator[Fault]:
    """Every place where history was changed, in order of the chains; nothing when all is as it was written.

    Rows that were changed, removed, inserted, moved or swapped are found by the chains. A tail that was cut together
    with its head and its seals is found only against an `exported` head.
    """
    covered = reader.all(_COVERED, Covered)
    yield from _verify_seals(reader, covered, exported)
    promised = _promises(covered)
    ends = {each.chain: each for each in reader.all(_HEADS, Head)}
    chain, seq, hash = "", 0, GENESIS
    seen: set[str] = set()
    for row in stream(reader):
        if row.chain != chain:
            yield from _verify_end(chain, seq, hash, ends, promised)
            chain, seq, hash = row.chain, 0, GENESIS
            seen.add(chain)
        yield from _verify_row(row, seq + 1, hash, promised)
        seq, hash = row.seq, row.hash
    yield from _verify_end(chain, seq, hash, ends, promised)
    for lost in sorted((set(ends) | set(promised)) - seen):
        if lost in promised or ends[lost].seq:
            yield Fault(lost, 0, "Hela kedjan saknas.")


def _verify_row(row: Entry, seq: int, previous: str, promised: dict[str, dict[int, str]]) -> Iterator[Fault]:
    if row.seq != seq:
        yield Fault(row.chain, seq, f"Rad {seq} saknas eller har bytt plats.")
    elif hash_row({name: getattr(row, name) for name in Entry.__slots__}, previous) != row.hash:
        yield Fault(row.chain, row.seq, f"Rad {row.seq} är ändrad.")
    elif not _details_hold(row):
        yield Fault(row.chain, row.seq, f"Uppgifterna i rad {row.seq} är ändrade.")
    elif promised.get(row.chain, {}).get(row.seq, row.hash) != row.hash:
        yield Fault(row.chain, row.seq, f"Rad {row.seq} är inte den som förseglades.")


def _details_hold(row: Entry) -> bool:
    if row.details is None and row.salt is None:
        return True  # erased on purpose: a row of its own tells who did it and why
    return row.details is not None and hash_details(row.salt or "", row.details) == row.details_hash


def _verify_end(
    chain: str, seq: int, hash: str, ends: dict[str, Head], promised: dict[str, dict[int, str]]
) -> Iterator[Fault]:
    if not chain:
        return
    end = ends.get(chain)
    sealed = max(promised.get(chain, {0: ""}))
    if end is None or (end.seq, end.hash) != (seq, hash):
        yield Fault(chain, seq, f"Kedjan slutar vid rad {seq}, men borde sluta vid rad {end.seq if end else 0}.")
    elif sealed > seq:
        yield Fault(chain, seq, f"Kedjan slutar vid rad {seq}, men rad {sealed} är förseglad.")


def _verify_seals(reader: Reader, covered: list[Covered], exported: Mapping[str, Any] | None) -> Iterator[Fault]:
    groups: dict[int, list[Covered]] = {}
    for each in covered:
        groups.setdefault(each.seal, []).append(each)
    hash, hashes = GENESIS, {0: GENESIS}
    for expected, found in enumerate(reader.all(_ALL, Seal), start=1):
        if found.number != expected:
            yield Fault("sigill", expected, f"Sigill {expected} saknas.")
        elif _hash(hash, found.number, found.at, groups.get(found.number, [])) != found.hash:
            yield Fault("sigill", found.number, f"Sigill {found.number} är ändrat.")
        hash = hashes[found.number] = found.hash
    if exported is not None and hashes.get(int(exported["number"])) != exported["hash"]:
        number = int(exported["number"])
        yield Fault(
            "sigill", number, f"Sigill {number} är inte det som exporterades: historik är borttagen eller bytt."
        )


def _promises(covered: list[Covered]) -> dict[str, dict[int, str]]:
    """Chain -> row number -> the hash that a seal gives it."""
    promised: dict[str, dict[int, str]] = {}
    for each in covered:
        promised.setdefault(each.chain, {})[each.seq] = each.hash
    return promised


def _hash(previous: str, number: int, at: datetime, covered: list[Covered]) -> str:
    ends = sorted([each.chain, each.seq, each.hash] for each in covered)
    content = canonical({"number": number, "at": instant_text(at), "ends": ends})
    return hashlib.sha256((previous + content).encode()).hexdigest()
