"""Local additions (lokala tillägg): what a region adds to a national article, tied to its version and place in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text, bindparam, func, or_, select, update

from store.columns import Instant, as_row, metadata, new_id
from store.database import Reader, Transaction

IN_FORCE = ("published", "review")
"""Statuses of an addition that applies."""

additions = Table(
    "additions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("case_id", Text),
    Column("article", Text, nullable=False),
    Column("article_version", Text, nullable=False),
    Column("article_title", Text, nullable=False),
    Column("anchor", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("document_reference", Text),
    Column("published_on", Date),
    Column("review_by", Date),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index(None, "region", "article"),
    Index(None, "region", "status", "review_by"),
)

versions = Table(
    "addition_versions",
    metadata,
    Column("addition_id", ForeignKey("additions.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("case_id", Text),
    Column("article_version", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("document_reference", Text),
    Column("published_on", Date),
    Column("review_by", Date),
    Column("at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Addition:
    id: str
    region: str
    case_id: str | None
    """The case that last worked on it."""
    article: str
    """Id or address of the national article."""
    article_version: str
    """The version it was written for: when the article has another one, it is to be looked at."""
    article_title: str
    anchor: str
    """The heading or place in the article that it belongs to."""
    area: str
    title: str
    content: str
    status: str
    """`draft`, `published`, `review` or `withdrawn`."""
    document_reference: str | None
    """Its number in the document system."""
    published_on: date | None
    review_by: date | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """An addition as it stood after one change."""

    addition_id: str
    number: int
    """1, 2, 3 ... of the addition."""
    case_id: str | None
    """The case that made it so."""
    article_version: str
    title: str
    content: str
    status: str
    document_reference: str | None
    published_on: date | None
    review_by: date | None
    at: datetime


_FIND = select(additions).where(additions.c.id == bindparam("addition"))
_OF_REGION = (
    select(additions)
    .where(additions.c.region == bindparam("region"))
    .order_by(additions.c.article_title, additions.c.anchor, additions.c.id)
)
_OF_ARTICLE = _OF_REGION.where(additions.c.article == bindparam("article"))
_CARRIED = (
    select(versions.c.case_id, additions.c.title)
    .join(additions, additions.c.id == versions.c.addition_id)
    .where(
        additions.c.region == bindparam("region"),
        additions.c.status.in_(IN_FORCE),
        versions.c.case_id.is_not(None),
    )
    .distinct()
    .order_by(additions.c.title)
)
_LAST = select(func.max(versions.c.number)).where(versions.c.addition_id == bindparam("addition"))
_VERSIONS = select(versions).where(versions.c.addition_id == bindparam("addition")).order_by(versions.c.number.desc())
_SEARCHED = (
    *(additions.c.article, additions.c.article_title, additions.c.anchor),
    *(additions.c.title, additions.c.document_reference),
)
_AREAS = (
    select(additions.c.area)
    .where(additions.c.region == bindparam("region"), additions.c.area != "")
    .distinct()
    .order_by(additions.c.area)
)
_AS_KEPT = tuple(name for name in Version.__slots__ if name not in ("addition_id", "number", "at"))


def register(
    tx: Transaction,
    *,
    region: str,
    article: str,
    article_version: str,
    article_title: str,
    anchor: str,
    title: str,
    area: str = "",
    case_id: str | None = None,
) -> Addition:
    """A new draft."""
    addition = Addition(
        id=new_id(),
        region=region,
        case_id=case_id,
        article=article,
        article_version=article_version,
        article_title=article_title,
        anchor=anchor,
        area=area,
        title=title,
        content="",
        status="draft",
        document_reference=None,
        published_on=None,
        review_by=None,
        created_at=tx.now,
        changed_at=tx.now,
    )
    tx.insert(additions, as_row(addition))
    return addition


def change(tx: Transaction, id: str, **columns: Any) -> None:
    """Set fields of an addition, such as `status`, `content` or `review_by`; what it then says is its next version."""
    tx.execute(update(additions).where(additions.c.id == id).values(**columns, changed_at=tx.now))
    changed = find(tx, id)
    if changed is not None:
        number = (tx.scalar(_LAST, {"addition": id}) or 0) + 1
        kept = {name: getattr(changed, name) for name in _AS_KEPT}
        tx.insert(versions, {"addition_id": id, "number": number, "at": tx.now, **kept})


def find(reader: Reader, id: str) -> Addition | None:
    return reader.find(_FIND, Addition, {"addition": id})


def of_region(reader: Reader, region: str) -> list[Addition]:
    return reader.all(_OF_REGION, Addition, {"region": region})


def listed(
    reader: Reader,
    region: str,
    *,
    status: Sequence[str] = (),
    area: str = "",
    text: str = "",
    review_before: date | None = None,
    limit: int = 200,
) -> list[Addition]:
    """By article and place. `text` is looked for in article, place, title and reference; empty means all of them."""
    query = _OF_REGION.limit(limit)
    if status:
        query = query.where(additions.c.status.in_(list(status)))
    if area:
        query = query.where(additions.c.area == area)
    if review_before is not None:
        query = query.where(additions.c.review_by < review_before)
    if text:
        query = query.where(or_(*(each.icontains(text, autoescape=True) for each in _SEARCHED)))
    return reader.all(query, Addition, {"region": region})


def areas_of(reader: Reader, region: str) -> list[str]:
    """The programme areas that have additions."""
    return reader.execute(_AREAS, {"region": region}).scalars()


def versions_of(reader: Reader, id: str) -> list[Version]:
    """Every version of an addition, latest first."""
    return reader.all(_VERSIONS, Version, {"addition": id})


def of_article(reader: Reader, region: str, article: str) -> list[Addition]:
    """What a region has added to an article, whatever its version."""
    return reader.all(_OF_ARTICLE, Addition, {"region": region, "article": article})


def carried(reader: Reader, region: str) -> list[tuple[str, str]]:
    """Cases that have made an addition in force what it is: the id of the case, and the addition's title."""
    return [(case, title) for case, title in reader.execute(_CARRIED, {"region": region})]
