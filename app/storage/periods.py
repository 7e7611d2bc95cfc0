"""Closes of periods, the statements that they froze, and entries posted late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Select,
    and_,
    any_,
    bindparam,
    func,
    select,
)

from app.domain.errors import NotFound
from app.domain.ledger import Account, AccountType
from app.domain.parties import Actor
from app.domain.period import Period
from app.domain.period_close import (
    CloseLevel,
    LatePosting,
    PeriodDecision,
    PeriodKind,
    PeriodState,
)
from app.storage.prepared import Prepared
from app.storage.tables import (
    accounts,
    approved_lines,
    claim_decisions,
    entries,
    frozen_statements,
    late_postings,
    period_closes,
)

_DECISIONS = Prepared(
    select(period_closes)
    .where(period_closes.c.contract_id == bindparam("contract"))
    .order_by(period_closes.c.close_number)
)
_LATE = Prepared(
    select(late_postings).where(
        late_postings.c.contract_id == bindparam("contract"),
        late_postings.c.entry_number == any_(bindparam("entries", type_=ARRAY(BigInteger))),
    )
)


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A close or reopening, who decided it and when. `version` is its record's sequence."""

    decision: PeriodDecision
    decided_on: date
    by: Actor
    note_digest: str | None
    version: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class FrozenStatement:
    """A statement as a hard close froze it: the bytes of its document never change.

    `known_through` is the journal record up to which the ledger was known, `recorded_at` the
    instant of the close.
    """

    book: str
    statement_number: int
    kind: PeriodKind
    period: Period
    known_through: int
    known_through_hash: str
    sha256: str
    document: str
    recorded_at: datetime


def decisions(connection: Connection, contract_id: str) -> list[StoredDecision]:
    """Every close and reopening of the contract, in order."""
    return [
        StoredDecision(
            PeriodDecision(
                row.close_number,
                PeriodKind(row.kind),
                Period(row.period_start, row.period_end),
                CloseLevel(row.level),
            ),
            row.decided_on,
            Actor(row.party, row.person),
            row.note_digest,
            row.sequence,
            row.recorded_at,
        )
        for row in _DECISIONS.all(connection, contract=contract_id)
    ]


def first_entry_day(connection: Connection, contract_id: str) -> date | None:
    """The earliest effective date of the ledger; None while it is empty."""
    first: date | None = connection.execute(
        select(func.min(entries.c.effective_date)).where(entries.c.contract_id == contract_id)
    ).scalar_one()
    return first


def late_of(
    connection: Connection, contract_id: str, entry_numbers: Sequence[int]
) -> dict[int, LatePosting]:
    """Which of the entries were posted late, and where they belong."""
    rows = _LATE.all(connection, contract=contract_id, entries=list(entry_numbers))
    return {row.entry_number: _late(row) for row in rows}


def late_note(connection: Connection, contract_id: str, entry_number: int) -> str | None:
    """The digest of the reason for which an entry was posted late, if one was given."""
    return connection.execute(
        select(late_postings.c.note_digest).where(
            late_postings.c.contract_id == contract_id,
            late_postings.c.entry_number == entry_number,
        )
    ).scalar_one_or_none()


def chart_through(connection: Connection, contract_id: str, sequence: int) -> tuple[Account, ...]:
    """The accounts that were open at a journal record, by name."""
    rows = connection.execute(
        select(accounts)
        .where(accounts.c.contract_id == contract_id, accounts.c.sequence <= sequence)
        .order_by(accounts.c.name)
    )
    return tuple(Account(row.name, AccountType(row.type), row.mirror) for row in rows)


