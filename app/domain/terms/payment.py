"""What is paid, up to which caps, by whom, and when: rate card, caps, funding, claims."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from app.domain.identity_check import IdentityChecked
from app.domain.money import Rounding
from app.domain.terms.base import (
    Code,
    Count,
    Day,
    MoneyText,
    PartyId,
    ShareText,
    TermsPart,
    Text,
)


class Edition(TermsPart):
    """A dated edition of the rate card: prices by metric, in force from/to (both included)."""

    code: Annotated[str, IdentityChecked] = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$", examples=["v1"]
    )
    from_date: Day
    to_date: Day | None = None
    prices: dict[Code, MoneyText] = Field(min_length=1, max_length=100)
    basis: Text | None = None


class PriceDate(StrEnum):
    """Which date chooses the edition. Default of the register: the achievement date."""

    ACHIEVEMENT = "achievement"
    SUBMISSION = "submission"
    VERIFICATION = "verification"
    SPELL_START = "spell_start"


class MetricCapPolicy(StrEnum):
    """What a count means: the most that is paid, or only a target."""

    PAY_TO_CAP_THEN_ZERO = "pay_to_cap_then_zero"
    TARGET_IS_NOT_CAP = "target_is_not_cap"


class MetricCap(TermsPart):
    """The most outcomes of one metric (or several pooled) that are paid."""

    metrics: list[Code] = Field(min_length=1, max_length=100)
    count_max: Count
    policy: MetricCapPolicy = MetricCapPolicy.PAY_TO_CAP_THEN_ZERO


class Shortfall(StrEnum):
    """Who bears what a payer's cap cuts from that payer's share."""

    COMMISSIONER_ABSORBS = "commissioner_absorbs"
    UNPAID = "unpaid"
    CARRIED_FORWARD = "carried_forward"


class PayerCap(TermsPart):
    """The most one payer pays over the project: what is above it follows `shortfall`.

    The commissioner cannot absorb its own shortfall; its cap is unpaid or carried forward.
    """

    payer: PartyId
    amount: MoneyText
    shortfall: Shortfall = Shortfall.COMMISSIONER_ABSORBS


class PayerYearCap(TermsPart):
    """The most one payer pays for claims whose period ends in one UK financial year."""

    payer: PartyId
    financial_year: str = Field(pattern=r"^20\d\d/\d\d$", examples=["2022/23"])
    amount: MoneyText
    shortfall: Shortfall = Shortfall.COMMISSIONER_ABSORBS


class Caps(TermsPart):
    """Caps at five levels, evaluated in this order and measured net of clawback.

    metric count -> person -> contract -> split -> payer -> payer financial year. In Promoting
    Independence only the totals are published: 2,744,750.00 = 686,187.00 + 2,058,563.00.
    """

    metric: list[MetricCap] = Field(default=[], max_length=100)
    person: MoneyText | None = None
    contract: MoneyText | None = None
    payer: list[PayerCap] = Field(default=[], max_length=100)
    payer_financial_year: list[PayerYearCap] = Field(default=[], max_length=500)


class Flow(StrEnum):
    """Whether the fund pays the commissioner back or pays the SPV itself."""

    COMMISSIONER_PAYS_THEN_RECLAIMS = "commissioner_pays_then_reclaims"
    FUND_PAYS_DIRECT = "fund_pays_direct"


class AfterEnd(StrEnum):
    """What happens to a share after the last achievement date it supports."""

    COMMISSIONER_PAYS_FULL = "commissioner_pays_full"
    NO_PAYMENT = "no_payment"
    ORIGINAL_SPLIT_IF_ACHIEVED_BEFORE_END = "original_split_if_achieved_before_end"


class ShareOf(TermsPart):
    """One payer's share of each payment, for some metrics and dates or for all.

    `from_date`/`to_date` bound the achievement dates supported. `claim_longstop` is the last day
    a claim's period may end for the share still to be paid.
    """

    payer: PartyId
    share: ShareText
    from_date: Day | None = None
    to_date: Day | None = None
    claim_longstop: Day | None = None
    after_end: AfterEnd = AfterEnd.COMMISSIONER_PAYS_FULL
    metrics: list[Code] | None = Field(default=None, min_length=1, max_length=100)


class SplitRule(StrEnum):
    """Whether shares are rounded on each line or on each claim's total."""

    PER_LINE = "per_line"
    PER_CLAIM = "per_claim"


class Commitment(TermsPart):
    """The most a payer has said that it may pay over the project (INDIGO: maximum potential
    outcome payment). Reported against; it cuts nothing, a cap does.
    """

    payer: PartyId
    amount: MoneyText


