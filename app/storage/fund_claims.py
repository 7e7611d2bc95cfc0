"""Claims to an outcomes fund, their lines and states."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Row,
    Select,
    Text,
    and_,
    cast,
    func,
    null,
    select,
    union_all,
)

from app.domain.errors import NotFound
from app.domain.fund_claim import FundClaim, FundClaimLine, FundClaimState
from app.domain.money import Money, total
from app.domain.period import Period
from app.payments.fund_claims import ClaimedLine
from app.storage.correction_tables import corrections, fund_claim_corrections
from app.storage.settlement_tables import (
    fund_claim_lines,
    fund_claim_states,
    fund_claims,
    payment_allocations,
)
from app.storage.tables import claim_lines


@dataclass(frozen=True, slots=True)
class StoredFundClaim:
    """A claim to a fund, its state, and what payments have settled of it."""

    claim: FundClaim
    currency: str
    state: FundClaimState
    state_since: date
    allocated: Money
    version: int
    recorded_at: datetime

    @property
    def asked(self) -> Money:
        """What the claim asks for in all."""
        return total((line.amount for line in self.claim.lines), self.currency)

    @property
    def open_amount(self) -> Money:
        """What is still to be paid."""
        return self.asked - self.allocated


def next_number(connection: Connection, contract_id: str) -> int:
    """The number that the contract's next claim to a fund gets; numbers have no gaps."""
    last = connection.execute(
        select(func.max(fund_claims.c.fund_claim_number)).where(
            fund_claims.c.contract_id == contract_id
        )
    ).scalar_one()
    return 1 if last is None else int(last) + 1


def claimed_lines(connection: Connection, contract_id: str, fund: str) -> frozenset[ClaimedLine]:
    """The lines, and the corrections of lines, that claims to the fund hold already."""
    held = fund_lines(contract_id).subquery()
    rows = connection.execute(
        select(held.c.claim_number, held.c.line_number, held.c.correction_id).where(
            held.c.fund == fund
        )
    )
    return frozenset((row.claim_number, row.line_number, row.correction_id) for row in rows)


def fund_lines(contract_id: Any) -> CompoundSelect[Any]:
    """What claims to funds ask, line by line and correction by correction, as one statement.

    fund_claim_number, fund, claim_number, line_number, correction_id (null for a line itself),
    metric, counted, amount_minor, currency.
    """
    own, again = fund_claim_lines, fund_claim_corrections
    return union_all(
        select(
            own.c.fund_claim_number,
            own.c.fund,
            own.c.claim_number,
            own.c.line_number,
            cast(null(), Text).label("correction_id"),
            own.c.metric,
            own.c.counted,
            own.c.amount_minor,
            own.c.currency,
        ).where(own.c.contract_id == contract_id),
        select(
            again.c.fund_claim_number,
            again.c.fund,
            corrections.c.claim_number,
            corrections.c.line_number,
            again.c.correction_id,
            claim_lines.c.metric,
            again.c.counted,
            again.c.amount_minor,
            again.c.currency,
        )
        .join(
            corrections,
            and_(
                corrections.c.contract_id == again.c.contract_id,
                corrections.c.correction_id == again.c.correction_id,
            ),
        )
        .join(
            claim_lines,
            and_(
                claim_lines.c.contract_id == corrections.c.contract_id,
                claim_lines.c.claim_number == corrections.c.claim_number,
                claim_lines.c.line_number == corrections.c.line_number,
            ),
        )
        .where(again.c.contract_id == contract_id),
    )


def get(connection: Connection, contract_id: str, number: int) -> StoredFundClaim:
    """One claim to a fund; NotFound `fund-claim-unknown` otherwise."""
    found = _load(
        connection,
        contract_id,
        _query(contract_id).where(fund_claims.c.fund_claim_number == number),
    )
    if not found:
        raise NotFound("fund-claim-unknown", f"The contract has no claim {number} to a fund.")
    return found[0]


def page(
    connection: Connection, contract_id: str, after: int = 0, limit: int | None = None
) -> list[StoredFundClaim]:
    """Claims to funds in order of their numbers."""
    query = _query(contract_id).where(fund_claims.c.fund_claim_number > after).limit(limit)
    return _load(connection, contract_id, query)


def _query(contract_id: str) -> Select[Any]:
    latest = (
        select(
            fund_claim_states.c.fund_claim_number,
            func.max(fund_claim_states.c.sequence).label("state_sequence"),
        )
        .where(fund_claim_states.c.contract_id == contract_id)
        .group_by(fund_claim_states.c.fund_claim_number)
        .subquery()
    )
    allocated = (
        select(func.coalesce(func.sum(payment_allocations.c.amount_minor), 0))
        .where(
            payment_allocations.c.contract_id == contract_id,
            payment_allocations.c.document
            == func.concat("fund-claim:", fund_claims.c.fund_claim_number),
        )
        .scalar_subquery()
    )
    return (
        select(
            fund_claims,
            fund_claim_states.c.state,
            fund_claim_states.c.on_date,
            latest.c.state_sequence,
            allocated.label("allocated_minor"),
        )
        .outerjoin(latest, latest.c.fund_claim_number == fund_claims.c.fund_claim_number)
        .outerjoin(
            fund_claim_states,
            and_(
                fund_claim_states.c.contract_id == fund_claims.c.contract_id,
                fund_claim_states.c.fund_claim_number == fund_claims.c.fund_claim_number,
                fund_claim_states.c.sequence == latest.c.state_sequence,
            ),
        )
        .where(fund_claims.c.contract_id == contract_id)
        .order_by(fund_claims.c.fund_claim_number)
    )


def _load(connection: Connection, contract_id: str, query: Select[Any]) -> list[StoredFundClaim]:
    rows = connection.execute(query).all()
    if not rows:
        return []
    lines = _lines(connection, contract_id, [row.fund_claim_number for row in rows])
    return [_stored(row, lines[row.fund_claim_number]) for row in rows]


def _lines(
    connection: Connection, contract_id: str, numbers: Sequence[int]
) -> dict[int, list[FundClaimLine]]:
    found: dict[int, list[FundClaimLine]] = {number: [] for number in numbers}
    held = fund_lines(contract_id).subquery()
    rows = connection.execute(
        select(held)
        .where(held.c.fund_claim_number.in_(numbers))
        .order_by(held.c.claim_number, held.c.line_number, func.coalesce(held.c.correction_id, ""))
    )
    for row in rows:
        found[row.fund_claim_number].append(
            FundClaimLine(
                row.claim_number,
                row.line_number,
                row.metric,
                row.counted,
                Money(row.amount_minor, row.currency),
                row.correction_id,
            )
        )
    return found


def _stored(row: Row[Any], lines: list[FundClaimLine]) -> StoredFundClaim:
    claim = FundClaim(
        row.fund_claim_number,
        row.fund,
        Period(row.period_start, row.period_end),
        row.prepared_on,
        tuple(lines),
    )
    currency = lines[0].amount.currency
    allocated = Money(int(row.allocated_minor), currency)
    asked = total((line.amount for line in lines), currency)
    state = FundClaimState(row.state) if row.state else FundClaimState.PREPARED
    if state is FundClaimState.SUBMITTED and allocated == asked:
        state = FundClaimState.PAID
    return StoredFundClaim(
        claim,
        currency,
        state,
        row.on_date or row.prepared_on,
        allocated,
        max(row.sequence, row.state_sequence or 0),
        row.recorded_at,
    )
