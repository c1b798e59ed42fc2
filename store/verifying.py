"""Verifying history: every chain is walked from its first row, and the seals from the first.

What stands in the tables is not trusted: it is read as it is stored, and told of where it is not as it was written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, Table, Text, select, type_coerce

from store.chain_keys import LOCKS, ChainKeys, UnknownKey, is_bound
from store.columns import Instant, Json, instant_text
from store.database import Reader
from store.history import ERASED, GENESIS, hash_details, heads, history, row_text
from store.seals import Covered, entries, seal_text, seals

Row = dict[str, Any]

NEVER_LOCKED = (
    "Historiken är inte låst med nyckeln i inställningarna. Har den aldrig varit det: kör kunskapsflode audit lock."
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where history is not what was written. `sentence` is Swedish."""

    chain: str
    seq: int
    sentence: str


def _as_stored(table: Table) -> Select[*tuple[Any, ...]]:
    """The rows as they stand, for whoever must not trust that they can be read."""
    return select(*(type_coerce(c, Text).label(c.name) if isinstance(c.type, Instant | Json) else c for c in table.c))


_COVERED = select(entries).order_by(entries.c.seal, entries.c.chain)
_ROWS = _as_stored(history).order_by(history.c.chain, history.c.seq)
_HEADS = _as_stored(heads)
_SEALS = _as_stored(seals).order_by(seals.c.number)


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
