"""Statements as the driver takes them: written in SQLAlchemy, compiled once for each kind of database.

A step runs some twenty, and what SQLAlchemy does around each would cost more than the rows. Of that is kept what a
statement means: its text, how values go in and come out, who listens to it, and how an error is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, CursorResult, Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import ReturnsRows
from sqlalchemy.types import TypeEngine

Row = Mapping[str, Any]
Convert = Callable[[Any], Any]


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


def run(connection: Connection, statement: Executable, parameters: Row | Sequence[Row]) -> Answer:
    """Run a statement with one row of parameters, or with several for the same change."""
    given = parameters if isinstance(parameters, Mapping) else parameters[0]
    prepared = _prepared(connection.dialect, statement, given)
    if prepared is None:
        return _composed(connection.execute(statement, parameters))
    many = given is not parameters
    cursor = _hand_over(connection, prepared.text, prepared.bound(parameters), many)
    rows = [] if many or cursor.description is None else cursor.fetchall()
    answer = Answer(prepared.columns, prepared.read(rows), cursor.rowcount)
    cursor.close()
    return answer


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
        self._positional = compiled.positional
        self._fixed = {name: bind.effective_value for name, bind in binds.items() if not bind.required}
        self._going_in = [(name, _inward(binds[name].type, dialect)) for name in compiled.positiontup or binds]
        outward = [_outward(column.type, dialect) for column in columns]
        self._coming_out = [(at, convert) for at, convert in enumerate(outward) if convert is not None]

    def bound(self, parameters: Row | Sequence[Row]) -> Any:
        """Parameters as the driver wants them: by place or by name, one row of them or several."""
        if isinstance(parameters, Mapping):
            return self._bind(parameters)
        return [self._bind(each) for each in parameters]

    def _bind(self, values: Row) -> Any:
        given = {**self._fixed, **values} if self._fixed else values
        if self._positional:
            return tuple([convert(given[name]) if convert else given[name] for name, convert in self._going_in])
        return {name: convert(given[name]) if convert else given[name] for name, convert in self._going_in}

    def read(self, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        """Rows of the driver's as our values."""
        return [self._one(row) for row in rows] if self._coming_out else rows

    def _one(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for at, convert in self._coming_out:
            values[at] = convert(values[at])
        return values


def _inward(type: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return type.dialect_impl(dialect).bind_processor(dialect)


def _outward(type: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return type.dialect_impl(dialect).result_processor(dialect, None)


# Keeping them --------------------------------------------------------------------------------------------------------

_kept: WeakKeyDictionary[Executable, dict[tuple[str, ...], _Prepared | None]] = WeakKeyDictionary()
"""By statement; then by kind of database and the names that are given, which say what columns an INSERT has."""


def _prepared(dialect: Dialect, statement: Executable, given: Row) -> _Prepared | None:
    """None for what only SQLAlchemy can run: plain text, and lists of values, whose length makes the statement."""
    words = _kept.setdefault(statement, {})
    kind = (dialect.name, *given)
    if kind not in words:
        words[kind] = _prepare(dialect, statement, given)
    return words[kind]


def _prepare(dialect: Dialect, statement: Executable, given: Row) -> _Prepared | None:
    if not isinstance(statement, ReturnsRows):
        return None
    compiled = statement.compile(dialect=dialect, column_keys=list(given))
    assert isinstance(compiled, SQLCompiler)
    return None if compiled.post_compile_params else _Prepared(compiled, statement)


# To the driver -------------------------------------------------------------------------------------------------------


def _hand_over(connection: Connection, text: str, values: Any, many: bool) -> Any:
    """The driver's cursor when it has run the text. Whoever listens to the engine hears it, and may change it."""
    driver = connection.connection
    cursor = driver.cursor()
    for heard in connection.dispatch.before_cursor_execute:
        text, values = heard(connection, cursor, text, values, None, many)
    try:
        (cursor.executemany if many else cursor.execute)(text, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, cursor, text, values, error) from error
    return cursor


def _told(connection: Connection, cursor: Any, text: str, values: Any, error: Any) -> Exception:
    """A driver's error as SQLAlchemy tells it, without the values; a connection that is lost is not used again."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection, cursor)
    if lost:
        connection.invalidate(error)
    told: Exception = DBAPIError.instance(
        text, values, error, dialect.loaded_dbapi.Error, True, connection_invalidated=lost, dialect=dialect
    )
    return told
