"""What became of a claim's lines after it was made: its corrections and disputes, in short."""

from collections.abc import Sequence
from typing import Self

from pydantic import Field

from app.api.fields import Amount, Answered, RecordId
from app.domain.correction import CorrectionState
from app.domain.dispute import DisputeState
from app.domain.money import total
from app.storage.corrections import StoredCorrection
from app.storage.disputes import StoredDispute


class ClaimCorrection(Answered):
    """A correction of one of the claim's lines; getCorrection shows all of it."""

    correction_id: RecordId
    line_number: int = Field(description="The line.", examples=[1])
    state: CorrectionState = Field(description="Where it stands.", examples=["approved"])
    change: Amount = Field(description="What payers owe more, or below zero less.")
    dispute_id: str | None = Field(
        description="The dispute that it carries out.",
        examples=["0192f0c1-7e3a-7c55-9d0a-3b1f5a2c4d6e"],
    )


class ClaimCorrections(Answered):
    """The corrections of a claim's lines, in the order in which they were proposed."""

    count: int = Field(description="How many, in any state.", examples=[1])
    approved: Amount = Field(
        description="What the approved ones change in all: the claim comes to its payable total "
        "and this."
    )
    items: list[ClaimCorrection]

    @classmethod
    def of(cls, found: Sequence[StoredCorrection], currency: str) -> Self:
        """From the stored corrections."""
        approved = (one.amount for one in found if one.state is CorrectionState.APPROVED)
        return cls(
            count=len(found),
            approved=Amount.of(total(approved, currency)),
            items=[
                ClaimCorrection(
                    correction_id=one.correction.correction_id,
                    line_number=one.correction.line_number,
                    state=one.state,
                    change=Amount.of(one.amount),
                    dispute_id=one.correction.dispute_id,
                )
                for one in found
            ],
        )


class ClaimDispute(Answered):
    """A dispute of one of the claim's lines; getDispute shows all of it."""

    dispute_id: RecordId
    line_number: int = Field(description="The line.", examples=[1])
    state: DisputeState = Field(description="Where it stands.", examples=["open"])
    amount: Amount = Field(description="What of the line is disputed.")
    due: Amount | None = Field(description="Once it has an outcome: what of it is due.")


class ClaimDisputes(Answered):
    """The disputes of a claim's lines, in order of recording."""

    count: int = Field(description="How many, in any state.", examples=[1])
    open: Amount = Field(description="What the open ones dispute in all.")
    items: list[ClaimDispute]

    @classmethod
    def of(cls, found: Sequence[StoredDispute], currency: str) -> Self:
        """From the stored disputes."""
        standing = (one.dispute.amount for one in found if one.state is DisputeState.OPEN)
        return cls(
            count=len(found),
            open=Amount.of(total(standing, currency)),
            items=[
                ClaimDispute(
                    dispute_id=one.dispute.dispute_id,
                    line_number=one.line_number,
                    state=one.state,
                    amount=Amount.of(one.dispute.amount),
                    due=None if one.due is None else Amount.of(one.due),
                )
                for one in found
            ],
        )
