"""Recusals (jäv i viss fråga): who may not take part in what, and what the cases are about.

A recusal is person x tag, from one day to another, with the case in which it was decided. A tag names a matter in a
word or two (`osteoporos`), written alike everywhere: `tag_of`. A case has the tags that its variable `coiTags` names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Column, Date, ForeignKey, Index, Table, Text, bindparam, delete, or_, select, update

from store.cases import OPEN, cases
from store.columns import Instant, as_row, metadata, new_id
from store.database import Reader, Transaction

recusals = Table(
    "recusals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("person", ForeignKey("persons.key"), nullable=False),
    Column("tag", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("starts", Date, nullable=False),
    Column("ends", Date),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("case_number", Text, nullable=False),
    Column("set_by", Text),
    Column("set_at", Instant, nullable=False),
    Column("lifted_at", Instant),
    Column("lifted_in", ForeignKey("cases.id")),
    Index(None, "person", "tag"),
    Index(None, "region", "tag"),
)

case_tags = Table(
    "case_tags",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("tag", Text, primary_key=True),
    Index(None, "tag"),
)


@dataclass(frozen=True, slots=True)
class Recusal:
    id: str
    region: str
    person: str
    tag: str
    about: str
    """The group or assignment that was assessed: another assessment for the same replaces this one."""
    starts: date
    ends: date | None
    """Last day, inclusive; None until further notice."""
    case_id: str
    """The case in which it was decided; who may read it is another matter."""
    case_number: str
    set_by: str | None
    set_at: datetime
    lifted_at: datetime | None = None
    lifted_in: str | None = None
    """The case that lifted it."""


def tag_of(text: str) -> str:
    """A tag as it is compared: lower case, single spaces."""
    return " ".join(text.split()).casefold()


# Setting and lifting -------------------------------------------------------------------------------------------------

_LIFT = (
    update(recusals)
    .where(
        recusals.c.region == bindparam("of"),
        recusals.c.person == bindparam("who"),
        recusals.c.about == bindparam("concerning"),
        recusals.c.lifted_at.is_(None),
    )
    .values(lifted_at=bindparam("at"), lifted_in=bindparam("by_case"))
)


def add(
    tx: Transaction,
    *,
    region: str,
    person: str,
    tag: str,
    about: str,
    starts: date,
    ends: date | None,
    case_id: str,
    case_number: str,
    by: str | None,
) -> Recusal:
    tx.forget(of_case)
    recusal = Recusal(new_id(), region, person, tag, about, starts, ends, case_id, case_number, by, tx.now)
    tx.insert(recusals, as_row(recusal))
    return recusal


def lift(tx: Transaction, region: str, person: str, about: str, case_id: str) -> int:
    """What was decided of a person for a group no longer holds; how many recusals that were."""
    tx.forget(of_case)
    row = {"of": region, "who": person, "concerning": about, "at": tx.now, "by_case": case_id}
    return tx.execute(_LIFT, row).rowcount


def erase(tx: Transaction, person: str) -> int:
    """Forget what was decided of a person, who takes part in nothing any more; how many recusals that were."""
    tx.forget(of_case)
    return tx.execute(delete(recusals).where(recusals.c.person == person)).rowcount


def tag_case(tx: Transaction, case_id: str, tags: Iterable[str]) -> None:
    """What a case is about, instead of what it was about before."""
    tx.forget(of_case)
    tx.execute(delete(case_tags).where(case_tags.c.case_id == case_id))
    tx.insert_missing(case_tags, [{"case_id": case_id, "tag": tag} for tag in sorted(set(tags))])


# Reading -------------------------------------------------------------------------------------------------------------

_ON_DAY = (
    recusals.c.lifted_at.is_(None),
    recusals.c.starts <= bindparam("day"),
    or_(recusals.c.ends.is_(None), recusals.c.ends >= bindparam("day")),
)
_OF_CASE = (
    select(recusals)
    .join(case_tags, case_tags.c.tag == recusals.c.tag)
    .join(cases, cases.c.id == case_tags.c.case_id)
    .where(case_tags.c.case_id == bindparam("case"), recusals.c.region == cases.c.region, *_ON_DAY)
    .order_by(recusals.c.person, recusals.c.set_at, recusals.c.tag)
)
_TAGS_OF_PERSON = select(recusals.c.tag).where(recusals.c.person == bindparam("who"), *_ON_DAY).distinct()
_OF_REGION = (
    select(recusals)
    .where(recusals.c.region == bindparam("of"), *_ON_DAY)
    .order_by(recusals.c.person, recusals.c.about, recusals.c.tag)
)
_TAGS = select(case_tags.c.tag).where(case_tags.c.case_id == bindparam("case")).order_by(case_tags.c.tag)
_ABOUT = (
    select(case_tags.c.case_id)
    .join(cases, cases.c.id == case_tags.c.case_id)
    .where(
        cases.c.region == bindparam("of"),
        cases.c.status.in_(OPEN),
        case_tags.c.tag.in_(bindparam("tags", expanding=True)),
    )
    .distinct()
    .order_by(case_tags.c.case_id)
)


def of_case(reader: Reader, case_id: str, day: date) -> dict[str, Recusal]:
    """Person key -> why they may not take part in the case on a day."""
    return reader.once((of_case, case_id, day), lambda: _of_case(reader, case_id, day))


def _of_case(reader: Reader, case_id: str, day: date) -> dict[str, Recusal]:
    found = reader.all(_OF_CASE, Recusal, {"case": case_id, "day": day})
    return {each.person: each for each in reversed(found)}


def of_region(reader: Reader, region: str, day: date) -> list[Recusal]:
    """Every recusal that holds on a day, by person."""
    return reader.all(_OF_REGION, Recusal, {"of": region, "day": day})


def tags_of_person(reader: Reader, person: str, day: date) -> list[str]:
    """What a person may have no part in on a day."""
    return list(reader.execute(_TAGS_OF_PERSON, {"who": person, "day": day}).scalars())


def tags_of_case(reader: Reader, case_id: str) -> list[str]:
    return list(reader.execute(_TAGS, {"case": case_id}).scalars())


def cases_about(reader: Reader, region: str, tags: Iterable[str]) -> list[str]:
    """Ids of the region's open cases that have one of the tags."""
    return list(reader.execute(_ABOUT, {"of": region, "tags": list(tags)}).scalars())
