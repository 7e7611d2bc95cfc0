"""What counts as an outcome: metrics, sustainment rules and evidence rules."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from app.domain.terms.base import (
    Code,
    Count,
    Day,
    Identifier,
    ListCode,
    ShareText,
    TermsPart,
    Text,
)


class MonthRule(StrEnum):
    """How a sustained metric's span is counted from the anchor."""

    CALENDAR_MONTHS = "calendar_months"
    DAYS = "days"
    WEEKS = "weeks"


class Continuity(StrEnum):
    """Whether the home must be kept without a disqualifying break, or days may be added up."""

    CONTINUOUS = "continuous"
    CUMULATIVE_DAYS = "cumulative_days"


class FutureMilestones(StrEnum):
    """What an exit does to the milestones not reached yet."""

    NOT_PAYABLE = "not_payable"
    COUNT_AS_SUCCESS = "count_as_success"


class Absence(TermsPart):
    """An absence from a home that is kept. Up to `days_max` it is not a break.

    Above it the commissioner may accept it up to `accepted_days_max` (None: no acceptance).
    Hospital by default: 91 days (13 weeks), then 364 (52 weeks) if accepted, the two limits that
    Housing Benefit knows for temporary absence. 91 days pass; 92 need acceptance.
    """

    days_max: int = Field(ge=0, le=3660)
    accepted_days_max: int | None = Field(default=None, ge=0, le=3660)


class Sustainment(TermsPart):
    """How a home is kept: spans, breaks, gaps, destinations, exits."""

    month_rule: MonthRule = MonthRule.CALENDAR_MONTHS
    continuity: Continuity = Continuity.CONTINUOUS
    qualifying_destinations: list[ListCode] = Field(min_length=1, max_length=50)
    hospital: Absence = Absence(days_max=91, accepted_days_max=364)
    custody: Absence = Absence(days_max=91)
    care_stay_nights_max: int = Field(default=28, ge=0, le=3660)
    move_gap_days_max: int = Field(default=28, ge=0, le=3660)
    planned_move_restarts_clock: bool = False
    support_needed_for_outcome: bool = False
    death: FutureMilestones = FutureMilestones.NOT_PAYABLE
    planned_exit: FutureMilestones = FutureMilestones.NOT_PAYABLE
    second_move_after_months: int | None = Field(default=None, ge=1, le=120)


class OncePer(StrEnum):
    """The scope in which one participant can earn a metric once."""

    LIFE = "life"
    SPELL = "spell"
    FINANCIAL_YEAR = "financial_year"


class CoversWhen(StrEnum):
    """Which day an evidence item must speak of or be dated by."""

    ANY_DATE = "any_date"
    ON_ACHIEVEMENT = "on_achievement"
    ON_OR_AFTER_ACHIEVEMENT = "on_or_after_achievement"
    ON_OR_BEFORE_ACHIEVEMENT = "on_or_before_achievement"
    FROM_ANCHOR_TO_ACHIEVEMENT = "from_anchor_to_achievement"


class EvidenceType(TermsPart):
    """One acceptable kind of evidence: its type, who may issue it, what day it must cover.

    `within_days` bounds how far from the achievement date the item may be dated. A landlord's
    confirmation `on_or_after_achievement` and `within_days: 28` of a milestone on 15 Jul 2021 is
    dated 15 Jul to 12 Aug 2021. No issuers named: anyone may issue it.
    """

    type: ListCode
    issuers: list[ListCode] = Field(default=[], max_length=50)
    covers: CoversWhen = CoversWhen.ANY_DATE
    within_days: int | None = Field(default=None, ge=0, le=3660)


class AllOf(TermsPart):
    """Every rule in the list must be met."""

    all_of: list["EvidenceRule"] = Field(min_length=1, max_length=20)


class AnyOf(TermsPart):
    """At least one rule in the list must be met."""

    any_of: list["EvidenceRule"] = Field(min_length=1, max_length=20)


def _evidence_branch(value: Any) -> str:
    """Chosen by the key that is there, so that faults speak of one branch, the one meant."""
    for key, part in (("all_of", AllOf), ("any_of", AnyOf)):
        if isinstance(value, part) or (isinstance(value, dict) and key in value):
            return f"<{key}>"
    return "<type>"


EvidenceRule = Annotated[
    Annotated[AllOf, Tag("<all_of>")]
    | Annotated[AnyOf, Tag("<any_of>")]
    | Annotated[EvidenceType, Tag("<type>")],
    Discriminator(_evidence_branch),
]
"""One type of evidence, or all of a list of rules, or any of a list of rules."""


class MetricBase(TermsPart):
    """What event and sustained metrics share."""

    code: Code
    name: Text
    definition: Text
    identifiers: list[Identifier] = Field(default=[], max_length=20)
    unit: Literal["person"] = "person"
    available_from: Day | None = None
    available_to: Day | None = None
    target: Count | None = None
    once_per: OncePer = OncePer.LIFE
    requires: list[Code] = Field(default=[], max_length=100)
    evidence: EvidenceRule | None = None
    savings_gated: bool = False


class EventMetric(MetricBase):
    """A metric met by one journey event: engagement, move-on, training begun or completed."""

    kind: Literal["event"]
    event: Literal["engaged", "moved_on", "training_begun", "training_completed"]


class SustainedMetric(MetricBase):
    """A qualifying home kept for `length` months (or days, weeks) from its anchor."""

    kind: Literal["sustained"]
    length: int = Field(ge=1, le=3660)


Metric = Annotated[EventMetric | SustainedMetric, Field(discriminator="kind")]


class LatePolicy(StrEnum):
    """What happens to evidence submitted after its deadline."""

    WAIVER_BY_COMMISSIONER = "waiver_by_commissioner"
    REJECT = "reject"
    REDUCED_PRICE = "reduced_price"


class Deadline(StrEnum):
    """How the last day to submit is found from the achievement date."""

    END_OF_NEXT_QUARTER = "end_of_next_quarter"
    MONTHS_AFTER_ACHIEVEMENT = "months_after_achievement"
    NONE = "none"


class Submission(TermsPart):
    """When evidence must be in. After the long-stop nothing can be submitted or waived."""

    deadline: Deadline = Deadline.END_OF_NEXT_QUARTER
    deadline_months: int | None = Field(default=None, ge=1, le=120)
    late_policy: LatePolicy = LatePolicy.WAIVER_BY_COMMISSIONER
    late_price_share: ShareText | None = None
    longstop_months: int | None = Field(default=6, ge=1, le=120)


class Verification(TermsPart):
    """Who decides on evidence, and by when. Silence is not approval unless the terms say so."""

    working_days: int = Field(default=15, ge=1, le=260)
    deemed_approval: bool = False
    equivalent_evidence: bool = True


class Audit(TermsPart):
    """Sampling after payment; data for the trust issues of later releases."""

    sample_share: ShareText = "0.10"
    sample_min: Count = 5
    error_trigger_share: ShareText = "0.05"
    extrapolate: bool = False
