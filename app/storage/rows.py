"""Rows and their JSON form: the one codec between tables, the journal's payload and the refold."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import JSONB

from app.domain.journal import Record, instant_text
from app.storage.prepared import DIALECT
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


def inserts(tables: Sequence[str]) -> list[str]:
    """One insert for each table: any number of rows, given as an array for each column.

    Its parameters are those of `arrays` and, for the columns of SEALED, the record's.
    """
    return [_INSERTS[table.name].statement for table in PROJECTIONS if table.name in tables]


def arrays(rows: Rows) -> dict[str, list[Any]]:
    """The rows as parameters of `inserts`. A row that lacks a nullable column has null there."""
    return {
        name: values
        for table, added in rows.items()
        for name, values in _INSERTS[table].arrays(added)
    }


class _Insert:
    def __init__(self, table: Table) -> None:
        own = [column for column in table.columns if column.name not in SEALED]
        self._parameters = {column.name: f"{table.name}.{column.name}" for column in own}
        self._json = {column.name for column in own if isinstance(column.type, JSONB)}
        names = ", ".join(self._parameters)
        given = ", ".join(
            f"%({self._parameters[column.name]})s::{column.type.compile(DIALECT)}[]"
            for column in own
        )
        sealed = "%(contract_id)s::text, %(sequence)s::bigint, %(recorded_at)s::timestamptz"
        self.statement = (
            f"INSERT INTO {table.name} ({', '.join(SEALED)}, {names}) "  # noqa: S608 - our names
            f"SELECT {sealed}, given.* FROM unnest({given}) AS given ({names})"
        )

    def arrays(self, rows: Sequence[Row]) -> Iterator[tuple[str, list[Any]]]:
        if any(not row.keys() <= self._parameters.keys() for row in rows):
            raise AssertionError("a row has only the columns of its table")
        for column, parameter in self._parameters.items():
            values = [row.get(column) for row in rows]
            if column in self._json:
                values = [json.dumps(value) for value in values]
            yield parameter, values


_INSERTS = {table.name: _Insert(table) for table in PROJECTIONS}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return value
