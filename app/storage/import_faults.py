"""What of imported files could not be read, and whether a person has left it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Subquery,
    and_,
    case,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import distinct_on

from app.domain.errors import NotFound
from app.domain.reconciliation import IgnoreReason, LineKey, LineState
from app.storage.bank_tables import fault_decisions, import_faults, imports

_START = LineKey(0, 0)


@dataclass(frozen=True, slots=True)
class StoredFault:
    """A part of an imported file that could not be read: unknown, until a person ignores it."""

    key: LineKey
    party: str
    source: str
    code: str
    message: str
    state: LineState
    ignored_because: IgnoreReason | None
    sequence: int

    @property
    def position(self) -> int:
        """Its place in the file, counted together with the lines."""
        return self.key.position


@dataclass(frozen=True, slots=True)
class FaultCount:
    """How many unreadable parts of one account's files are alike in what is wrong and in state."""

    party: str
    source: str
    code: str
    state: LineState
    count: int


def page(
    connection: Connection,
    contract_id: str,
    *,
    import_number: int | None = None,
    state: LineState | None = None,
    after: LineKey = _START,
    limit: int | None = None,
) -> list[StoredFault]:
    """Faults in the order of their files."""
    status = _status(contract_id)
    query = select(status).where(
        tuple_(status.c.import_number, status.c.position)
        > tuple_(literal(after.import_number), literal(after.position))
    )
    if import_number is not None:
        query = query.where(status.c.import_number == import_number)
    if state is not None:
        query = query.where(status.c.state == state)
    query = query.order_by(status.c.import_number, status.c.position).limit(limit)
    return [_stored(row) for row in connection.execute(query)]


def one(connection: Connection, contract_id: str, key: LineKey) -> StoredFault:
    """One fault; NotFound `fault-unknown` otherwise."""
    before = LineKey(key.import_number, key.position - 1)
    found: Sequence[StoredFault] = page(
        connection, contract_id, import_number=key.import_number, after=before, limit=1
    )
    if not found or found[0].key != key:
        raise NotFound("fault-unknown", "That place of that file could be read, or is not there.")
    return found[0]


def counts(connection: Connection, contract_id: str) -> list[FaultCount]:
    """Every fault counted once, by account, code and state."""
    status = _status(contract_id)
    alike = (status.c.party, status.c.source, status.c.code, status.c.state)
    query = select(*alike, func.count().label("counted")).group_by(*alike).order_by(*alike)
    return [
        FaultCount(row.party, row.source, row.code, LineState(row.state), row.counted)
        for row in connection.execute(query)
    ]


def _status(contract_id: str) -> Subquery:
    decided = (
        select(fault_decisions)
        .ext(distinct_on(fault_decisions.c.import_number, fault_decisions.c.position))
        .where(fault_decisions.c.contract_id == contract_id)
        .order_by(
            fault_decisions.c.import_number,
            fault_decisions.c.position,
            fault_decisions.c.sequence.desc(),
        )
        .subquery()
    )
    is_ignored = func.coalesce(decided.c.decision, "") == "ignored"
    return (
        select(
            import_faults,
            imports.c.party,
            imports.c.source,
            case((is_ignored, LineState.IGNORED.value), else_=LineState.OPEN.value).label("state"),
            decided.c.reason_code,
            func.greatest(import_faults.c.sequence, decided.c.sequence).label("last_sequence"),
        )
        .join(
            imports,
            and_(
                imports.c.contract_id == import_faults.c.contract_id,
                imports.c.import_number == import_faults.c.import_number,
            ),
        )
        .outerjoin(
            decided,
            and_(
                decided.c.import_number == import_faults.c.import_number,
                decided.c.position == import_faults.c.position,
            ),
        )
        .where(import_faults.c.contract_id == contract_id)
        .subquery()
    )


def _stored(row: Row[Any]) -> StoredFault:
    state = LineState(row.state)
    return StoredFault(
        LineKey(row.import_number, row.position),
        row.party,
        row.source,
        row.code,
        row.message,
        state,
        IgnoreReason(row.reason_code) if state is LineState.IGNORED else None,
        row.last_sequence,
    )
