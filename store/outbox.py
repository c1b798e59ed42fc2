"""What leaves the house: mails and events, written in the transaction that caused them and sent afterwards.

Sending is at least once, under an id that never changes. Whoever sends holds a lease: when it runs out, another may
try.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Index, Integer, Table, Text, bindparam, func, insert, select, update

from store import settings
from store.columns import Instant, Json, as_row, constant, metadata, new_id, partial_index
from store.database import Reader, Transaction
from store.quick import quick

LEASE = timedelta(seconds=60)
"""How long a sender may take before another one tries."""

_HELD = "outbound.held"

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("case_id", Text),
    Column("task_id", Text),
    Column("sequence", Integer, nullable=False),
    Column("recipient", Text),
    Column("payload", Json, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant),
    Column("sent_at", Instant),
    Column("last_error", Text, nullable=False),
    partial_index("ix_outbox_mail", "next_at", where="kind = 'mail' AND next_at IS NOT NULL"),
    partial_index("ix_outbox_due", "recipient", "next_at", where="next_at IS NOT NULL"),
    partial_index("ix_outbox_line", "recipient", "case_id", "sequence", where="next_at IS NOT NULL"),
    Index(None, "case_id", "sequence"),
    Index(None, "recipient", "created_at"),
)


@quick(frozen=True, slots=True)
class Outgoing:
    id: str
    """The same at every attempt: the receiver can tell a repetition."""
    region: str
    kind: str
    """`mail` or `event`."""
    name: str
    """Event type (`task.created`), or what the mail is about (`reminder`)."""
    case_id: str | None
    task_id: str | None
    sequence: int
    """1, 2, 3 ... within the case."""
    recipient: str | None
    """Person key of a mail, endpoint id of an event."""
    payload: Mapping[str, Any]
    status: str
    """`waiting`, `sending`, `sent`, `failed` or `withdrawn`."""
    created_at: datetime
    attempts: int = 0
    next_at: datetime | None = None
    """When to try (again), or when the sender's lease runs out; None when there is nothing more to do."""
    sent_at: datetime | None = None
    last_error: str = ""


