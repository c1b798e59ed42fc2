"""Seals: what every chain of history ended with at a moment, bound into a log of its own; and verifying it all.

A seal covers the chains that have grown since the seal before. `head` exports the last seal in one small object; kept
outside the house, it also proves later that no chain has lost its tail.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, Select, Table, Text, bindparam, select, type_coerce, update

from store.chain_keys import LOCKS, ChainKeys, UnknownKey, is_bound
from store.columns import Instant, Json, as_row, canonical, instant_text, metadata
from store.database import Reader, Transaction
from store.errors import AlreadyLocked, HistoryLocked
from store.history import ERASED, GENESIS, Head, hash_details, heads, history, row_text

Row = dict[str, Any]

NEVER_LOCKED = (
    "Historiken är inte låst med nyckeln i inställningarna. Har den aldrig varit det: kör kunskapsflode audit lock."
)

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
_COVERED = select(entries).order_by(entries.c.seal, entries.c.chain)
_GROWN = select(heads).where(heads.c.seq > heads.c.sealed_seq).order_by(heads.c.chain).with_for_update()
_EVERY_HEAD = select(heads).where(heads.c.seq > 0).order_by(heads.c.chain).with_for_update()
_SEALS_WRITTEN = select(seals)
_SEALED = update(heads).where(heads.c.chain == bindparam("of")).values(sealed_seq=bindparam("to"))


def _as_stored(table: Table) -> Select[*tuple[Any, ...]]:
    """The rows as they stand, for whoever must not trust that they can be read."""
    return select(*(type_coerce(c, Text).label(c.name) if isinstance(c.type, Instant | Json) else c for c in table.c))


_ROWS = _as_stored(history).order_by(history.c.chain, history.c.seq)
_HEADS = _as_stored(heads)
_SEALS = _as_stored(seals).order_by(seals.c.number)


# Sealing -----------------------------------------------------------------------------------------------------------


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


# Verifying ---------------------------------------------------------------------------------------------------------


def verify(reader: Reader, exported: Mapping[str, Any] | None = None) -> Iterator[Fault]:
    """Every place where history was changed, in order of the chains; nothing when all is as it was written.

    Rows that were changed, removed, inserted, moved or swapped are found by the chains. A tail that was cut together
    with its head and its seals is found only against an `exported` head.
    """
    covered = reader.all(_COVERED, Covered)
    log = _SealLog(reader.keys, covered)
    yield from log.walk(reader.all(_SEALS, Row), exported)
    promised = _promises(covered)
    ends = {row["chain"]: row for row in reader.all(_HEADS, Row)}
    for chain, rows in groupby(reader.stream(_ROWS, Row), key=itemgetter("chain")):
        walk = _Walk(chain, promised.pop(chain, {}), reader.keys, log.free.get(chain, 0))
        for row in rows:
            yield from walk.step(row)
        yield from walk.end(ends.pop(chain, None))
    for lost in sorted(set(ends) | set(promised)):
        if lost in promised or ends[lost]["seq"] or ends[lost]["sealed_seq"]:
            yield Fault(lost, 0, "Hela kedjan saknas.")


@dataclass
class _Walk:
    """One chain, from its first row to its last."""

    chain: str
    sealed: Mapping[int, str]
    """Row number -> the hash that a seal gives it."""
    keys: ChainKeys
    free: int
    """The last row that may have been written without a key, where there is one."""
    loose: bool = False
    """A row that ought to have been written with the key was not: told once."""
    unknown: bool = False
    seq: int = 0
    hash: str = GENESIS
    region: str = ""
    at: Any = None
    erased: set[int] = field(default_factory=set)
    """Rows that have lost their details."""
    told: set[int] = field(default_factory=set)
    """Rows that a row of its own says were erased."""

    def step(self, row: Row) -> Iterator[Fault]:
        if row["seq"] != self.seq + 1:
            yield Fault(self.chain, self.seq + 1, f"Rad {self.seq + 1} saknas eller har bytt plats.")
        else:
            yield from self._judge(row, row["seq"])
        self.seq = row["seq"] if isinstance(row["seq"], int) else self.seq + 1
        self.hash, self.region, self.at = row["hash"], row["region"], row["at"]

    def _judge(self, row: Row, seq: int) -> Iterator[Fault]:
        try:
            if self.keys.again(row_text({**row, "at": _moment(row["at"])}, self.hash), row["hash"]) != row["hash"]:
                yield Fault(self.chain, seq, f"Rad {seq} är ändrad.")
            elif not self._details_hold(row):
                yield Fault(self.chain, seq, f"Uppgifterna i rad {seq} är ändrade.")
            elif self.sealed.get(seq, row["hash"]) != row["hash"]:
                yield Fault(self.chain, seq, f"Rad {seq} är inte den som förseglades.")
            elif self._is_loose(row["hash"], seq):
                yield Fault(self.chain, seq, f"Rad {seq} är inte låst med nyckeln.")
        except UnknownKey:
            yield from self._unknown(seq)
        except (TypeError, ValueError, RecursionError):
            yield Fault(self.chain, seq, f"Rad {seq} är ändrad och går inte att läsa.")

    def _is_loose(self, kept: str, seq: int) -> bool:
        loose = not is_bound(kept) and (is_bound(self.hash) or (bool(self.keys) and seq > self.free))
        first, self.loose = loose and not self.loose, self.loose or loose
        return first

    def _unknown(self, seq: int) -> Iterator[Fault]:
        """Told once: nothing can be said of the rows that were written with the key."""
        if not self.unknown:
            yield Fault(self.chain, seq, f"Rad {seq} är låst med en nyckel som saknas i inställningarna.")
        self.unknown = True

    def _details_hold(self, row: Row) -> bool:
        if row["details"] is None and row["salt"] is None:
            self.erased.add(row["seq"])
            return True
        details = json.loads(row["details"])
        if hash_details(row["salt"], details) != row["details_hash"]:
            return False
        if row["what"] == ERASED:
            self.told.update(details.get("rows", ()))
        return True

    def end(self, head: Row | None) -> Iterator[Fault]:
        for seq in sorted(self.erased - self.told):
            yield Fault(self.chain, seq, f"Uppgifterna i rad {seq} är borttagna utan att det står varför.")
        sealed = max(self.sealed, default=0)
        if head is None or (head["seq"], head["hash"]) != (self.seq, self.hash):
            should = head["seq"] if head else 0
            yield Fault(self.chain, self.seq, f"Kedjan slutar vid rad {self.seq}, men borde sluta vid rad {should}.")
        elif sealed > self.seq:
            yield Fault(self.chain, self.seq, f"Kedjan slutar vid rad {self.seq}, men rad {sealed} är förseglad.")
        elif (head["at"], head["region"], head["sealed_seq"]) != (self.at, self.region, sealed):
            yield Fault(self.chain, self.seq, "Det som står om kedjans slut är ändrat.")


@dataclass
class _SealLog:
    """The seals, from the first to the last."""

    keys: ChainKeys
    covered: Sequence[Covered]
    free: dict[str, int] = field(default_factory=dict)
    """Chain -> its last row when history was locked: until there it may be written without a key."""

    def walk(self, rows: list[Row], exported: Mapping[str, Any] | None) -> Iterator[Fault]:
        groups: dict[int, list[Covered]] = {}
        for each in self.covered:
            groups.setdefault(each.seal, []).append(each)
        hash, hashes = GENESIS, {0: GENESIS}
        for expected, row in enumerate(rows, start=1):
            number = row["number"]
            if number != expected:
                yield Fault("sigill", expected, f"Sigill {expected} saknas.")
            else:
                yield from self._judge(row, hash, groups.get(number, []))
            hash = hashes[number] = row["hash"]
        written = [str(row["hash"]) for row in rows]
        if self.keys and not any(LOCKS in each for each in written) and not all(map(is_bound, written)):
            yield Fault("sigill", len(rows), NEVER_LOCKED)
        if exported is not None and hashes.get(number := exported["number"]) != exported["hash"]:
            yield Fault(
                "sigill", number, f"Sigill {number} är inte det som exporterades: historik är borttagen eller bytt."
            )

    def _judge(self, row: Row, previous: str, covered: list[Covered]) -> Iterator[Fault]:
        number, kept = row["number"], str(row["hash"])
        locks = LOCKS in kept
        try:
            content = seal_text(previous, number, _moment(row["at"]), covered, locks=locks)
            holds = self.keys.again(content, kept) == kept
        except UnknownKey:
            yield Fault("sigill", number, f"Sigill {number} är låst med en nyckel som saknas i inställningarna.")
            return
        except (TypeError, ValueError):
            holds = False
        if not holds:
            yield Fault("sigill", number, f"Sigill {number} är ändrat.")
        elif is_bound(previous) and not is_bound(kept):
            yield Fault("sigill", number, f"Sigill {number} är inte låst med nyckeln.")
        elif locks:
            self.free = {each.chain: each.seq for each in covered}


def _promises(covered: list[Covered]) -> dict[str, dict[int, str]]:
    """Chain -> row number -> the hash that a seal gives it."""
    promised: dict[str, dict[int, str]] = {}
    for each in covered:
        promised.setdefault(each.chain, {})[each.seq] = each.hash
    return promised


def _moment(stored: Any) -> datetime:
    """A moment as it stands in the database. Raises ValueError when it is not written as we write it."""
    if isinstance(stored, datetime):
        return stored
    moment = datetime.fromisoformat(stored)
    if instant_text(moment) != stored:
        raise ValueError(f"not a moment of ours: {stored}")
    return moment


def seal_text(previous: str, number: int, at: datetime, covered: list[Covered], *, locks: bool = False) -> str:
    """What the hash of a seal binds."""
    ends = sorted([each.chain, each.seq, each.hash] for each in covered)
    content = {"number": number, "at": instant_text(at), "ends": ends} | ({"locks": True} if locks else {})
    return previous + canonical(content)
