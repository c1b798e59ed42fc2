"""Documents: bytes under their own sha256, and the rows that say where they belong.

A row without bytes cannot exist (foreign key, one transaction). The last row takes its bytes with it, when its case is
disposed of or, for what was added to a case that never came, after a while.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    bindparam,
    delete,
    select,
    update,
)

from store.columns import Instant, as_row, metadata, new_id
from store.database import Reader, Transaction

blobs = Table(
    "blobs",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("stored_at", Instant, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hash", ForeignKey("blobs.hash"), nullable=False),
    Column("case_id", ForeignKey("cases.id")),
    Column("task_id", Text),
    Column("region", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("added_by", Text),
    Column("added_at", Instant, nullable=False),
    Index(None, "case_id"),
    Index(None, "task_id"),
    Index(None, "hash"),
)


@dataclass(frozen=True, slots=True)
class Document:
    id: str
    hash: str
    """sha256 of the bytes, hex."""
    case_id: str | None
    task_id: str | None
    region: str
    name: str
    media_type: str
    size: int
    """Bytes."""
    added_by: str | None
    added_at: datetime


_FIND = select(documents).where(documents.c.id == bindparam("document"))
_BYTES = select(blobs.c.bytes).where(blobs.c.hash == bindparam("hash"))
_OF_CASE = (
    select(documents).where(documents.c.case_id == bindparam("case")).order_by(documents.c.added_at, documents.c.id)
)
_before = bindparam("before", type_=Instant)
_unsent = documents.c.case_id.is_(None) & (documents.c.added_at < _before)
_mine = documents.c.case_id == bindparam("case")
_UNSENT_BYTES = select(documents.c.hash).where(_unsent)
_BYTES_OF_CASE = select(documents.c.hash).where(_mine)
_FORGET_UNSENT = delete(documents).where(_unsent)
_FORGET_OF_CASE = delete(documents).where(_mine)
_these = blobs.c.hash.in_(bindparam("hashes", expanding=True))
_LOCK_BYTES = select(blobs.c.hash).where(_these).order_by(blobs.c.hash).with_for_update()
_FORGET_BYTES = delete(blobs).where(_these, ~select(documents.c.id).where(documents.c.hash == blobs.c.hash).exists())
_FORGET_OLD_BYTES = _FORGET_BYTES.where(blobs.c.stored_at < _before)
_TOUCH = update(blobs).where(blobs.c.hash == bindparam("of")).values(stored_at=bindparam("now"))


def add(
    tx: Transaction,
    content: bytes,
    *,
    region: str,
    name: str,
    media_type: str,
    case_id: str | None = None,
    task_id: str | None = None,
    by: str | None = None,
) -> Document:
    """Keep a document; the same bytes are stored once."""
    hash = hashlib.sha256(content).hexdigest()
    if not tx.insert_new(blobs, {"hash": hash, "bytes": content, "size": len(content), "stored_at": tx.now}):
        # Young again, so that a sweep at work elsewhere leaves them.
        tx.execute(_TOUCH, {"of": hash, "now": tx.now})
    document = Document(new_id(), hash, case_id, task_id, region, name, media_type, len(content), by, tx.now)
    tx.insert(documents, as_row(document))
    return document


def find(reader: Reader, id: str) -> Document | None:
    return reader.find(_FIND, Document, {"document": id})


def content(reader: Reader, document: Document) -> bytes:
    found: bytes = reader.scalar(_BYTES, {"hash": document.hash})
    return found


def belong(tx: Transaction, ids: Sequence[str], case_id: str, by: str | None) -> list[Document]:
    """Give documents that someone added before there was a case to the case. Answers those that had none."""
    found = [each for each in (find(tx, id) for id in ids) if each and each.case_id is None and each.added_by == by]
    for each in found:
        tx.execute(update(documents).where(documents.c.id == each.id).values(case_id=case_id))
    return found


def of_case(reader: Reader, case_id: str) -> list[Document]:
    return reader.all(_OF_CASE, Document, {"case": case_id})


def forget(tx: Transaction, case_id: str) -> None:
    """Forget the documents of a case, and those of their bytes that no other document needs."""
    hashes = sorted(set(tx.execute(_BYTES_OF_CASE, {"case": case_id}).scalars()))
    tx.execute(_FORGET_OF_CASE, {"case": case_id})
    if hashes:
        # Whoever stores the same bytes at this moment is waited for, and then seen.
        tx.execute(_LOCK_BYTES, {"hashes": hashes})
        tx.execute(_FORGET_BYTES, {"hashes": hashes})


def sweep(tx: Transaction, before: datetime) -> int:
    """Forget what was added before a moment for a case that never came, and its bytes.

    Bytes that another document needs, or that were stored again since, stay. Answers how many contents were forgotten.
    """
    hashes = sorted(set(tx.execute(_UNSENT_BYTES, {"before": before}).scalars()))
    if not hashes:
        return 0
    tx.execute(_FORGET_UNSENT, {"before": before})
    return tx.execute(_FORGET_OLD_BYTES, {"hashes": hashes, "before": before}).rowcount
