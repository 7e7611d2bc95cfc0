"""Core statements built and compiled once, run by the driver itself: for what every command does.

Core builds, hashes and reads a statement anew each time, which costs more than PostgreSQL takes to
answer a look-up by key. These are written with Core all the same, so that columns keep one place.
Errors are the driver's (psycopg.Error), not wrapped.
"""

import select
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from inspect import signature
from typing import Any, cast

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGconn
from psycopg.rows import namedtuple_row
from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    BigInteger,
    Connection,
    Date,
    Executable,
    Text,
    bindparam,
)
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from app.storage.scope import person_tables, refuse_persons

DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]
_TYPES: dict[Any, Any] = {
    str: Text(),
    int: BigInteger(),
    date: Date(),
    datetime: TIMESTAMP(timezone=True),
    list[int]: ARRAY(BigInteger()),
    list[str]: ARRAY(Text()),
}


def run(connection: Connection, statement: str, values: dict[str, Any]) -> psycopg.Cursor[Any]:
    """Run a statement with the driver, its values by name (%(name)s)."""
    driver = _driver(connection)
    cursor = driver.cursor(row_factory=namedtuple_row).execute(statement, values)
    _send_all(driver.pgconn)
    return cursor


class Asked(ABC):
    """A statement whose values are given by name; its rows have their columns as attributes."""

    @abstractmethod
    def run(self, connection: Connection, values: dict[str, Any]) -> psycopg.Cursor[Any]:
        """Run it; read the cursor (after the block, inside `together`)."""

    def all(self, connection: Connection, **values: Any) -> list[Any]:
        """Every row."""
        return self.run(connection, values).fetchall()

    def first(self, connection: Connection, **values: Any) -> Any | None:
        """The first row, or None."""
        return self.run(connection, values).fetchone()


class Prepared(Asked):
    """A statement that is there already, compiled when it is made."""

    def __init__(self, statement: Executable) -> None:
        compiled = statement.compile(dialect=DIALECT)  # type: ignore[attr-defined]
        if compiled.post_compile_params:
            raise AssertionError("the driver does not expand IN (...): compare with any_(array)")
        self.sql = str(compiled)
        self._person_tables = person_tables(statement)
        self._written_in = {
            name: value for name, value in compiled.params.items() if value is not None
        }

    def run(self, connection: Connection, values: dict[str, Any]) -> psycopg.Cursor[Any]:
        """Run it; read the cursor (after the block, inside `together`)."""
        refuse_persons(connection, self._person_tables)
        return run(connection, self.sql, self._written_in | values)


class Built(Asked):
    """A statement that a function builds from its parameters; a decorator.

    The function is called once for each set of parameters that are not None, with stand-ins of the
    types it names, and what it made is kept: building costs more than asking. What is None is
    given to it as None, so that it can leave a condition out.

        @Built
        def _of_claim(contract_id: str, claim_number: int, after: date | None) -> Select[Any]: ...

        rows = _of_claim.all(connection, contract_id="EX", claim_number=3, after=None)
    """

    def __init__(self, build: Callable[..., Executable]) -> None:
        self._build = build
        self._types = {
            name: _type(parameter.annotation)
            for name, parameter in signature(build).parameters.items()
        }
        self._made: dict[frozenset[str], Prepared] = {}

    def run(self, connection: Connection, values: dict[str, Any]) -> psycopg.Cursor[Any]:
        """Run it; read the cursor (after the block, inside `together`)."""
        if not values.keys() <= self._types.keys():
            unknown = ", ".join(sorted(values.keys() - self._types.keys()))
            raise AssertionError(f"the statement has no parameter {unknown}")
        given = {name: value for name, value in values.items() if value is not None}
        names = frozenset(given)
        made = self._made.get(names)
        if made is None:
            stand_ins = {
                name: bindparam(name, type_=kind) if name in names else None
                for name, kind in self._types.items()
            }
            made = self._made[names] = Prepared(self._build(**stand_ins))
        return made.run(connection, given)


def _type(annotation: Any) -> Any:
    """The column type of a parameter: that of its annotation, which may add `| None`."""
    kinds = [one for one in getattr(annotation, "__args__", ()) if one is not type(None)]
    if annotation not in _TYPES and len(kinds) == 1:
        annotation = kinds[0]
    return _TYPES[annotation]


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Send the statements of this block in one trip; what any of them raises is raised at its end.

    Each still sees what was committed before it began, as if it had been sent alone.
    """
    with _driver(connection).pipeline():
        yield


def is_usable(connection: Connection) -> bool:
    """Whether the transaction can go on: the database has not ended it after an error."""
    if connection.invalidated:
        return False
    return _driver(connection).info.transaction_status is TransactionStatus.INTRANS


def is_lost(connection: Connection) -> bool:
    """Whether the driver has found that the database is no longer at the other end."""
    return not connection.invalidated and _driver(connection).closed


def _send_all(connection: PGconn) -> None:
    """Send what is left of a long statement.

    In a pipeline the driver tries once for each statement and then waits for answers; the server
    would wait for the rest of the statement, and neither would go on.
    """
    while connection.flush():
        waiting = select.poll()
        waiting.register(connection.socket, select.POLLIN | select.POLLOUT)
        if any(event & select.POLLIN for _, event in waiting.poll()):
            connection.consume_input()


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)
