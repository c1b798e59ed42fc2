"""Messages that cases wait for: found by name and key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text, bindparam, delete, or_, select, update

from store.columns import Instant, as_row, metadata
from store.database import Reader, Transaction

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("message_key", Text),
    Column("broadcast", Boolean, nullable=False),
    Column("since", Instant, nullable=False),
    Index(None, "region", "kind", "name", "message_key"),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    case_id: str
    key: str
    """The core's task key."""
    region: str
    element: str
    kind: str
    """`message` or `signal`."""
    name: str
    message_key: str | None
    broadcast: bool
    since: datetime


_REMOVE = delete(subscriptions).where(
    subscriptions.c.case_id == bindparam("case"), subscriptions.c.key == bindparam("gone")
)
_WAITING = (
    select(subscriptions)
    .where(
        subscriptions.c.region == bindparam("region"),
        subscriptions.c.kind == bindparam("kind"),
        subscriptions.c.name == bindparam("name"),
    )
    .order_by(subscriptions.c.since, subscriptions.c.case_id, subscriptions.c.key)
)
_WITH_KEY = _WAITING.where(
    or_(subscriptions.c.message_key == bindparam("message_key"), subscriptions.c.message_key.is_(None))
)
_RENAME = (
    update(subscriptions)
    .where(subscriptions.c.case_id == bindparam("case"), subscriptions.c.key == bindparam("at"))
    .values(element=bindparam("to"))
)
_OF_CASE = select(subscriptions).where(subscriptions.c.case_id == bindparam("case")).order_by(subscriptions.c.since)


def add(
    tx: Transaction,
    case_id: str,
    key: str,
    *,
    region: str,
    element: str,
    name: str,
    message_key: str | None,
    broadcast: bool = False,
    kind: str = "message",
) -> None:
    """A case waits for a message, in place of what stood under the same task key."""
    row = Waiting(case_id, key, region, element, kind, name, message_key, broadcast, tx.now)
    tx.put(subscriptions, as_row(row))


def remove(tx: Transaction, case_id: str, key: str) -> None:
    tx.execute(_REMOVE, {"case": case_id, "gone": key})


def waiting(
    reader: Reader, region: str, name: str, message_key: str | None = None, kind: str = "message"
) -> list[Waiting]:
    """Who waits for it, longest first: with this key, or with none. Without a key everyone who waits for the name."""
    where = {"region": region, "kind": kind, "name": name}
    if message_key is None:
        return reader.all(_WAITING, Waiting, where)
    return reader.all(_WITH_KEY, Waiting, where | {"message_key": message_key})


def rename(tx: Transaction, case_id: str, elements: Mapping[str, str]) -> None:
    """The case's version calls the elements otherwise: task key -> element."""
    if elements:
        tx.execute(_RENAME, [{"case": case_id, "at": key, "to": element} for key, element in elements.items()])


def of_case(reader: Reader, case_id: str) -> list[Waiting]:
    return reader.all(_OF_CASE, Waiting, {"case": case_id})
