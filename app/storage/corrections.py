"""Corrections with their shares, decisions, entries and the documents that asked for them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, select, true, tuple_

from app.domain.approval import FirstApproval
from app.domain.claim import PayerShare
from app.domain.correction import Correction, CorrectionKind, CorrectionReason, CorrectionState
from app.domain.errors import NotFound
from app.domain.invoice import invoice_id
from app.domain.money import Money, total
from app.domain.parties import Actor
from app.payments.approvals import ToApprove
from app.storage.correction_approvals import ApprovalsOfCorrections, approvals_of_corrections
from app.storage.correction_tables import (
    correction_decisions,
    correction_documents,
    correction_first_approvals,
    correction_shares,
    corrections,
)


@dataclass(frozen=True, slots=True)
class StoredCorrection:
    """A correction, who proposed and who decided it, its entry and the documents it went on.

    `approval` says what its approval counts for, and who gave the first of two. `is_invoiced`: a
    round of documents has taken it in, even if that left nothing to ask.
    """

    correction: Correction
    currency: str
    by: Actor
    note_digest: str | None
    approval: ToApprove
    state: CorrectionState
    decided_on: date | None
    decided_by: Actor | None
    decision_note_digest: str | None
    entry_number: int | None
    counted: int
    documents: tuple[str, ...]
    is_invoiced: bool
    sequence: int
    version: int
    recorded_at: datetime

    @property
    def amount(self) -> Money:
        """The change in all: below zero, payers owe less."""
        return total((share.amount for share in self.correction.shares), self.currency)


def get(
    connection: Connection, contract_id: str, correction_id: str, on: date = date.max
) -> StoredCorrection:
    """One correction; NotFound `correction-unknown` otherwise.

    While it is undecided, its limit is that of its approval on a day; by the latest terms if none
    is named.
    """
    query = _query(contract_id).where(corrections.c.correction_id == correction_id)
    found = _load(connection, contract_id, query, on=on)
    if not found:
        raise NotFound("correction-unknown", f"The contract has no correction {correction_id}.")
    return found[0]


def page(
    connection: Connection,
    contract_id: str,
    after: tuple[int, str] = (0, ""),
    limit: int | None = None,
    *,
    claim_number: int | None = None,
    state: CorrectionState | None = None,
) -> list[StoredCorrection]:
    """Corrections in the order in which they were recorded, after (sequence, correction id)."""
    sequence, correction_id = after
    query = _query(contract_id).where(
        (corrections.c.sequence > sequence)
        | ((corrections.c.sequence == sequence) & (corrections.c.correction_id > correction_id))
    )
    if claim_number is not None:
        query = query.where(corrections.c.claim_number == claim_number)
    if state in {CorrectionState.PROPOSED, CorrectionState.FIRST_APPROVED}:
        approved_first = correction_first_approvals.c.sequence.is_not(None)
        query = query.where(
            correction_decisions.c.decision.is_(None),
            approved_first if state is CorrectionState.FIRST_APPROVED else ~approved_first,
        )
    elif state is not None:
        query = query.where(correction_decisions.c.decision == state.value)
    return _load(connection, contract_id, query.limit(limit))


def approved_of(
    connection: Connection,
    contract_id: str,
    claim_numbers: Sequence[int],
    known_at: datetime | None = None,
) -> list[StoredCorrection]:
    """The approved corrections of several claims, in the order in which they were recorded.

    Those whose approval was known before `known_at`, if asked, with the documents known then.
    """
    query = _query(contract_id).where(
        correction_decisions.c.decision == "approved",
        corrections.c.claim_number.in_(claim_numbers),
    )
    if known_at is not None:
        query = query.where(correction_decisions.c.recorded_at < known_at)
    return _load(connection, contract_id, query, known_at)


def of_claims(
    connection: Connection, contract_id: str, claim_numbers: Sequence[int]
) -> list[StoredCorrection]:
    """The corrections of several claims in any state, in the order in which they were recorded."""
    return _load(
        connection,
        contract_id,
        _query(contract_id).where(corrections.c.claim_number.in_(claim_numbers)),
    )


def by_entry(
    connection: Connection, contract_id: str, entry_numbers: Sequence[int]
) -> dict[int, StoredCorrection]:
    """The corrections that entries of theirs posted, by entry number."""
    query = _query(contract_id).where(correction_decisions.c.entry_number.in_(entry_numbers))
    found = _load(connection, contract_id, query)
    return {one.entry_number: one for one in found if one.entry_number is not None}


def any_corrected(
    connection: Connection, contract_id: str, places: Sequence[tuple[int, int]]
) -> bool:
    """Whether a correction of any of the lines (claim and line number) has been approved."""
    return bool(
        connection.execute(
            select(corrections.c.correction_id)
            .join(correction_decisions, _same(correction_decisions))
            .where(
                corrections.c.contract_id == contract_id,
                correction_decisions.c.decision == "approved",
                tuple_(corrections.c.claim_number, corrections.c.line_number).in_(places),
            )
            .limit(1)
        ).first()
    )


def to_approve(connection: Connection, contract_id: str, correction: Correction) -> ToApprove:
    """What the approval of a correction that is not recorded yet will count for."""
    weights = approvals_of_corrections(connection, contract_id, {correction.claim_number})
    return weights.of(correction.claim_number, correction.shares)


def approved_amounts(contract_id: Any) -> Select[Any]:
    """Each payer's part of each approved correction, with its line, entry and count.

    A statement for others to join: claim_number, line_number, correction_id, payer, amount_minor,
    entry_number, counted, dispute_id.
    """
    return (
        select(
            corrections.c.claim_number,
            corrections.c.line_number,
            corrections.c.correction_id,
            corrections.c.dispute_id,
            correction_decisions.c.entry_number,
            correction_decisions.c.counted,
            correction_shares.c.payer,
            correction_shares.c.amount_minor,
        )
        .join(correction_decisions, _same(correction_decisions))
        .join(correction_shares, _same(correction_shares))
        .where(
            corrections.c.contract_id == contract_id,
            correction_decisions.c.decision == "approved",
        )
    )


def _same(other: Any) -> Any:
    return and_(
        other.c.contract_id == corrections.c.contract_id,
        other.c.correction_id == corrections.c.correction_id,
    )


def _query(contract_id: str) -> Select[Any]:
    return (
        select(
            corrections,
            correction_decisions.c.decision,
            correction_decisions.c.decided_on,
            correction_decisions.c.entry_number,
            correction_decisions.c.counted,
            correction_decisions.c.party.label("decider_party"),
            correction_decisions.c.person.label("decider_person"),
            correction_decisions.c.note_digest.label("decision_note_digest"),
            correction_decisions.c.sequence.label("decision_sequence"),
            correction_first_approvals.c.approved_on.label("first_approved_on"),
            correction_first_approvals.c.party.label("first_party"),
            correction_first_approvals.c.person.label("first_person"),
            correction_first_approvals.c.sequence.label("first_sequence"),
        )
        .outerjoin(correction_decisions, _same(correction_decisions))
        .outerjoin(correction_first_approvals, _same(correction_first_approvals))
        .where(corrections.c.contract_id == contract_id)
        .order_by(corrections.c.sequence, corrections.c.correction_id)
    )


def _load(
    connection: Connection,
    contract_id: str,
    query: Select[Any],
    known_at: datetime | None = None,
    on: date = date.max,
) -> list[StoredCorrection]:
    rows = connection.execute(query).all()
    if not rows:
        return []
    ids = [row.correction_id for row in rows]
    shares: dict[str, list[PayerShare]] = {one: [] for one in ids}
    documents: dict[str, list[str]] = {}
    for part in connection.execute(
        select(correction_shares).where(
            correction_shares.c.contract_id == contract_id,
            correction_shares.c.correction_id.in_(ids),
        )
    ):
        amount = Money(part.amount_minor, part.currency)
        shares[part.correction_id].append(PayerShare(part.payer, amount))
    for place in connection.execute(
        select(correction_documents)
        .where(
            correction_documents.c.contract_id == contract_id,
            correction_documents.c.correction_id.in_(ids),
            true() if known_at is None else correction_documents.c.recorded_at < known_at,
        )
        .order_by(correction_documents.c.issuer, correction_documents.c.number)
    ):
        named = documents.setdefault(place.correction_id, [])
        if place.number is not None:
            named.append(invoice_id(place.issuer, place.number))
    claim_numbers = {row.claim_number for row in rows}
    weights = approvals_of_corrections(connection, contract_id, claim_numbers)
    return [
        _stored(row, shares[row.correction_id], documents.get(row.correction_id), weights, on)
        for row in rows
    ]


def _stored(
    row: Any,
    shares: list[PayerShare],
    documents: list[str] | None,
    weights: ApprovalsOfCorrections,
    on: date,
) -> StoredCorrection:
    approval = weights.of(
        row.claim_number, shares, row.decided_on or on, before=row.decision_sequence
    )
    if row.dispute_id is not None:
        approval = replace(approval, above=None)
    first = None
    if row.first_sequence is not None:
        first = FirstApproval(row.first_approved_on, Actor(row.first_party, row.first_person))
    undecided = CorrectionState.FIRST_APPROVED if first else CorrectionState.PROPOSED
    return StoredCorrection(
        Correction(
            row.correction_id,
            CorrectionKind(row.kind),
            CorrectionReason(row.reason),
            row.claim_number,
            row.line_number,
            row.reverses,
            row.dispute_id,
            row.proposed_on,
            # By the letters' code points, as elsewhere; a database may collate otherwise.
            tuple(sorted(shares, key=lambda share: share.payer)),
        ),
        shares[0].amount.currency,
        Actor(row.party, row.person),
        row.note_digest,
        replace(approval, first=first),
        CorrectionState(row.decision) if row.decision else undecided,
        row.decided_on,
        Actor(row.decider_party, row.decider_person) if row.decision else None,
        row.decision_note_digest,
        row.entry_number,
        row.counted or 0,
        tuple(documents or ()),
        documents is not None,
        row.sequence,
        max(row.sequence, row.first_sequence or 0, row.decision_sequence or 0),
        row.recorded_at,
    )
