"""Statements as the driver takes them: written in SQLAlchemy, compiled once for each kind of database.

A step runs some twenty, and what SQLAlchemy does around each would cost more than the rows. Of that is kept what a
statement means: its text, how values go in and come out, who listens to it, and how an error is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import ReturnsRows
from sqlalchemy.types import TypeEngine

Row = dict[str, Any]
Convert = Callable[[Any], Any]
Key = TypeVar("Key")


@dataclass(slots=True)
class Answer:
    """What a statement gave: its rows, each in the order of `columns`, and how many rows it changed."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    rowcount: int

    def __iter__(self) -> Iterator[Sequence[Any]]:
        return iter(self.rows)

    def keys(self) -> tuple[str, ...]:
        return self.columns

    def first(self) -> Sequence[Any] | None:
        return self.rows[0] if self.rows else None

    def scalars(self) -> list[Any]:
        """The first column of every row."""
        return [row[0] for row in self.rows]


class Driver:
    """The driver under a connection of SQLAlchemy's."""

    __slots__ = ("_cursor", "_failure", "_kept", "_listeners", "connection", "dialect")

    def __init__(self, connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        self.connection = connection
        self.dialect = connection.dialect
        # One for all statements: each is read to its end before the next.
        self._cursor = driver.cursor()
        self._failure = connection.dialect.loaded_dbapi.Error
        self._kept = _kept.setdefault(connection.dialect.name, {})
        self._listeners: tuple[Any, ...] = ()

    def awake(self) -> Driver:
        """Ready for a transaction: whoever listens to the engine now will hear it."""
        self._listeners = tuple(self.connection.engine.dispatch.before_cursor_execute)
        return self

    def run(self, statement: Executable, parameters: Row | Sequence[Row]) -> Answer:
        """Run a statement with one row of parameters, or with several for the same change."""
        if not isinstance(parameters, dict):
            return self._run_for_each(statement, parameters)
        prepared = self._prepared(statement, parameters)
        if prepared is None:
            return _composed(self.connection.execute(statement, parameters))
        self._hand_over(prepared.text, prepared.bind(parameters), many=False)
        rows = prepared.read(self._cursor.fetchall()) if prepared.columns else ()
        return Answer(prepared.columns, rows, self._cursor.rowcount)

    def _run_for_each(self, statement: Executable, rows: Sequence[Row]) -> Answer:
        prepared = self._prepared(statement, rows[0])
        if prepared is None:
            return _composed(self.connection.execute(statement, rows))
        self._hand_over(prepared.text, [prepared.bind(each) for each in rows], many=True)
        return Answer((), (), self._cursor.rowcount)

    def _prepared(self, statement: Executable, given: Row) -> _Prepared | None:
        """None for what only SQLAlchemy can run: plain text, and lists of values, whose length makes the statement."""
        key: _Key = (statement, *given)
        if key not in self._kept and isinstance(statement, ReturnsRows):
            self._kept[key] = _prepare(self.dialect, statement, given)
        return self._kept.get(key)

    def say(self, text: str) -> None:
        """Run a word of the driver's own that takes no values: BEGIN, SAVEPOINT and their like."""
        self._hand_over(text, (), many=False)

    def _hand_over(self, text: str, values: Any, *, many: bool) -> None:
        """Run a text. Whoever listens to the engine hears it, and may change it."""
        cursor = self._cursor
        try:
            for heard in self._listeners:
                text, values = heard(self.connection, cursor, text, values, None, many)
            (cursor.executemany if many else cursor.execute)(text, values)
        except self._failure as error:
            raise self._told(text, values, error) from error

    def _told(self, text: str, values: Any, error: Any) -> Exception:
        """A driver's error as SQLAlchemy tells it, without the values; a connection that is lost is not used again."""
        connection, dialect = self.connection, self.dialect
        lost = dialect.is_disconnect(error, connection.connection, self._cursor)
        if lost:
            connection.invalidate(error)
        told: Exception = DBAPIError.instance(
            text, values, error, self._failure, True, connection_invalidated=lost, dialect=dialect
        )
        return told


def _composed(result: CursorResult[*tuple[Any, ...]]) -> Answer:
    if not result.returns_rows:
        return Answer((), (), result.rowcount)
    return Answer(tuple(result.keys()), result.all(), result.rowcount)


# One statement -------------------------------------------------------------------------------------------------------


class _Prepared:
    """A statement in the words of one kind of database."""

    def __init__(self, compiled: SQLCompiler, statement: ReturnsRows) -> None:
        dialect, binds = compiled.dialect, compiled.binds
        columns = statement.exported_columns
        self.text = compiled.string
        self.columns = tuple(column.key for column in columns)
        self._fixed = {name: bind.effective_value for name, bind in binds.items() if not bind.required}
        self._going_in = _conversions({name: _inward(bind.type, dialect) for name, bind in binds.items()})
        self._coming_out = _conversions(dict(enumerate(_outward(column.type, dialect) for column in columns)))
        self._placed = _placed(compiled.positiontup) if compiled.positiontup is not None else dict

    def bind(self, values: Row) -> Any:
        """A row of parameters as the driver wants it: by place or by name."""
        given = {**self._fixed, **values}
        for name, convert in self._going_in:
            given[name] = convert(given[name])
        return self._placed(given)

    def read(self, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        """Rows of the driver's as our values."""
        return [self._one(row) for row in rows] if rows and self._coming_out else rows

    def _one(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for at, convert in self._coming_out:
            values[at] = convert(values[at])
        return values


def _placed(names: Sequence[str]) -> Callable[[Row], Sequence[Any]]:
    """The values of these names, in this order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda given: [given[name] for name in names]


def _conversions(each: Mapping[Key, Convert | None]) -> list[tuple[Key, Convert]]:
    return [(key, convert) for key, convert in each.items() if convert is not None]


def _inward(type: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return type.dialect_impl(dialect).bind_processor(dialect)


def _outward(type: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return type.dialect_impl(dialect).result_processor(dialect, None)


# Keeping them --------------------------------------------------------------------------------------------------------

_Key = tuple[Executable | str, ...]
"""A statement, which is written once, and the names that are given: they say what columns an INSERT has."""
_kept: dict[str, dict[_Key, _Prepared | None]] = {}
"""By kind of database."""


def _prepare(dialect: Dialect, statement: ReturnsRows, given: Row) -> _Prepared | None:
    compiled = statement.compile(dialect=dialect, column_keys=list(given))
    assert isinstance(compiled, SQLCompiler)
    return None if compiled.post_compile_params else _Prepared(compiled, statement)
