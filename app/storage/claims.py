"""Claims, their lines and the decisions on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, select

from app.domain.approval import FirstApproval
from app.domain.claim import (
    Claim,
    ClaimLine,
    ClaimStatus,
    Cut,
    LineKind,
    PayerShare,
)
from app.domain.errors import NotFound
from app.domain.money import Money
from app.domain.parties import Actor
from app.domain.period import Period
from app.storage.live_claims import live_claims
from app.storage.prepared import Prepared
from app.storage.settled_claims import settled_claims
from app.storage.tables import (
    approved_lines,
    claim_decisions,
    claim_first_approvals,
    claim_line_cuts,
    claim_line_shares,
    claim_lines,
    claims,
)
from app.storage.working import steps_from_json


@dataclass(frozen=True, slots=True)
class StoredClaim:
    """A claim without its lines: what it is for, where it stands, who acted on it."""

    claim_number: int
    period: Period
    supplementary: bool
    terms_version: int
    submitted_on: date
    by: Actor
    first_approval: FirstApproval | None
    status: ClaimStatus
    decided_on: date | None
    decided_by: Actor | None
    reason_code: str | None
    note_digest: str | None
    version: int
    recorded_at: datetime


def get(connection: Connection, contract_id: str, claim_number: int) -> StoredClaim:
    """One claim; NotFound `claim-unknown` otherwise."""
    row = _ONE.first(connection, contract=contract_id, claim_number=claim_number)
    if row is None:
        raise NotFound("claim-unknown", f"The contract has no claim {claim_number}.")
    return _claim(row)


def page(
    connection: Connection, contract_id: str, after: int = 0, limit: int | None = None
) -> list[StoredClaim]:
    """Claims in order of their numbers."""
    rows = connection.execute(_query(contract_id).where(claims.c.claim_number > after).limit(limit))
    return [_claim(row) for row in rows]


def approved_between(
    connection: Connection,
    contract_id: str,
    from_date: date,
    to_date: date,
    known_at: datetime | None = None,
) -> list[StoredClaim]:
    """Claims approved within dates, as known at an instant."""
    query = _query(contract_id).where(
        claim_decisions.c.decision == "approved",
        claim_decisions.c.decided_on.between(from_date, to_date),
    )
    if known_at is not None:
        query = query.where(claim_decisions.c.recorded_at < known_at)
    return [_claim(row) for row in connection.execute(query)]


def whole(connection: Connection, contract_id: str, claim_number: int) -> Claim:
    """A claim with every line."""
    stored = get(connection, contract_id, claim_number)
    return Claim(
        claim_number,
        stored.period,
        stored.supplementary,
        stored.terms_version,
        tuple(lines(connection, contract_id, [claim_number])[claim_number]),
    )


def lines(
    connection: Connection, contract_id: str, claim_numbers: Sequence[int]
) -> dict[int, list[ClaimLine]]:
    """Lines of several claims, each in line order."""
    here = tuple(
        table.c.claim_number.in_(claim_numbers)
        for table in (claim_lines, claim_line_cuts, claim_line_shares)
    )
    return _lines(connection, contract_id, here, claim_numbers)


def line(
    connection: Connection, contract_id: str, claim_number: int, line_number: int
) -> ClaimLine:
    """One line; NotFound `claim-line-unknown` otherwise."""
    here = tuple(
        (table.c.claim_number == claim_number) & (table.c.line_number == line_number)
        for table in (claim_lines, claim_line_cuts, claim_line_shares)
    )
    found = _lines(connection, contract_id, here, [claim_number])[claim_number]
    if not found:
        raise NotFound("claim-line-unknown", f"Claim {claim_number} has no line {line_number}.")
    return found[0]


def next_number(connection: Connection, contract_id: str) -> int:
    """The number that the contract's next claim gets; numbers have no gaps."""
    last = connection.execute(
        select(func.max(claims.c.claim_number)).where(claims.c.contract_id == contract_id)
    ).scalar_one()
    return 1 if last is None else int(last) + 1


def undecided(connection: Connection, contract_id: str) -> list[int]:
    """Numbers of the claims that are submitted and not yet decided, in order."""
    rows = connection.execute(
        select(claims.c.claim_number)
        .outerjoin(claim_decisions, _same_claim(claim_decisions))
        .where(claims.c.contract_id == contract_id, claim_decisions.c.decision.is_(None))
        .order_by(claims.c.claim_number)
    )
    return [row.claim_number for row in rows]


