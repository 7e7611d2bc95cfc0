"""Disputes with their shares, steps and outcomes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, select

from app.domain.claim import ClaimStatus, PayerShare
from app.domain.dispute import (
    Dispute,
    DisputeReason,
    DisputeState,
    Escalation,
    Outcome,
    OutcomeKind,
)
from app.domain.errors import NotFound
from app.domain.money import Money
from app.domain.parties import Actor
from app.storage.dispute_tables import (
    dispute_escalations,
    dispute_outcomes,
    dispute_shares,
    disputes,
)
from app.storage.tables import claim_decisions


@dataclass(frozen=True, slots=True)
class StoredDispute:
    """A dispute, the line it is about, who bears the disputed part, and who acted.

    `is_posted`: the line was posted when it was disputed. `claim_status` is that of its claim now,
    approved for one that is paid. `due` is what the outcome left due of the amount.
    """

    dispute: Dispute
    claim_number: int
    line_number: int
    is_posted: bool
    claim_status: ClaimStatus
    shares: tuple[PayerShare, ...]
    by: Actor
    note_digest: str | None
    due: Money | None
    decided: Actor | None
    outcome_note_digest: str | None
    sequence: int
    version: int
    recorded_at: datetime

    @property
    def state(self) -> DisputeState:
        """Open until it has an outcome; lapsed once its claim is returned without one."""
        if self.dispute.outcome is not None:
            return DisputeState(self.dispute.outcome.kind.value)
        if self.claim_status is ClaimStatus.RETURNED:
            return DisputeState.LAPSED
        return DisputeState.OPEN

    @property
    def claim_approved(self) -> bool:
        """Whether its claim has been approved, before or after it was raised."""
        return self.claim_status is ClaimStatus.APPROVED

    @property
    def line(self) -> str:
        """The line as sources of entries name it: claim:3/line:1."""
        return f"claim:{self.claim_number}/line:{self.line_number}"


def one(connection: Connection, contract_id: str, dispute_id: str) -> StoredDispute:
    """One dispute; NotFound `dispute-unknown` otherwise."""
    query = _query(contract_id).where(disputes.c.dispute_id == dispute_id)
    found = _load(connection, contract_id, query)
    if not found:
        raise NotFound("dispute-unknown", "The contract has no dispute with that id.")
    return found[0]


def page(
    connection: Connection,
    contract_id: str,
    after: int = 0,
    limit: int | None = None,
    *,
    state: DisputeState | None = None,
    claim_number: int | None = None,
) -> list[StoredDispute]:
    """Disputes in order of recording, after a journal sequence; of one state or claim if asked."""
    query = _query(contract_id).where(disputes.c.sequence > after).limit(limit)
    if state is not None:
        query = query.where(_state() == state.value)
    if claim_number is not None:
        query = query.where(disputes.c.claim_number == claim_number)
    return _load(connection, contract_id, query)


def of_claims(
    connection: Connection, contract_id: str, claim_numbers: Sequence[int]
) -> list[StoredDispute]:
    """The disputes of lines of several claims, in order of recording."""
    if not claim_numbers:
        return []
    query = _query(contract_id).where(disputes.c.claim_number.in_(claim_numbers))
    return _load(connection, contract_id, query)


def of_line(
    connection: Connection, contract_id: str, claim_number: int, line_number: int
) -> list[StoredDispute]:
    """The disputes of one line, in order of recording."""
    query = _query(contract_id).where(
        disputes.c.claim_number == claim_number, disputes.c.line_number == line_number
    )
    return _load(connection, contract_id, query)


def is_open(connection: Connection, contract_id: str, claim_number: int, line_number: int) -> bool:
    """Whether a dispute of a line is open."""
    found = of_line(connection, contract_id, claim_number, line_number)
    return any(one.state is DisputeState.OPEN for one in found)


def _state() -> Any:
    return case(
        (dispute_outcomes.c.kind.is_not(None), dispute_outcomes.c.kind),
        (claim_decisions.c.decision == "returned", "lapsed"),
        else_="open",
    )


def _query(contract_id: str) -> Select[Any]:
    handed_on = (
        select(
            dispute_escalations.c.dispute_id,
            func.max(dispute_escalations.c.sequence).label("escalation_sequence"),
        )
        .where(dispute_escalations.c.contract_id == contract_id)
        .group_by(dispute_escalations.c.dispute_id)
        .subquery()
    )
    ended = dispute_outcomes.c
    return (
        select(
            disputes,
            ended.kind.label("outcome"),
            ended.decided_on,
            ended.decided_by,
            ended.due_minor,
            ended.note_digest.label("outcome_note_digest"),
            ended.party.label("decider_party"),
            ended.person.label("decider_person"),
            ended.sequence.label("outcome_sequence"),
            handed_on.c.escalation_sequence,
            claim_decisions.c.decision,
        )
        .outerjoin(
            dispute_outcomes,
            and_(
                ended.contract_id == disputes.c.contract_id,
                ended.dispute_id == disputes.c.dispute_id,
            ),
        )
        .outerjoin(handed_on, handed_on.c.dispute_id == disputes.c.dispute_id)
        .outerjoin(
            claim_decisions,
            and_(
                claim_decisions.c.contract_id == disputes.c.contract_id,
                claim_decisions.c.claim_number == disputes.c.claim_number,
            ),
        )
        .where(disputes.c.contract_id == contract_id)
        .order_by(disputes.c.sequence)
    )


def _load(connection: Connection, contract_id: str, query: Select[Any]) -> list[StoredDispute]:
    rows = connection.execute(query).all()
    if not rows:
        return []
    ids = [row.dispute_id for row in rows]
    shares = _by_dispute(connection, contract_id, dispute_shares, ids)
    steps = _by_dispute(connection, contract_id, dispute_escalations, ids)
    return [_stored(row, shares[row.dispute_id], steps[row.dispute_id]) for row in rows]


def _by_dispute(
    connection: Connection, contract_id: str, table: Any, ids: Sequence[str]
) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {one: [] for one in ids}
    if ids:
        query = select(table).where(table.c.contract_id == contract_id, table.c.dispute_id.in_(ids))
        for row in connection.execute(query):
            found[row.dispute_id].append(row)
    return found


def _stored(row: Row[Any], shares: list[Row[Any]], steps: list[Row[Any]]) -> StoredDispute:
    currency = row.currency
    outcome = decided = due = None
    if row.outcome is not None:
        kind, due = OutcomeKind(row.outcome), Money(row.due_minor, currency)
        agreed = due if kind is OutcomeKind.SETTLED else None
        outcome = Outcome(kind, row.decided_on, row.decided_by, agreed)
        decided = Actor(row.decider_party, row.decider_person)
    dispute = Dispute(
        row.dispute_id,
        row.subject,
        row.party,
        row.raised_on,
        row.challenged_on,
        Money(row.amount_minor, currency),
        DisputeReason(row.reason),
        tuple(sorted((Escalation(step.step, step.on_date) for step in steps), key=_step)),
        outcome,
    )
    return StoredDispute(
        dispute=dispute,
        claim_number=row.claim_number,
        line_number=row.line_number,
        is_posted=row.is_posted,
        claim_status=ClaimStatus(row.decision or ClaimStatus.SUBMITTED),
        # By the letters' code points, as splits are ordered; a database may collate otherwise.
        shares=tuple(
            PayerShare(share.payer, Money(share.amount_minor, currency))
            for share in sorted(shares, key=lambda share: share.payer)
        ),
        by=Actor(row.party, row.person),
        note_digest=row.note_digest,
        due=due,
        decided=decided,
        outcome_note_digest=row.outcome_note_digest,
        sequence=row.sequence,
        version=max(row.sequence, row.escalation_sequence or 0, row.outcome_sequence or 0),
        recorded_at=row.recorded_at,
    )


def _step(escalation: Escalation) -> int:
    return escalation.step
