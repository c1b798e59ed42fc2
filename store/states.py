"""The live state of a case as the core dumps it: one row per key, written by difference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Column, ForeignKey, Table, Text, bindparam, delete, select

from store.columns import metadata
from store.database import Reader, Transaction

states = Table(
    "states",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("content", Text, nullable=False),
)

_READ = select(states.c.key, states.c.content).where(states.c.case_id == bindparam("case"))
_REMOVE = delete(states).where(states.c.case_id == bindparam("case"), states.c.key == bindparam("gone"))
_DROP = delete(states).where(states.c.case_id == bindparam("case"))


def read(reader: Reader, case: str) -> dict[str, str]:
    """Row key -> JSON text."""
    return reader.pairs(_READ, {"case": case})


def write(tx: Transaction, case: str, changed: Mapping[str, str], removed: Iterable[str] = ()) -> None:
    """Put the changed rows and take away the removed ones; the others stay as they are."""
    tx.put(states, [{"case_id": case, "key": key, "content": content} for key, content in changed.items()])
    gone = [{"case": case, "gone": key} for key in removed]
    if gone:
        tx.execute(_REMOVE, gone)


def drop(tx: Transaction, case: str) -> None:
    """A case that has ended needs no live state."""
    tx.execute(_DROP, {"case": case})
