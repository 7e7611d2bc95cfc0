"""Shapes of the payment clock: an invoice's sums, ageing, and payments compliance figures."""

from fractions import Fraction
from typing import Self

from pydantic import Field

from app.api.fields import Amount, Answered, DayOut, Instant, Party
from app.api.schemas_claims import PeriodOut
from app.domain.journal import instant_text
from app.domain.payment_clock import AgeBucket, PayableSum, PromptPayment, Stop, percent
from app.service.invoice_clocks import ClockState, InvoiceClock
from app.service.payment_clock import AgedSum, Ageing

_SHARE = "as a percentage with two decimals; null where there were none."


class StopOut(Answered):
    """The clock stands from the day of a dispute's notice to the day before it is resolved."""

    notice_on: DayOut
    resolved_on: DayOut | None

    @classmethod
    def of(cls, stop: Stop) -> Self:
        """From a stop."""
        return cls(notice_on=stop.notice_on, resolved_on=stop.resolved_on)


class ClockSumOut(Answered):
    """A part of an invoice with one clock: undisputed or disputed, paid or unpaid."""

    amount: Amount
    due_on: DayOut | None
    paid_on: DayOut | None
    days_late: int = Field(description="Counted days past its terms.", examples=[0])
    stops: list[StopOut]

    @classmethod
    def of(cls, one: PayableSum, clock: InvoiceClock) -> Self:
        """From a sum of an invoice's clock."""
        return cls(
            amount=Amount.of(one.amount),
            due_on=one.due_on,
            paid_on=one.paid_on,
            days_late=one.days_late(clock.on),
            stops=[StopOut.of(stop) for stop in one.stops],
        )


class ClockOut(Answered):
    """How an invoice stands on a day: what is due when, what a dispute holds, how late it is."""

    on: DayOut
    received_on: DayOut
    state: ClockState = Field(
        description="settled; held: all that is unpaid is in dispute; not_due; late.",
        examples=["not_due"],
    )
    due_on: DayOut | None
    days_late: int = Field(description="Of the sum that is latest.", examples=[0])
    disputed: Amount
    sums: list[ClockSumOut]

    @classmethod
    def of(cls, clock: InvoiceClock) -> Self:
        """From the service's clock."""
        return cls(
            on=clock.on,
            received_on=clock.invoice.issued_on,
            state=clock.state,
            due_on=clock.due_on,
            days_late=clock.days_late,
            disputed=Amount.of(clock.disputed),
            sums=[ClockSumOut.of(one, clock) for one in clock.sums],
        )


class AgeBucketOut(Answered):
    """What is unpaid in one age."""

    bucket: AgeBucket = Field(description="Counted days past the terms.", examples=["1-30"])
    count: int = Field(description="How many sums.", examples=[1])
    amount: Amount


class AgedSumOut(Answered):
    """One unpaid sum of an invoice."""

    document_id: str = Field(description="The invoice.", examples=["invoice:spv/9"])
    reference: str = Field(description="Its printed number.", examples=["SPV-000009"])
    claim_number: int = Field(description="Its claim.", examples=[9])
    customer: Party
    received_on: DayOut
    due_on: DayOut | None
    amount: Amount
    bucket: AgeBucket = Field(description="Its age.", examples=["not_due"])
    days_late: int = Field(description="Counted days past its terms.", examples=[0])
    is_held: bool = Field(description="Whether a dispute stops its clock.", examples=[True])

    @classmethod
    def of(cls, aged: AgedSum) -> Self:
        """From an aged sum."""
        invoice = aged.clock.invoice
        return cls(
            document_id=invoice.document_id,
            reference=invoice.reference,
            claim_number=invoice.claim_number,
            customer=invoice.customer,
            received_on=aged.sum.received_on,
            due_on=aged.sum.due_on,
            amount=Amount.of(aged.sum.amount),
            bucket=aged.bucket,
            days_late=aged.days_late,
            is_held=aged.is_held,
        )


class AgeingOut(Answered):
    """What is unpaid at the end of a day, by how late it is; every bucket has a line."""

    as_of: DayOut
    known_at: Instant = Field(description="What was recorded by then is in it.")
    payer: str | None = Field(description="The payer asked for; null: all.", examples=["council"])
    buckets: list[AgeBucketOut]
    unpaid: Amount
    held: Amount
    sums: list[AgedSumOut]

    @classmethod
    def of(cls, found: Ageing) -> Self:
        """From the service's list."""
        return cls(
            as_of=found.on,
            known_at=instant_text(found.known_at),
            payer=found.payer,
            buckets=[
                AgeBucketOut(bucket=line.bucket, count=line.count, amount=Amount.of(line.amount))
                for line in found.lines
            ],
            unpaid=Amount.of(found.unpaid),
            held=Amount.of(found.held),
            sums=[AgedSumOut.of(one) for one in found.sums],
        )


class ComplianceOut(Answered):
    """A payer's figures of a payments compliance notice for one period, for this contract.

    Days are counted from the day after receipt; days on which a dispute stops the clock are not.
    """

    payer: Party
    period: PeriodOut
    paid_count: int = Field(description="Sums paid in the period.", examples=[8])
    paid: Amount
    average_days: str | None = Field(
        description="Mean of the counted days to payment, two decimals.", examples=["24.50"]
    )
    paid_to_30_days: str | None = Field(
        description=f"Of them paid within 30 days, {_SHARE}", examples=["66.67"]
    )
    paid_31_to_60_days: str | None = Field(
        description=f"Of them paid on days 31 to 60, {_SHARE}", examples=["33.33"]
    )
    paid_after_60_days: str | None = Field(
        description=f"Of them paid later, {_SHARE}", examples=["0.00"]
    )
    paid_late: Amount
    due_count: int = Field(description="Sums that fell due in the period.", examples=[9])
    not_paid_in_terms: str | None = Field(
        description=f"Of them not paid within the terms, {_SHARE}", examples=["33.33"]
    )
    unpaid_at_end: str | None = Field(
        description=f"Of them unpaid at the end of the period, {_SHARE}", examples=["11.11"]
    )

    @classmethod
    def of(cls, payer: str, found: PromptPayment) -> Self:
        """From the service's figures, rounded half up here only."""
        return cls(
            payer=payer,
            period=PeriodOut.of(found.period),
            paid_count=found.paid_count,
            paid=Amount.of(found.paid),
            average_days=None if found.average_days is None else percent(found.average_days / 100),
            paid_to_30_days=_percent(found.share_to_30),
            paid_31_to_60_days=_percent(found.share_31_to_60),
            paid_after_60_days=_percent(found.share_over_60),
            paid_late=Amount.of(found.paid_late),
            due_count=found.due_count,
            not_paid_in_terms=_percent(found.share_not_paid_in_terms),
            unpaid_at_end=_percent(found.share_unpaid_at_end),
        )


def _percent(share: Fraction | None) -> str | None:
    return None if share is None else percent(share)