def overlaps(connection: Connection, contract_id: str, period: Period, before_claim: int) -> bool:
    """Whether an earlier live claim's period has a day in common with a period."""
    live = live_claims(contract_id, before_claim)
    found = connection.execute(
        select(live.c.claim_number)
        .where(live.c.period_start <= period.end, live.c.period_end >= period.start)
        .limit(1)
    ).first()
    return found is not None


def payable_beside(
    connection: Connection, contract_id: str, period: Period, before_claim: int
) -> int:
    """What earlier live claims whose period has a day in common come to, in minor units."""
    live = live_claims(contract_id, before_claim)
    found = connection.execute(
        select(func.coalesce(func.sum(claim_lines.c.payable_minor), 0))
        .join(live, live.c.claim_number == claim_lines.c.claim_number)
        .where(
            claim_lines.c.contract_id == contract_id,
            live.c.period_start <= period.end,
            live.c.period_end >= period.start,
        )
    )
    return int(found.scalar_one())


def claimed_sources(
    connection: Connection, contract_id: str, kind: LineKind, before_claim: int
) -> frozenset[str]:
    """Sources of the lines of one kind in earlier live claims."""
    live = live_claims(contract_id, before_claim)
    return frozenset(
        connection.execute(
            select(claim_lines.c.source_id)
            .join(live, live.c.claim_number == claim_lines.c.claim_number)
            .where(claim_lines.c.contract_id == contract_id, claim_lines.c.kind == kind.value)
        ).scalars()
    )


def open_claim_of(connection: Connection, contract_id: str, entitlement_id: str) -> int | None:
    """The number of the undecided claim that asks for an entitlement, if there is one."""
    return connection.execute(
        select(claim_lines.c.claim_number)
        .outerjoin(
            claim_decisions,
            and_(
                claim_decisions.c.contract_id == claim_lines.c.contract_id,
                claim_decisions.c.claim_number == claim_lines.c.claim_number,
            ),
        )
        .where(
            claim_lines.c.contract_id == contract_id,
            claim_lines.c.kind == LineKind.OUTCOME.value,
            claim_lines.c.source_id == entitlement_id,
            claim_decisions.c.decision.is_(None),
        )
    ).scalar_one_or_none()


def line_taken_back(
    connection: Connection, contract_id: str, source_id: str
) -> tuple[int, int] | None:
    """Claim and line number of the approved line that a clawback of the source takes back."""
    row = connection.execute(
        select(approved_lines.c.claim_number, approved_lines.c.line_number).where(
            approved_lines.c.contract_id == contract_id,
            approved_lines.c.kind != LineKind.CLAWBACK.value,
            approved_lines.c.source_id == source_id,
        )
    ).first()
    return (row.claim_number, row.line_number) if row else None


def entry_taken_back(connection: Connection, contract_id: str, source_id: str) -> int | None:
    """The entry of the approved line that a clawback of the source takes back."""
    return connection.execute(
        select(approved_lines.c.entry_number).where(
            approved_lines.c.contract_id == contract_id,
            approved_lines.c.kind != LineKind.CLAWBACK.value,
            approved_lines.c.source_id == source_id,
        )
    ).scalar_one_or_none()


def entry_of_line(
    connection: Connection, contract_id: str, claim_number: int, line_number: int
) -> int | None:
    """The number of the entry of an approved line; None if it paid nothing or is not approved."""
    return connection.execute(
        select(approved_lines.c.entry_number).where(
            approved_lines.c.contract_id == contract_id,
            approved_lines.c.claim_number == claim_number,
            approved_lines.c.line_number == line_number,
        )
    ).scalar_one_or_none()


def _same_claim(other: Any) -> Any:
    return and_(
        other.c.contract_id == claims.c.contract_id,
        other.c.claim_number == claims.c.claim_number,
    )


