"""Shapes of claims, their lines and their totals."""

from typing import Annotated, Self

from pydantic import Field

from app.api.fields import (
    Amount,
    Answered,
    Day,
    DayOut,
    Instant,
    LinesWithheld,
    NextCursor,
    Note,
    Party,
    Person,
    Pseudonym,
    Received,
    ShownCount,
    StepOut,
    Version,
    shown_count,
)
from app.api.schemas_approvals import (
    FirstApprovalFacts,
    SecondApprovalFacts,
    first_approval_facts,
    second_approval_facts,
)
from app.api.schemas_claim_changes import ClaimCorrections, ClaimDisputes
from app.domain.claim import ClaimLine, ClaimStatus, LineKind, PayerShare, ReturnReason
from app.domain.journal import instant_text
from app.domain.period import Period
from app.domain.sight import Sight
from app.payments.claims import ClaimTotals
from app.service.claims import ClaimView


class PeriodIn(Received):
    """A span of days, both ends included."""

    start: Day = Field(description="The first day.", examples=["2021-07-01"])
    end: Day = Field(description="The last day.", examples=["2021-09-30"])


class PeriodOut(Answered):
    """A span of days, both ends included."""

    start: DayOut
    end: DayOut

    @classmethod
    def of(cls, period: Period) -> Self:
        """From a period."""
        return cls(start=period.start, end=period.end)


class NewClaim(Received):
    """A claim for everything verified by the end of a period and not claimed yet."""

    period: PeriodIn
    submitted_on: Day | None = Field(default=None, description="The day; left out: today.")


class NewApproval(Received):
    """The commissioner's approval of a claim."""

    decided_on: Day | None = Field(default=None, description="The day; left out: today.")
    note: Note | None = None


class NewReturn(Received):
    """The commissioner's return of a claim, with its reason."""

    reason_code: ReturnReason = Field(
        strict=False,
        description="Why: `evidence` (an outcome is not proved), `eligibility` (a participant was "
        "never eligible), `price`, `split` (between payers), `duplicate` (asked for before), "
        "`period`, or `other` (say it in the note).",
        examples=["period"],
    )
    decided_on: Day | None = Field(default=None, description="The day; left out: today.")
    note: Note | None = None


class PayerAmount(Answered):
    """What one payer bears. Negative on a clawback line."""

    payer: Party
    amount: Amount

    @classmethod
    def of(cls, share: PayerShare) -> Self:
        """From a share."""
        return cls(payer=share.payer, amount=Amount.of(share.amount))


class CutOut(Answered):
    """What one cap took off a line."""

    cap: str = Field(
        description="metric, person, contract, activity:<code>, payer:<id>, "
        "payer_financial_year:<id>:<year> or after_end:<payer>.",
        examples=["person"],
    )
    amount: Amount


class ClaimLineOut(Answered):
    """One line: gross = payable + cuts, and payable = shares, to the penny."""

    line_number: int = Field(description="From 1.", examples=[1])
    kind: LineKind = Field(description="Why it is in the claim.", examples=["outcome"])
    source_id: str = Field(
        description="What it asks for: an entitlement, or an earlier line.",
        examples=["0192f0c1-7e3a-7c55-9d0a-3b1f5a2c4d6e"],
    )
    participant_id: Pseudonym
    metric: str = Field(description="The metric or activity code.", examples=["S06"])
    achieved_on: DayOut
    verified_on: DayOut
    gross: Amount
    cuts: list[CutOut]
    payable: Amount
    shares: list[PayerAmount]
    carried: list[PayerAmount] = Field(
        description="The part of the cuts that later claims may still ask of a payer."
    )
    working: list[StepOut]

    @classmethod
    def of(cls, line: ClaimLine) -> Self:
        """From a line of the service."""
        return cls(
            line_number=line.line_number,
            kind=line.kind,
            source_id=line.source_id,
            participant_id=line.participant_id,
            metric=line.metric,
            achieved_on=line.achieved_on,
            verified_on=line.verified_on,
            gross=Amount.of(line.gross),
            cuts=[CutOut(cap=cut.cap, amount=Amount.of(cut.amount)) for cut in line.cuts],
            payable=Amount.of(line.payable),
            shares=[PayerAmount.of(share) for share in line.shares],
            carried=[PayerAmount.of(share) for share in line.carried],
            working=[StepOut.of(step) for step in line.working],
        )


class MetricAmount(Answered):
    """One metric's part of a claim."""

    metric: str = Field(description="The metric or activity code.", examples=["S06"])
    count: ShownCount
    gross: Amount
    capped: Amount
    payable: Amount


