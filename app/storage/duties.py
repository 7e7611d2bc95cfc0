"""Who did what must stay apart from what is being done now, and for whom they did it.

What is done under a delegation counts as done by the delegator too: `delegated_acts` says so of the
journal record that it made.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, and_, select

from app.domain.claim import LineKind
from app.storage.settlement_tables import invoice_document, invoices
from app.storage.tables import (
    claim_decisions,
    claim_first_approvals,
    claim_lines,
    claims,
    clawbacks,
    correction_first_approvals,
    corrections,
    delegated_acts,
    disputes,
    entitlements,
    fund_claim_first_approvals,
    submissions,
    verifications,
)

_KEYS: Mapping[str, Column[Any]] = {
    "claims": claims.c.claim_number,
    "corrections": corrections.c.correction_id,
    "disputes": disputes.c.dispute_id,
    "claim_first_approvals": claim_first_approvals.c.claim_number,
    "correction_first_approvals": correction_first_approvals.c.correction_id,
    "fund_claim_first_approvals": fund_claim_first_approvals.c.fund_claim_number,
    "submissions": submissions.c.submission_id,
}
"""The acts on which somebody else decides, and by what each is known."""


def delegators_of(
    connection: Connection, contract_id: str, acts: str, key: object
) -> frozenset[str]:
    """For whom one of the acts above was done under a delegation."""
    known_by = _KEYS[acts]
    query = (
        select(delegated_acts.c.on_behalf_of)
        .join(known_by.table, _same_record(known_by.table))
        .where(delegated_acts.c.contract_id == contract_id, known_by == key)
    )
    return frozenset(connection.execute(query).scalars())


def verifiers_of(
    connection: Connection, contract_id: str, entitlement_ids: Sequence[str]
) -> frozenset[str]:
    """Who verified the outcomes behind the entitlements, and for whom."""
    return _found(connection, _behind(verifications, contract_id, entitlement_ids))


def clawback_deciders(
    connection: Connection, contract_id: str, entitlement_ids: Sequence[str]
) -> frozenset[str]:
    """Who decided to take the entitlements back, and for whom."""
    return _found(
        connection,
        _people(clawbacks).where(
            clawbacks.c.contract_id == contract_id,
            clawbacks.c.entitlement_id.in_(entitlement_ids),
        ),
    )


def submitters_of(
    connection: Connection, contract_id: str, entitlement_ids: Sequence[str]
) -> frozenset[str]:
    """Who submitted the outcomes behind the entitlements, and for whom."""
    return _found(connection, _behind(submissions, contract_id, entitlement_ids))


def approvers_of(
    connection: Connection, contract_id: str, documents: Sequence[str]
) -> frozenset[str]:
    """Who approved the claims of some invoices and credit notes, and for whom.

    Of a claim that took two approvals, both.
    """
    deciding = _people(claim_decisions).where(
        _invoiced(claim_decisions, contract_id, documents),
        claim_decisions.c.decision == "approved",
    )
    first = _people(claim_first_approvals).where(
        _invoiced(claim_first_approvals, contract_id, documents)
    )
    return _found(connection, deciding) | _found(connection, first)


def hands_in(connection: Connection, contract_id: str, documents: Sequence[str]) -> frozenset[str]:
    """Who submitted or verified what some invoices and credit notes are for, or took it back.

    By kind of line: who verified an outcome had no hand in the claim that takes it back later, and
    who decided that had none in the claim that asked for it.
    """
    of_claims = (
        select(claim_lines.c.kind, claim_lines.c.source_id)
        .where(
            _invoiced(claim_lines, contract_id, documents),
            claim_lines.c.kind.in_((LineKind.OUTCOME, LineKind.CLAWBACK)),
        )
        .distinct()
    )
    sources = connection.execute(of_claims).all()
    earned = [row.source_id for row in sources if row.kind == LineKind.OUTCOME]
    taken_back = [row.source_id for row in sources if row.kind == LineKind.CLAWBACK]
    return (
        submitters_of(connection, contract_id, earned)
        | verifiers_of(connection, contract_id, earned)
        | clawback_deciders(connection, contract_id, taken_back)
    )


def _invoiced(acts: Table, contract_id: str, documents: Sequence[str]) -> Any:
    """Whether an act or a line is of a claim that one of the documents was issued for."""
    claim_numbers = select(invoices.c.claim_number).where(
        invoices.c.contract_id == contract_id, invoice_document().in_(list(documents))
    )
    return and_(acts.c.contract_id == contract_id, acts.c.claim_number.in_(claim_numbers))


def _same_record(acts: Any) -> Any:
    return and_(
        delegated_acts.c.contract_id == acts.c.contract_id,
        delegated_acts.c.sequence == acts.c.sequence,
    )


def _people(acts: Table) -> Select[Any]:
    """Who did some acts, and for whom under a delegation; two columns, the second may be null."""
    return (
        select(acts.c.person, delegated_acts.c.on_behalf_of)
        .distinct()
        .select_from(acts.outerjoin(delegated_acts, _same_record(acts)))
    )


def _behind(acts: Table, contract_id: str, entitlement_ids: Sequence[str]) -> Select[Any]:
    """The people of acts on the submissions that some entitlements come from."""
    return (
        _people(acts)
        .join(
            entitlements,
            and_(
                entitlements.c.contract_id == acts.c.contract_id,
                entitlements.c.submission_id == acts.c.submission_id,
            ),
        )
        .where(
            acts.c.contract_id == contract_id,
            entitlements.c.entitlement_id.in_(entitlement_ids),
        )
    )


def _found(connection: Connection, people: Select[Any]) -> frozenset[str]:
    return frozenset(
        person for row in connection.execute(people) for person in row if person is not None
    )