def _query(contract_id: Any) -> Select[Any]:
    paid = settled_claims(contract_id)
    return (
        select(
            claims,
            claim_decisions.c.decision,
            claim_decisions.c.decided_on,
            claim_decisions.c.party.label("decider_party"),
            claim_decisions.c.person.label("decider_person"),
            claim_decisions.c.reason_code,
            claim_decisions.c.note_digest,
            claim_decisions.c.sequence.label("decision_sequence"),
            claim_first_approvals.c.approved_on.label("first_approved_on"),
            claim_first_approvals.c.party.label("first_party"),
            claim_first_approvals.c.person.label("first_person"),
            claim_first_approvals.c.sequence.label("first_sequence"),
            paid.c.paid_sequence,
            paid.c.claim_number.is_not(None).label("is_paid"),
        )
        .outerjoin(claim_decisions, _same_claim(claim_decisions))
        .outerjoin(claim_first_approvals, _same_claim(claim_first_approvals))
        .outerjoin(paid, paid.c.claim_number == claims.c.claim_number)
        .where(claims.c.contract_id == contract_id)
        .order_by(claims.c.claim_number)
    )


_ONE = Prepared(
    _query(bindparam("contract")).where(claims.c.claim_number == bindparam("claim_number"))
)


def _claim(row: Any) -> StoredClaim:
    first = None
    if row.first_sequence is not None:
        by = Actor(row.first_party, row.first_person)
        first = FirstApproval(row.first_approved_on, by)
    undecided = ClaimStatus.FIRST_APPROVED if first else ClaimStatus.SUBMITTED
    status = ClaimStatus(row.decision) if row.decision else undecided
    if status is ClaimStatus.APPROVED and row.is_paid:
        status = ClaimStatus.PAID
    decider = Actor(row.decider_party, row.decider_person) if row.decision else None
    return StoredClaim(
        row.claim_number,
        Period(row.period_start, row.period_end),
        row.supplementary,
        row.terms_version,
        row.submitted_on,
        Actor(row.party, row.person),
        first,
        status,
        row.decided_on,
        decider,
        row.reason_code,
        row.note_digest,
        max(
            row.sequence,
            row.first_sequence or 0,
            row.decision_sequence or 0,
            row.paid_sequence or 0,
        ),
        row.recorded_at,
    )


def _lines(
    connection: Connection,
    contract_id: str,
    here: tuple[Any, ...],
    claim_numbers: Sequence[int],
) -> dict[int, list[ClaimLine]]:
    """`here` selects the same lines in the tables of lines, cuts and shares."""
    which_lines, which_cuts, which_shares = here
    cuts: dict[tuple[int, int], list[tuple[str, int]]] = {}
    shares: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for table, condition, name, found in (
        (claim_line_cuts, which_cuts, "cap", cuts),
        (claim_line_shares, which_shares, "payer", shares),
    ):
        query = select(table, table.c[name].label("named")).where(
            table.c.contract_id == contract_id, condition
        )
        if table is claim_line_cuts:
            query = query.order_by(table.c.cut_number)
        for part in connection.execute(query):
            place = (part.claim_number, part.line_number)
            found.setdefault(place, []).append((part.named, part.amount_minor))
    answer: dict[int, list[ClaimLine]] = {number: [] for number in claim_numbers}
    rows = connection.execute(
        select(claim_lines)
        .where(claim_lines.c.contract_id == contract_id, which_lines)
        .order_by(claim_lines.c.claim_number, claim_lines.c.line_number)
    )
    for row in rows:
        place = (row.claim_number, row.line_number)
        answer[row.claim_number].append(_line(row, cuts.get(place, []), shares.get(place, [])))
    return answer


def _line(row: Row[Any], cuts: list[tuple[str, int]], shares: list[tuple[str, int]]) -> ClaimLine:
    currency = row.currency
    return ClaimLine(
        line_number=row.line_number,
        kind=LineKind(row.kind),
        source_id=row.source_id,
        participant_id=row.participant_id,
        metric=row.metric,
        achieved_on=row.achieved_on,
        verified_on=row.verified_on,
        gross=Money(row.gross_minor, currency),
        cuts=tuple(Cut(cap, Money(amount, currency)) for cap, amount in cuts),
        payable=Money(row.payable_minor, currency),
        # By the letters' code points, as the split orders them; a database may collate otherwise.
        shares=tuple(
            PayerShare(payer, Money(amount, currency)) for payer, amount in sorted(shares)
        ),
        carried=tuple(
            PayerShare(item["payer"], Money(item["amount_minor"], currency)) for item in row.carried
        ),
        origin=LineKind(row.origin),
        count=row.counted,
        working=steps_from_json(row.working),
    )
