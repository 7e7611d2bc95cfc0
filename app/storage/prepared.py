"""Core statements compiled once and run by the driver itself: for what every command does.

Core builds, hashes and reads a statement anew each time, which costs more than PostgreSQL takes to
answer a look-up by key. These are written with Core all the same, so that columns keep one place.
Errors are the driver's (psycopg.Error), not wrapped.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import Connection, Executable
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]


class Prepared:
    """A statement whose values are given by name; its rows have their columns as attributes."""

    def __init__(self, statement: Executable) -> None:
        compiled = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
        self.sql = str(compiled)
        self._written_in = {
            name: value for name, value in compiled.params.items() if value is not None
        }

    def run(self, connection: Connection, values: dict[str, Any]) -> psycopg.Cursor[Any]:
        """Run it; read the cursor (after the block, inside `together`)."""
        cursor = _driver(connection).cursor(row_factory=namedtuple_row)
        return cursor.execute(self.sql, self._written_in | values)

    def all(self, connection: Connection, **values: Any) -> list[Any]:
        """Every row."""
        return self.run(connection, values).fetchall()

    def first(self, connection: Connection, **values: Any) -> Any | None:
        """The first row, or None."""
        return self.run(connection, values).fetchone()


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Send the statements of this block in one trip; what any of them raises is raised at its end.

    Each still sees what was committed before it began, as if it had been sent alone.
    """
    with _driver(connection).pipeline():
        yield


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    return driver
