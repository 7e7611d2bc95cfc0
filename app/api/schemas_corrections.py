"""Shapes of corrections: proposed, decided, and what they posted."""

from typing import Annotated, Self

from pydantic import Field

from app.api.fields import (
    Amount,
    AmountIn,
    Answered,
    Day,
    DayOut,
    Instant,
    NextCursor,
    Note,
    Party,
    Person,
    Received,
    RecordId,
    Version,
)
from app.api.schemas_approvals import (
    FirstApprovalFacts,
    SecondApprovalFacts,
    first_approval_facts,
    second_approval_facts,
)
from app.api.schemas_invoices import DocumentId
from app.domain.claim import PayerShare
from app.domain.correction import CorrectionKind, CorrectionReason, CorrectionState
from app.domain.journal import instant_text
from app.service.corrections import Asked
from app.storage.corrections import StoredCorrection

ClaimNumberIn = Annotated[int, Field(description="The claim.", ge=1, le=2**31 - 1, examples=[9])]
LineNumberIn = Annotated[int, Field(description="Its line.", ge=1, le=2**31 - 1, examples=[1])]


class ShareIn(Received):
    """What one payer's part is to change by."""

    payer: Party
    amount: AmountIn


class NewCorrection(Received):
    """A correction of one line of an approved claim, proposed.

    `reversal` takes back what the line's entry posted: `amount`, divided as the line is borne, or
    `shares` by payer, both above zero; without either all that is left. Every other kind is an
    adjustment: above zero payers owe more, below zero less.
    """

    kind: CorrectionKind = Field(
        strict=False, description="How the line is corrected.", examples=["reversal"]
    )
    reason: CorrectionReason = Field(
        strict=False,
        description="Why. Those of disputes are given by disputes alone.",
        examples=["wrong_amount"],
    )
    claim_number: ClaimNumberIn
    line_number: LineNumberIn
    amount: AmountIn | None = None
    shares: Annotated[list[ShareIn], Field(min_length=1, max_length=50)] | None = Field(
        default=None, description="Parts by payer, instead of an amount."
    )
    note: Note | None = None
    proposed_on: Day | None = Field(default=None, description="The day; left out: today.")

    def asked(self) -> Asked:
        """As the service takes it."""
        return Asked(
            self.kind,
            self.reason,
            self.claim_number,
            self.line_number,
            None if self.amount is None else self.amount.money(),
            None
            if self.shares is None
            else tuple(PayerShare(one.payer, one.amount.money()) for one in self.shares),
        )


class NewCorrectionDecision(Received):
    """The commissioner's decision on a correction."""

    decided_on: Day | None = Field(default=None, description="The day; left out: today.")
    note: Note | None = None


class ChangeOut(Answered):
    """What a correction changes for one payer; below zero, the payer owes less."""

    payer: Party
    amount: Amount


class CorrectionOut(SecondApprovalFacts, FirstApprovalFacts):
    """A correction of a claim line, who proposed and decided it, and what it posted."""

    correction_id: RecordId
    kind: CorrectionKind = Field(description="How the line is corrected.", examples=["reversal"])
    reason: CorrectionReason = Field(description="Why.", examples=["wrong_amount"])
    claim_number: int = Field(description="The claim.", examples=[9])
    line_number: int = Field(description="Its line.", examples=[1])
    state: CorrectionState = Field(
        description="Where it stands; first_approved: it waits for another person's approval.",
        examples=["approved"],
    )
    change: Amount = Field(description="What payers owe more in all, or below zero less.")
    shares: list[ChangeOut]
    reverses: int | None = Field(
        description="Of a reversal: the number of the entry that it takes back.", examples=[11]
    )
    entry_number: int | None = Field(
        description="The entry that its approval posted.", examples=[31]
    )
    dispute_id: str | None = Field(
        description="The dispute that it carries out.",
        examples=["0192f0c1-7e3a-7c55-9d0a-3b1f5a2c4d6e"],
    )
    documents: list[DocumentId] = Field(
        description="The invoices and credit notes that asked for it, or gave it back."
    )
    proposed_on: DayOut
    proposed_by_party: Party
    proposed_by_person: Person
    decided_on: DayOut | None
    decided_by_party: str | None = Field(description="Who decided.", examples=["scc"])
    decided_by_person: str | None = Field(description="Who decided.", examples=["approver-1"])
    recorded_at: Instant
    version: Version

    @classmethod
    def of(cls, stored: StoredCorrection, version: int | None = None) -> Self:
        """From the stored correction; `version` is that of the record just written."""
        one, decider = stored.correction, stored.decided_by
        facts = second_approval_facts(stored.approval) | first_approval_facts(stored.approval.first)
        facts |= {
            "correction_id": one.correction_id,
            "kind": one.kind,
            "reason": one.reason,
            "claim_number": one.claim_number,
            "line_number": one.line_number,
            "state": stored.state,
            "change": Amount.of(stored.amount),
            "shares": [
                ChangeOut(payer=share.payer, amount=Amount.of(share.amount)) for share in one.shares
            ],
            "reverses": one.reverses,
            "entry_number": stored.entry_number,
            "dispute_id": one.dispute_id,
            "documents": list(stored.documents),
            "proposed_on": one.proposed_on,
            "proposed_by_party": stored.by.party,
            "proposed_by_person": stored.by.person,
            "decided_on": stored.decided_on,
            "decided_by_party": decider.party if decider else None,
            "decided_by_person": decider.person if decider else None,
            "recorded_at": instant_text(stored.recorded_at),
            "version": stored.version if version is None else version,
        }
        return cls.model_validate(facts)


class CorrectionPage(Answered):
    """Corrections in the order in which they were proposed, and where the next page starts."""

    items: list[CorrectionOut]
    next_cursor: NextCursor
