"""The one place that begins, commits and reads the clock.

`Database.transaction()` is one commit or nothing; `Database.read()` is one unchanging view. Both carry `now`, read
after they began. SQLite (WAL, synchronous FULL, BEGIN IMMEDIATE for whoever writes) and PostgreSQL (READ COMMITTED, row
locks) behave alike to everyone above.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar, overload

from sqlalchemy import Connection, CursorResult, Engine, Executable, StaticPool, Table, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError

from store import clock as clock_rows
from store import statements
from store.chain_keys import NO_KEYS, ChainKeys
from store.errors import AlreadyInTransaction, DatabaseBusy, OutcomeUnknown, in_our_words, spoken
from store.prepared import Answer, Driver, Row

T = TypeVar("T")

BUSY_SECONDS = 5
"""How long a transaction waits for another before it says DatabaseBusy; SQLite tries twice."""


# The clock ---------------------------------------------------------------------------------------------------------


class Clock(Protocol):
    """Where a transaction's `now` comes from."""

    movable: bool

    def now(self, reader: Reader) -> datetime:
        """The aware UTC moment of a transaction that has just begun."""


class RealClock:
    """The machine's own time."""

    movable = False

    def now(self, reader: Reader) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """The machine's time, moved by what the table `clock` says."""

    movable = True

    def now(self, reader: Reader) -> datetime:
        return datetime.now(UTC) + clock_rows.offset(reader)


class SteppedClock:
    """Stands still until it is told to move: for rehearsals and tests."""

    movable = False

    def __init__(self, moment: datetime) -> None:
        self.moment = moment.astimezone(UTC)

    def now(self, reader: Reader) -> datetime:
        return self.moment

    def set(self, moment: datetime) -> None:
        self.moment = moment.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        self.moment += by


# Reading and writing -----------------------------------------------------------------------------------------------


class Reader:
    """An open view of the database, handed to every query. `now` is the aware UTC moment at which it began."""

    def __init__(self, driver: Driver, clock: Clock, keys: ChainKeys = NO_KEYS) -> None:
        self.connection = driver.connection
        self.dialect = driver.dialect.name
        """`sqlite` or `postgresql`."""
        self.clock = clock
        self.keys = keys
        self._driver = driver
        self._known: dict[tuple[Hashable, ...], Any] = {}
        self.now = clock.now(self)

    def once(self, key: tuple[Hashable, ...], read: Callable[[], T]) -> T:
        """What `read` gave the first time in this view; the key begins with who asks, or what for. Whoever
        changes what it is about tells with `forget`.
        """
        if key not in self._known:
            self._known[key] = read()
        found: T = self._known[key]
        return found

    @overload
    def execute(self, statement: Executable) -> CursorResult[*tuple[Any, ...]]: ...

    @overload
    def execute(self, statement: Executable, parameters: Row | Sequence[Row]) -> Answer: ...

    def execute(
        self, statement: Executable, parameters: Row | Sequence[Row] | None = None
    ) -> Answer | CursorResult[*tuple[Any, ...]]:
        """One row of parameters, or several rows for the same change.

        A statement that takes parameters is written once, in its noun's file, and kept as the driver wants it; one
        without is composed for the occasion.
        """
        if parameters is None:
            return self.connection.execute(statement)
        return self._driver.run(statement, parameters)

    def scalar(self, statement: Executable, parameters: Row | None = None) -> Any:
        """The first column of the first row, or None."""
        row = self._ask(statement, parameters).first()
        return None if row is None else row[0]

    def pairs(self, statement: Executable, parameters: Row | None = None) -> dict[Any, Any]:
        """The first column of every row -> the second."""
        return {row[0]: row[1] for row in self._ask(statement, parameters)}

    def find(self, statement: Executable, into: Callable[..., T], parameters: Row | None = None) -> T | None:
        """The first row as `into(**columns)`, or None."""
        answer = self._ask(statement, parameters)
        row = answer.first()
        return None if row is None else _maker(into, answer.keys())(row)

    def all(self, statement: Executable, into: Callable[..., T], parameters: Row | None = None) -> list[T]:
        """Every row as `into(**columns)`."""
        answer = self._ask(statement, parameters)
        make = _maker(into, answer.keys())
        return [make(row) for row in answer]

    def stream(self, statement: Executable, into: Callable[..., T], parameters: Row | None = None) -> Iterator[T]:
        """Every row as `into(**columns)`, a thousand at a time: for what may be larger than memory."""
        rows = self.connection.execute(statement, parameters, execution_options={"yield_per": 1000})
        return (into(**row) for row in rows.mappings())

    def _ask(self, statement: Executable, parameters: Row | None) -> Answer | CursorResult[*tuple[Any, ...]]:
        if parameters is None:
            return self.connection.execute(statement)
        return self._driver.run(statement, parameters)


