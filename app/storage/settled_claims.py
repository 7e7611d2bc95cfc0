"""Which approved claims are paid: those for which the ledger says that nothing is due any more."""

from typing import Any

from sqlalchemy import Subquery, and_, func, select, union_all

from app.storage.tables import accounts, approved_lines, claim_decisions, payments, postings


def settled_claims(contract_id: Any) -> Subquery:
    """Approved claims for which nothing is due any more, with the record of the last payment.

    What is due stands in the liability accounts that a claim's entries touch; each is paid whole.
    """
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
    debts = (
        select(owed.c.claim_number, func.count().label("debts"))
        .group_by(owed.c.claim_number)
        .subquery()
    )
    made = (
        select(
            payments.c.claim_number,
            func.count().label("payments"),
            func.max(payments.c.sequence).label("paid_sequence"),
        )
        .where(payments.c.contract_id == contract_id)
        .group_by(payments.c.claim_number)
        .subquery()
    )
    return (
        select(claim_decisions.c.claim_number, made.c.paid_sequence)
        .outerjoin(debts, debts.c.claim_number == claim_decisions.c.claim_number)
        .outerjoin(made, made.c.claim_number == claim_decisions.c.claim_number)
        .where(
            claim_decisions.c.contract_id == contract_id,
            claim_decisions.c.decision == "approved",
            func.coalesce(debts.c.debts, 0) == func.coalesce(made.c.payments, 0),
        )
        .subquery()
    )
