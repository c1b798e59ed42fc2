"""What all tables share: the metadata, the column types, fresh ids and canonical JSON."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Index, MetaData, Text, literal_column, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


_process = os.urandom(4).hex()
_made = itertools.count()


def new_id() -> str:
    """A key of 32 hex digits: 8 of this process, 8 that count up, and 16 at random that nobody guesses.

    Keys made after each other lie beside each other in every index: a commit writes fewer pages than with chance alone.
    """
    return f"{_process}{next(_made) & 0xFFFFFFFF:08x}{os.urandom(8).hex()}"


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of only those rows that a condition, written in SQL, holds for."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def constant(text: str) -> ColumnElement[str]:
    """A text that stands in a statement itself, for what a partial index has in its condition. As a parameter it would
    keep SQLite from the index, or let it plan the statement anew at every run.
    """
    return literal_column(f"'{text}'")


def as_row(noun: Any) -> dict[str, Any]:
    """The fields of a slotted dataclass as the columns of its table."""
    names: tuple[str, ...] = noun.__slots__
    return dict(zip(names, _all(names)(noun), strict=True))


@cache
def _all(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*names)


def canonical(value: Any) -> str:
    """JSON that is the same text for the same value: sorted keys, no spaces. Raises ValueError for NaN and the like."""
    return "{}" if value == {} else _CANONICAL.encode(value)


def in_order(value: Any) -> str:
    """JSON with its keys in the order they came, no spaces. Raises ValueError for NaN and the like."""
    return "{}" if value == {} else _IN_ORDER.encode(value)


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_JSON = json.JSONDecoder()
_IN_ORDER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@lru_cache(maxsize=64)  # a step writes the same moment again and again
def instant_text(moment: datetime) -> str:
    """An aware moment as `2026-04-14T06:00:00.000000Z`: always as long, so that it sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, to the microsecond: timestamptz in PostgreSQL, sortable text in SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(Text())

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return _aware if dialect.name == "postgresql" else _aware_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        return _in_utc if dialect.name == "postgresql" else _read_text


def _aware(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"An instant needs a time zone: {moment!r}")
    return moment


def _aware_text(moment: datetime | None) -> str | None:
    return None if moment is None else instant_text(_aware(moment))


def _in_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


def _read_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


class Json(TypeDecorator[Any]):
    """A JSON value as text, alike in every database, with its keys in the order they came. None is NULL."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        return _as_json

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], Any]:
        return _read_json


def _as_json(value: Any) -> str | None:
    return None if value is None else in_order(value)


def _read_json(text: str | None) -> Any:
    return None if text is None else _JSON.raw_decode(text)[0]