class TotalsOut(Answered):
    """What the lines add up to: gross = capped + payable; payable = the sum by payer."""

    gross: Amount
    capped: Amount
    payable: Amount
    by_payer: list[PayerAmount]
    by_metric: list[MetricAmount]

    @classmethod
    def of(cls, totals: ClaimTotals) -> Self:
        """From the totals of the service."""
        return cls(
            gross=Amount.of(totals.gross),
            capped=Amount.of(totals.capped),
            payable=Amount.of(totals.payable),
            by_payer=[PayerAmount.of(share) for share in totals.by_payer],
            by_metric=[
                MetricAmount(
                    metric=one.metric,
                    count=shown_count(one.count),
                    gross=Amount.of(one.gross),
                    capped=Amount.of(one.capped),
                    payable=Amount.of(one.payable),
                )
                for one in totals.by_metric
            ],
        )


class ClaimFacts(SecondApprovalFacts):
    """What a claim asks for."""

    claim_number: int = Field(
        description="The contract's claims are numbered from 1 without gaps.", examples=[1]
    )
    period: PeriodOut
    supplementary: bool = Field(
        description="Whether an earlier claim overlaps the period.", examples=[False]
    )
    terms_version: int = Field(
        description="The version in force at the period's end.", examples=[1]
    )
    totals: TotalsOut
    lines: list[ClaimLineOut]
    lines_withheld: LinesWithheld


def claim_facts(view: ClaimView) -> dict[str, object]:
    """The fields of a claim, for the shapes that hold one."""
    return second_approval_facts(view.approval) | {
        "claim_number": view.claim.claim_number,
        "period": PeriodOut.of(view.claim.period),
        "supplementary": view.claim.supplementary,
        "terms_version": view.claim.terms_version,
        "totals": TotalsOut.of(view.totals),
        "lines": [ClaimLineOut.of(line) for line in view.claim.lines],
        "lines_withheld": view.lines_withheld,
    }


Withheld = Annotated[
    list[str],
    Field(
        description="Entitlements that wait and are left out, because the journey as it is known "
        "now no longer shows the outcome. Correct the journey, or claw them back.",
        examples=[[]],
    ),
]


class ClaimPreview(ClaimFacts):
    """What a claim for the period would be if it were submitted now."""

    withheld: Withheld

    @classmethod
    def of(cls, view: ClaimView) -> Self:
        """From the service's preview."""
        return cls.model_validate(claim_facts(view) | {"withheld": list(view.withheld)})


class ClaimWritten(ClaimFacts, FirstApprovalFacts):
    """A claim just submitted or decided. Show it to see who acted, and when."""

    status: ClaimStatus = Field(
        description="Where it stands now; first_approved: it waits for another person's approval.",
        examples=["submitted"],
    )
    withheld: Withheld
    version: Version

    @classmethod
    def after(cls, status: ClaimStatus, view: ClaimView, version: int) -> Self:
        """From the service's answer to the command that brought the claim to a status."""
        facts = claim_facts(view) | first_approval_facts(view.approval.first)
        facts |= {"withheld": list(view.withheld)}
        return cls.model_validate(facts | {"status": status, "version": version})

    @classmethod
    def after_approval(cls, view: ClaimView, version: int) -> Self:
        """From the service's answer to an approval, which may be the first of two."""
        if view.stored is None:
            raise AssertionError("a claim that was approved has been stored")
        return cls.after(view.stored.status, view, version)


class ClaimOut(ClaimFacts, FirstApprovalFacts):
    """A claim, where it stands, and who acted on it."""

    status: ClaimStatus = Field(
        description="Where it stands; first_approved: it waits for another person's approval.",
        examples=["approved"],
    )
    submitted_on: DayOut
    submitted_by: Party
    submitted_by_person: Person
    decided_on: DayOut | None
    decided_by: Party | None
    decided_by_person: Person | None
    reason_code: str | None = Field(description="Why it was returned.", examples=["period"])
    corrections: ClaimCorrections | None = Field(
        description="Of its lines, or of those that the reader is shown; null where that is none."
    )
    disputes: ClaimDisputes | None = Field(
        description="Of its lines, or of those that the reader is shown; null where that is none."
    )
    recorded_at: Instant
    version: Version

    @classmethod
    def of(cls, view: ClaimView) -> Self:
        """From a stored claim."""
        stored = view.stored
        if stored is None:
            raise AssertionError("a claim that was read has been stored")
        decider = stored.decided_by
        shown = view.sight is not Sight.AGGREGATE
        return cls.model_validate(
            claim_facts(view)
            | first_approval_facts(stored.first_approval)
            | {
                "status": stored.status,
                "submitted_on": stored.submitted_on,
                "submitted_by": stored.by.party,
                "submitted_by_person": stored.by.person,
                "decided_on": stored.decided_on,
                "decided_by": decider.party if decider else None,
                "decided_by_person": decider.person if decider else None,
                "reason_code": stored.reason_code,
                "corrections": ClaimCorrections.of(view.corrections, view.currency)
                if shown
                else None,
                "disputes": ClaimDisputes.of(view.disputes, view.currency) if shown else None,
                "recorded_at": instant_text(stored.recorded_at),
                "version": stored.version,
            }
        )


class ClaimPage(Answered):
    """Claims in order of their numbers, and where the next page starts."""

    items: list[ClaimOut]
    next_cursor: NextCursor
