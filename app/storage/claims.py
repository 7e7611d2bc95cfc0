"""Claims, their lines and the decisions on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, any_, bindparam, func, select

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
from app.storage.prepared import Built, Prepared, together
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
    asked = {"contract_id": contract_id, "claim_numbers": list(claim_numbers)}
    return _lines(connection, asked, claim_numbers)


def line(
    connection: Connection, contract_id: str, claim_number: int, line_number: int
) -> ClaimLine:
    """One line; NotFound `claim-line-unknown` otherwise."""
    asked = {
        "contract_id": contract_id,
        "claim_numbers": [claim_number],
        "line_number": line_number,
    }
    found = _lines(connection, asked, [claim_number])[claim_number]
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
    asked = {"contract_id": contract_id, "before_claim": before_claim, "kind": kind.value}
    return frozenset(row.source_id for row in sources_claimed.run(connection, asked))


@Built
def sources_claimed(contract_id: str, before_claim: int, kind: str) -> Select[Any]:
    """Sources of the lines of one kind in live claims numbered below `before_claim`."""
    live = live_claims(contract_id, before_claim)
    return (
        select(claim_lines.c.source_id)
        .join(live, live.c.claim_number == claim_lines.c.claim_number)
        .where(claim_lines.c.contract_id == contract_id, claim_lines.c.kind == kind)
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
    connection: Connection, asked: dict[str, Any], claim_numbers: Sequence[int]
) -> dict[int, list[ClaimLine]]:
    """Lines with their cuts and shares, of the claims or the one line asked for."""
    with together(connection):
        rows = _line_rows.run(connection, asked)
        cut_rows, share_rows = _cut_rows.run(connection, asked), _share_rows.run(connection, asked)
    cuts: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for row in cut_rows:
        cuts.setdefault((row.claim_number, row.line_number), []).append((row.cap, row.amount_minor))
    shares: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for row in share_rows:
        place = (row.claim_number, row.line_number)
        shares.setdefault(place, []).append((row.payer, row.amount_minor))
    answer: dict[int, list[ClaimLine]] = {number: [] for number in claim_numbers}
    for row in rows:
        place = (row.claim_number, row.line_number)
        answer[row.claim_number].append(_line(row, cuts.get(place, []), shares.get(place, [])))
    return answer


@Built
def _line_rows(contract_id: str, claim_numbers: list[int], line_number: int | None) -> Select[Any]:
    query = _of_claims(claim_lines, contract_id, claim_numbers, line_number)
    return query.order_by(claim_lines.c.claim_number, claim_lines.c.line_number)


@Built
def _cut_rows(contract_id: str, claim_numbers: list[int], line_number: int | None) -> Select[Any]:
    query = _of_claims(claim_line_cuts, contract_id, claim_numbers, line_number)
    return query.order_by(claim_line_cuts.c.cut_number)


@Built
def _share_rows(contract_id: str, claim_numbers: list[int], line_number: int | None) -> Select[Any]:
    return _of_claims(claim_line_shares, contract_id, claim_numbers, line_number)


def _of_claims(
    table: Table, contract_id: str, claim_numbers: Any, line_number: int | None
) -> Select[Any]:
    query = select(table).where(
        table.c.contract_id == contract_id, table.c.claim_number == any_(claim_numbers)
    )
    return query if line_number is None else query.where(table.c.line_number == line_number)


def _line(row: Any, cuts: list[tuple[str, int]], shares: list[tuple[str, int]]) -> ClaimLine:
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
