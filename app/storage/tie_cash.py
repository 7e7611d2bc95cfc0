"""What the ties compare of payments: what banks show of each, and what its entry moved in cash."""

from typing import Any

from sqlalchemy import Select, Subquery, and_, case, exists, func, select, union_all

from app.storage.bank_tables import line_payments, matches
from app.storage.import_lines import live_matches
from app.storage.settlement_tables import payments
from app.storage.tables import entries, postings


def cash_figures(contract_id: Any) -> dict[str, Select[Any]]:
    """By payment: what accepted lines show of it, and what moved in its payer's cash account.

    Of several accounts that show a payment the one that shows most counts, since payer and payee
    see the same money. What undid a payment counts against it; cash that no payment moved stands
    under its entry.
    """
    undone = payments.alias("undone")
    of_payment = _payments_with_root(contract_id, undone)
    live = live_matches(contract_id)
    shown = (
        select(
            line_payments.c.payment_id,
            func.sum(line_payments.c.amount_minor).label("minor"),
        )
        .join(
            live,
            and_(
                live.c.match_id == line_payments.c.match_id,
                live.c.import_number == line_payments.c.import_number,
                live.c.position == line_payments.c.position,
                live.c.accepted,
            ),
        )
        .join(
            matches,
            and_(
                matches.c.contract_id == line_payments.c.contract_id,
                matches.c.match_id == line_payments.c.match_id,
            ),
        )
        .where(line_payments.c.contract_id == contract_id)
        .group_by(line_payments.c.payment_id, matches.c.party, matches.c.source)
        .subquery()
    )
    matched = select(
        func.concat("payment:", shown.c.payment_id).label("key"),
        func.concat("payment:", shown.c.payment_id).label("ref"),
        func.max(shown.c.minor).label("minor"),
    ).group_by(shown.c.payment_id)
    cash = func.concat(of_payment.c.payer, "/cash")
    sign = case((postings.c.credit == cash, 1), else_=-1)
    moved = (
        select(
            func.concat("payment:", of_payment.c.root_id).label("key"),
            func.concat("entry:", postings.c.entry_number).label("ref"),
            (sign * postings.c.amount_minor).label("minor"),
        )
        .join(of_payment, of_payment.c.entry_number == postings.c.entry_number)
        .where(
            postings.c.contract_id == contract_id,
            (postings.c.credit == cash) | (postings.c.debit == cash),
        )
    )
    without = select(
        func.concat("entry:", postings.c.entry_number).label("key"),
        func.concat("entry:", postings.c.entry_number).label("ref"),
        postings.c.amount_minor.label("minor"),
    ).where(
        postings.c.contract_id == contract_id,
        postings.c.credit.endswith("/cash") | postings.c.debit.endswith("/cash"),
        ~exists().where(of_payment.c.entry_number == postings.c.entry_number),
    )
    both = union_all(moved, without).subquery()
    return {
        "payments_matched": matched,
        "cash_postings": select(both.c.key, both.c.ref, both.c.minor),
    }


def _payments_with_root(contract_id: Any, undone: Any) -> Subquery:
    """Each payment's entry, the payment it is or undoes, and who paid that."""
    return (
        select(
            payments.c.entry_number,
            func.coalesce(undone.c.payment_id, payments.c.payment_id).label("root_id"),
            func.coalesce(undone.c.payer, payments.c.payer).label("payer"),
        )
        .join(
            entries,
            and_(
                entries.c.contract_id == payments.c.contract_id,
                entries.c.entry_number == payments.c.entry_number,
            ),
        )
        .outerjoin(
            undone,
            and_(
                undone.c.contract_id == payments.c.contract_id,
                undone.c.entry_number == entries.c.reverses,
            ),
        )
        .where(payments.c.contract_id == contract_id)
        .subquery()
    )
