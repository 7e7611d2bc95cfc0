"""Who the contract is between, and whose lives it is about (the cohort)."""

from enum import StrEnum

from pydantic import Field

from app.domain.terms.base import Count, Day, Identifier, ListCode, PartyId, TermsPart, Text


class Role(StrEnum):
    """What a party does under the contract. One party may hold several roles."""

    COMMISSIONER = "commissioner"
    OUTCOME_PAYER = "outcome_payer"
    OUTCOMES_FUND = "outcomes_fund"
    SPV = "spv"
    INVESTOR = "investor"
    SERVICE_PROVIDER = "service_provider"
    INTERMEDIARY = "intermediary"
    EVALUATOR = "evaluator"


class Party(TermsPart):
    """One organisation, its roles, and the dates between which it is a party."""

    id: PartyId
    name: Text
    roles: list[Role] = Field(min_length=1, max_length=8)
    identifiers: list[Identifier] = Field(default=[], max_length=20)
    from_date: Day | None = None
    to_date: Day | None = None


class Eligibility(TermsPart):
    """Who may join the cohort, checked on the referral's own facts.

    In Promoting Independence: living in 24-hour residential or nursing care for mental health
    that the council funds (Cabinet report 2018). `age_max` is tested at referral only, so that
    nobody loses a milestone by growing older: 65 accepts a person referred at 65.
    """

    settings: list[ListCode] = Field(min_length=1, max_length=50, examples=[["residential_care"]])
    funded_by_commissioner: bool = True
    age_min: int | None = Field(default=None, ge=0, le=120)
    age_max: int | None = Field(default=None, ge=0, le=120)


class Cohort(TermsPart):
    """The people the contract pays for: eligibility, referral window, size, run-off.

    `run_off_months` of None lets every outcome mature, up to the last milestone.
    """

    description: Text
    eligibility: Eligibility
    referrals_from: Day | None = None
    referrals_to: Day | None = None
    participants_max: Count | None = Field(default=None, ge=1)
    run_off_months: int | None = Field(default=24, ge=0, le=120)
