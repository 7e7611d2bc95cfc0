"""Refolding a contract's journal and comparing the result with every projected table.

The journal and the tables are read once, side by side in order of sequence, in batches of bounded
size: a contract of any length is verified in the same memory.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Any

from psycopg import Cursor
from sqlalchemy import Connection, Table, bindparam, select

from app.domain.journal import Record, instant_text
from app.storage.integrity import BATCH, UNREADABLE
from app.storage.prepared import Prepared, run, together
from app.storage.rows import Row, rows_of
from app.storage.tables import PROJECTIONS


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row that is not what the journal says: its table, key, and what differs."""

    table: str
    key: str
    what: str


class Refold:
    """The tables' side of the comparison: give it every record in order, then `rest()`."""

    def __init__(self, connection: Connection, contract_id: str) -> None:
        self._tables = [_InOrder(connection, table) for table in PROJECTIONS]
        with together(connection):
            for one in self._tables:
                one.open(contract_id)
        for one in self._tables:
            one.begin()
        self.rows_compared = 0

    def compare(self, record: Record, payload: dict[str, Any]) -> Iterator[RowDifference]:
        """Differences between the rows a record stands for and the rows stored for it."""
        expected: dict[str, dict[tuple[Any, ...], Row]] = {}
        for table, row in rows_of(record, payload):
            expected.setdefault(table.name, {})[_key(table, row)] = row
        for stored in self._tables:
            wanted = expected.get(stored.table.name, {})
            if not wanted and not stored.is_at(record.sequence):
                continue
            found = stored.take(record.sequence)
            self.rows_compared += len(wanted)
            yield from _differences(stored.table, wanted, found)

    def rest(self) -> Iterator[RowDifference]:
        """Rows left over after the last record: nothing in the journal made them."""
        for stored in self._tables:
            for row in stored.rest():
                yield _difference(stored.table, row, "is not in the journal")
            if stored.unreadable:
                key = f"after sequence {stored.last_sequence}"
                yield RowDifference(stored.table.name, key, "holds a value that cannot be read")


_CURSORS = count(1)
_IN_ORDER = {
    table: Prepared(
        select(table).where(table.c.contract_id == bindparam("contract")).order_by(table.c.sequence)
    )
    for table in PROJECTIONS
}


class _InOrder:
    """One table's rows of a contract in order of sequence, read from a cursor of the database."""

    def __init__(self, connection: Connection, table: Table) -> None:
        self.table = table
        self._connection = connection
        self._name = f"refold_{next(_CURSORS)}"
        self.unreadable = False
        self.last_sequence = 0

    def open(self, contract_id: str) -> None:
        """Ask for the first rows; together with other tables, in one trip."""
        declare = f"DECLARE {self._name} NO SCROLL CURSOR FOR {_IN_ORDER[self.table].sql}"
        run(self._connection, declare, {"contract": contract_id})
        self._found = self._fetch()

    def begin(self) -> None:
        """Read the first row of those that were asked for."""
        self._next: Row | None = self._read()

    def is_at(self, sequence: int) -> bool:
        """Whether the next row belongs to that record or an earlier one."""
        return self._next is not None and self._next["sequence"] <= sequence

    def take(self, sequence: int) -> list[Row]:
        """The rows up to and including a record's."""
        taken = []
        while self._next is not None and self._next["sequence"] <= sequence:
            taken.append(self._next)
            self._next = self._read()
        return taken

    def rest(self) -> Iterator[Row]:
        """The rows that are left."""
        while self._next is not None:
            yield self._next
            self._next = self._read()

    def _fetch(self) -> Cursor[Any]:
        return run(self._connection, f"FETCH {BATCH} FROM {self._name}", {})

    def _read(self) -> Row | None:
        """The next row. A value that no Python value can hold ends the table: it is reported."""
        try:
            row = self._found.fetchone()
            if row is None and self._found.rowcount == BATCH:
                self._found = self._fetch()
                row = self._found.fetchone()
        except UNREADABLE:
            self.unreadable = True
            self._found = run(self._connection, f"CLOSE {self._name}", {})
            return None
        if row is None:
            return None
        self.last_sequence = row.sequence
        return dict(row._asdict())


def _differences(
    table: Table, wanted: dict[tuple[Any, ...], Row], found: list[Row]
) -> Iterator[RowDifference]:
    stored = {_key(table, row): row for row in found}
    for key, row in wanted.items():
        if key not in stored:
            yield _difference(table, row, "is in the journal and missing from the table")
            continue
        changed = sorted(
            name for name, value in row.items() if _plain(value) != _plain(stored[key][name])
        )
        if changed:
            yield _difference(table, row, f"differs from the journal in {', '.join(changed)}")
    for key, row in stored.items():
        if key not in wanted:
            yield _difference(table, row, "is not in the journal")


def _key(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key.columns)


def _difference(table: Table, row: Row, what: str) -> RowDifference:
    names = [column.name for column in table.primary_key.columns if column.name != "contract_id"]
    key = ", ".join(f"{name} {_plain(row[name])}" for name in names)
    return RowDifference(table.name, key, what)


def _plain(value: Any) -> Any:
    """A value in a form in which equal means equal to the byte, true and 1 apart."""
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict | list | bool):
        return json.dumps(value, sort_keys=True)
    return value
