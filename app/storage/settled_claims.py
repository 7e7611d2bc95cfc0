"""Which approved claims are paid: those whose invoices and credit notes are all settled."""

from typing import Any

from sqlalchemy import Subquery, and_, case, exists, func, or_, select, true

from app.storage.settlement_tables import invoice_document, invoices, payment_allocations
from app.storage.tables import approved_lines, claim_decisions


def settled_claims(contract_id: Any) -> Subquery:
    """Approved claims for which nothing is due any more, with the record that settled the last.

    A claim of 10,000.00 is paid once its invoice of 10,000.00 is settled in full; a claim whose
    lines come to nothing has no document to wait for.
    """
    documents = _documents(contract_id)
    posted = exists().where(
        approved_lines.c.contract_id == contract_id,
        approved_lines.c.claim_number == claim_decisions.c.claim_number,
        approved_lines.c.entry_number.is_not(None),
    )
    return (
        select(claim_decisions.c.claim_number, documents.c.paid_sequence)
        .outerjoin(documents, documents.c.claim_number == claim_decisions.c.claim_number)
        .where(
            claim_decisions.c.contract_id == contract_id,
            claim_decisions.c.decision == "approved",
            or_(documents.c.settled, and_(documents.c.settled.is_(None), ~posted)),
        )
        .subquery()
    )


def _documents(contract_id: Any) -> Subquery:
    """Each claim's invoices and credit notes: whether all are settled, and by which record."""
    asked = case(
        (invoices.c.kind == "credit_note", -invoices.c.total_minor), else_=invoices.c.total_minor
    )
    settled = (
        select(
            func.sum(payment_allocations.c.amount_minor).label("amount_minor"),
            func.max(payment_allocations.c.sequence).label("sequence"),
        )
        .where(
            payment_allocations.c.contract_id == contract_id,
            payment_allocations.c.document == invoice_document(),
        )
        .lateral()
    )
    return (
        select(
            invoices.c.claim_number,
            func.bool_and(func.coalesce(settled.c.amount_minor, 0) == asked).label("settled"),
            func.max(settled.c.sequence).label("paid_sequence"),
        )
        .outerjoin(settled, true())
        .where(invoices.c.contract_id == contract_id)
        .group_by(invoices.c.claim_number)
        .subquery()
    )