def claims_posted(
    connection: Connection,
    contract_id: str,
    period: Period,
    known_at: datetime | None = None,
    through: int | None = None,
) -> list[int]:
    """The numbers of the claims whose approval was posted in a period, in order.

    That is the day of the entries: of an approval dated in a hard-closed period, a later one. A
    claim that posted nothing counts on the day of its approval.
    """
    query = (
        select(claim_decisions.c.claim_number)
        .outerjoin(
            approved_lines,
            and_(
                approved_lines.c.contract_id == claim_decisions.c.contract_id,
                approved_lines.c.claim_number == claim_decisions.c.claim_number,
            ),
        )
        .outerjoin(
            entries,
            and_(
                entries.c.contract_id == approved_lines.c.contract_id,
                entries.c.entry_number == approved_lines.c.entry_number,
            ),
        )
        .where(
            claim_decisions.c.contract_id == contract_id,
            claim_decisions.c.decision == "approved",
        )
        .group_by(claim_decisions.c.claim_number, claim_decisions.c.decided_on)
        .having(
            func.coalesce(func.min(entries.c.effective_date), claim_decisions.c.decided_on).between(
                period.start, period.end
            )
        )
        .order_by(claim_decisions.c.claim_number)
    )
    if known_at is not None:
        query = query.where(claim_decisions.c.recorded_at < known_at)
    if through is not None:
        query = query.where(claim_decisions.c.sequence <= through)
    return list(connection.execute(query).scalars())


def last_numbers(connection: Connection, contract_id: str) -> dict[str, int]:
    """The number of each book's last frozen statement."""
    rows = connection.execute(
        select(frozen_statements.c.book, func.max(frozen_statements.c.statement_number))
        .where(frozen_statements.c.contract_id == contract_id)
        .group_by(frozen_statements.c.book)
    )
    return {row[0]: row[1] for row in rows}


def frozen(connection: Connection, contract_id: str, book: str, number: int) -> FrozenStatement:
    """One frozen statement; NotFound `statement-unknown` otherwise."""
    query = _frozen(contract_id).where(
        frozen_statements.c.book == book, frozen_statements.c.statement_number == number
    )
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("statement-unknown", f"The book {book} has no frozen statement {number}.")
    return _frozen_statement(row)


def frozen_page(
    connection: Connection, contract_id: str, book: str, after: int = 0, limit: int | None = None
) -> list[FrozenStatement]:
    """A book's frozen statements in order of their numbers."""
    query = (
        _frozen(contract_id)
        .where(frozen_statements.c.book == book, frozen_statements.c.statement_number > after)
        .order_by(frozen_statements.c.statement_number)
        .limit(limit)
    )
    return [_frozen_statement(row) for row in connection.execute(query)]


def frozen_places(connection: Connection, contract_id: str) -> list[tuple[str, int]]:
    """Book and number of every frozen statement of the contract."""
    rows = connection.execute(
        select(frozen_statements.c.book, frozen_statements.c.statement_number)
        .where(frozen_statements.c.contract_id == contract_id)
        .order_by(frozen_statements.c.book, frozen_statements.c.statement_number)
    )
    return [(book, number) for book, number in rows]


def posted_into_closed(connection: Connection, contract_id: str) -> list[tuple[int, int]]:
    """Entries recorded after a hard close, dated in it or before: none, normally.

    Each with the journal record of the first close that it passes by.
    """
    rows = connection.execute(
        select(entries.c.entry_number, func.min(period_closes.c.sequence))
        .join(
            period_closes,
            and_(
                period_closes.c.contract_id == entries.c.contract_id,
                period_closes.c.level == "hard",
                period_closes.c.period_end >= entries.c.effective_date,
                period_closes.c.sequence < entries.c.sequence,
            ),
        )
        .where(entries.c.contract_id == contract_id)
        .group_by(entries.c.entry_number)
        .order_by(entries.c.entry_number)
    )
    return [(row[0], row[1]) for row in rows]


def _frozen(contract_id: str) -> Select[Any]:
    return (
        select(
            frozen_statements,
            period_closes.c.kind,
            period_closes.c.period_start,
            period_closes.c.period_end,
        )
        .join(
            period_closes,
            and_(
                period_closes.c.contract_id == frozen_statements.c.contract_id,
                period_closes.c.close_number == frozen_statements.c.close_number,
            ),
        )
        .where(frozen_statements.c.contract_id == contract_id)
    )


def _frozen_statement(row: Any) -> FrozenStatement:
    return FrozenStatement(
        row.book,
        row.statement_number,
        PeriodKind(row.kind),
        Period(row.period_start, row.period_end),
        row.known_through,
        row.known_through_hash,
        row.sha256,
        row.document,
        row.recorded_at,
    )


def _late(row: Any) -> LatePosting:
    return LatePosting(PeriodState(row.level), row.belongs_on)