_ENQUEUE = insert(outbox).values(
    {each: bindparam(each.name) for each in outbox.c}
    | {
        outbox.c.sequence: select(func.coalesce(func.max(outbox.c.sequence), 0) + 1)
        .where(outbox.c.case_id == bindparam("case_id"))
        .scalar_subquery()
    }
)
_earlier = outbox.alias("earlier")
# An event of a case waits until the one before it has left, so that a receiver never sees them in another order. What
# is still to be done has a `next_at`.
_IN_ORDER = ~(
    select(_earlier.c.id)
    .where(
        _earlier.c.recipient == outbox.c.recipient,
        _earlier.c.case_id == outbox.c.case_id,
        _earlier.c.sequence < outbox.c.sequence,
        _earlier.c.next_at.is_not(None),
    )
    .exists()
)
_DUE = outbox.c.next_at <= bindparam("now", type_=Instant)
_CLAIM = (
    select(outbox)
    .where(_DUE)
    .order_by(outbox.c.next_at, outbox.c.sequence)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=outbox)
)
_IS_MAIL = outbox.c.kind == constant("mail")
_CLAIM_MAIL = _CLAIM.where(_IS_MAIL)
_CLAIM_EVENTS = _CLAIM.where(outbox.c.kind == "event", outbox.c.recipient == bindparam("to"), _IN_ORDER)
_DUE_MAIL = select(outbox.c.id).where(_DUE, _IS_MAIL).limit(1)
_DUE_EVENTS = select(outbox.c.id).where(_DUE, outbox.c.kind == "event", outbox.c.recipient == bindparam("to")).limit(1)
_LEASE = (
    update(outbox)
    .where(outbox.c.id == bindparam("out"))
    .values(status="sending", attempts=outbox.c.attempts + 1, next_at=bindparam("until"))
)
# Only whoever made the last attempt may tell how it went: an earlier sender that wakes up late changes nothing.
_MINE = (outbox.c.id == bindparam("out")) & (outbox.c.attempts == bindparam("attempt")) & (outbox.c.status == "sending")
_SENT = update(outbox).where(_MINE).values(status="sent", sent_at=bindparam("now"), next_at=None, last_error="")
_FAILED = (
    update(outbox).where(_MINE).values(status=bindparam("to"), next_at=bindparam("again"), last_error=bindparam("said"))
)
_PUT_BACK = (
    update(outbox).where(_MINE).values(status="waiting", attempts=outbox.c.attempts - 1, next_at=bindparam("again"))
)
_TO_ENDPOINT = (outbox.c.kind == "event") & (outbox.c.recipient == bindparam("to"))
_GIVE_UP = (
    update(outbox)
    .where(_TO_ENDPOINT, outbox.c.next_at.is_not(None))
    .values(status="failed", next_at=None, last_error=bindparam("said"))
)
_RESEND = update(outbox).where(outbox.c.status != "sending").values(status="waiting", next_at=bindparam("at"))
_RESEND_ONE = _RESEND.where(outbox.c.id == bindparam("out"))
_RESEND_MISSED = _RESEND.where(_TO_ENDPOINT, outbox.c.status.in_(("failed", "waiting")))
_RESEND_MAIL = _RESEND.where(
    outbox.c.kind == "mail", outbox.c.recipient == bindparam("to"), outbox.c.status == "failed"
)
_WITHDRAW = (
    update(outbox)
    .where(outbox.c.case_id == bindparam("case"), outbox.c.kind == "mail", outbox.c.status == "waiting")
    .values(status="withdrawn", next_at=None)
)
_WITHDRAW_TO = (
    update(outbox)
    .where(outbox.c.recipient == bindparam("to"), outbox.c.kind == "mail", outbox.c.next_at.is_not(None))
    .values(status="withdrawn", next_at=None)
)
_TAKE_BACK = (
    update(outbox)
    .where(outbox.c.id == bindparam("out"), outbox.c.status == "waiting")
    .values(status="withdrawn", next_at=None)
    .returning(outbox.c.attempts)
)
_STILL_HERE = outbox.c.next_at.is_not(None)
_COUNT_WAITING = select(func.count()).where(_STILL_HERE)
_WAITING = (
    select(outbox)
    .where(_STILL_HERE)
    .order_by(outbox.c.created_at, outbox.c.sequence, outbox.c.id)
    .limit(bindparam("most"))
    .offset(bindparam("past"))
)
_TO = select(outbox).where(outbox.c.recipient == bindparam("to")).order_by(outbox.c.created_at, outbox.c.sequence)


def enqueue(
    tx: Transaction,
    region: str,
    kind: str,
    name: str,
    payload: Mapping[str, Any],
    *,
    case_id: str | None = None,
    task_id: str | None = None,
    recipient: str | None = None,
) -> str:
    """Something to send once this transaction is committed; answers with its id. The case is locked by the caller."""
    id = new_id()
    out = Outgoing(id, region, kind, name, case_id, task_id, 0, recipient, payload, "waiting", tx.now, 0, tx.now)
    tx.execute(_ENQUEUE, as_row(out))
    return id


def claim_mail(tx: Transaction, limit: int = 10) -> list[Outgoing]:
    """Take mails that are due, for the length of a lease; each row as it is now (`attempts` counts this attempt)."""
    return _leased(tx, tx.all(_CLAIM_MAIL, Outgoing, {"now": tx.now, "most": limit}))


def claim_events(tx: Transaction, endpoint: str, limit: int = 10) -> list[Outgoing]:
    """As `claim_mail`, for one endpoint, and never an event before those of its case that came earlier."""
    return _leased(tx, tx.all(_CLAIM_EVENTS, Outgoing, {"now": tx.now, "most": limit, "to": endpoint}))


def mail_is_due(reader: Reader) -> bool:
    return reader.scalar(_DUE_MAIL, {"now": reader.now}) is not None


def events_are_due(reader: Reader, endpoint: str) -> bool:
    return reader.scalar(_DUE_EVENTS, {"now": reader.now, "to": endpoint}) is not None