def _maker(into: Callable[..., T], columns: Iterable[str]) -> Callable[[Sequence[Any]], T]:
    """How a row becomes `into(**columns)`: in order where the fields are the columns, for their names cost time."""
    names = tuple(columns)
    if names == getattr(into, "__slots__", None):
        return lambda row: into(*row)
    return lambda row: into(**dict(zip(names, row, strict=True)))


class Transaction(Reader):
    """A view that may also change rows. What it did is kept when its block ends well, else nothing is."""

    def __init__(self, driver: Driver, clock: Clock, keys: ChainKeys = NO_KEYS) -> None:
        super().__init__(driver, clock, keys)
        self._afterwards: list[Callable[[], None]] = []

    def know(self, key: tuple[Hashable, ...], value: Any) -> None:
        """What `once` answers from now on: what this transaction itself has just written."""
        self._known[key] = value

    def forget(self, asker: Callable[..., Any]) -> None:
        """What was told `once` under keys that begin so has changed: it is asked for anew."""
        self._known = {key: value for key, value in self._known.items() if key[0] is not asker}

    def insert(self, table: Table, rows: Row | Sequence[Row]) -> None:
        """Add one row or several with the same keys."""
        if rows:
            self.execute(statements.plain(table), rows)

    def insert_new(self, table: Table, row: Row) -> bool:
        """Add a row unless a unique key stands in the way; True when it was added."""
        return self.execute(statements.unless_there(table, self.dialect), row).rowcount == 1

    def insert_missing(self, table: Table, rows: Sequence[Row]) -> None:
        """Add those rows that no unique key stands in the way of."""
        if rows:
            self.execute(statements.unless_there(table, self.dialect), rows)

    def put(self, table: Table, rows: Row | Sequence[Row]) -> None:
        """Add rows, or replace every non-key column where the primary key is there already."""
        if rows:
            self.execute(statements.in_place(table, self.dialect), rows)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that can fail on its own: an exception undoes the part and goes on outwards.

        A failure of the storage comes out as StoreError: there is nothing to go on with after it.
        """
        kept = len(self._afterwards)
        try:
            with spoken(), self._nested():
                yield
        except BaseException:
            del self._afterwards[kept:]
            self._known.clear()  # it may have seen what is undone
            raise

    @contextmanager
    def _nested(self) -> Iterator[None]:
        # SQLAlchemy would give each savepoint a name of its own and compile its words anew; inner ones hide outer ones.
        self._driver.say("SAVEPOINT part")
        try:
            yield
        except BaseException:
            # SQLite may have undone the whole transaction already, and a lost server knows of no savepoint: what
            # went wrong first is what is told.
            with suppress(DBAPIError, PendingRollbackError):
                self._driver.say("ROLLBACK TO SAVEPOINT part")
                self._driver.say("RELEASE SAVEPOINT part")
            raise
        self._driver.say("RELEASE SAVEPOINT part")

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call this once the commit is certain; never when the transaction, or its savepoint, is undone."""
        self._afterwards.append(callback)

    def committed(self) -> None:
        for callback in self._afterwards:
            callback()


