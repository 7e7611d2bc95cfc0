"""A whole contract as it is stored, for an export: told by the tables themselves.

Rows come as the database's own JSON, so that a value which no release can have written is exported
too, and found by whoever checks the export. New tables need no change here.
"""

import heapq
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, DateTime, Table, text

from app.domain.journal import instant_text
from app.storage.integrity import STREAMING
from app.storage.rows import SEALED, Row
from app.storage.tables import PROJECTIONS, contracts, journal, notes, signed_heads

_INSTANTS = {
    table.name: frozenset(c.name for c in table.columns if isinstance(c.type, DateTime))
    for table in (*PROJECTIONS, contracts, journal, signed_heads)
}


def described() -> dict[str, dict[str, list[str]]]:
    """Every projected table with its columns and its key."""
    return {
        table.name: {
            "columns": [column.name for column in table.columns],
            "key": [column.name for column in table.primary_key.columns],
        }
        for table in PROJECTIONS
    }


def head(connection: Connection, contract_id: str) -> dict[str, Any] | None:
    """The head that the contract's row states; None if there is no such row."""
    for row in list(_rows(connection, contracts, contract_id, order="")):
        return {name: row[f"head_{name}"] for name in ("sequence", "hash", "recorded_at")}
    return None


def records_with_rows(connection: Connection, contract_id: str) -> Iterator[tuple[str, Row]]:
    """Each journal record as ("journal", its columns), followed by (table, row) for its rows.

    Rows that name no record of the journal come where their number would stand.
    """
    # A record sorts before its rows; rows follow in the order of their tables.
    streams = [
        _numbered(place, table, connection, contract_id)
        for place, table in enumerate((journal, *PROJECTIONS))
    ]
    for _, _, name, row in heapq.merge(*streams, key=lambda found: found[:2]):
        yield name, row


def head_rows(connection: Connection, contract_id: str) -> Iterator[Row]:
    """Every signed head, in order of days."""
    yield from _rows(connection, signed_heads, contract_id, order="ORDER BY day")


def note_rows(connection: Connection, contract_id: str) -> Iterator[Row]:
    """Every note that has not been erased, as it is stored, in order of digests."""
    yield from _rows(connection, notes, contract_id, order="ORDER BY digest")


def sealed_apart(row: Row) -> tuple[Row, Row]:
    """What a projected row takes from its record, and its own values."""
    taken = {name: row[name] for name in SEALED if name != "contract_id"}
    return taken, {name: value for name, value in row.items() if name not in SEALED}


def _numbered(
    place: int, table: Table, connection: Connection, contract_id: str
) -> Iterator[tuple[int, int, str, Row]]:
    order = "ORDER BY " + ", ".join(
        ["sequence", *(c.name for c in table.primary_key.columns if c.name not in SEALED)]
    )
    for row in _rows(connection, table, contract_id, order):
        yield row["sequence"], place, table.name, row


def _rows(connection: Connection, table: Table, contract_id: str, order: str) -> Iterator[Row]:
    query = text(
        f"SELECT to_jsonb(t)::text FROM {table.name} AS t "  # noqa: S608 - our own names
        f"WHERE contract_id = :contract_id {order}"
    )
    instants = _INSTANTS.get(table.name, frozenset())
    given = {"contract_id": contract_id}
    with connection.execute(query, given, execution_options=STREAMING) as found:
        for (written,) in found:
            row: Row = json.loads(written)
            for name in instants:
                row[name] = _instant(row[name])
            yield row


def _instant(written: str | None) -> str | None:
    """The database's way to write an instant in ours; what is none, such as infinity, as it is."""
    try:
        return written and instant_text(datetime.fromisoformat(written))
    except (ValueError, OverflowError):
        return written
