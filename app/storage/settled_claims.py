"""Which approved claims are paid: those whose invoices and credit notes are all settled."""

from typing import Any

from sqlalchemy import Subquery, and_, case, exists, func, or_, select, true, union_all

from app.storage.correction_tables import (
    correction_decisions,
    correction_documents,
    corrections,
)
from app.storage.corrections import approved_amounts
from app.storage.settlement_tables import invoice_document, invoices, payment_allocations
from app.storage.tables import accounts, approved_lines, claim_decisions, claim_lines, postings


def settled_claims(contract_id: Any) -> Subquery:
    """Approved claims for which nothing is due any more, with the record that settled the last.

    A claim of 10,000.00 is paid once its invoice of 10,000.00 is settled in full; a claim whose
    lines come to nothing, with their corrections, has no document to wait for. A correction that
    changes what a customer owes and is on no document yet leaves the claim open again.
    """
    documents = _documents(contract_id)
    posted = exists().where(
        approved_lines.c.contract_id == contract_id,
        approved_lines.c.claim_number == claim_decisions.c.claim_number,
        approved_lines.c.entry_number.is_not(None),
        ~_corrected_to_nothing(contract_id),
    )
    waiting = _not_on_documents(contract_id)
    return (
        select(claim_decisions.c.claim_number, documents.c.paid_sequence)
        .outerjoin(documents, documents.c.claim_number == claim_decisions.c.claim_number)
        .where(
            claim_decisions.c.contract_id == contract_id,
            claim_decisions.c.decision == "approved",
            or_(
                and_(documents.c.settled, claim_decisions.c.claim_number.not_in(waiting)),
                and_(documents.c.settled.is_(None), ~posted),
            ),
        )
        .subquery()
    )


def _corrected_to_nothing(contract_id: Any) -> Any:
    """Whether corrections of an approved line leave nothing of it."""
    amounts = approved_amounts(contract_id).subquery()
    changed = (
        select(func.sum(amounts.c.amount_minor))
        .where(
            amounts.c.claim_number == claim_lines.c.claim_number,
            amounts.c.line_number == claim_lines.c.line_number,
        )
        .scalar_subquery()
    )
    return exists().where(
        claim_lines.c.contract_id == contract_id,
        claim_lines.c.claim_number == approved_lines.c.claim_number,
        claim_lines.c.line_number == approved_lines.c.line_number,
        claim_lines.c.payable_minor + changed == 0,
    )


def _not_on_documents(contract_id: Any) -> Any:
    """Claims of which corrections that no round of documents took in change a customer's debt.

    Read from the debts to the issuers of invoices: a change of split alone moves none of them.
    """
    sides = []
    for account, sign in ((postings.c.credit, 1), (postings.c.debit, -1)):
        sides.append(
            select(
                corrections.c.claim_number,
                account.label("account"),
                (sign * postings.c.amount_minor).label("minor"),
            )
            .join(
                correction_decisions,
                and_(
                    correction_decisions.c.contract_id == corrections.c.contract_id,
                    correction_decisions.c.correction_id == corrections.c.correction_id,
                ),
            )
            .join(
                postings,
                and_(
                    postings.c.contract_id == corrections.c.contract_id,
                    postings.c.entry_number == correction_decisions.c.entry_number,
                ),
            )
            .join(
                accounts,
                and_(
                    accounts.c.contract_id == corrections.c.contract_id,
                    accounts.c.name == account,
                    accounts.c.type == "liability",
                ),
            )
            .where(
                corrections.c.contract_id == contract_id,
                func.split_part(account, "/", 3).in_(
                    select(invoices.c.issuer).where(
                        invoices.c.contract_id == contract_id,
                        invoices.c.claim_number == corrections.c.claim_number,
                    )
                ),
                ~exists().where(
                    correction_documents.c.contract_id == contract_id,
                    correction_documents.c.correction_id == corrections.c.correction_id,
                ),
            )
        )
    both = union_all(*sides).subquery()
    per_customer = (
        select(both.c.claim_number)
        .group_by(both.c.claim_number, both.c.account)
        .having(func.sum(both.c.minor) != 0)
        .subquery()
    )
    return select(per_customer.c.claim_number)


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
