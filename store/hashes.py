"""Whether what is stored under its own sha256 still is what it was: documents, diagrams and tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sqlalchemy import Table, select

from store.database import Reader
from store.definitions import contents
from store.documents import blobs

KEPT = {"Dokument": blobs, "Processfil": contents}


def damaged(reader: Reader) -> Iterator[str]:
    """What is wrong, as Swedish sentences. Reads every byte, one content at a time."""
    for what, table in KEPT.items():
        for hash in _changed(reader, table):
            yield f"{what} {hash} är inte det som sparades: innehållet har en annan kontrollsumma."


def _changed(reader: Reader, table: Table) -> Iterator[str]:
    for hash in reader.execute(select(table.c.hash).order_by(table.c.hash)).scalars().all():
        content = reader.scalar(select(table.c.bytes).where(table.c.hash == hash))
        if hashlib.sha256(content).hexdigest() != hash:
            yield hash
