"""Shapes of the quarter's payments that a council publishes."""

from typing import Self

from pydantic import Field

from app.api.fields import Amount, Answered, DayOut, Party, RecordId
from app.api.schemas_claims import PeriodOut
from app.payments.transparency import SpendRow
from app.service.transparency import SpendFile


class SpendRowOut(Answered):
    """One item to publish. `payment_id` finds it here; it is in no published file."""

    paid_on: DayOut
    department: str = Field(
        description="The department that incurred the expenditure.",
        examples=["Adult Health and Social Care"],
    )
    beneficiary: str = Field(description="Whom the council paid.", examples=["Homes SPV Ltd"])
    purpose: str = Field(
        description="What for, without anything of a person.",
        examples=["Payment for outcomes, SPV-000001; claim 1"],
    )
    amount: Amount
    irrecoverable_vat: Amount
    merchant_category: str = Field(
        description="As the council names it.", examples=["Outcome payments"]
    )
    payment_id: RecordId

    @classmethod
    def of(cls, row: SpendRow) -> Self:
        """From the service's row."""
        return cls(
            paid_on=row.paid_on,
            department=row.department,
            beneficiary=row.beneficiary,
            purpose=row.purpose,
            amount=Amount.of(row.amount),
            irrecoverable_vat=Amount.of(row.irrecoverable_vat),
            merchant_category=row.merchant_category,
            payment_id=row.payment_id,
        )


class SpendOut(Answered):
    """The items of a quarter that cost the council more than 500 pounds each, either way.

    `amount` is without VAT, and below zero for money that came back.
    """

    council: Party
    period: PeriodOut
    publish_by: DayOut = Field(description="Within a month of the quarter's end.")
    rows: list[SpendRowOut]

    @classmethod
    def of(cls, found: SpendFile) -> Self:
        """From the service's file."""
        return cls(
            council=found.council,
            period=PeriodOut.of(found.period),
            publish_by=found.publish_by,
            rows=[SpendRowOut.of(row) for row in found.rows],
        )
