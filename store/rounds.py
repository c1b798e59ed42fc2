"""Consultation rounds: who was asked, where each stands, and every comment with what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text, bindparam, func, or_, select, update

from store.columns import Instant, Json, as_row, metadata, new_id
from store.database import Reader, Transaction
from store.tasks import IS_UNCLOSED, tasks

rounds = Table(
    "rounds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("region", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("due", Date),
    Column("status", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", Text),
    Column("closed_at", Instant),
    Index(None, "case_id"),
    Index(None, "region", "status"),
)

invitees = Table(
    "round_invitees",
    metadata,
    Column("id", Text, primary_key=True),
    Column("round_id", ForeignKey("rounds.id"), nullable=False),
    Column("person", Text),
    Column("group", Text),
    Column("task_id", Text),
    Column("via", Text),
    Column("status", Text, nullable=False),
    Column("due", Date),
    Column("asked_at", Instant, nullable=False),
    Column("seen_at", Instant),
    Column("answered_at", Instant),
    Column("answered_by", Text),
    Column("on_behalf_of", Text),
    Column("stance", Text),
    Column("answer", Json),
    Index(None, "round_id"),
    Index(None, "task_id"),
)

comments = Table(
    "round_comments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("round_id", ForeignKey("rounds.id"), nullable=False),
    Column("invitee_id", ForeignKey("round_invitees.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("section", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("proposal", Text, nullable=False),
    Column("disposition", Text),
    Column("response", Text, nullable=False),
    Column("disposed_by", Text),
    Column("disposed_at", Instant),
    Index(None, "round_id"),
    Index(None, "invitee_id"),
)


@dataclass(frozen=True, slots=True)
class Round:
    id: str
    case_id: str
    region: str
    name: str
    due: date | None
    status: str
    """`open`, `closed` or `withdrawn`."""
    opened_at: datetime
    opened_by: str | None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invitee:
    id: str
    round_id: str
    person: str | None
    group: str | None
    """Role with scope: `primaryCareRep@LUNG`."""
    task_id: str | None
    """The task in which they answer."""
    via: str | None
    """Person key of whoever forwarded the question."""
    status: str
    """`asked`, `seen`, `answered`, `silent` (closed without an answer) or `withdrawn`."""
    due: date | None
    asked_at: datetime
    seen_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None
    on_behalf_of: str | None = None
    stance: str | None = None
    answer: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    id: str
    round_id: str
    invitee_id: str
    position: int
    section: str
    comment: str
    proposal: str
    disposition: str | None = None
    """What the compiler decided: `accepted`, `partly`, `rejected`, `noted`; None until then."""
    response: str = ""
    disposed_by: str | None = None
    disposed_at: datetime | None = None


_ROUND = select(rounds).where(rounds.c.id == bindparam("round"))
_OF_CASE = select(rounds).where(rounds.c.case_id == bindparam("case")).order_by(rounds.c.opened_at.desc())
_OPEN_ROUND = _OF_CASE.where(rounds.c.status == "open").limit(1)
_INVITEES = (
    select(invitees).where(invitees.c.round_id == bindparam("round")).order_by(invitees.c.asked_at, invitees.c.id)
)
_OF_TASK = select(invitees).where(invitees.c.task_id == bindparam("task"))
_COMMENTS = (
    select(comments)
    .join(invitees, invitees.c.id == comments.c.invitee_id)
    .where(comments.c.round_id == bindparam("round"))
    .order_by(invitees.c.asked_at, invitees.c.id, comments.c.position)
)
_COMMENT = select(comments).where(comments.c.id == bindparam("comment"))
_ASKED = select(invitees.c.id).where(invitees.c.round_id == bindparam("round")).limit(1)
_UNDECIDED = (
    select(invitees.c.id)
    .outerjoin(tasks, tasks.c.id == invitees.c.task_id)
    .where(invitees.c.round_id == bindparam("round"), or_(invitees.c.task_id.is_(None), IS_UNCLOSED))
    .limit(1)
)
_COUNTS = (
    select(invitees.c.status, func.count()).where(invitees.c.round_id == bindparam("round")).group_by(invitees.c.status)
)
_SEEN = (
    update(invitees)
    .where(invitees.c.task_id == bindparam("task"), invitees.c.status == "asked")
    .values(status="seen", seen_at=bindparam("now"))
)


def open(tx: Transaction, case_id: str, region: str, name: str, due: date | None, by: str | None) -> Round:
    opened = Round(new_id(), case_id, region, name, due, "open", tx.now, by)
    tx.insert(rounds, as_row(opened))
    return opened


def invite(
    tx: Transaction,
    round_id: str,
    *,
    person: str | None = None,
    group: str | None = None,
    via: str | None = None,
    due: date | None = None,
) -> Invitee:
    """Ask a person or a role (`primaryCareRep@LUNG`); `via` is whoever forwarded the question."""
    invitee = Invitee(new_id(), round_id, person, group, None, via, "asked", due, tx.now)
    tx.insert(invitees, as_row(invitee))
    return invitee


def attach(tx: Transaction, invitee: str, task_id: str) -> None:
    """The task in which an invitee answers has opened."""
    tx.execute(update(invitees).where(invitees.c.id == invitee).values(task_id=task_id))


def seen(tx: Transaction, task_id: str) -> bool:
    """Someone opened the task's page for the first time."""
    return tx.execute(_SEEN, {"task": task_id, "now": tx.now}).rowcount == 1


