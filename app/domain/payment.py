"""Payments made, failed and returned, and the documents that they settle."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.money import Money, total


class PaymentKind(StrEnum):
    """A payment; the return of one (failed, bounced or paid back), whole or in part; a set-off.

    A set-off moves no money: it settles documents of two parties against each other.
    """

    PAYMENT = "payment"
    RETURN = "return"
    SET_OFF = "set_off"


@dataclass(frozen=True, slots=True)
class PaymentAllocation:
    """Part of a payment set against a document; negative for a credit note or an undone allocation.

    `document` is invoice:<issuer>/<number> or fund-claim:<number>.
    """

    document: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that moved between two parties, recorded; the service never initiates one.

    `returns` names the payment that a return gives back. What allocations do not use is on account:
    an over-payment until it is allocated or returned. `pays_back`: it goes from the creditor of the
    documents to their debtor, so what it settles is below zero (a credit note paid out).
    """

    payment_id: str
    kind: PaymentKind
    payer: str
    payee: str
    amount: Money
    paid_on: date
    reference: str | None
    returns: str | None
    allocations: tuple[PaymentAllocation, ...]
    pays_back: bool = False

    @property
    def used(self) -> Money:
        """What the allocations take up of the payment, after what was undone.

        An invoice of 11,500.00 less a credit note of 8,248.00 takes up 3,252.00; the credit note
        alone, paid out by the payee, 8,248.00.
        """
        settled = total((item.amount for item in self.allocations), self.amount.currency)
        return -settled if self.pays_back else settled


class Settlement(StrEnum):
    """How far a document is settled."""

    OPEN = "open"
    PART = "part"
    SETTLED = "settled"
    OVER = "over"


def settlement(total: Money, allocated: Money) -> Settlement:
    """How far allocations settle a document: 6,701.50 with 6,000.00 allocated is part-settled.

    Both are below zero for a document that gives back, such as a credit note.
    """
    if total.minor < 0:
        total, allocated = -total, -allocated
    if not allocated:
        return Settlement.OPEN if total else Settlement.SETTLED
    if allocated < total:
        return Settlement.PART
    return Settlement.SETTLED if allocated == total else Settlement.OVER
