"""Writing a whole contract, record by record, from an export: in batches, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, text, update
from sqlalchemy.exc import DBAPIError

from app.domain.errors import RuleRefused
from app.domain.journal import Record
from app.storage import journal as journal_store
from app.storage.rows import Row, rows_of
from app.storage.tables import PROJECTIONS, contracts, journal

BATCH_ROWS = 2000
"""Rows held in memory at a time."""


class ContractWriter:
    """A new contract: give it every record in order, then `finish`."""

    def __init__(self, connection: Connection, contract_id: str, now: datetime) -> None:
        """Raises RuleRefused `contract-exists`."""
        journal_store.open_contract(connection, contract_id, now)
        self._connection = connection
        self._contract_id = contract_id
        self._records: list[Row] = []
        self._rows: dict[str, list[Row]] = {}
        self._held = 0

    def add(self, record: Record, payload: Mapping[str, Sequence[Row]]) -> None:
        """A record and the rows that its payload holds.

        Raises KeyError for a table, and RuleRefused for a row, that this release does not have.
        """
        for table, row in rows_of(record, payload):
            if row.keys() - {column.name for column in table.columns}:
                raise KeyError(table.name)
            self._rows.setdefault(table.name, []).append(row)
            self._held += 1
        self._records.append(journal_store.columns_of(record))
        self._held += 1
        if self._held >= BATCH_ROWS:
            self._flush()

    def finish(self, last: Record) -> None:
        """Write what is left, and the contract's head. Deferred rules of the database speak now."""
        self._flush()
        self._guarded(
            lambda: self._connection.execute(
                update(contracts)
                .where(contracts.c.contract_id == self._contract_id)
                .values(
                    head_sequence=last.sequence,
                    head_hash=last.hash,
                    head_recorded_at=last.recorded_at,
                )
            )
        )
        self._guarded(lambda: self._connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE")))

    def _flush(self) -> None:
        """The journal first, then tables in the order of their foreign keys."""
        filled: list[tuple[Table, list[Row]]] = [(journal, self._records)]
        filled += [(table, self._rows.get(table.name, [])) for table in PROJECTIONS]
        for table, listed in filled:
            if listed:
                self._insert(table, listed)
        self._records, self._rows, self._held = [], {}, 0

    def _insert(self, table: Table, listed: Iterable[Row]) -> None:
        self._guarded(lambda: self._connection.execute(insert(table), list(listed)))

    @staticmethod
    def _guarded(work: Any) -> None:
        try:
            work()
        except DBAPIError as error:
            told = getattr(error.orig, "diag", None)
            place = getattr(told, "table_name", None) or "a table"
            rule = getattr(told, "constraint_name", None) or getattr(told, "sqlstate", "?")
            raise RuleRefused(
                "export-refused-by-database",
                f"The database refuses what the export would write: {place}, rule {rule}.",
            ) from error
