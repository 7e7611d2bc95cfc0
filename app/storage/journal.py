"""The journal's table: appending under the contract's lock, and reading it in order."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from psycopg import Cursor
from sqlalchemy import Connection, Row, Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from app.domain.errors import RuleRefused, contract_unknown
from app.domain.journal import GENESIS, Record, seal
from app.domain.parties import Actor
from app.storage import rows
from app.storage.prepared import DIALECT, Prepared, run
from app.storage.tables import contracts, journal

PAGE = 1000
"""Records held in memory at a time while a journal is read."""

_HEAD_OF = select(contracts).where(contracts.c.contract_id == bindparam("contract"))
_HEAD = Prepared(_HEAD_OF)
_LOCK = Prepared(_HEAD_OF.with_for_update())
_RECORD_COLUMNS = ", ".join(column.name for column in journal.columns)
_MOVE_HEAD = (
    "UPDATE contracts SET head_sequence = %(sequence)s::bigint, head_hash = %(hash)s::text, "
    "head_recorded_at = %(recorded_at)s::timestamptz WHERE contract_id = %(contract_id)s::text"
)
_RECORD_VALUES = ", ".join(
    f"%({column.name})s::{column.type.compile(DIALECT)}" for column in journal.columns
)


@dataclass(frozen=True, slots=True)
class Head:
    """The last record of a contract's journal: what the next one follows."""

    contract_id: str
    sequence: int
    hash: str
    recorded_at: datetime


def open_contract(connection: Connection, contract_id: str, now: datetime) -> Head:
    """Create a contract's row, locked by this transaction. Refuses an id that is taken."""
    # A second creator waits here until the first has committed, and then finds the id taken.
    created = connection.execute(
        insert(contracts)
        .values(contract_id=contract_id, head_sequence=0, head_hash=GENESIS, head_recorded_at=now)
        .on_conflict_do_nothing()
        .returning(contracts.c.contract_id)
    ).first()
    if created is None:
        raise RuleRefused(
            "contract-exists",
            "A contract with this id exists already; choose another id.",
            pointer="/contract_id",
        )
    return Head(contract_id, 0, GENESIS, now)


def lock(connection: Connection, contract_id: str) -> Cursor[Any]:
    """Lock a contract's row until the transaction ends: commands on one contract queue here.

    The answer is for `locked`, so that what is read next can be asked for in the same trip.
    """
    return _LOCK.run(connection, {"contract": contract_id})


def locked(answer: Cursor[Any], contract_id: str) -> Head:
    """The head of the contract that `lock` has locked."""
    return _head(answer.fetchone(), contract_id)


def head(connection: Connection, contract_id: str) -> Head:
    """The journal's head, without a lock, for reading."""
    return _head(_HEAD.first(connection, contract=contract_id), contract_id)


def append(
    connection: Connection,
    head: Head,
    kind: str,
    effective_date: date,
    recorded_at: datetime,
    actor: Actor,
    added: rows.Rows,
) -> Record:
    """Seal one record after the head, write it and the rows it stands for, and move the head.

    Recorded times never run backwards inside a contract: a clock that was set back cannot make
    "as known on" disagree with the order of the journal.
    """
    recorded_at = max(recorded_at, head.recorded_at)
    record = seal(
        head.contract_id,
        head.sequence + 1,
        kind,
        effective_date,
        recorded_at,
        actor,
        rows.payload_of(added),
        head.hash,
    )
    filled = {table: listed for table, listed in added.items() if listed}
    run(connection, _appending(tuple(filled)), columns_of(record) | rows.arrays(filled))
    return record


@lru_cache(maxsize=256)
def _appending(tables: tuple[str, ...]) -> str:
    """One statement that writes a record and its rows and moves the contract's head.

    The database checks foreign keys when the statement ends, so parents need not come first.
    """
    added = [f"rows_{number} AS ({insert})" for number, insert in enumerate(rows.inserts(tables))]
    record = f"INSERT INTO journal ({_RECORD_COLUMNS}) VALUES ({_RECORD_VALUES})"  # noqa: S608
    written = ", ".join([f"record AS ({record})", *added])
    return f"WITH {written} {_MOVE_HEAD}"


def page(connection: Connection, contract_id: str, after: int, limit: int) -> list[Record]:
    """Records after a sequence, in order."""
    rows = connection.execute(
        select(journal)
        .where(journal.c.contract_id == contract_id, journal.c.sequence > after)
        .order_by(journal.c.sequence)
        .limit(limit)
    )
    return [_record(row) for row in rows]


def records(connection: Connection, contract_id: str) -> Iterator[Record]:
    """Every record of a contract in order of sequence, read in pages of bounded size."""
    after = 0
    while found := page(connection, contract_id, after, PAGE):
        yield from found
        after = found[-1].sequence


def contract_ids(
    connection: Connection, after: str = "", limit: int | None = None, *, of_party: str | None
) -> list[str]:
    """Contract ids in order, after a given one; of those whose terms name a party, if given.

    Asked of a function of the database that looks past the policies and answers nothing else.
    """
    query = select(func.contract_ids_after(of_party, after, limit, type_=Text))
    return list(connection.execute(query).scalars())


def parsed(record: Record) -> dict[str, Any]:
    """A record's payload as JSON values."""
    payload: dict[str, Any] = json.loads(record.payload)
    return payload


def _head(found: Any | None, contract_id: str) -> Head:
    if found is None:
        raise contract_unknown(contract_id)
    return Head(contract_id, found.head_sequence, found.head_hash, found.head_recorded_at)


def columns_of(record: Record) -> dict[str, Any]:
    """A record as a row of the journal."""
    return {
        "contract_id": record.contract_id,
        "sequence": record.sequence,
        "kind": record.kind,
        "effective_date": record.effective_date,
        "recorded_at": record.recorded_at,
        "party": record.actor.party,
        "person": record.actor.person,
        "payload": record.payload,
        "previous_hash": record.previous_hash,
        "hash": record.hash,
    }


def _record(row: Row[Any]) -> Record:
    return Record(
        row.contract_id,
        row.sequence,
        row.kind,
        row.effective_date,
        row.recorded_at,
        Actor(row.party, row.person),
        row.payload,
        row.previous_hash,
        row.hash,
    )
