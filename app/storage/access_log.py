"""The access log: one row added for each look, and what auditors read out of it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    case,
    cast,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

from app.domain.journal import GENESIS, instant_text
from app.storage.access_log_tables import access_log
from app.storage.tables import journal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Access:
    """One look at people's data, one file taken away, one refusal, or one change of who may act.

    `chain` is the contract, or empty; `participants` None says that it may be any of the
    contract's. `code` is that of a refusal. `detail` is what was recorded, or how many failures,
    as an object of JSON: ids, roles, dates and counts. No content is kept, and no address or text.
    """

    chain: str
    at: datetime
    who: str
    party: str | None
    operation: str
    contract_id: str | None
    participants: tuple[str, ...] | None
    outcome: str
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class StoredAccess:
    """A row as the database numbered and chained it."""

    access: Access
    sequence: int
    previous_hash: str
    hash: str

    def document(self) -> dict[str, Any]:
        """The entry as it is shown and exported, and as the stand-alone verifier reads it."""
        one = self.access
        return {
            "chain": one.chain,
            "sequence": self.sequence,
            "at": instant_text(one.at),
            "who": one.who,
            "party": one.party,
            "operation": one.operation,
            "participants": None if one.participants is None else list(one.participants),
            "outcome": one.outcome,
            "contract_id": one.contract_id,
            "code": one.code,
            "detail": one.detail,
            "previous_hash": self.previous_hash,
            "hash": self.hash,
        }

    @property
    def expected_hash(self) -> str:
        """SHA-256 of the row's fields and the hash before it as JSON, a line each
        (0001_access_log.sql).
        """
        one = self.access
        fields = (
            one.chain,
            self.sequence,
            (one.at - _EPOCH) // _MICROSECOND,
            one.who,
            one.party,
            one.operation,
            one.contract_id,
            one.participants,
            one.outcome,
            one.code,
            one.detail,
            self.previous_hash,
        )
        lines = [json.dumps(value, ensure_ascii=False, separators=(",", ":")) for value in fields]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def add(connection: Connection, access: Access) -> None:
    """Add one row; the database gives its number and hashes."""
    row: dict[str, Any] = {
        "chain": access.chain,
        "sequence": 0,
        "at": access.at,
        "who": access.who,
        "party": access.party,
        "operation": access.operation,
        "contract_id": access.contract_id,
        "participants": None if access.participants is None else list(access.participants),
        "outcome": access.outcome,
        "code": access.code,
        "detail": access.detail,
        "previous_hash": "",
        "hash": "",
    }
    connection.execute(insert(access_log).values(row))


def page(
    connection: Connection,
    contract_id: str,
    after: tuple[str, int],
    limit: int,
    *,
    who: str | None = None,
    participant_id: str | None = None,
    outcome: str | None = None,
) -> list[StoredAccess]:
    """Rows about a contract, in order of chain and number: refusals of strangers come first.

    With a participant: rows that name it, and rows that may show anybody.
    """
    wanted: list[ColumnElement[bool]] = [access_log.c.contract_id == contract_id]
    if who is not None:
        wanted.append(access_log.c.who == who)
    if participant_id is not None:
        wanted.append(_about(participant_id))
    if outcome is not None:
        wanted.append(access_log.c.outcome == outcome)
    chain, number = after
    later = or_(
        access_log.c.chain > chain,
        (access_log.c.chain == chain) & (access_log.c.sequence > number),
    )
    query = select(access_log).where(*wanted, later)
    rows = connection.execute(
        query.order_by(access_log.c.chain, access_log.c.sequence).limit(limit)
    )
    return [_stored(row) for row in rows]


@dataclass(frozen=True, slots=True)
class SeenBy:
    """That somebody was shown a participant: how often, first and last, and in which ways."""

    who: str
    party: str
    operations: tuple[str, ...]
    times: int
    first_at: datetime
    last_at: datetime
    by_name: int


def seen_by(connection: Connection, contract_id: str, participant_id: str) -> list[SeenBy]:
    """Who was given a participant's data, in order of who; `by_name`: how often it was named."""
    log = access_log.c
    named = log.participants.contains([participant_id])
    party = func.coalesce(log.party, "")
    query = (
        select(
            log.who,
            party.label("party"),
            func.array_agg(func.distinct(log.operation)).label("operations"),
            func.count().label("times"),
            func.min(log.at).label("first_at"),
            func.max(log.at).label("last_at"),
            func.count().filter(named).label("by_name"),
        )
        .where(log.contract_id == contract_id, log.outcome == "allowed", _about(participant_id))
        .group_by(log.who, party)
        .order_by(log.who, party)
    )
    return [
        SeenBy(
            row.who,
            row.party,
            tuple(sorted(row.operations)),
            row.times,
            row.first_at,
            row.last_at,
            row.by_name,
        )
        for row in connection.execute(query)
    ]


