"""Endpoints: addresses of other systems that have asked to hear of events; and how each attempt to tell them went.

A delivery is a row of the outbox whose recipient is an endpoint. What stands here is the receiver's own state: whether
it answers, until when it is left in peace, and why it was shut off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, bindparam, select, update

from store.columns import Instant, Json, as_row, metadata, new_id
from store.database import Reader, Transaction

EVERYTHING = "*"
"""In place of the types of event: all of them."""

endpoints = Table(
    "endpoints",
    metadata,
    Column("id", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("events", Json, nullable=False),
    Column("secret", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Instant),
    Column("rests_until", Instant),
    Column("disabled_at", Instant),
    Column("disabled_why", Text, nullable=False),
    Column("removed_at", Instant),
    Index(None, "region"),
)

attempts = Table(
    "delivery_attempts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("delivery", Text, nullable=False),
    Column("endpoint", ForeignKey("endpoints.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("status", Integer),
    Column("says", Text, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Index(None, "delivery", "attempt"),
    Index(None, "endpoint", "at"),
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Without its secret, which is read only to sign."""

    id: str
    region: str
    url: str
    events: Sequence[str]
    """Types without the prefix `se.kunskapsflode.`, or `*`."""
    created_at: datetime
    failures: int = 0
    """How many times in a row nobody answered there."""
    failing_since: datetime | None = None
    rests_until: datetime | None = None
    """Nothing is sent there before this moment."""
    disabled_at: datetime | None = None
    disabled_why: str = ""

    @property
    def host(self) -> str:
        """The address without its path, which may hold a secret."""
        return self.url.partition("://")[2].partition("/")[0].rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver, and how it went."""

    id: str
    delivery: str
    """Id of the outbox row, the same at every attempt."""
    endpoint: str
    attempt: int
    at: datetime
    status: int | None
    """HTTP status; None when there was no answer."""
    says: str
    """The beginning of the answer, or why there was none. From outside: escape it."""
    milliseconds: int


_SHOWN = tuple(column for column in endpoints.c if column.name not in ("secret", "removed_at"))
_THERE = select(*_SHOWN).where(endpoints.c.removed_at.is_(None))
_ALL = _THERE.where(endpoints.c.region == bindparam("region")).order_by(endpoints.c.created_at, endpoints.c.id)
_FIND = _THERE.where(endpoints.c.id == bindparam("endpoint"))
_SECRET = select(endpoints.c.secret).where(endpoints.c.id == bindparam("endpoint"))
_LISTENING = (
    select(endpoints.c.id, endpoints.c.events)
    .where(endpoints.c.region == bindparam("region"), endpoints.c.disabled_at.is_(None))
    .order_by(endpoints.c.created_at, endpoints.c.id)
)
_AT_ADDRESS = _LISTENING.where(endpoints.c.url == bindparam("address"))
_AWAKE = (
    select(endpoints.c.id, endpoints.c.url)
    .where(
        endpoints.c.disabled_at.is_(None),
        endpoints.c.rests_until.is_(None) | (endpoints.c.rests_until <= bindparam("now", type_=Instant)),
    )
    .order_by(endpoints.c.id)
)
_CHANGE = update(endpoints).where(endpoints.c.id == bindparam("endpoint"))
_FAILED = _CHANGE.values(
    failures=endpoints.c.failures + 1, failing_since=bindparam("since"), rests_until=bindparam("until")
)
_ANSWERED = _CHANGE.where(endpoints.c.failures > 0).values(failures=0, failing_since=None, rests_until=None)
_DISABLED = _CHANGE.where(endpoints.c.disabled_at.is_(None)).values(
    disabled_at=bindparam("now"), disabled_why=bindparam("why")
)
_REMOVED = _CHANGE.values(secret="", removed_at=bindparam("now"))
_SEALED = _CHANGE.values(secret=bindparam("sealed"))
_SECRETS = select(endpoints.c.id, endpoints.c.secret).where(endpoints.c.secret != "")
_ENABLED = _CHANGE.values(failures=0, failing_since=None, rests_until=None, disabled_at=None, disabled_why="")
_ATTEMPTS = select(attempts).where(attempts.c.delivery == bindparam("of")).order_by(attempts.c.attempt, attempts.c.at)


def add(tx: Transaction, region: str, url: str, events: Sequence[str], secret: str) -> Endpoint:
    made = Endpoint(new_id(), region, url, list(events), tx.now)
    tx.insert(endpoints, as_row(made) | {"secret": secret})
    return made


def find(reader: Reader, id: str) -> Endpoint | None:
    return reader.find(_FIND, Endpoint, {"endpoint": id})


def of_region(reader: Reader, region: str) -> list[Endpoint]:
    """Oldest first."""
    return reader.all(_ALL, Endpoint, {"region": region})


def secret_of(reader: Reader, id: str) -> str:
    """What its deliveries are signed with, sealed as it was given. Never shown after the endpoint was added."""
    return str(reader.scalar(_SECRET, {"endpoint": id}))


def secrets(reader: Reader) -> dict[str, str]:
    """Id -> secret, sealed as it was given, of every endpoint in any region."""
    return reader.pairs(_SECRETS)


def reseal(tx: Transaction, id: str, secret: str) -> None:
    """The same secret, sealed with another key."""
    tx.execute(_SEALED, {"endpoint": id, "sealed": secret})


def listening(reader: Reader, region: str, event: str) -> list[str]:
    """Ids of the endpoints that have asked for a type of event."""
    return hearing(listeners(reader, region), event)


def listeners(reader: Reader, region: str) -> dict[str, list[str]]:
    """Every open endpoint's id -> the types of event that it has asked for."""
    return reader.pairs(_LISTENING, {"region": region})