class Database:
    """A database by its address: `sqlite:///path`, `sqlite://` (in memory) or `postgresql://...`.

    Without `clock` it goes by a movable clock, and by the machine's own in production (`KF_ENV=production`). `keys` are
    what history is written with.
    """

    def __init__(self, url: str, clock: Clock | None = None, keys: ChainKeys = NO_KEYS) -> None:
        self.url = _driver(make_url(url))
        self.clock = clock or _default_clock()
        self.keys = keys
        self.engine = _engine(self.url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._reading = self.engine if self.is_sqlite else _unchanging(self.engine)
        # Of SQLite's, those that wait for their next transaction: what the pool does in between costs as much as three
        # statements. PostgreSQL's go back to the pool, which asks whether the server is still there.
        self._idle: list[Driver] = []
        # Threads of one process queue here instead of sleeping in SQLite's busy handler; in memory there is one
        # connection, so that readers queue too.
        self._turn = threading.Lock() if self.is_sqlite else None
        self._in_memory = _in_memory(self.url)
        self._own = threading.local()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One commit or nothing.

        Raises DatabaseBusy, StorageFull or StorageUnavailable, and nothing was changed; OutcomeUnknown when the
        connection broke during the commit itself.
        """
        with spoken(), self._in_turn(self._turn), self._begun() as driver:
            tx = Transaction(driver, self.clock, self.keys)
            yield tx
        tx.committed()

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """One unchanging view of the database. Raises StorageUnavailable."""
        turn = self._turn if self._in_memory else None
        with spoken(), self._in_turn(turn), self._begun(reading=True) as driver:
            yield Reader(driver, self.clock, self.keys)

    @contextmanager
    def schema(self) -> Iterator[Connection]:
        """A bare connection in a transaction of its own, for migrations: no clock, and no queries of the nouns."""
        with spoken(), self._in_turn(self._turn), self._begun() as driver:
            yield driver.connection

    def close(self) -> None:
        """Give back every connection."""
        while self._idle:
            self._idle.pop().connection.close()
        self.engine.dispose()

    @contextmanager
    def _in_turn(self, turn: threading.Lock | None) -> Iterator[None]:
        """One transaction or reading at a time in a thread; and one at a time of those that share a turn."""
        if getattr(self._own, "busy", False):
            raise AlreadyInTransaction
        if turn is not None and not turn.acquire(timeout=BUSY_SECONDS * 2):
            raise DatabaseBusy
        self._own.busy = True
        try:
            yield
        finally:
            self._own.busy = False
            if turn is not None:
                turn.release()

    @contextmanager
    def _begun(self, *, reading: bool = False) -> Iterator[Driver]:
        driver = self._take(reading)
        done = False
        try:
            with driver.connection.begin():
                if self.is_sqlite:
                    _begin_sqlite(driver, reading)
                yield driver
                done = True
        except BaseException as error:
            driver.connection.close()
            if done and not reading and isinstance(error, DBAPIError) and error.connection_invalidated:
                raise OutcomeUnknown from error
            raise
        self._give_back(driver)

    def _take(self, reading: bool) -> Driver:
        if self._idle:
            with suppress(IndexError):  # another thread may have been faster
                return self._idle.pop().awake()
        return Driver((self._reading if reading else self.engine).connect()).awake()

    def _give_back(self, driver: Driver) -> None:
        if self.is_sqlite:
            self._idle.append(driver)
        else:
            driver.connection.close()


def _begin_sqlite(driver: Driver, reading: bool) -> None:
    """Begin; once more when another process was in the way. Nothing has been done yet, so trying again is safe."""
    # A writer takes the write lock at once: whoever began by reading could lose its turn half-way.
    begin = "BEGIN" if reading else "BEGIN IMMEDIATE"
    try:
        driver.say(begin)
    except OperationalError as error:
        if not isinstance(in_our_words(error), DatabaseBusy):
            raise
        driver.say(begin)


# Settings of the two databases -------------------------------------------------------------------------------------


def _default_clock() -> Clock:
    return RealClock() if os.environ.get("KF_ENV") == "production" else MovableClock()


def _driver(url: URL) -> URL:
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgres", "postgresql") else url


def _in_memory(url: URL) -> bool:
    return url.drivername.startswith("sqlite") and url.database in (None, "", ":memory:")


def _unchanging(engine: Engine) -> Engine:
    """PostgreSQL as whoever only reads wants it: one view of the database, as a transaction of SQLite's is anyway."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _engine(url: URL) -> Engine:
    if not url.drivername.startswith("sqlite"):
        settings = f"-c timezone=UTC -c lock_timeout={BUSY_SECONDS}s -c idle_in_transaction_session_timeout=60s"
        asked = {"options": settings, "connect_timeout": BUSY_SECONDS}
        return create_engine(
            url, pool_pre_ping=True, pool_size=10, max_overflow=20, connect_args=asked, hide_parameters=True
        )
    options: dict[str, Any] = {"hide_parameters": True}
    # Last in, first out: the connection that was used last has the pages in its memory.
    kept = {"pool_size": 10, "max_overflow": 20, "pool_use_lifo": True}
    options |= {"poolclass": StaticPool} if _in_memory(url) else kept
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN comes late and is deferred; ours is the one that counts.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA cache_size=-16000")
    connection.execute("PRAGMA journal_size_limit=67108864")
