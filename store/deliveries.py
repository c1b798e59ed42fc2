"""What leaves the house, as the page of deliveries lists it: latest first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, select

from store.database import Reader
from store.outbox import Outgoing, outbox


@dataclass(frozen=True)
class Filters:
    """Which of a region's rows; None is all."""

    region: str
    statuses: tuple[str, ...] = ()
    kind: str | None = None
    """`mail` or `event`."""
    recipient: str | None = None
    case_id: str | None = None


def listed(reader: Reader, filters: Filters, *, limit: int, offset: int = 0) -> list[Outgoing]:
    """Latest first."""
    query = _chosen(select(outbox), filters).order_by(outbox.c.created_at.desc(), outbox.c.sequence.desc(), outbox.c.id)
    return reader.all(query.limit(limit).offset(offset), Outgoing)


def counts(reader: Reader, region: str) -> dict[str, int]:
    """Status -> how many."""
    query = select(outbox.c.status, func.count()).where(outbox.c.region == region).group_by(outbox.c.status)
    return reader.pairs(query)


def _chosen(query: Select[tuple[object, ...]], filters: Filters) -> Select[tuple[object, ...]]:
    query = query.where(outbox.c.region == filters.region)
    if filters.statuses:
        query = query.where(outbox.c.status.in_(filters.statuses))
    chosen = {outbox.c.kind: filters.kind, outbox.c.recipient: filters.recipient, outbox.c.case_id: filters.case_id}
    return query.where(*(column == value for column, value in chosen.items() if value is not None))
