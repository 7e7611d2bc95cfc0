"""The fund's share: what the commissioner asks of an outcomes fund for a period."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.money import Money
from app.domain.period import Period


class FundClaimState(StrEnum):
    """Where a claim to the fund stands. Paid is when payments cover it.

    `first_approved`: one person has approved its submission, of the two that its amount takes.
    """

    PREPARED = "prepared"
    FIRST_APPROVED = "first_approved"
    SUBMITTED = "submitted"
    QUERIED = "queried"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class FundClaimLine:
    """The fund's part of one approved claim line; negative where the line was taken back.

    Or of a correction of that line, named by `correction_id`: what the fund bears more of it, or
    below zero less.
    """

    claim_number: int
    line_number: int
    metric: str
    count: int
    amount: Money
    correction_id: str | None = None


@dataclass(frozen=True, slots=True)
class FundClaim:
    """A claim to one fund: every split approved by the period's end and not claimed before."""

    fund_claim_number: int
    fund: str
    period: Period
    prepared_on: date
    lines: tuple[FundClaimLine, ...]

    @property
    def document_id(self) -> str:
        """How payments name it: fund-claim:3."""
        return fund_claim_id(self.fund_claim_number)


class ShortfallReason(StrEnum):
    """What kept a fund from bearing its share of a line: a cap of its own, or its end date."""

    CAP = "cap"
    END_DATE = "end_date"


class ShortfallBearer(StrEnum):
    """Who bears it under the terms. Carried forward, the fund may be asked again later."""

    COMMISSIONER = "commissioner"
    NOBODY = "nobody"
    CARRIED_FORWARD = "carried_forward"


@dataclass(frozen=True, slots=True)
class FundShortfall:
    """A fund's share of one line that it did not bear; negative where the line was taken back."""

    claim_number: int
    line_number: int
    reason: ShortfallReason
    bearer: ShortfallBearer
    amount: Money


@dataclass(frozen=True, slots=True)
class FundMetricTotal:
    """What a fund is asked for one metric; `count` is of outcomes, net of those taken back."""

    metric: str
    count: int
    amount: Money


@dataclass(frozen=True, slots=True)
class FundPosition:
    """A fund's award and what of it is used, with this claim: all amounts cumulative.

    `years` lists for each UK financial year in which claim periods end: claimed, and the year's cap
    if the terms set one. An end is None if it is open, or if the terms give the fund no share.
    `shortfall_borne_by` says who bears what the fund's caps and end date cut.
    """

    fund: str
    award: Money | None
    claimed: Money
    headroom: Money | None
    years: tuple[tuple[str, Money, Money | None], ...]
    supports_achievements_to: date | None
    claims_to: date | None
    shortfall_borne_by: str


def fund_claim_id(number: int) -> str:
    """The id of a fund claim among the documents of a contract: fund-claim:3."""
    return f"fund-claim:{number}"