def answered(
    tx: Transaction,
    invitee: str,
    *,
    by: str | None,
    on_behalf_of: str | None = None,
    stance: str | None,
    answer: Mapping[str, Any],
    comments_: list[tuple[str, str, str]],
) -> None:
    """An answer came in; `comments_` are (section, comment, proposal) and replace earlier ones of this invitee."""
    change = {"answered_at": tx.now, "answered_by": by, "on_behalf_of": on_behalf_of, "stance": stance}
    tx.execute(
        update(invitees).where(invitees.c.id == invitee).values(status="answered", answer=dict(answer), **change)
    )
    tx.execute(comments.delete().where(comments.c.invitee_id == invitee))
    round_id = tx.scalar(select(invitees.c.round_id).where(invitees.c.id == invitee))
    rows = [Comment(new_id(), round_id, invitee, at, *three) for at, three in enumerate(comments_, start=1)]
    tx.insert(comments, [as_row(row) for row in rows])


def dispose(tx: Transaction, comment: str, disposition: str, response: str, by: str) -> None:
    """Decide what becomes of a comment, and tell why."""
    change = {"disposition": disposition, "response": response, "disposed_by": by, "disposed_at": tx.now}
    tx.execute(update(comments).where(comments.c.id == comment).values(**change))


def close(tx: Transaction, round_id: str, status: str = "closed") -> None:
    """End the round: `closed` or `withdrawn`; whoever has not answered becomes `silent`, or `withdrawn` with it."""
    tx.execute(update(rounds).where(rounds.c.id == round_id).values(status=status, closed_at=tx.now))
    unanswered = invitees.c.status.in_(("asked", "seen"))
    left = "silent" if status == "closed" else "withdrawn"
    tx.execute(update(invitees).where(invitees.c.round_id == round_id, unanswered).values(status=left))


def is_over(reader: Reader, round_id: str) -> bool:
    """Whether someone was asked, and nobody's task is still to open or open."""
    undecided, asked = (reader.scalar(query, {"round": round_id}) for query in (_UNDECIDED, _ASKED))
    return asked is not None and undecided is None


def find(reader: Reader, round_id: str) -> Round | None:
    return reader.find(_ROUND, Round, {"round": round_id})


def of_case(reader: Reader, case_id: str) -> list[Round]:
    """Latest first."""
    return reader.all(_OF_CASE, Round, {"case": case_id})


def open_of_case(reader: Reader, case_id: str) -> Round | None:
    """The open round that was opened last."""
    return reader.find(_OPEN_ROUND, Round, {"case": case_id})


def invitees_of(reader: Reader, round_id: str) -> list[Invitee]:
    return reader.all(_INVITEES, Invitee, {"round": round_id})


def invitee_of_task(reader: Reader, task_id: str) -> Invitee | None:
    return reader.find(_OF_TASK, Invitee, {"task": task_id})


def comments_of(reader: Reader, round_id: str) -> list[Comment]:
    """In the order of the invitees, then as each wrote them."""
    return reader.all(_COMMENTS, Comment, {"round": round_id})


def comment(reader: Reader, id: str) -> Comment | None:
    return reader.find(_COMMENT, Comment, {"comment": id})


def counts(reader: Reader, round_id: str) -> dict[str, int]:
    """Status -> number of invitees."""
    return reader.pairs(_COUNTS, {"round": round_id})
