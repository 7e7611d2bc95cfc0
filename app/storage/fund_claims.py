"""Claims to an outcomes fund, their lines and states."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
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

from app.domain.approval import FirstApproval
from app.domain.errors import NotFound
from app.domain.fund_claim import FundClaim, FundClaimLine, FundClaimState
from app.domain.money import Money, total
from app.domain.parties import Actor
from app.domain.period import Period
from app.domain.terms.payment import ClaimCalendar
from app.payments.approvals import ToApprove, amount_to_approve
from app.payments.claim_period import share_a_period
from app.payments.fund_claims import ClaimedLine
from app.storage import contracts
from app.storage.correction_tables import (
    correction_decisions,
    corrections,
    fund_claim_corrections,
)
from app.storage.fund_claim_acts import FundClaimActs, acts_of
from app.storage.money_tables import claim_decisions
from app.storage.settlement_tables import (
    fund_claim_first_approvals,
    fund_claim_lines,
    fund_claim_states,
    fund_claims,
    payment_allocations,
)
from app.storage.tables import claim_lines


@dataclass(frozen=True, slots=True)
class StoredFundClaim:
    """A claim to a fund, its state, and what payments have settled of it.

    `approval` says what its submission counts for, and who approved it first of two;
    `terms_version` is the one in effect at the period's end, whose limit holds.
    """

    claim: FundClaim
    currency: str
    terms_version: int
    approval: ToApprove
    state: FundClaimState
    state_since: date
    allocated: Money
    version: int
    recorded_at: datetime
    acts: FundClaimActs = field(default_factory=FundClaimActs)

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
    metric, counted, amount_minor, currency, approved_on (null if it never was).
    """
    own, again = fund_claim_lines, fund_claim_corrections
    decided, corrected = claim_decisions, correction_decisions
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
            decided.c.decided_on.label("approved_on"),
        )
        .outerjoin(
            decided,
            and_(
                decided.c.contract_id == own.c.contract_id,
                decided.c.claim_number == own.c.claim_number,
                decided.c.decision == "approved",
            ),
        )
        .where(own.c.contract_id == contract_id),
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
            corrected.c.decided_on.label("approved_on"),
        )
        .outerjoin(
            corrected,
            and_(
                corrected.c.contract_id == again.c.contract_id,
                corrected.c.correction_id == again.c.correction_id,
                corrected.c.decision == "approved",
            ),
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What a claim to a fund asks, and the record in which it was submitted first, if it was.

    `days` are its period with the days on which what it asks for was approved.
    """

    fund_claim_number: int
    fund: str
    days: Period
    minor: int
    sequence: int | None


def all_asked(connection: Connection, contract_id: str) -> list[Asked]:
    """What every claim to a fund of a contract asks."""
    first = _submitted(contract_id).subquery()
    asked = fund_lines(contract_id).subquery()
    rows = connection.execute(
        select(
            fund_claims.c.fund_claim_number,
            fund_claims.c.fund,
            func.least(fund_claims.c.period_start, func.min(asked.c.approved_on)).label("start"),
            func.greatest(fund_claims.c.period_end, func.max(asked.c.approved_on)).label("end"),
            first.c.submitted_sequence,
            func.sum(asked.c.amount_minor).label("minor"),
        )
        .outerjoin(first, first.c.fund_claim_number == fund_claims.c.fund_claim_number)
        .join(asked, asked.c.fund_claim_number == fund_claims.c.fund_claim_number)
        .where(fund_claims.c.contract_id == contract_id)
        .group_by(
            fund_claims.c.fund_claim_number,
            fund_claims.c.fund,
            fund_claims.c.period_start,
            fund_claims.c.period_end,
            first.c.submitted_sequence,
        )
    )
    return [
        Asked(
            row.fund_claim_number,
            row.fund,
            Period(row.start, row.end),
            int(row.minor),
            row.submitted_sequence,
        )
        for row in rows
    ]


def to_approve(
    one: Asked, others: Iterable[Asked], calendar: ClaimCalendar, above: Money | None, currency: str
) -> ToApprove:
    """What the submission of a claim counts for, with what was submitted to its fund before.

    Those count that have days in a period of the calendar in which it has days too.
    """
    beside = sum(
        other.minor
        for other in others
        if other.fund == one.fund
        and other.fund_claim_number != one.fund_claim_number
        and other.sequence is not None
        and (one.sequence is None or other.sequence < one.sequence)
        and share_a_period(one.days, other.days, calendar)
    )
    return ToApprove(amount_to_approve(Money(one.minor, currency), Money(beside, currency)), above)


def _submitted(contract_id: str) -> Select[Any]:
    """The record of each claim's first submission, and of its latest state."""
    states = fund_claim_states
    first = func.min(states.c.sequence).filter(states.c.state == FundClaimState.SUBMITTED.value)
    return (
        select(
            states.c.fund_claim_number,
            first.label("submitted_sequence"),
            func.max(states.c.sequence).label("state_sequence"),
        )
        .where(states.c.contract_id == contract_id)
        .group_by(states.c.fund_claim_number)
    )


def _query(contract_id: str) -> Select[Any]:
    latest = _submitted(contract_id).subquery()
    first = fund_claim_first_approvals
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
            latest.c.submitted_sequence,
            first.c.approved_on.label("first_approved_on"),
            first.c.party.label("first_party"),
            first.c.person.label("first_person"),
            first.c.sequence.label("first_sequence"),
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
        .outerjoin(
            first,
            and_(
                first.c.contract_id == fund_claims.c.contract_id,
                first.c.fund_claim_number == fund_claims.c.fund_claim_number,
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
    acts = acts_of(connection, contract_id, list(lines))
    asked = {one.fund_claim_number: one for one in all_asked(connection, contract_id)}
    calendars = {
        version.number: version.terms.claims.calendar
        for version in contracts.timeline(connection, contract_id).versions
    }
    found = []
    for row in rows:
        number, own = row.fund_claim_number, lines[row.fund_claim_number]
        currency, above = own[0].amount.currency, row.second_approval_above_minor
        limit = None if above is None else Money(above, currency)
        calendar = calendars[row.terms_version]
        approval = to_approve(asked[number], asked.values(), calendar, limit, currency)
        found.append(replace(_stored(row, own, approval), acts=acts[number]))
    return found


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


def _stored(row: Row[Any], lines: list[FundClaimLine], approval: ToApprove) -> StoredFundClaim:
    claim = FundClaim(
        row.fund_claim_number,
        row.fund,
        Period(row.period_start, row.period_end),
        row.prepared_on,
        tuple(lines),
    )
    currency = lines[0].amount.currency
    allocated = Money(int(row.allocated_minor), currency)
    first = None
    state, since = FundClaimState.PREPARED, row.prepared_on
    if row.first_sequence is not None:
        first = FirstApproval(row.first_approved_on, Actor(row.first_party, row.first_person))
        state, since = FundClaimState.FIRST_APPROVED, first.approved_on
    if row.state is not None:
        state, since = FundClaimState(row.state), row.on_date
    asked = total((line.amount for line in lines), currency)
    if state is FundClaimState.SUBMITTED and allocated == asked:
        state = FundClaimState.PAID
    return StoredFundClaim(
        claim,
        currency,
        row.terms_version,
        replace(approval, first=first),
        state,
        since,
        allocated,
        max(row.sequence, row.first_sequence or 0, row.state_sequence or 0),
        row.recorded_at,
    )