def at_address(reader: Reader, region: str, url: str, event: str) -> str | None:
    """Id of the open endpoint with an address that has asked for a type of event; the oldest of several."""
    found: dict[str, list[str]] = reader.pairs(_AT_ADDRESS, {"region": region, "address": url})
    return next(iter(hearing(found, event)), None)


def hearing(listeners: Mapping[str, Sequence[str]], event: str) -> list[str]:
    """Those of the listeners that have asked for a type of event."""
    return [id for id, events in listeners.items() if EVERYTHING in events or event in events]


def awake(reader: Reader) -> dict[str, str]:
    """Id -> address of every endpoint, in any region, that something may be sent to now."""
    return reader.pairs(_AWAKE, {"now": reader.now})


def answered(tx: Transaction, id: str) -> None:
    """Somebody is there again."""
    tx.execute(_ANSWERED, {"endpoint": id})


def failed(tx: Transaction, endpoint: Endpoint, until: datetime) -> None:
    """Nobody answers there: leave it in peace for a while."""
    tx.execute(_FAILED, {"endpoint": endpoint.id, "since": endpoint.failing_since or tx.now, "until": until})


def disable(tx: Transaction, id: str, why: str) -> bool:
    """Send nothing more there. False when it was shut off already."""
    return tx.execute(_DISABLED, {"endpoint": id, "now": tx.now, "why": why}).rowcount == 1


def remove(tx: Transaction, id: str, why: str) -> None:
    """Nothing is sent there any more, and its secret is forgotten; how its deliveries went stays."""
    disable(tx, id, why)
    tx.execute(_REMOVED, {"endpoint": id, "now": tx.now})


def enable(tx: Transaction, id: str) -> None:
    """Someone says that it works again."""
    tx.execute(_ENABLED, {"endpoint": id})


def note(tx: Transaction, delivery: str, endpoint: str, attempt: int, status: int | None, says: str, ms: int) -> None:
    """How an attempt went."""
    tx.insert(attempts, as_row(Attempt(new_id(), delivery, endpoint, attempt, tx.now, status, says, ms)))


def attempts_of(reader: Reader, delivery: str) -> list[Attempt]:
    """Oldest first."""
    return reader.all(_ATTEMPTS, Attempt, {"of": delivery})
