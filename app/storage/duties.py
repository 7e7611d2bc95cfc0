"""Who did what must stay apart from what is being done now, and for whom they did it.

What is done under a delegation counts as done by the delegator too: `delegated_acts` says so of the
journal record that it made.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, and_, select

from app.storage.settlement_tables import invoice_document, invoices
from app.storage.tables import (
    claim_decisions,
    claims,
    clawbacks,
    corrections,
    delegated_acts,
    disputes,
    entitlements,
    submissions,
    verifications,
)

_KEYS: Mapping[str, Column[Any]] = {
    "claims": claims.c.claim_number,
    "corrections": corrections.c.correction_id,
    "disputes": disputes.c.dispute_id,
    "submissions": submissions.c.submission_id,
}
"""The acts on which somebody else decides, and by what each is known."""


def delegators_of(
    connection: Connection, contract_id: str, acts: str, key: object
) -> frozenset[str]:
    """For whom a claim, correction, dispute or submission was made under a delegation."""
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
    query = _people(verifications).join(
        entitlements,
        and_(
            entitlements.c.contract_id == verifications.c.contract_id,
            entitlements.c.submission_id == verifications.c.submission_id,
        ),
    )
    return _found(
        connection,
        query.where(
            verifications.c.contract_id == contract_id,
            entitlements.c.entitlement_id.in_(entitlement_ids),
        ),
    )


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


def approvers_of(
    connection: Connection, contract_id: str, documents: Sequence[str]
) -> frozenset[str]:
    """Who approved the claims of some invoices and credit notes, and for whom."""
    query = _people(claim_decisions).join(
        invoices,
        and_(
            invoices.c.contract_id == claim_decisions.c.contract_id,
            invoices.c.claim_number == claim_decisions.c.claim_number,
        ),
    )
    return _found(
        connection,
        query.where(
            claim_decisions.c.contract_id == contract_id,
            claim_decisions.c.decision == "approved",
            invoice_document().in_(list(documents)),
        ),
    )


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


def _found(connection: Connection, people: Select[Any]) -> frozenset[str]:
    return frozenset(
        person for row in connection.execute(people) for person in row if person is not None
    )
