"""What someone might do to history behind our back: each takes a transaction and dice, and says what chains it touched.

Some know how rows and seals are hashed, and hash anew what they have changed. Those can be found only up to what a
head that was exported before covers; what came after it they leave alone here.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select, text, update

from store import history, seals
from store.chain_keys import NO_KEYS
from store.database import Reader, Transaction
from store.history import hash_details, heads
from store.seals import Covered, Seal

table = history.history
Row = dict[str, Any]
TABLES = (table, heads, seals.seals, seals.entries)
GARBAGE = ("", "x", "{", '{"svar": NaN', "[]", "nej", "0" * 64, "å\u2028")


@dataclass
class World:
    """History as it was written, and as it was a while before."""

    now: list[Row]
    """Every row, by chain and number."""
    before: dict[str, list[Row]]
    """Table -> its rows at an earlier moment."""
    sealed: dict[str, int]
    """Chain -> its last row that the exported head covers."""
    by_chain: dict[str, list[Row]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_chain = {}
        for row in self.now:
            self.by_chain.setdefault(row["chain"], []).append(row)


def snapshot(reader: Reader) -> dict[str, list[Row]]:
    return {each.name: [dict(row) for row in reader.execute(select(each)).mappings()] for each in TABLES}


Tampering = Callable[[Transaction, random.Random, World], set[str]]


# Rows ----------------------------------------------------------------------------------------------------------------


def change_a_column(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    row = dice.choice(world.now)
    column = dice.choice([each for each in table.c if each.name not in ("chain", "seq")])
    others = [each[column.name] for each in world.now if each[column.name] != row[column.name]]
    others += [value for value in _made_up(column.name, row, dice) if value != row[column.name]]
    value = dice.choice([each for each in others if column.nullable or each is not None])
    _set(tx, row, {column.name: value})
    return {row["chain"]}


def _made_up(column: str, row: Row, dice: random.Random) -> list[Any]:
    match column:
        case "at":
            return [row["at"] + timedelta(microseconds=dice.choice((-1, 1, 10**6, -(10**9)))) for _ in range(40)]
        case "loop_counter":
            return [0, 7, (row["loop_counter"] or 0) + 1]
        case "details":
            return [{**(row["details"] or {}), "svar": dice.random()}, {}, {"å": None}]
    return [f"{row[column] or ''}x", "sam", dice.choice(GARBAGE)]


def rename(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    """A row gets another number, or goes to a chain that is not there."""
    row = dice.choice(world.now)
    _set(tx, row, dice.choice([{"seq": row["seq"] + 1000}, {"seq": -row["seq"]}, {"chain": "nowhere"}]))
    return {row["chain"]}


def scribble(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    """Something that cannot even be read."""
    row = dice.choice(world.now)
    columns = ["details", "at"] if tx.dialect == "sqlite" else ["details"]
    change = text(f"UPDATE history SET {dice.choice(columns)} = :to WHERE chain = :chain AND seq = :seq")
    tx.execute(change, {"to": dice.choice(GARBAGE), "chain": row["chain"], "seq": row["seq"]})
    return {row["chain"]}


def forget_details(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    """As an erasure does, but without a word of it."""
    row = dice.choice(world.now)
    _set(tx, row, {"details": None, "salt": None})
    return {row["chain"]}


def remove_from_the_middle(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    rows = dice.choice([each for each in world.by_chain.values() if len(each) > 1])
    first = dice.randrange(len(rows) - 1)
    for row in rows[first : first + dice.randint(1, len(rows) - 1 - first)]:
        _remove(tx, row)
    return {rows[0]["chain"]}


def remove_a_tail(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    rows = dice.choice(list(world.by_chain.values()))
    for row in rows[dice.randrange(len(rows)) :]:
        _remove(tx, row)
    return {rows[0]["chain"]}


def reorder(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    """Rows of one chain change places."""
    rows = dice.choice([each for each in world.by_chain.values() if len(each) > 1])
    places = sorted(dice.sample(range(len(rows)), dice.randint(2, min(5, len(rows)))))
    _place(tx, [rows[each] for each in places], [rows[each] for each in (*places[1:], places[0])])
    return {rows[0]["chain"]}


def swap_between_cases(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    one, other = (dice.choice(world.by_chain[each]) for each in dice.sample(sorted(world.by_chain), 2))
    _place(tx, [one, other], [other, one])
    return {one["chain"], other["chain"]}


def swap_whole_cases(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    """One gets the other's history, and the other way round."""
    one, other = dice.sample(sorted(world.by_chain), 2)
    for each in (table, heads):
        for old, new in ((one, "between"), (other, one), ("between", other)):
            tx.execute(update(each).where(each.c.chain == old).values(chain=new))
    return {one, other}


