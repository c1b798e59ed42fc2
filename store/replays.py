"""What sources outside have told us, by the id that they gave it, with what we answered: told again, it is a replay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Index, Integer, Table, Text, bindparam, delete, select, update

from store.columns import Instant, Json, as_row, metadata
from store.database import Reader, Transaction

KEPT = timedelta(days=90)
"""How long something told is known again: far longer than anyone goes on telling it."""

answers = Table(
    "answered_requests",
    metadata,
    Column("client", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", Text, nullable=False),
    Column("status", Integer),
    Column("answer", Json),
    Column("at", Instant, nullable=False),
    Index(None, "at"),
)


@dataclass(frozen=True, slots=True)
class Answered:
    client: str
    key: str
    request_hash: str
    status: int | None
    """HTTP status of the answer; None while the first request is still at work."""
    answer: Any
    at: datetime


_FIND = select(answers).where(answers.c.client == bindparam("of"), answers.c.key == bindparam("under"))
_ANSWER = (
    update(answers)
    .where(answers.c.client == bindparam("of"), answers.c.key == bindparam("under"))
    .values(status=bindparam("code"), answer=bindparam("body"))
)


def first_time(tx: Transaction, client: str, key: str, request_hash: str) -> bool:
    """Note what a client tells under a key. False when it has used the key: `find` tells what was answered."""
    return tx.insert_new(answers, as_row(Answered(client, key, request_hash, None, None, tx.now)))


def find(reader: Reader, client: str, key: str) -> Answered | None:
    return reader.find(_FIND, Answered, {"of": client, "under": key})


def answer(tx: Transaction, client: str, key: str, status: int, body: Any) -> None:
    """Keep what was answered, in the transaction that did the work."""
    tx.execute(_ANSWER, {"of": client, "under": key, "code": status, "body": body})


def sweep(tx: Transaction) -> int:
    """Forget what was told longer ago than `KEPT`; answers how many."""
    return tx.execute(delete(answers).where(answers.c.at < tx.now - KEPT)).rowcount
