"""Remittance advice: which documents a payment settles, and what each of them leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.domain.fund_claim import FundClaim
from app.domain.invoice import DocumentKind, Invoice
from app.domain.money import Money, total
from app.domain.payment import Payment


@dataclass(frozen=True, slots=True)
class RemittanceRow:
    """One document that a payment settles, wholly or in part; a credit note's amounts are negative.

    amount = paid_before + paid_now + left, to the penny; `left` below zero is over-paid.
    """

    document: str
    reference: str
    issued_on: date
    amount: Money
    paid_before: Money
    paid_now: Money
    left: Money


@dataclass(frozen=True, slots=True)
class RemittanceAdvice:
    """What the payer tells the payee of a payment.

    amount = sum of `paid_now` + returned + on_account; a payment back counts `paid_now` below zero.
    """

    payment_id: str
    payer: str
    payee: str
    paid_on: date
    reference: str | None
    amount: Money
    returned: Money
    rows: tuple[RemittanceRow, ...]
    on_account: Money


def remittance_advice(
    payment: Payment,
    documents: Mapping[str, Invoice | FundClaim],
    paid_before: Mapping[str, Money],
    returned: Money,
) -> RemittanceAdvice:
    """The advice of one payment: its documents in the order of issue, and what is on account.

    `documents` holds every document that the payment's allocations name, by id; `paid_before` what
    earlier allocations settled of each (nothing if it is missing); `returned` what came back of the
    payment. What was allocated and wholly undone makes no row. A payment of 7,000.00 for an
    invoice of 11,500.00 and a credit note of 8,248.00 pays 11,500.00 and -8,248.00, and leaves
    3,748.00 on account. Several allocations to one document make one row.
    """
    nothing = Money(0, payment.amount.currency)
    now: dict[str, Money] = {}
    for allocation in payment.allocations:
        now[allocation.document] = now.get(allocation.document, nothing) + allocation.amount
    rows = [
        _row(name, documents[name], paid_before.get(name, nothing), paid)
        for name, paid in now.items()
        if paid
    ]
    rows.sort(key=lambda row: (row.issued_on, row.reference))
    return RemittanceAdvice(
        payment.payment_id,
        payment.payer,
        payment.payee,
        payment.paid_on,
        payment.reference,
        payment.amount,
        returned,
        tuple(rows),
        payment.amount - returned - payment.used,
    )


def _row(name: str, document: Invoice | FundClaim, before: Money, now: Money) -> RemittanceRow:
    if isinstance(document, FundClaim):
        amount = total((line.amount for line in document.lines), now.currency)
        reference, issued_on = document.document_id, document.prepared_on
    else:
        is_credit = document.kind is DocumentKind.CREDIT_NOTE
        amount = -document.total if is_credit else document.total
        reference, issued_on = document.reference, document.issued_on
    return RemittanceRow(name, reference, issued_on, amount, before, now, amount - before - now)
