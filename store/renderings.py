"""Documents that the product has made: the page that was stored with the step, and the PDF that is set afterwards.

Setting takes seconds, so it never happens in the step's transaction. Whoever sets a page holds a lease, as with the
outbox: when it runs out, another may try. A row has no PDF until it is set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, bindparam, func, select, update

from store.columns import Instant, as_row, metadata, partial_index
from store.database import Reader, Transaction

LEASE = timedelta(minutes=5)
"""How long setting may take before another worker tries."""

renderings = Table(
    "renderings",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("region", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("pdf_id", ForeignKey("documents.id")),
    Column("created_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant),
    Column("last_error", Text, nullable=False),
    partial_index("ix_renderings_next", "next_at", where="next_at IS NOT NULL"),
    Index(None, "case_id", "template"),
    Index(None, "region", "template"),
)


@dataclass(frozen=True, slots=True)
class Rendering:
    document_id: str
    """The page, HTML."""
    case_id: str
    region: str
    template: str
    """What kind of document it is: `decisionMemo`, `gapReport` ..."""
    title: str
    version: int
    """1, 2, 3 ... of its template and title within the case."""
    status: str
    """`waiting`, `setting`, `set` or `failed`."""
    pdf_id: str | None
    created_at: datetime
    attempts: int = 0
    next_at: datetime | None = None
    """When to try (again), or when the lease runs out; None when there is nothing more to do."""
    last_error: str = ""


_VERSION = select(func.max(renderings.c.version)).where(
    renderings.c.case_id == bindparam("case"),
    renderings.c.template == bindparam("of"),
    renderings.c.title == bindparam("called"),
)
_OF_CASE = (
    select(renderings)
    .where(renderings.c.case_id == bindparam("case"))
    .order_by(renderings.c.created_at, renderings.c.title, renderings.c.version)
)
_OF_TEMPLATE = (
    select(renderings)
    .where(renderings.c.region == bindparam("region"), renderings.c.template == bindparam("of"))
    .order_by(renderings.c.created_at.desc(), renderings.c.document_id)
    .limit(bindparam("most"))
)
_FIND = select(renderings).where(renderings.c.document_id == bindparam("document"))
_IS_DUE = renderings.c.next_at <= bindparam("now", type_=Instant)
_CLAIM = (
    select(renderings)
    .where(_IS_DUE)
    .order_by(renderings.c.next_at, renderings.c.document_id)
    .limit(1)
    .with_for_update(skip_locked=True, of=renderings)
)
_DUE = select(renderings.c.document_id).where(_IS_DUE).limit(1)
_WAITING = select(func.count()).where(
    renderings.c.region == bindparam("region"), renderings.c.status.in_(("waiting", "setting"))
)
_LEASE = (
    update(renderings)
    .where(renderings.c.document_id == bindparam("document"))
    .values(status="setting", attempts=renderings.c.attempts + 1, next_at=bindparam("until"))
)
# Only whoever made the last attempt may tell how it went: one that wakes up late changes nothing.
_MINE = (
    (renderings.c.document_id == bindparam("document"))
    & (renderings.c.attempts == bindparam("attempt"))
    & (renderings.c.status == "setting")
)
_SET = update(renderings).where(_MINE).values(status="set", pdf_id=bindparam("pdf"), next_at=None, last_error="")
_FAILED = (
    update(renderings)
    .where(_MINE)
    .values(status=bindparam("to"), next_at=bindparam("again"), last_error=bindparam("said"))
)
_AGAIN = (
    update(renderings)
    .where(renderings.c.document_id == bindparam("document"), renderings.c.status == "failed")
    .values(status="waiting", attempts=0, next_at=bindparam("now"))
)


def next_version(reader: Reader, case_id: str, template: str, title: str) -> int:
    """The number that the next one of its kind gets. The case is locked by the caller."""
    return (reader.scalar(_VERSION, {"case": case_id, "of": template, "called": title}) or 0) + 1


def enqueue(
    tx: Transaction, document_id: str, *, case_id: str, region: str, template: str, title: str, version: int
) -> Rendering:
    """A page to set once this transaction is committed."""
    row = Rendering(document_id, case_id, region, template, title, version, "waiting", None, tx.now, 0, tx.now)
    tx.insert(renderings, as_row(row))
    return row


def claim(tx: Transaction) -> Rendering | None:
    """Take the page that has waited longest, for the length of a lease; `attempts` counts this attempt."""
    found = tx.find(_CLAIM, Rendering, {"now": tx.now})
    if found is None:
        return None
    until = tx.now + LEASE
    tx.execute(_LEASE, {"document": found.document_id, "until": until})
    return replace(found, status="setting", attempts=found.attempts + 1, next_at=until)


def is_due(reader: Reader) -> bool:
    return reader.scalar(_DUE, {"now": reader.now}) is not None


def done(tx: Transaction, rendering: Rendering, pdf_id: str) -> bool:
    """It is set. False when another worker has taken over since."""
    return _mine(tx, _SET, rendering, pdf=pdf_id)


def failed(tx: Transaction, rendering: Rendering, error: str, again: datetime | None) -> bool:
    """It could not be set; try `again` then, or give up (None). False when another worker has taken over since."""
    return _mine(tx, _FAILED, rendering, said=error, again=again, to="waiting" if again else "failed")


def again(tx: Transaction, document_id: str) -> bool:
    """Try what was given up once more, as if it were new. False when it was not given up."""
    return tx.execute(_AGAIN, {"document": document_id, "now": tx.now}).rowcount == 1


def find(reader: Reader, document_id: str) -> Rendering | None:
    return reader.find(_FIND, Rendering, {"document": document_id})


def of_case(reader: Reader, case_id: str) -> list[Rendering]:
    """In the order in which they were made."""
    return reader.all(_OF_CASE, Rendering, {"case": case_id})


def of_template(reader: Reader, region: str, template: str, limit: int = 20) -> list[Rendering]:
    """Latest first."""
    return reader.all(_OF_TEMPLATE, Rendering, {"region": region, "of": template, "most": limit})


def waiting(reader: Reader, region: str) -> int:
    """How many pages of a region are not set yet and not given up."""
    found: int = reader.scalar(_WAITING, {"region": region})
    return found


def _mine(tx: Transaction, statement: Any, rendering: Rendering, **values: Any) -> bool:
    who = {"document": rendering.document_id, "attempt": rendering.attempts}
    return tx.execute(statement, who | values).rowcount == 1
