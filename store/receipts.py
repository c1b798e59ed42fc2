"""Receipts of what other systems have asked for under a key of their own, so that asking again does it once.

A receipt is *begun*, then *carried out* in the very transaction of the move, then *answered*. One that was begun and
never carried out may be begun anew after a while; one that was carried out never is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, bindparam, delete, select, update

from store.columns import Instant, Json, as_row, metadata, new_id
from store.database import Reader, Transaction

KEPT = timedelta(days=8)
"""How long an answer can be had again: the promise is seven days."""
IN_FLIGHT = timedelta(seconds=60)
"""After this long without being carried out, whoever began it is thought to be gone."""

receipts = Table(
    "receipts",
    metadata,
    Column("token", ForeignKey("tokens.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("attempt", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("carried_out_at", Instant),
    Column("status", Integer),
    Column("headers", Json, nullable=False),
    Column("body", Text),
    Index(None, "begun_at"),
)


@dataclass(frozen=True, slots=True)
class Receipt:
    token: str
    """Id of the token: keys of different systems never meet."""
    key: str
    attempt: str
    """Which try this is: only the latest may be carried out."""
    fingerprint: str
    """Of the whole request: the same key for another one is a mistake."""
    begun_at: datetime
    carried_out_at: datetime | None = None
    status: int | None = None
    """HTTP status of the answer, once there is one."""
    headers: Mapping[str, Any] = field(default_factory=dict)
    body: str | None = None


_FIND = select(receipts).where(receipts.c.token == bindparam("token"), receipts.c.key == bindparam("key"))
_OF_ATTEMPT = (
    receipts.c.token == bindparam("of"),
    receipts.c.key == bindparam("under"),
    receipts.c.attempt == bindparam("try"),
)
_ANEW = (
    update(receipts)
    .where(*_OF_ATTEMPT, receipts.c.carried_out_at.is_(None))
    .values(attempt=bindparam("next"), begun_at=bindparam("at"), fingerprint=bindparam("asks"))
)
_CARRY_OUT = (
    update(receipts).where(*_OF_ATTEMPT, receipts.c.carried_out_at.is_(None)).values(carried_out_at=bindparam("at"))
)
_ANSWER = (
    update(receipts)
    .where(*_OF_ATTEMPT)
    .values(status=bindparam("code"), headers=bindparam("with"), body=bindparam("text"))
)
_FORGET = delete(receipts).where(*_OF_ATTEMPT, receipts.c.carried_out_at.is_(None))


def claim(tx: Transaction, token: str, key: str, fingerprint: str) -> tuple[Receipt, bool]:
    """The receipt of a request, and whether it is for the caller to carry it out now."""
    fresh = Receipt(token, key, new_id(), fingerprint, tx.now)
    if tx.insert_new(receipts, as_row(fresh)):
        return fresh, True
    found = find(tx, token, key)
    if found is None or not _is_stale(found, tx.now):
        return found or fresh, False
    change = _named(found) | {"next": fresh.attempt, "at": tx.now, "asks": fingerprint}
    return (fresh, True) if tx.execute(_ANEW, change).rowcount else (found, False)


def carry_out(tx: Transaction, receipt: Receipt) -> bool:
    """In the transaction of the move itself. False when another try has taken over: then nothing may be done."""
    return tx.execute(_CARRY_OUT, _named(receipt) | {"at": tx.now}).rowcount == 1


def answer(tx: Transaction, receipt: Receipt, status: int, headers: Mapping[str, str], body: str) -> None:
    """What was answered, to be answered again."""
    tx.execute(_ANSWER, _named(receipt) | {"code": status, "with": dict(headers), "text": body})


def forget(tx: Transaction, receipt: Receipt) -> None:
    """Nothing was done: the key is free again. One that was carried out stays."""
    tx.execute(_FORGET, _named(receipt))


def find(reader: Reader, token: str, key: str) -> Receipt | None:
    return reader.find(_FIND, Receipt, {"token": token, "key": key})


def sweep(tx: Transaction) -> int:
    """Remove receipts older than `KEPT`; answers how many."""
    return tx.execute(delete(receipts).where(receipts.c.begun_at < tx.now - KEPT)).rowcount


def _is_stale(receipt: Receipt, now: datetime) -> bool:
    unfinished = receipt.carried_out_at is None and receipt.status is None
    return unfinished and receipt.begun_at < now - IN_FLIGHT


def _named(receipt: Receipt) -> dict[str, str]:
    return {"of": receipt.token, "under": receipt.key, "try": receipt.attempt}
