"""Rows and their JSON form: the one codec between tables, the journal's payload and the refold."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects.postgresql import JSONB

from app.domain.journal import Record, instant_text
from app.storage.prepared import Prepared
from app.storage.tables import PROJECTIONS

Row = dict[str, Any]
Rows = Mapping[str, Sequence[Row]]
"""New rows by table name. `contract_id`, `sequence` and `recorded_at` are added on writing."""

SEALED = ("contract_id", "sequence", "recorded_at")
"""Columns that a projected row takes from its journal record."""

BY_NAME = {table.name: table for table in PROJECTIONS}
_DATES = {
    table.name: frozenset(
        column.name
        for column in table.columns
        if column.name not in SEALED and column.type.python_type is date
    )
    for table in PROJECTIONS
}


def payload_of(rows: Rows) -> dict[str, list[Row]]:
    """The journal payload that says which rows a record added: JSON values only."""
    return {
        name: [{key: _plain(value) for key, value in row.items()} for row in added]
        for name, added in rows.items()
        if added
    }


def rows_of(record: Record, payload: Mapping[str, Sequence[Row]]) -> Iterable[tuple[Table, Row]]:
    """The rows that a journal record stands for, as the tables must hold them."""
    for name, added in payload.items():
        table, dates = BY_NAME[name], _DATES[name]
        for item in added:
            row: Row = {column.name: None for column in table.columns}
            row |= {
                key: date.fromisoformat(value) if key in dates and value else value
                for key, value in item.items()
            }
            row["contract_id"] = record.contract_id
            row["sequence"] = record.sequence
            row["recorded_at"] = record.recorded_at
            yield table, row


def write(connection: Connection, record: Record, rows: Rows) -> None:
    """Insert a record's rows, parents before children."""
    sealed = {
        "contract_id": record.contract_id,
        "sequence": record.sequence,
        "recorded_at": record.recorded_at,
    }
    for table in PROJECTIONS:
        for row in rows.get(table.name, ()):
            _INSERTS[table.name].run(connection, row | sealed)


class _Insert:
    """One table's insert. A row that lacks a nullable column has null there."""

    def __init__(self, table: Table) -> None:
        self._statement = Prepared(insert(table))
        self._nothing = dict.fromkeys(table.columns.keys())
        self._json = [column.name for column in table.columns if isinstance(column.type, JSONB)]

    def run(self, connection: Connection, row: Row) -> None:
        if not row.keys() <= self._nothing.keys():
            raise AssertionError("a row has only the columns of its table")
        values = self._nothing | row
        for name in self._json:
            values[name] = json.dumps(values[name])
        self._statement.run(connection, values)


_INSERTS = {table.name: _Insert(table) for table in PROJECTIONS}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return value
