"""Shapes of claims to an outcomes fund, and of how its award stands."""

from typing import Self

from pydantic import Field

from app.api.fields import (
    Amount,
    Answered,
    Day,
    DayOut,
    Instant,
    NextCursor,
    Note,
    Party,
    Person,
    Received,
    Version,
)
from app.api.schemas_approvals import (
    FirstApprovalFacts,
    SecondApprovalFacts,
    first_approval_facts,
    second_approval_facts,
)
from app.api.schemas_claims import PeriodIn, PeriodOut
from app.api.schemas_invoices import DocumentId
from app.domain.fund_claim import (
    FundClaimState,
    FundPosition,
    ShortfallBearer,
    ShortfallReason,
)
from app.domain.journal import instant_text
from app.service.fund_claims import FundClaimView
from app.storage.fund_claim_acts import FundClaimAct
from app.storage.fund_claims import StoredFundClaim


class NewFundClaim(Received):
    """A claim to a fund for everything approved by the end of a period and not claimed before."""

    fund: Party
    period: PeriodIn
    prepared_on: Day | None = Field(default=None, description="The day; left out: today.")


class NewFundSubmission(Received):
    """That the commissioner submits a claim to the fund."""

    on: Day | None = Field(default=None, description="The day; left out: today.")


class NewFundQuery(Received):
    """That the fund queries a claim."""

    note: Note
    on: Day | None = Field(default=None, description="The day; left out: today.")


class FundClaimLineOut(Answered):
    """The fund's part of one approved claim line or of its correction; negative if taken back."""

    claim_number: int = Field(description="The claim.", examples=[1])
    line_number: int = Field(description="Its line.", examples=[1])
    metric: str = Field(description="The metric or activity code.", examples=["MOVE"])
    count: int = Field(description="Outcomes, -1 for one taken back.", examples=[1])
    amount: Amount
    correction_id: str | None = Field(
        description="Of a correction of the line: its id; null for the line itself.",
        examples=["0192f0c1-7e3a-7c55-9d0a-3b1f5a2c4d6e"],
    )


class FundClaimOut(SecondApprovalFacts, FirstApprovalFacts):
    """A claim to a fund, where it stands, and how far payments settle it."""

    fund_claim_number: int = Field(
        description="The contract's claims to funds are numbered from 1 without gaps.",
        examples=[1],
    )
    document_id: DocumentId
    fund: Party
    period: PeriodOut
    prepared_on: DayOut
    state: FundClaimState = Field(
        description="Where it stands; first_approved: it waits for another person to submit it.",
        examples=["submitted"],
    )
    state_since: DayOut
    submitted_on: DayOut | None = Field(
        description="When it was submitted to the fund last; of two persons, by the second. Null "
        "before that.",
        examples=["2022-01-10"],
    )
    submitted_by: Party | None
    submitted_by_person: Person | None
    queried_on: DayOut | None = Field(
        description="When the fund's last query was recorded; null without one.",
        examples=["2022-01-12"],
    )
    queried_by: Party | None
    queried_by_person: Person | None
    lines: list[FundClaimLineOut]
    total: Amount
    settled: Amount
    open_amount: Amount
    recorded_at: Instant
    version: Version

    @classmethod
    def of(cls, stored: StoredFundClaim, version: int | None = None) -> Self:
        """From the stored claim; `version` is that of the record just written."""
        return cls.model_validate(_facts(stored, version))


class FundClaimPage(Answered):
    """Claims to funds in order of their numbers, and where the next page starts."""

    items: list[FundClaimOut]
    next_cursor: NextCursor


class FundMetricOut(Answered):
    """What the claim asks for one metric."""

    metric: str = Field(description="The metric or activity code.", examples=["MOVE"])
    count: int = Field(description="Outcomes, net of those taken back.", examples=[1])
    amount: Amount


class FundYear(Answered):
    """What was claimed for one UK financial year, and the year's cap if there is one."""

    financial_year: str = Field(description="April to March.", examples=["2021/22"])
    claimed: Amount
    cap: Amount | None


