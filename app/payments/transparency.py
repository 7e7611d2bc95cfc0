"""The council's quarterly list of payments over GBP 500 (Local Government Transparency Code 2015).

The Code asks of each item: date, department, beneficiary, summary of the purpose, amount, VAT that
cannot be recovered, merchant category. It asks for publication within a month of the quarter's end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from app.domain.invoice import Invoice
from app.domain.money import Money, Rounding, share_of, total
from app.domain.payment import Payment, PaymentAllocation, PaymentKind
from app.domain.period import Period

THRESHOLD = "500"
"""Items above this many pounds are published; one of exactly 500.00 is not."""


@dataclass(frozen=True, slots=True)
class SpendRow:
    """One published payment, in the columns of the Code, and the payment's id to find it by.

    `amount` is net of VAT and below zero for money returned to the council.
    """

    paid_on: date
    department: str
    beneficiary: str
    purpose: str
    amount: Money
    irrecoverable_vat: Money
    merchant_category: str
    payment_id: str


def spend_rows(
    payments: Iterable[Payment],
    period: Period,
    *,
    council: str,
    names: Mapping[str, str],
    documents: Mapping[str, Invoice],
    department: str,
    merchant_category: str,
    vat_recoverable: bool = True,
) -> tuple[SpendRow, ...]:
    """The payments that the council made in a period and must publish, by date and payment id.

    `payments` are those of the period, each with its allocations as it was made, and those that a
    return of the period gives back. Only the council's own money counts, not a fund's: what it
    paid, and below zero what came back to it: a return, on the day of the return, and a credit note
    that the payee paid out. A set-off moves no money. `names` are the parties' names by id,
    `documents` the invoices by id, which say how much of a payment is VAT: an invoice of
    12,000.00 with 2,000.00 VAT, half paid, is 5,000.00 and 1,000.00. VAT that the council gets back
    is left out. An item counts if what it costs the council is more than 500.00 either way. No
    person can be read from a row.
    """
    known = {payment.payment_id: payment for payment in payments}
    rows: list[SpendRow] = []
    for payment in known.values():
        made = known[payment.returns] if payment.returns else payment
        beneficiary = _beneficiary(made, council)
        if beneficiary is None or not period.contains(payment.paid_on):
            continue
        comes_back = (payment is not made) == (made.payer == council)
        amount, irrecoverable_vat = _cost(
            payment, documents, comes_back=comes_back, vat_recoverable=vat_recoverable
        )
        if _is_published(amount + irrecoverable_vat):
            rows.append(
                SpendRow(
                    payment.paid_on,
                    department,
                    names[beneficiary],
                    _purpose(payment, documents),
                    amount,
                    irrecoverable_vat,
                    merchant_category,
                    payment.payment_id,
                )
            )
    return tuple(sorted(rows, key=lambda row: (row.paid_on, row.payment_id)))


def _beneficiary(made: Payment, council: str) -> str | None:
    """Whom the council paid; None for what is not its expenditure.

    What a debtor pays the council is income; what a creditor pays back to it is less expenditure.
    """
    if made.kind is PaymentKind.SET_OFF:
        return None
    if made.payer == council:
        return made.payee
    return made.payer if made.payee == council and made.pays_back else None


def _is_published(cost: Money) -> bool:
    return abs(cost.minor) > Money.parse(THRESHOLD, cost.currency).minor


def _cost(
    payment: Payment,
    documents: Mapping[str, Invoice],
    *,
    comes_back: bool,
    vat_recoverable: bool,
) -> tuple[Money, Money]:
    """What a payment comes to without VAT, and the VAT in it that stays with the council."""
    currency = payment.amount.currency
    vat = total((_vat_in(one, documents) for one in payment.allocations), currency)
    gross = -payment.amount if comes_back else payment.amount
    return gross - vat, Money(0, currency) if vat_recoverable else vat


def _vat_in(allocation: PaymentAllocation, documents: Mapping[str, Invoice]) -> Money:
    """The tax in what is allocated to a document, in proportion to the document's total."""
    invoice = documents.get(allocation.document)
    if invoice is None or not invoice.vat:
        return Money(0, allocation.amount.currency)
    part = Fraction(invoice.vat.minor, invoice.total.minor)
    size = Money(abs(allocation.amount.minor), allocation.amount.currency)
    tax = share_of(size, part, Rounding.HALF_UP)
    return -tax if allocation.amount.minor < 0 else tax


def _purpose(payment: Payment, documents: Mapping[str, Invoice]) -> str:
    """What the payment was for, as far as it has been allocated."""
    named = sorted({one.document for one in payment.allocations})
    invoices = [documents[name] for name in named if name in documents]
    references = [item.reference for item in sorted(invoices, key=lambda item: item.number)]
    references += [name for name in named if name not in documents]
    what = "Return of a payment" if payment.returns else "Payment"
    if not references:
        return f"{what} for outcomes, on account"
    claims = sorted({item.claim_number for item in invoices})
    told = f"; claim {', '.join(map(str, claims))}" if claims else ""
    return f"{what} for outcomes, {', '.join(references)}{told}"