def sent(tx: Transaction, out: Outgoing) -> bool:
    """It was accepted. False when another sender has taken over since."""
    return tx.execute(_SENT, {"out": out.id, "attempt": out.attempts, "now": tx.now}).rowcount == 1


def failed(tx: Transaction, out: Outgoing, error: str, again: datetime | None) -> bool:
    """It was not accepted; try again at a moment, or never (None). False when another sender has taken over since."""
    row = {"out": out.id, "attempt": out.attempts, "to": "waiting" if again else "failed"}
    return tx.execute(_FAILED, row | {"again": again, "said": error}).rowcount == 1


def put_back(tx: Transaction, untried: Sequence[Outgoing]) -> None:
    """They were taken but not tried: let them be due as they were, and this attempt not count."""
    tx.execute(_PUT_BACK, [{"out": each.id, "attempt": each.attempts, "again": tx.now} for each in untried])


def give_up(tx: Transaction, endpoint: str, why: str) -> int:
    """The endpoint is shut off: what still waits for it is failed. Answers how many."""
    return tx.execute(_GIVE_UP, {"to": endpoint, "said": why}).rowcount


def resend(tx: Transaction, id: str) -> bool:
    """Send by hand what was given up or has left, under the same id. False while it is being sent."""
    return tx.execute(_RESEND_ONE, {"out": id, "at": tx.now}).rowcount == 1


def resend_missed(tx: Transaction, endpoint: str) -> int:
    """Send now what an endpoint has not got: given up, or waiting for its next attempt. Answers how many."""
    return tx.execute(_RESEND_MISSED, {"to": endpoint, "at": tx.now}).rowcount


def resend_mail(tx: Transaction, person: str) -> int:
    """Send now the mails to a person that were given up. Answers how many."""
    return tx.execute(_RESEND_MAIL, {"to": person, "at": tx.now}).rowcount


def hold(tx: Transaction) -> None:
    """Keep everything here until an operator releases it, as after a restore."""
    settings.put(tx, _HELD, True)


def release(tx: Transaction) -> None:
    """Let it leave again."""
    settings.put(tx, _HELD, False)


def is_held(reader: Reader) -> bool:
    return bool(settings.get(reader, _HELD, False))


def count_waiting(reader: Reader) -> int:
    """How many are still to leave."""
    return int(reader.scalar(_COUNT_WAITING))


def waiting(reader: Reader, limit: int = 100, offset: int = 0) -> list[Outgoing]:
    """What is still to leave, oldest first."""
    return reader.all(_WAITING, Outgoing, {"most": limit, "past": offset})


def withdraw(tx: Transaction, case_id: str) -> None:
    """The case was cancelled: its unsent mail stays here."""
    tx.execute(_WITHDRAW, {"case": case_id})


def withdraw_to(tx: Transaction, person: str) -> None:
    """Nothing more is sent to a person."""
    tx.execute(_WITHDRAW_TO, {"to": person})


def take_back(tx: Transaction, id: str) -> bool:
    """Send it no more. True when nobody has tried to send it, so that nobody can have got it."""
    return bool(tx.scalar(_TAKE_BACK, {"out": id}) == 0)


def to_recipient(reader: Reader, recipient: str) -> list[Outgoing]:
    """Everything for one recipient, oldest first."""
    return reader.all(_TO, Outgoing, {"to": recipient})


def listed(reader: Reader, region: str, status: str, limit: int = 100) -> list[Outgoing]:
    """Latest first."""
    query = select(outbox).where(outbox.c.region == region, outbox.c.status == status)
    return reader.all(query.order_by(outbox.c.created_at.desc(), outbox.c.id).limit(limit), Outgoing)


def find(reader: Reader, id: str) -> Outgoing | None:
    return reader.find(select(outbox).where(outbox.c.id == id), Outgoing)


def _leased(tx: Transaction, found: list[Outgoing]) -> list[Outgoing]:
    until = tx.now + LEASE
    if found:
        tx.execute(_LEASE, [{"out": each.id, "until": until} for each in found])
    return [replace(each, status="sending", attempts=each.attempts + 1, next_at=until) for each in found]
