"""Who the contract is between, and whose lives it is about (the cohort)."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from app.domain.terms.base import ListCode, PartyId, TermsPart, Text


class Role(StrEnum):
    """What a party does under the contract. Glossary: domain note 1 and 2."""

    COMMISSIONER = "commissioner"
    OUTCOME_PAYER = "outcome_payer"
    OUTCOMES_FUND = "outcomes_fund"
    SPV = "spv"
    INVESTOR = "investor"
    SERVICE_PROVIDER = "service_provider"
    INTERMEDIARY = "intermediary"
    EVALUATOR = "evaluator"


class Identifier(TermsPart):
    """An organisation's identifier in a public register (org-id.guide scheme, or INDIGO)."""

    scheme: str = Field(pattern=r"^[A-Z][A-Z0-9-]{1,15}$", examples=["GB-COH"])
    id: str = Field(min_length=1, max_length=40, pattern=r"^\S+$", examples=["INDIGO-ORG-0006"])


class Party(TermsPart):
    """One organisation, its roles, and the dates between which it is a party."""

    id: PartyId
    name: Text
    roles: list[Role] = Field(min_length=1)
    identifiers: list[Identifier] = []
    from_date: date | None = None
    to_date: date | None = None


class Eligibility(TermsPart):
    """Who may join the cohort, checked on the referral's own facts.

    Default of the register: living in 24-hour residential or nursing care for mental health that
    the commissioner funds. `age_max` is tested at referral only.
    """

    settings: list[ListCode] = Field(min_length=1, examples=[["residential_care"]])
    funded_by_commissioner: bool = True
    age_min: int | None = Field(default=None, ge=0, le=120)
    age_max: int | None = Field(default=None, ge=0, le=120)


class Cohort(TermsPart):
    """The people the contract pays for: eligibility, referral window, size, run-off."""

    description: Text
    eligibility: Eligibility
    referrals_from: date | None = None
    referrals_to: date | None = None
    participants_max: int | None = Field(default=None, ge=1)
    run_off_months: int = Field(default=24, ge=0, le=120)
