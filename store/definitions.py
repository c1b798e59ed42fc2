"""Process definitions by content: bytes under their own sha256, versions under the hash of their closure.

A *version* is one process with all it needs: called processes, decision tables, region profile, texts. A version is
deployed in a region under the process's key; cases stay on the version they started with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, bindparam, func, select

from store.columns import Instant, metadata, new_id
from store.database import Reader, Transaction

contents = Table(
    "contents",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
    Column("stored_at", Instant, nullable=False),
)

versions = Table(
    "versions",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("process_key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

parts = Table(
    "version_parts",
    metadata,
    Column("version", ForeignKey("versions.hash"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("content", ForeignKey("contents.hash"), nullable=False),
)

deployments = Table(
    "deployments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("process_key", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("version", ForeignKey("versions.hash"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text),
    Column("note", Text, nullable=False),
    Index(None, "region", "process_key", "number", unique=True),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a version. `kind` is `process`, `called`, `decision`, `profile` or `texts`."""

    kind: str
    filename: str
    bytes: bytes


@dataclass(frozen=True, slots=True)
class Deployment:
    id: str
    region: str
    process_key: str
    number: int
    """1 for the first version of the process in the region."""
    version: str
    at: datetime
    by: str | None
    """Person key; None for what the product ships."""
    note: str
    name: str
    """The process's name in that version."""


_deployed = select(deployments, versions.c.name).join(versions, versions.c.hash == deployments.c.version)
_OF_KEY = _deployed.where(
    deployments.c.region == bindparam("region"), deployments.c.process_key == bindparam("process_key")
).order_by(deployments.c.number.desc())
_LATEST = _OF_KEY.limit(1)
_BY_VERSION = _deployed.where(
    deployments.c.version == bindparam("version"), deployments.c.region == bindparam("region")
).order_by(deployments.c.number.desc())
_newest = (
    select(deployments.c.process_key, func.max(deployments.c.number).label("number"))
    .where(deployments.c.region == bindparam("region"))
    .group_by(deployments.c.process_key)
    .subquery()
)
_ALL_LATEST = (
    _deployed.join(
        _newest,
        (_newest.c.process_key == deployments.c.process_key) & (_newest.c.number == deployments.c.number),
    )
    .where(deployments.c.region == bindparam("region"))
    .order_by(versions.c.name, deployments.c.process_key)
)
_NAMES = select(versions.c.hash, versions.c.name).where(versions.c.hash.in_(bindparam("versions", expanding=True)))
_PARTS = (
    select(parts.c.kind, parts.c.filename, contents.c.bytes)
    .join(contents, contents.c.hash == parts.c.content)
    .where(parts.c.version == bindparam("version"))
    .order_by(parts.c.position)
)


def content_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def keep(tx: Transaction, version: str, process_key: str, name: str, files: Sequence[Part]) -> bool:
    """Store a version under its closure hash; False when it was there already."""
    row = {"hash": version, "process_key": process_key, "name": name, "created_at": tx.now}
    if not tx.insert_new(versions, row):
        return False
    for position, part in enumerate(files):
        content = content_hash(part.bytes)
        tx.insert_new(contents, {"hash": content, "bytes": part.bytes, "stored_at": tx.now})
        row = {"version": version, "position": position, "kind": part.kind, "filename": part.filename}
        tx.insert(parts, row | {"content": content})
    return True


def deploy(tx: Transaction, region: str, version: str, process_key: str, *, by: str | None, note: str = "") -> bool:
    """Make a kept version the region's newest; False when it is the newest already."""
    newest = latest(tx, region, process_key)
    if newest is not None and newest.version == version:
        return False
    tx.forget(latest)
    tx.insert(
        deployments,
        {
            "id": new_id(),
            "region": region,
            "process_key": process_key,
            "number": newest.number + 1 if newest else 1,
            "version": version,
            "at": tx.now,
            "by": by,
            "note": note,
        },
    )
    return True


def latest(reader: Reader, region: str, process_key: str) -> Deployment | None:
    """The version that new cases start on."""
    given = {"region": region, "process_key": process_key}
    return reader.once((latest, region, process_key), lambda: reader.find(_LATEST, Deployment, given))


def all_latest(reader: Reader, region: str) -> list[Deployment]:
    """The newest version of every process of the region, by name."""
    return reader.all(_ALL_LATEST, Deployment, {"region": region})


def of_key(reader: Reader, region: str, process_key: str) -> list[Deployment]:
    """Every deployment of a process in the region, newest first."""
    return reader.all(_OF_KEY, Deployment, {"region": region, "process_key": process_key})


def by_version(reader: Reader, region: str, version: str) -> Deployment | None:
    """The last deployment of a version in the region."""
    return reader.find(_BY_VERSION, Deployment, {"region": region, "version": version})


def names(reader: Reader, versions: Iterable[str]) -> dict[str, str]:
    """Version -> what its process is called in it."""
    return reader.pairs(_NAMES, {"versions": list(versions)})


def files(reader: Reader, version: str) -> list[Part]:
    """All that a version is made of, the process itself first; empty when there is no such version."""
    return reader.all(_PARTS, Part, {"version": version})
