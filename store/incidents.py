"""Incidents: what stopped a case. The same failure again is counted in one row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Index, Integer, Table, Text, bindparam, select, update

from store.columns import Instant, as_row, constant, metadata, new_id, partial_index
from store.database import Reader, Transaction
from store.prepared import Answer, Row

incidents = Table(
    "incidents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("case_id", Text),
    Column("task", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    Column("resolved_by", Text),
    Column("annotation", Text, nullable=False),
    partial_index("uq_incidents_open", "case_id", "task", "rule", unique=True, where="status = 'open'"),
    Index(None, "region", "status", "last_at"),
    Index(None, "case_id"),
)


@dataclass(frozen=True, slots=True)
class Incident:
    id: str
    region: str
    case_id: str | None
    """None for what belongs to no case: a mail that was never accepted."""
    task: str
    """The core's task key, or the id of what failed."""
    element: str
    process: str
    rule: str
    """`expression`, `decision`, `no-flow`, `limit`, `effect`, `stall`, `error-uncaught`, `delivery` ..."""
    message: str
    """Swedish; may hold text from a diagram: escape it."""
    status: str
    """`open` or `resolved`."""
    count: int
    first_at: datetime
    last_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    annotation: str = ""


IS_OPEN = incidents.c.status == constant("open")
_OPEN = select(incidents).where(IS_OPEN).order_by(incidents.c.last_at.desc(), incidents.c.id)
_OPEN_OF_CASE = _OPEN.where(incidents.c.case_id == bindparam("case"))
_STOPPED = select(incidents.c.case_id).where(incidents.c.region == bindparam("region"), IS_OPEN).distinct()
_AGAIN = (
    update(incidents)
    .where(
        incidents.c.task == bindparam("key"),
        incidents.c.rule == bindparam("broken"),
        IS_OPEN,
    )
    .values(count=incidents.c.count + 1, last_at=bindparam("now"), message=bindparam("said"))
)
_AGAIN_IN_CASE = _AGAIN.where(incidents.c.case_id == bindparam("case"))
_AGAIN_OUTSIDE = _AGAIN.where(incidents.c.case_id.is_(None), incidents.c.region == bindparam("of"))
_RESOLVE = (
    update(incidents)
    .where(IS_OPEN)
    .values(status="resolved", resolved_at=bindparam("now"), resolved_by=bindparam("by"))
)
_RENAME = (
    update(incidents)
    .where(incidents.c.case_id == bindparam("case"), incidents.c.task == bindparam("at"))
    .values(element=bindparam("to"))
)
_RESOLVE_TASK = _RESOLVE.where(incidents.c.case_id == bindparam("case"), incidents.c.task == bindparam("key"))
_RESOLVE_ONE = _RESOLVE.where(incidents.c.id == bindparam("incident"))
_RESOLVE_OUTSIDE = _RESOLVE.where(
    incidents.c.case_id.is_(None), incidents.c.task == bindparam("key"), incidents.c.rule == bindparam("broken")
)
_RESOLVE_CASE = _RESOLVE.where(incidents.c.case_id == bindparam("case"), incidents.c.rule != bindparam("but"))


def report(
    tx: Transaction,
    region: str,
    case_id: str | None,
    task: str,
    *,
    element: str,
    process: str,
    rule: str,
    message: str,
) -> bool:
    """Something stopped. True when it is new, False when the same failure was counted once more."""
    again = {"key": task, "broken": rule, "now": tx.now, "said": message}
    if _again(tx, region, case_id, again).rowcount:
        return False
    row = Incident(new_id(), region, case_id, task, element, process, rule, message, "open", 1, tx.now, tx.now)
    return tx.insert_new(incidents, as_row(row))


def _again(tx: Transaction, region: str, case_id: str | None, same: Row) -> Answer:
    if case_id is None:
        return tx.execute(_AGAIN_OUTSIDE, {**same, "of": region})
    return tx.execute(_AGAIN_IN_CASE, {**same, "case": case_id})


def resolve(tx: Transaction, id: str, by: str | None) -> bool:
    """False when it is not open."""
    return tx.execute(_RESOLVE_ONE, {"incident": id, "now": tx.now, "by": by}).rowcount == 1


def resolve_task(tx: Transaction, case_id: str, task: str, by: str | None = None) -> None:
    """The case has gone on from there."""
    tx.execute(_RESOLVE_TASK, {"case": case_id, "key": task, "now": tx.now, "by": by})


def resolve_outside(tx: Transaction, task: str, rule: str) -> None:
    """What belongs to no case works again."""
    tx.execute(_RESOLVE_OUTSIDE, {"key": task, "broken": rule, "now": tx.now, "by": None})


def resolve_case(tx: Transaction, case_id: str, by: str | None, *, but: str) -> None:
    """The case has ended: nothing stops it any more, but what a rule tells of may be left."""
    tx.execute(_RESOLVE_CASE, {"case": case_id, "now": tx.now, "by": by, "but": but})


def rename(tx: Transaction, case_id: str, elements: Mapping[str, str]) -> None:
    """The case's version calls the elements otherwise: task key -> element."""
    if elements:
        tx.execute(_RENAME, [{"case": case_id, "at": key, "to": element} for key, element in elements.items()])


def annotate(tx: Transaction, id: str, annotation: str) -> None:
    tx.execute(update(incidents).where(incidents.c.id == id).values(annotation=annotation))


def find(reader: Reader, id: str) -> Incident | None:
    return reader.find(select(incidents).where(incidents.c.id == id), Incident)


def open_of_case(reader: Reader, case_id: str) -> list[Incident]:
    """Latest first."""
    return reader.all(_OPEN_OF_CASE, Incident, {"case": case_id})


def cases_stopped(reader: Reader, region: str) -> set[str]:
    """Ids of the cases that an open incident belongs to."""
    return {each for each in reader.execute(_STOPPED, {"region": region}).scalars() if each}


def open_of_region(reader: Reader, region: str, *, limit: int = 100) -> list[Incident]:
    """Latest first."""
    query = select(incidents).where(incidents.c.region == region, incidents.c.status == "open")
    return reader.all(query.order_by(incidents.c.last_at.desc(), incidents.c.id).limit(limit), Incident)
