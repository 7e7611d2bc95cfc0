"""Which approved claims are paid: those whose documents are all issued and settled."""

from typing import Any

from sqlalchemy import Subquery, and_, case, func, select, true, tuple_, union_all

from app.storage.settlement_tables import invoice_document, invoices, payment_allocations
from app.storage.tables import accounts, approved_lines, claim_decisions, postings


def settled_claims(contract_id: Any) -> Subquery:
    """Approved claims for which nothing is due any more, with the record that settled the last.

    A claim of 10,000.00 of which 8,000.00 is due from the council and 2,000.00 from the fund is
    paid once both invoices are settled in full; a claim that comes to nothing is paid at once.
    """
    debts = _debts(contract_id)
    documents = _documents(contract_id)
    return (
        select(claim_decisions.c.claim_number, documents.c.paid_sequence)
        .outerjoin(debts, debts.c.claim_number == claim_decisions.c.claim_number)
        .outerjoin(documents, documents.c.claim_number == claim_decisions.c.claim_number)
        .where(
            claim_decisions.c.contract_id == contract_id,
            claim_decisions.c.decision == "approved",
            func.coalesce(documents.c.settled, true()),
            func.coalesce(documents.c.debts, 0) >= func.coalesce(debts.c.debts, 0),
        )
        .subquery()
    )


def _debts(contract_id: Any) -> Subquery:
    """How many debts each approved claim's entries make: liabilities that did not come to zero."""
    sides = union_all(
        *(
            select(
                postings.c.entry_number,
                postings.c[side].label("account"),
                (sign * postings.c.amount_minor).label("amount_minor"),
            ).where(postings.c.contract_id == contract_id)
            for side, sign in (("debit", -1), ("credit", 1))
        )
    ).subquery()
    owed = (
        select(approved_lines.c.claim_number, sides.c.account)
        .join(sides, sides.c.entry_number == approved_lines.c.entry_number)
        .join(
            accounts,
            and_(
                accounts.c.contract_id == contract_id,
                accounts.c.name == sides.c.account,
                accounts.c.type == "liability",
                accounts.c.mirror.is_not(None),
            ),
        )
        .where(approved_lines.c.contract_id == contract_id)
        .group_by(approved_lines.c.claim_number, sides.c.account)
        .having(func.sum(sides.c.amount_minor) != 0)
        .subquery()
    )
    return (
        select(owed.c.claim_number, func.count().label("debts"))
        .group_by(owed.c.claim_number)
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
            func.count(tuple_(invoices.c.customer, invoices.c.issuer).distinct()).label("debts"),
        )
        .outerjoin(settled, true())
        .where(invoices.c.contract_id == contract_id)
        .group_by(invoices.c.claim_number)
        .subquery()
    )
