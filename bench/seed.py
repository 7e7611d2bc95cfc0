"""Large contracts, made in memory and copied in: the rows that commands would have left.

Each record is sealed as the service seals it, so that `verify` holds for a seeded contract too.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import JSONB

from app.domain.journal import seal
from app.domain.parties import Actor
from app.storage import rows
from app.storage.journal import Head
from app.storage.tables import PROJECTIONS, journal

_BATCH = 2_000
_ACTOR = Actor("scc", "bench")


class Seed:
    """Records that follow a contract's head; `flush` copies them into the database."""

    def __init__(self, superuser_url: str, head: Head) -> None:
        self._url = superuser_url
        self._contract_id = head.contract_id
        self._sequence, self._hash, self._at = head.sequence, head.hash, head.recorded_at
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._records = 0

    def record(self, kind: str, effective_date: date, added: rows.Rows) -> int:
        """Add one record and its rows; its sequence."""
        self._at += timedelta(microseconds=1)
        self._sequence += 1
        payload = rows.payload_of(added)
        record = seal(
            self._contract_id,
            self._sequence,
            kind,
            effective_date,
            self._at,
            _ACTOR,
            payload,
            self._hash,
        )
        self._hash = record.hash
        sealed = {"sequence": self._sequence, "recorded_at": self._at}
        self._keep(
            "journal",
            {
                "kind": kind,
                "effective_date": effective_date,
                "party": _ACTOR.party,
                "person": _ACTOR.person,
                "payload": record.payload,
                "previous_hash": record.previous_hash,
                "hash": record.hash,
            }
            | sealed,
        )
        for name, made in added.items():
            for row in made:
                self._keep(name, row | sealed)
        self._records += 1
        if self._records % _BATCH == 0:
            self.flush()
        return self._sequence

    def flush(self) -> None:
        """Copy what has been added since, and move the head."""
        with psycopg.connect(self._url) as connection:
            connection.execute("SET session_replication_role = replica")  # no triggers, keys later
            for table in (journal, *PROJECTIONS):
                _copy(connection, table, self._rows.get(table.name, ()))
            connection.execute(
                "UPDATE contracts SET head_sequence = %s, head_hash = %s, head_recorded_at = %s "
                "WHERE contract_id = %s",
                (self._sequence, self._hash, self._at, self._contract_id),
            )
        self._rows = {}

    def _keep(self, table: str, row: dict[str, Any]) -> None:
        self._rows.setdefault(table, []).append(row | {"contract_id": self._contract_id})


def settle(superuser_url: str) -> None:
    """Let the database know its tables' sizes before anything is measured."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _copy(connection: psycopg.Connection, table: Table, added: Sequence[dict[str, Any]]) -> None:
    if not added:
        return
    names = [column.name for column in table.columns]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with connection.cursor().copy(statement) as copy:
        for values in _values(table, added):
            copy.write_row(values)


def _values(table: Table, added: Sequence[dict[str, Any]]) -> Iterator[list[Any]]:
    encoded = {column.name for column in table.columns if isinstance(column.type, JSONB)}
    for row in added:
        yield [
            json.dumps(row[column.name]) if column.name in encoded else row.get(column.name)
            for column in table.columns
        ]
