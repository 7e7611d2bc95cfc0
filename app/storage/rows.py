"""Rows and their JSON form: the one codec between tables, the journal's payload and the refold."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, insert

from app.domain.journal import Record, instant_text
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
    """Insert a record's rows, parents before children, one statement a table."""
    sealed = {
        "contract_id": record.contract_id,
        "sequence": record.sequence,
        "recorded_at": record.recorded_at,
    }
    for table in PROJECTIONS:
        if added := rows.get(table.name):
            connection.execute(insert(table), [row | sealed for row in added])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return value
