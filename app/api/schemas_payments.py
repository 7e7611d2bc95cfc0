"""Shapes of payments, what they settle, and remittance advice."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from app.api.fields import (
    Amount,
    AmountIn,
    Answered,
    Day,
    DayOut,
    Instant,
    NextCursor,
    Party,
    Received,
    RecordId,
    Version,
)
from app.api.schemas_invoices import DocumentId
from app.api.schemas_ledger import EntryNumber
from app.domain.identity_check import IdentityChecked
from app.domain.journal import instant_text
from app.domain.payment import PaymentAllocation, PaymentKind
from app.payments.remittance import RemittanceAdvice
from app.storage.payments import StoredPayment

Reference = Annotated[
    str,
    IdentityChecked,
    Field(
        min_length=1,
        max_length=35,
        description="The payment's own reference, a code: letters, digits, spaces and / - . with a "
        "digit, and no two words of letters side by side. It can never be removed.",
        examples=["BACS 2021-10-0042"],
    ),
]
PaymentReference = Annotated[
    str | None,
    Field(description="The payment's own reference.", examples=["BACS 2021-10-0042"]),
]


class AllocationIn(Received):
    """What of a payment is set against a document; negative for a credit note, or to undo."""

    document: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        description="invoice:<issuer>/<number> or fund-claim:<number>.",
        examples=["invoice:spv/1"],
    )
    amount: AmountIn


Allocations = Annotated[
    list[AllocationIn],
    Field(max_length=200, description="Each document once, 200 at most."),
]


def allocations_of(given: list[AllocationIn]) -> list[PaymentAllocation]:
    """The allocations as the service takes them."""
    return [PaymentAllocation(one.document, one.amount.money()) for one in given]


class NewPayment(Received):
    """That one party has paid another, and for which documents."""

    payer: Party
    payee: Party
    amount: AmountIn
    paid_on: Day | None = Field(default=None, description="The day; left out: today.")
    reference: Reference | None = None
    allocations: Allocations = Field(default=[])


class NewReturnedPayment(Received):
    """That a payment failed, bounced or was paid back, whole or in part."""

    amount: AmountIn
    returned_on: Day | None = Field(default=None, description="The day; left out: today.")
    reference: Reference | None = None
    allocations: Allocations = Field(default=[])


class NewAllocations(Received):
    """That money on account settles documents, or no longer does."""

    allocations: Allocations
    allocated_on: Day | None = Field(default=None, description="The day; left out: today.")


class NewSetOff(Received):
    """Documents of the same two parties that settle each other; the amounts come to nothing."""

    allocations: Annotated[
        list[AllocationIn],
        Field(
            min_length=2,
            max_length=200,
            description="Each document once; a credit note below zero.",
            examples=[
                [
                    {
                        "document": "invoice:spv/1",
                        "amount": {"amount": "6500.00", "currency": "GBP"},
                    },
                    {
                        "document": "invoice:spv/3",
                        "amount": {"amount": "-6500.00", "currency": "GBP"},
                    },
                ]
            ],
        ),
    ]
    set_off_on: Day | None = Field(default=None, description="The day; left out: today.")


class AllocationOut(Answered):
    """What of a payment is set against a document; below zero for a credit note, or undone."""

    document: DocumentId
    amount: Amount


class PaymentOut(Answered):
    """A payment as recorded, what it settles, and the ledger entry that it was posted as.

    amount = returned + on_account + what the allocations take up.
    """

    payment_id: RecordId
    kind: PaymentKind = Field(
        description="A payment, the return of one, or a set-off, which moves no money.",
        examples=["payment"],
    )
    payer: Party
    payee: Party
    amount: Amount
    paid_on: DayOut
    reference: PaymentReference
    returns: str | None = Field(
        description="The payment that a return gives back.",
        examples=["0192f0c1-7e3a-7c55-9d0a-3b1f5a2c4d6e"],
    )
    pays_back: bool = Field(
        description="Whether it goes from who issued the documents to their debtor.",
        examples=[False],
    )
    allocations: list[AllocationOut]
    returned: Amount
    on_account: Amount
    entry_number: EntryNumber | None = Field(
        description="The ledger entry that it was posted as; none of a set-off.", examples=[1]
    )
    recorded_at: Instant
    version: Version

    @classmethod
    def of(cls, made: StoredPayment, version: int | None = None) -> Self:
        """From the stored payment; `version` is that of the record just written."""
        paid = made.payment
        return cls(
            payment_id=paid.payment_id,
            kind=paid.kind,
            payer=paid.payer,
            payee=paid.payee,
            amount=Amount.of(paid.amount),
            paid_on=paid.paid_on,
            reference=paid.reference,
            returns=paid.returns,
            pays_back=paid.pays_back,
            allocations=[
                AllocationOut(document=one.document, amount=Amount.of(one.amount))
                for one in paid.allocations
            ],
            returned=Amount.of(made.returned),
            on_account=Amount.of(made.on_account),
            entry_number=made.entry_number,
            recorded_at=instant_text(made.recorded_at),
            version=made.version if version is None else version,
        )


class PaymentPage(Answered):
    """Payments in order of recording, and where the next page starts."""

    items: list[PaymentOut]
    next_cursor: NextCursor


class RemittanceRowOut(Answered):
    """One document that the payment settles: amount = paid_before + paid_now + left."""

    document: DocumentId
    reference: str = Field(description="The printed number.", examples=["SPV-000001"])
    issued_on: DayOut
    amount: Amount
    paid_before: Amount
    paid_now: Amount
    left: Amount


class RemittanceOut(Answered):
    """What the payer tells the payee of a payment."""

    payment_id: RecordId
    payer: Party
    payee: Party
    paid_on: DayOut
    reference: PaymentReference
    amount: Amount
    returned: Amount
    on_account: Amount
    rows: list[RemittanceRowOut]

    @classmethod
    def of(cls, advice: RemittanceAdvice) -> Self:
        """From the service's advice."""
        return cls(
            payment_id=advice.payment_id,
            payer=advice.payer,
            payee=advice.payee,
            paid_on=advice.paid_on,
            reference=advice.reference,
            amount=Amount.of(advice.amount),
            returned=Amount.of(advice.returned),
            on_account=Amount.of(advice.on_account),
            rows=[
                RemittanceRowOut(
                    document=row.document,
                    reference=row.reference,
                    issued_on=row.issued_on,
                    amount=Amount.of(row.amount),
                    paid_before=Amount.of(row.paid_before),
                    paid_now=Amount.of(row.paid_now),
                    left=Amount.of(row.left),
                )
                for row in advice.rows
            ],
        )