def insert_a_row(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    """At a place of its own: what comes after makes room; perhaps bound to the row before it as it should be."""
    rows = dice.choice(list(world.by_chain.values()))
    place = dice.randint(1, len(rows) + 1)
    for row in reversed(rows[place - 1 :]):
        _set(tx, row, {"seq": row["seq"] + 1})
    made = {**dice.choice(world.now), "chain": rows[0]["chain"], "seq": place}
    if dice.random() < 0.5:
        made["hash"] = _hash_row(made, rows[place - 2]["hash"] if place > 1 else history.GENESIS)
    tx.execute(insert(table).values(made))
    return {rows[0]["chain"]}


# Whole chains, by someone who knows how they are hashed --------------------------------------------------------------


def write_anew(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    """A row is changed, and every row after it, and the head, is hashed anew."""
    chain, seq = _sealed_row(dice, world)
    _forge(tx, world, chain, seq)
    return {chain}


def write_anew_with_seals(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    """As `write_anew`, and the seals are made to agree."""
    chain, seq = _sealed_row(dice, world)
    forged = _forge(tx, world, chain, seq)
    for number, hash in forged.items():
        tx.execute(update(seals.entries).where(_is(seals.entries, chain, number)).values(hash=hash))
    _seal_anew(tx)
    return {chain, "sigill"}


def cut(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    """A tail goes, and its head is made to agree."""
    chain, seq = _sealed_row(dice, world)
    _cut(tx, world, chain, seq - 1)
    return {chain}


def cut_with_seals(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    """As `cut`, and the seals are made to agree: only the exported head knows better."""
    chain, seq = _sealed_row(dice, world)
    _cut(tx, world, chain, seq - 1)
    tx.execute(delete(seals.entries).where(seals.entries.c.chain == chain, seals.entries.c.seq >= seq))
    last = max((each["seq"] for each in _all(tx, seals.entries) if each["chain"] == chain), default=0)
    tx.execute(update(heads).where(heads.c.chain == chain).values(sealed_seq=last))
    _seal_anew(tx)
    return {chain, "sigill"}


def cut_the_last_seals(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    """Everything since some seal goes, that seal and all."""
    kept = dice.randrange(len(world.before[seals.seals.name]))
    tx.execute(delete(seals.entries).where(seals.entries.c.seal > kept))
    tx.execute(delete(seals.seals).where(seals.seals.c.number > kept))
    ends: dict[str, int] = {}
    for each in sorted(_all(tx, seals.entries), key=lambda each: each["seal"]):
        ends[each["chain"]] = each["seq"]
    for chain in world.by_chain:
        _cut(tx, world, chain, ends.get(chain, 0))
        tx.execute(update(heads).where(heads.c.chain == chain).values(sealed_seq=ends.get(chain, 0)))
    return {"sigill", *world.by_chain}


def remove_a_case(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    """No trace is left of it, or only what the seals say."""
    chain = dice.choice(sorted(world.sealed))
    for each in (table, heads, *((seals.entries,) if dice.random() < 0.5 else ())):
        tx.execute(delete(each).where(each.c.chain == chain))
    return {chain, "sigill"}


def restore_a_case(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    """A chain as it was a while ago, head and all."""
    grown = {each["chain"] for each in world.before[heads.name] if each["seq"] < len(world.by_chain[each["chain"]])}
    chain = dice.choice(sorted(grown))
    for each in (table, heads):
        tx.execute(delete(each).where(each.c.chain == chain))
        tx.execute(insert(each), [row for row in world.before[each.name] if row["chain"] == chain])
    return {chain}


def restore_everything(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    """All of history as a back-up has it: whole in itself, and older than the exported head."""
    for each in reversed(TABLES):
        tx.execute(delete(each))
    for each in TABLES:
        tx.execute(insert(each), world.before[each.name])
    return {"sigill", *world.by_chain}


# Heads and seals -----------------------------------------------------------------------------------------------------


def change_a_head(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    chain = dice.choice(sorted(world.by_chain))
    changes: list[Row] = [{"seq": 0}, {"seq": 999}, {"hash": "0" * 64}, {"at": tx.now + timedelta(days=9)}]
    changes += [{"region": "bl"}, {"sealed_seq": 999}, {"chain": "nowhere"}]
    tx.execute(update(heads).where(heads.c.chain == chain).values(dice.choice(changes)))
    return {chain, "nowhere"}


def change_a_seal(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    entry = dice.choice(_all(tx, seals.entries))
    here = (seals.entries.c.seal == entry["seal"]) & (seals.entries.c.chain == entry["chain"])
    match dice.randrange(4):
        case 0:
            tx.execute(update(seals.entries).where(here).values(seq=entry["seq"] + dice.choice((-1, 1))))
        case 1:
            tx.execute(update(seals.entries).where(here).values(hash="0" * 64))
        case 2:
            tx.execute(delete(seals.entries).where(here))
        case _:
            change = dice.choice([{"hash": "0" * 64}, {"at": tx.now + timedelta(days=9)}])
            tx.execute(update(seals.seals).where(seals.seals.c.number == entry["seal"]).values(change))
    return {"sigill", entry["chain"]}


KINDS: tuple[Tampering, ...] = (
    *(change_a_column, rename, scribble, forget_details, remove_from_the_middle, remove_a_tail, reorder),
    *(swap_between_cases, swap_whole_cases, insert_a_row, write_anew, write_anew_with_seals, cut, cut_with_seals),
    *(cut_the_last_seals, remove_a_case, restore_a_case, restore_everything, change_a_head, change_a_seal),
)


# How it is done ------------------------------------------------------------------------------------------------------


def _is(of: Any, chain: str, seq: int) -> Any:
    return (of.c.chain == chain) & (of.c.seq == seq)


def _all(tx: Transaction, of: Any) -> list[Row]:
    return [dict(row) for row in tx.execute(select(of)).mappings()]


def _set(tx: Transaction, row: Row, values: Row) -> None:
    tx.execute(update(table).where(_is(table, row["chain"], row["seq"])).values(values))


def _remove(tx: Transaction, row: Row) -> None:
    tx.execute(delete(table).where(_is(table, row["chain"], row["seq"])))


def _place(tx: Transaction, places: list[Row], rows: list[Row]) -> None:
    """Put the content of rows in the places of others."""
    for place, row in zip(places, rows, strict=True):
        _set(tx, place, {key: value for key, value in row.items() if key not in ("chain", "seq")})


def _sealed_row(dice: random.Random, world: World) -> tuple[str, int]:
    chain = dice.choice(sorted(world.sealed))
    return chain, dice.randint(1, world.sealed[chain])


def _forge(tx: Transaction, world: World, chain: str, first: int) -> dict[int, str]:
    """Someone else did it. Answers with the new hashes."""
    rows = world.by_chain[chain]
    hash = rows[first - 2]["hash"] if first > 1 else history.GENESIS
    forged: dict[int, str] = {}
    for row in rows[first - 1 :]:
        made = dict(row)
        if row["seq"] == first:
            made |= {"person": "lo", "details": {"svar": "nej"}, "salt": "00"}
            made["details_hash"] = hash_details("00", made["details"])
        hash = forged[row["seq"]] = made["hash"] = _hash_row(made, hash)
        _set(tx, row, made)
    tx.execute(update(heads).where(heads.c.chain == chain).values(hash=hash))
    return forged


def _cut(tx: Transaction, world: World, chain: str, last: int) -> None:
    tx.execute(delete(table).where(table.c.chain == chain, table.c.seq > last))
    if last == 0:
        tx.execute(delete(heads).where(heads.c.chain == chain))
        return
    row = world.by_chain[chain][last - 1]
    tx.execute(update(heads).where(heads.c.chain == chain).values(seq=last, hash=row["hash"], at=row["at"]))


def _hash_row(row: Row, previous: str) -> str:
    """As of a row that is written without a key."""
    return NO_KEYS.bind(history.row_text(row, previous))


def _seal_anew(tx: Transaction) -> None:
    """Every seal, hashed as it would have been over what the entries say now."""
    covered = tx.all(select(seals.entries), Covered)
    hash = history.GENESIS
    for seal in tx.all(select(seals.seals).order_by(seals.seals.c.number), Seal):
        under = [each for each in covered if each.seal == seal.number]
        hash = NO_KEYS.bind(seals.seal_text(hash, seal.number, seal.at, under))
        tx.execute(update(seals.seals).where(seals.seals.c.number == seal.number).values(hash=hash))


def forge_without_the_key(tx: Transaction, dice: random.Random, world: World) -> set[str]:
    """Any row, however new, and all after it: heads and seals too are hashed anew, by someone without the key."""
    chain = dice.choice(sorted(world.by_chain))
    forged = _forge(tx, world, chain, dice.randint(1, len(world.by_chain[chain])))
    for seq, hash in forged.items():
        same = (seals.entries.c.chain == chain) & (seals.entries.c.seq == seq)
        tx.execute(update(seals.entries).where(same).values(hash=hash))
    _seal_anew(tx)
    return {chain}