class Funding(TermsPart):
    """How a payable line is split: each share rounded as named, the remainder payer the rest."""

    flow: Flow = Flow.COMMISSIONER_PAYS_THEN_RECLAIMS
    split_rule: SplitRule = SplitRule.PER_LINE
    rounding: Rounding = Rounding.FLOOR
    shares: list[ShareOf] = Field(default=[], max_length=100)
    remainder_payer: PartyId
    commitments: list[Commitment] = Field(default=[], max_length=100)


class ActivityPayment(TermsPart):
    """A temporary payment that is not an outcome, such as GBP 2,000 per person in 2020-21."""

    code: Code
    name: Text
    amount: MoneyText
    from_date: Day
    to_date: Day
    frequency: Literal["once_per_person", "quarterly"] = "once_per_person"
    who: Literal["engaged_not_yet_moved"] = "engaged_not_yet_moved"
    cap: MoneyText | None = None


class ClaimCalendar(StrEnum):
    """The periods that claims are for, counted from 1 January; `any` leaves it to the claimant."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    ANY = "any"


class Claims(TermsPart):
    """When claims are made, for whole periods of the calendar, and who it takes to approve one.

    `second_approval_above`: what is more than this, paid or taken back, is approved by two
    different persons of the commissioner: a claim, a correction, a claim to a fund, each with what
    was approved before for the same period or claim. None: one person is enough.
    """

    calendar: ClaimCalendar = ClaimCalendar.QUARTER
    supplementary_allowed: bool = True
    price_date: PriceDate = PriceDate.ACHIEVEMENT
    payment_terms_days: int = Field(default=30, ge=0, le=365)
    second_approval_above: MoneyText | None = None


class ClawbackMethod(StrEnum):
    """How money taken back is recovered."""

    SET_OFF_IN_NEXT_CLAIM = "set_off_in_next_claim"
    INVOICE = "invoice"
    WITHHOLD = "withhold"


class Clawback(TermsPart):
    """Grounds are mistaken or false evidence, duplicates, ineligible people; never later failure.

    `move_clawback_days`: a move is taken back when the person returns to care within so many days.
    """

    lookback_months: int | None = Field(default=24, ge=0, le=240)
    unlimited_for_fraud: bool = True
    method: ClawbackMethod = ClawbackMethod.SET_OFF_IN_NEXT_CLAIM
    move_clawback_days: int = Field(default=0, ge=0, le=3660)


class EscalationStep(TermsPart):
    """Who decides on a dispute at one step, and in how many working days before the next."""

    name: Text
    working_days: int = Field(ge=1, le=260)


class Disputes(TermsPart):
    """How long a decision can be disputed, and who decides in turn."""

    window_working_days: int = Field(default=20, ge=0, le=260)
    pay_undisputed: bool = True
    escalation: list[EscalationStep] = Field(default=[], max_length=20)


class VatTreatment(StrEnum):
    """How a payment stands towards VAT. Never assumed: HMRC looks at each agreement."""

    OUTSIDE_SCOPE = "outside_scope"
    EXEMPT = "exempt"
    STANDARD = "standard"


class Vat(TermsPart):
    """The parties' view of VAT, why they hold it, and since when. Prices are net of VAT."""

    treatment: VatTreatment
    rationale: Text
    decided_on: Day
    rate: ShareText | None = None


class PurchaseOrder(TermsPart):
    """The order number that a payer wants to see on invoices issued on these days."""

    payer: PartyId
    reference: Annotated[str, IdentityChecked] = Field(
        pattern=r"^[!-~]([ -~]{0,33}[!-~])?$", examples=["PO-0012345"]
    )
    from_date: Day
    to_date: Day | None = None


class Invoicing(TermsPart):
    """What an invoice needs besides the claim. Without it, none can be issued."""

    vat: Vat
    purchase_orders: list[PurchaseOrder] = Field(default=[], max_length=200)


class SavingsGate(TermsPart):
    """Payment that waits for a realised placement saving. Report-only in this release."""

    mode: Literal["off", "report_only"] = "report_only"
    intended: Literal["none", "per_person_at_move", "cohort"] = "none"


class Indexation(TermsPart):
    """Price indexation; a rise is a new edition, so this names the rule and applies nothing."""

    method: Literal["none", "cpi_on_1_april_by_new_edition"] = "none"


class InvestmentTerms(TermsPart):
    """The investor side, as data for the returns reports of later releases."""

    commitment: MoneyText | None = None
    service_fee_model: Literal["fixed_monthly", "part_outcome_linked"] = "fixed_monthly"
    return_cap: Text | None = None
    surplus_share: Text | None = None
