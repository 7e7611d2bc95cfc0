"""Connections and transactions. The only place in the code base that commits."""

from __future__ import annotations

import logging
import select
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, OperationalError

from app.domain.errors import Unavailable
from app.domain.sight import Sight
from app.storage.prepared import is_lost, is_usable, run, together
from app.storage.scope import NOTHING, SET_SCOPE, Scope, guard, note_scope

__all__ = ["Connection", "Engine", "UnitOfWork", "make_engine", "run_transaction"]

LOG = logging.getLogger("outcomes.database")

_DRIVER = "postgresql+psycopg"
_ACCEPTED = frozenset({"postgres", "postgresql", _DRIVER})
# What PostgreSQL, and databases that speak its protocol, answer to "run that transaction again".
_RETRYABLE = frozenset({"40001", "40P01"})
# Connections lost, resources used up, waits cut short, statements cancelled, servers shut down.
_GONE = ("08", "53", "55P03", "57")
_FIRST_PAUSE_SECONDS = 0.02
_IDLE_IN_TRANSACTION_MS = 60_000

T = TypeVar("T")


def normalise_url(url: str) -> str:
    """`url` with the driver that we use. Raises ValueError, without the password, for others."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        message = "not a database URL; expected postgresql://user:password@host:5432/database"
        raise ValueError(message) from error
    if parsed.drivername not in _ACCEPTED:
        message = f"{parsed.drivername!r} is not supported; expected a postgresql:// URL"
        raise ValueError(message)
    return parsed.set(drivername=_DRIVER).render_as_string(hide_password=False)


def make_engine(
    url: str,
    pool_size: int = 5,
    statement_timeout_ms: int = 30_000,
    read_url: Callable[[], str] | None = None,
) -> Engine:
    """A pool of at most `pool_size` connections whose statements fail when they run too long.

    `read_url` gives the URL anew for each new connection, whose user and password then count; it
    raises ValueError when it cannot, and the former ones are tried.
    """
    options = {
        "statement_timeout": statement_timeout_ms,
        "idle_in_transaction_session_timeout": _IDLE_IN_TRANSACTION_MS,
        "timezone": "UTC",
    }
    engine = create_engine(
        normalise_url(url),
        pool_size=pool_size,
        max_overflow=0,
        isolation_level="READ COMMITTED",  # whatever the server says; commands lock
        connect_args={
            "application_name": "outcomes",
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        },
    )
    event.listen(engine, "checkout", _refuse_ended)
    if read_url is not None:
        event.listen(engine, "do_connect", _renewing(read_url))
    return engine


def _renewing(read_url: Callable[[], str]) -> Callable[..., None]:
    """Put the user and the password of now into the arguments of a new connection."""

    def renew(_dialect: object, _record: object, _args: object, named: dict[str, Any]) -> None:
        try:
            now = make_url(normalise_url(read_url()))
        except ValueError:
            LOG.exception("the database's URL cannot be read again; trying the former one")
            return
        named.update(user=now.username, password=now.password)

    return renew


def _refuse_ended(driver: psycopg.Connection[Any], _record: object, _proxy: object) -> None:
    """Make the pool replace a connection that the server has ended, so that no request fails on it.

    An idle connection has nothing to say, so one that can be read has been ended (or sent a
    notice, and then is replaced for nothing). Asking the server itself would cost a round trip.
    """
    waiting = select.poll()
    waiting.register(driver.fileno(), select.POLLIN)
    if waiting.poll(0):
        raise DisconnectionError


class UnitOfWork:
    """One transaction on one connection. Leaving the block without `commit()` rolls back.

    `read_only=True` reads one unchanging snapshot and cannot write. With `dry_run=True`, `commit()`
    checks the deferred constraints, so that it refuses what a real one would, and rolls back.

    It sees no row of any contract until `look()` has said what it may see.
    """

    def __init__(self, engine: Engine, *, read_only: bool = False, dry_run: bool = False) -> None:
        self._engine = engine
        self._read_only = read_only
        self._dry_run = dry_run
        self._connection: Connection | None = None
        self._writes = ExitStack()
        self._finished = False
        self._guarded = False
        self.scope = NOTHING

    @property
    def connection(self) -> Connection:
        """The open connection. Only app.storage uses it."""
        if self._connection is None or self._finished:
            message = "this unit of work is not open"
            raise RuntimeError(message)
        return self._connection

    def look(self, scope: Scope) -> None:
        """See this from here on, until the next `look()`; it takes the trip that begins a
        transaction anyway.
        """
        with together(self.connection):
            run(self.connection, SET_SCOPE, scope.settings())
        self.looked(scope)

    def looked(self, scope: Scope) -> None:
        """Note the scope that a statement of this transaction has set (idempotency.claim_key)."""
        note_scope(self.connection, scope)
        if scope.sight is Sight.AGGREGATE and not self._guarded:
            guard(self.connection)
            self._guarded = True
        self.scope = scope

    @contextmanager
    def reckoning(self) -> Iterator[None]:
        """See every participant in this block, for figures in which none can be recognised.

        What is due to an investor follows from people's outcomes; the sums are the investor's
        business and the people are not. Nothing read here may leave but sums, states and dates.
        """
        before = self.scope
        if before.service or not before.contract_id:
            yield
            return
        self.look(replace(before, sight=Sight.PERSON, service=True))
        try:
            yield
        finally:
            if is_usable(self.connection):  # a transaction that failed is over, and sees nothing
                self.look(before)

    def only_writes_follow(self) -> None:
        """Read nothing back from here to the commit: it and the writes then go in one trip.

        What a write raises is raised by `commit()`.
        """
        self._writes.enter_context(together(self.connection))

    def commit(self) -> None:
        """Make the work of this block lasting. The unit of work is closed from then on."""
        connection = self.connection
        if self._read_only:
            message = "a read-only unit of work has nothing to commit"
            raise RuntimeError(message)
        if self._dry_run:
            self._writes.close()
            connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            connection.rollback()
        else:
            with self._writes:
                connection.commit()
        self._finished = True

    def __enter__(self) -> Self:
        engine = self._engine
        if self._read_only:
            engine = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        try:
            self._connection = engine.connect()
        except OperationalError as error:
            raise _unavailable() from error
        note_scope(self._connection, NOTHING)
        self._connection.begin()  # also for statements that the driver runs by itself
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        connection, self._connection = self._connection, None
        with suppress(psycopg.Error):  # of writes that are not committed
            self._writes.close()
        if connection is not None:
            if is_lost(connection):
                connection.invalidate()  # else closing asks the server, and fails in its own words
            connection.close()  # rolls back what is not committed
        if error is not None and _is_gone(error):
            raise _unavailable() from error


def run_transaction(
    engine: Engine, work: Callable[[UnitOfWork], T], *, dry_run: bool = False, attempts: int = 3
) -> T:
    """Do `work` in a unit of work and commit; again, a few times, if the database asks for that.

    The database asks (serialization failure, deadlock) only when it has undone everything, so
    `work` must have no effect outside its unit of work.
    """
    for attempt in range(1, attempts + 1):
        try:
            with UnitOfWork(engine, dry_run=dry_run) as uow:
                result = work(uow)
                uow.commit()
                return result
        except (DBAPIError, psycopg.Error) as error:
            if attempt == attempts or not is_retryable(error):
                raise
        time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
    message = "attempts must be at least 1"
    raise ValueError(message)


def _unavailable() -> Unavailable:
    return Unavailable(
        "database-unavailable",
        "The database cannot be reached or did not answer in time. Nothing was recorded; send the "
        "request again, with the same Idempotency-Key.",
    )


def _is_gone(error: BaseException) -> bool:
    """Whether the database went away or gave up: it may answer the same request later."""
    raised = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(raised, psycopg.OperationalError):
        return False
    return raised.sqlstate is None or raised.sqlstate.startswith(_GONE)


def is_retryable(error: DBAPIError | psycopg.Error) -> bool:
    """Whether the database undid the transaction and the same one may succeed when run again."""
    raised = error.orig if isinstance(error, DBAPIError) else error
    return getattr(raised, "sqlstate", None) in _RETRYABLE