def did(
    connection: Connection,
    contract_id: str,
    who: str,
    after: tuple[datetime, str, int],
    limit: int,
) -> list[Any]:
    """What somebody recorded, read and was refused on a contract, in order of time."""
    refused = access_log.c.outcome == "refused"
    recorded = access_log.c.outcome == "recorded"
    looks = select(
        access_log.c.at,
        case((refused, "refused"), (recorded, "recorded"), else_="read").label("did"),
        access_log.c.operation.label("what"),
        access_log.c.sequence.label("number"),
        access_log.c.party,
        access_log.c.code,
    ).where(access_log.c.contract_id == contract_id, access_log.c.who == who)
    records = select(
        journal.c.recorded_at.label("at"),
        literal("recorded").label("did"),
        journal.c.kind.label("what"),
        journal.c.sequence.label("number"),
        journal.c.party,
        cast(null(), Text).label("code"),
    ).where(journal.c.contract_id == contract_id, journal.c.person == who)
    both = union_all(looks, records).subquery()
    key = tuple_(both.c.at, both.c.did.collate("C"), both.c.number)
    query = (
        select(both)
        .where(key > after)
        .order_by(both.c.at, both.c.did.collate("C"), both.c.number)
        .limit(limit)
    )
    return list(connection.execute(query))


def of_chain(connection: Connection, chain: str, after: int = 0) -> Iterator[StoredAccess]:
    """The rows of a chain after a number, in order."""
    wanted = (access_log.c.chain == chain, access_log.c.sequence > after)
    query = select(access_log).where(*wanted).order_by(access_log.c.sequence)
    streamed = connection.execute(query.execution_options(stream_results=True, yield_per=500))
    for row in streamed:
        yield _stored(row)


def hash_at(connection: Connection, chain: str, number: int) -> str | None:
    """The hash of a row of a chain; that before the first for 0, None if there is no such row."""
    if number == 0:
        return GENESIS
    query = select(access_log.c.hash).where(
        access_log.c.chain == chain, access_log.c.sequence == number
    )
    return connection.execute(query).scalar()


def details(connection: Connection, chain: str, operation: str) -> list[Any]:
    """What the rows of one operation in a chain have recorded, in order."""
    query = select(access_log.c.detail).where(
        access_log.c.chain == chain, access_log.c.operation == operation
    )
    found = connection.execute(query.order_by(access_log.c.sequence)).scalars()
    return [json.loads(detail) for detail in found if detail is not None]


def chain_faults(
    rows: Iterator[StoredAccess], number: int = 0, previous: str = GENESIS
) -> Iterator[tuple[StoredAccess, list[str]]]:
    """Each row of a chain with what is wrong with its number, its link and its hash, after the row
    with a number and hash.
    """
    for row in rows:
        found = []
        if row.sequence != number + 1:
            found.append(f"row {row.sequence} follows row {number}")
        if row.previous_hash != previous:
            found.append(f"row {row.sequence} does not link to the row before it")
        if row.expected_hash != row.hash:
            found.append(f"row {row.sequence} is not what was hashed")
        number, previous = row.sequence, row.hash
        yield row, found


def _about(participant_id: str) -> ColumnElement[bool]:
    return or_(
        access_log.c.participants.is_(None), access_log.c.participants.contains([participant_id])
    )


def _stored(row: Any) -> StoredAccess:
    people = None if row.participants is None else tuple(row.participants)
    access = Access(
        row.chain,
        row.at,
        row.who,
        row.party,
        row.operation,
        row.contract_id,
        people,
        row.outcome,
        row.code,
        row.detail,
    )
    return StoredAccess(access, row.sequence, row.previous_hash, row.hash)