class FundPositionOut(Answered):
    """The fund's award and what of it is claimed with this claim, all amounts cumulative."""

    award: Amount | None
    claimed: Amount
    headroom: Amount | None
    years: list[FundYear]
    supports_achievements_to: DayOut | None
    claims_to: DayOut | None
    shortfall_borne_by: str = Field(
        description="Who bears what the fund's caps and end date cut, under the terms.",
        examples=["above 19000 in all: borne by council"],
    )

    @classmethod
    def of(cls, found: FundPosition) -> Self:
        """From the position."""
        return cls(
            award=None if found.award is None else Amount.of(found.award),
            claimed=Amount.of(found.claimed),
            headroom=None if found.headroom is None else Amount.of(found.headroom),
            years=[
                FundYear(
                    financial_year=year,
                    claimed=Amount.of(claimed),
                    cap=None if cap is None else Amount.of(cap),
                )
                for year, claimed, cap in found.years
            ],
            supports_achievements_to=found.supports_achievements_to,
            claims_to=found.claims_to,
            shortfall_borne_by=found.shortfall_borne_by,
        )


class FundShortfallOut(Answered):
    """A part of the fund's share of one line that it did not bear, and who bore it."""

    claim_number: int = Field(description="The claim.", examples=[1])
    line_number: int = Field(description="Its line.", examples=[1])
    reason: ShortfallReason = Field(description="What kept the fund from it.", examples=["cap"])
    bearer: ShortfallBearer = Field(description="Who bore it.", examples=["commissioner"])
    amount: Amount


class FundClaimWhole(FundClaimOut):
    """A claim to a fund by metric, with the award after it and who bore the fund's shortfalls."""

    by_metric: list[FundMetricOut]
    position: FundPositionOut
    shortfalls: list[FundShortfallOut] = Field(
        description="In any claim approved by the end of the period, line by line."
    )

    @classmethod
    def whole(cls, view: FundClaimView) -> Self:
        """From the service's view."""
        return cls.model_validate(
            _facts(view.stored, None)
            | {
                "by_metric": [
                    FundMetricOut(metric=one.metric, count=one.count, amount=Amount.of(one.amount))
                    for one in view.by_metric
                ],
                "position": FundPositionOut.of(view.position),
                "shortfalls": [
                    FundShortfallOut(
                        claim_number=one.claim_number,
                        line_number=one.line_number,
                        reason=one.reason,
                        bearer=one.bearer,
                        amount=Amount.of(one.amount),
                    )
                    for one in view.shortfalls
                ],
            }
        )


def _act(name: str, act: FundClaimAct | None) -> dict[str, object]:
    return {
        f"{name}_on": act.on if act else None,
        f"{name}_by": act.by.party if act else None,
        f"{name}_by_person": act.by.person if act else None,
    }


def _facts(stored: StoredFundClaim, version: int | None) -> dict[str, object]:
    claim = stored.claim
    facts = second_approval_facts(stored.approval) | first_approval_facts(stored.approval.first)
    return facts | {
        "fund_claim_number": claim.fund_claim_number,
        "document_id": claim.document_id,
        "fund": claim.fund,
        "period": PeriodOut.of(claim.period),
        "prepared_on": claim.prepared_on,
        "state": stored.state,
        "state_since": stored.state_since,
        **_act("submitted", stored.acts.submitted),
        **_act("queried", stored.acts.queried),
        "lines": [
            FundClaimLineOut(
                claim_number=line.claim_number,
                line_number=line.line_number,
                metric=line.metric,
                count=line.count,
                amount=Amount.of(line.amount),
                correction_id=line.correction_id,
            )
            for line in claim.lines
        ],
        "total": Amount.of(stored.asked),
        "settled": Amount.of(stored.allocated),
        "open_amount": Amount.of(stored.open_amount),
        "recorded_at": instant_text(stored.recorded_at),
        "version": stored.version if version is None else version,
    }
