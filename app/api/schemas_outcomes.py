"""Shapes of submissions, decisions, entitlements, clawbacks and what is due."""

from typing import Annotated, Self

from pydantic import Field

from app.api.fields import (
    Amount,
    Answered,
    Day,
    DayOut,
    MetricCode,
    NextCursor,
    Note,
    Party,
    Person,
    Pseudonym,
    Received,
    RecordId,
    StepOut,
    Version,
)
from app.domain.evidence import EvidenceGap
from app.domain.outcome import ClawbackDecision, Entitlement, MilestoneState, Submission
from app.domain.verification import ClawbackGround, Decision, ReasonCode, Verification, Waiver
from app.service.due import DueItem
from app.service.outcomes import SubmissionView, Submitted
from app.service.verification import Decided

Scope = Annotated[
    str,
    Field(
        description="In what the metric is earned once: life, spell:<date> or a financial year.",
        examples=["life"],
    ),
]
TermsNumber = Annotated[
    int, Field(description="The version of the terms that governs the outcome.", examples=[1])
]


class NewSubmission(Received):
    """A milestone that a participant has reached, with the evidence that shows it."""

    participant_id: Pseudonym
    metric: MetricCode
    evidence_ids: list[RecordId] = Field(
        max_length=50, description="The evidence items, recorded before; at most 50."
    )
    submitted_on: Day | None = Field(
        default=None, description="The day of submission; left out: today."
    )


class NewWaiver(Received):
    """The commissioner's waiver of a submission's lateness."""

    granted_on: Day | None = Field(default=None, description="The day; left out: today.")
    note: Note | None = None


class NewDecision(Received):
    """A decision on a submission. To return or to reject needs a reason."""

    decision: Decision = Field(
        strict=False, description="verified, returned or rejected.", examples=["verified"]
    )
    reason_code: ReasonCode | None = Field(
        default=None,
        strict=False,
        description="Why it is returned or rejected; left out when verified.",
        examples=["insufficient_source"],
    )
    note: Note | None = None
    decided_on: Day | None = Field(default=None, description="The day; left out: today.")
    accept_equivalent_evidence: bool = Field(
        default=False,
        description="Accept other evidence than the rule asks for; needs a note.",
        examples=[False],
    )
    accept_backdated: bool = Field(
        default=False,
        description="Accept a submission that is dated in time but was recorded after its last "
        "day.",
        examples=[False],
    )


class NewClawback(Received):
    """A decision to take an entitlement back whole. A later tenancy failure is no ground."""

    ground: ClawbackGround = Field(
        strict=False, description="The ground.", examples=["mistaken_evidence"]
    )
    decided_on: Day | None = Field(default=None, description="The day; left out: today.")
    note: Note | None = None


class GapOut(Answered):
    """A part of an evidence rule that no item meets."""

    pointer: str = Field(
        description="JSON pointer into the metric's evidence rule.", examples=["/any_of/0"]
    )
    wanted: str = Field(
        description="What is wanted.",
        examples=["landlord_letter by landlord, dated on or after 15 Jul 2021"],
    )

    @classmethod
    def of(cls, gap: EvidenceGap) -> Self:
        """From a gap of the service."""
        return cls(pointer=gap.pointer, wanted=gap.wanted)


class WaiverOut(Answered):
    """A waiver of lateness."""

    submission_id: RecordId
    granted_on: DayOut
    party: Party
    person: Person

    @classmethod
    def of(cls, waiver: Waiver, _version: int = 0) -> Self:
        """From the stored waiver."""
        return cls(
            submission_id=waiver.submission_id,
            granted_on=waiver.granted_on,
            party=waiver.by.party,
            person=waiver.by.person,
        )


class VerificationOut(Answered):
    """A decision on a submission."""

    verification_id: RecordId
    decision: Decision = Field(description="What was decided.", examples=["verified"])
    reason_code: ReasonCode | None = Field(
        description="Why it was returned or rejected.", examples=["insufficient_source"]
    )
    decided_on: DayOut
    party: Party
    person: Person
    equivalent_evidence: bool = Field(
        description="Whether other evidence than the rule asks for was accepted.", examples=[False]
    )

    @classmethod
    def of(cls, made: Verification) -> Self:
        """From the stored decision."""
        return cls(
            verification_id=made.verification_id,
            decision=made.decision,
            reason_code=made.reason_code,
            decided_on=made.decided_on,
            party=made.by.party,
            person=made.by.person,
            equivalent_evidence=made.equivalent_evidence,
        )


class SubmissionFacts(Answered):
    """A submission as it was made."""

    submission_id: RecordId
    participant_id: Pseudonym
    metric: MetricCode
    scope: Scope
    occurrence: int = Field(
        description="Counts entitlements of this person, metric and scope, from 1.",
        examples=[1],
    )
    round: int = Field(description="Counts how often this outcome was put forward.", examples=[1])
    achieved_on: DayOut
    anchor_on: DayOut | None = Field(description="The day that a sustained metric counts from.")
    terms_version: TermsNumber
    evidence_ids: list[RecordId]
    submitted_on: DayOut
    due_on: DayOut | None = Field(description="The last day to submit without a waiver.")
    working: list[StepOut]


def submission_facts(made: Submission) -> dict[str, object]:
    """The fields of a submission, for the shapes that hold one."""
    return {
        "submission_id": made.submission_id,
        "participant_id": made.participant_id,
        "metric": made.metric,
        "scope": made.scope,
        "occurrence": made.occurrence,
        "round": made.round,
        "achieved_on": made.achieved_on,
        "anchor_on": made.anchor_on,
        "terms_version": made.terms_version,
        "evidence_ids": list(made.evidence_ids),
        "submitted_on": made.submitted_on,
        "due_on": made.due_on,
        "working": [StepOut.of(step) for step in made.working],
    }


class SubmittedOut(SubmissionFacts):
    """A submission just made, with what its evidence still lacks; the gaps do not stop it."""

    gaps: list[GapOut]
    decide_by: DayOut = Field(description="The day by which the verifier should have decided.")
    version: Version

    @classmethod
    def of(cls, submitted: Submitted, version: int) -> Self:
        """From the service's answer."""
        gaps = [GapOut.of(gap) for gap in submitted.gaps]
        facts = submission_facts(submitted.submission)
        more = {"gaps": gaps, "decide_by": submitted.decide_by, "version": version}
        return cls.model_validate(facts | more)


class SubmissionOut(SubmissionFacts):
    """A submission, by whom it was made, and what has been decided on it."""

    party: Party
    person: Person
    state: str = Field(
        description="submitted, verified, returned or rejected.", examples=["verified"]
    )
    decide_by: DayOut | None = Field(
        description="The day by which the verifier should have decided; null once decided."
    )
    waiver: WaiverOut | None
    verification: VerificationOut | None
    version: Version

    @classmethod
    def of(cls, view: SubmissionView) -> Self:
        """From the service's answer."""
        stored = view.stored
        verification = stored.verification
        return cls.model_validate(
            submission_facts(stored.submission)
            | {
                "party": stored.by.party,
                "person": stored.by.person,
                "state": stored.state,
                "decide_by": view.decide_by,
                "waiver": WaiverOut.of(stored.waiver) if stored.waiver else None,
                "verification": VerificationOut.of(verification) if verification else None,
                "version": stored.version,
            }
        )


class SubmissionPage(Answered):
    """Submissions in order of recording, and where the next page starts."""

    items: list[SubmissionOut]
    next_cursor: NextCursor


class EntitlementOut(Answered):
    """A verified outcome times its price, before caps."""

    entitlement_id: RecordId
    participant_id: Pseudonym
    metric: MetricCode
    scope: Scope
    occurrence: int = Field(description="1; 2 only after a clawback.", examples=[1])
    achieved_on: DayOut
    verified_on: DayOut
    terms_version: TermsNumber
    price_terms_version: int = Field(
        description="The version of the terms that the price is from.", examples=[1]
    )
    edition: str = Field(description="The edition of the rate card.", examples=["v1"])
    amount: Amount
    submission_id: RecordId | None
    working: list[StepOut]

    @classmethod
    def of(cls, made: Entitlement) -> Self:
        """From the stored entitlement."""
        return cls(
            entitlement_id=made.entitlement_id,
            participant_id=made.participant_id,
            metric=made.metric,
            scope=made.scope,
            occurrence=made.occurrence,
            achieved_on=made.achieved_on,
            verified_on=made.verified_on,
            terms_version=made.terms_version,
            price_terms_version=made.price_terms_version,
            edition=made.edition,
            amount=Amount.of(made.amount),
            submission_id=made.submission_id,
            working=[StepOut.of(step) for step in made.working],
        )


class EntitlementPage(Answered):
    """Entitlements in order of recording, and where the next page starts."""

    items: list[EntitlementOut]
    next_cursor: NextCursor


class DecidedOut(Answered):
    """A decision, and the entitlement that it made if the outcome was verified."""

    submission_id: RecordId
    verification: VerificationOut
    entitlement: EntitlementOut | None
    version: Version

    @classmethod
    def of(cls, decided: Decided, version: int) -> Self:
        """From the service's answer."""
        made = decided.entitlement
        return cls(
            submission_id=decided.submission.submission_id,
            verification=VerificationOut.of(decided.verification),
            entitlement=EntitlementOut.of(made) if made else None,
            version=version,
        )


class ClawbackOut(Answered):
    """A decision to take an entitlement back whole."""

    clawback_id: RecordId
    entitlement_id: RecordId
    ground: str = Field(description="The ground.", examples=["mistaken_evidence"])
    decided_on: DayOut

    @classmethod
    def of(cls, made: ClawbackDecision, _version: int = 0) -> Self:
        """From the service's answer."""
        return cls(
            clawback_id=made.clawback_id,
            entitlement_id=made.entitlement_id,
            ground=made.ground,
            decided_on=made.decided_on,
        )


class DueOut(Answered):
    """A participant's next milestone: when, what is missing, by when, and the money at stake."""

    participant_id: Pseudonym
    metric: MetricCode
    state: MilestoneState = Field(description="Where it stands.", examples=["pending"])
    on: DayOut | None = Field(description="The day it was reached or falls due.")
    submit_by: DayOut | None = Field(description="The last day to submit without a waiver.")
    longstop_on: DayOut | None = Field(description="The last day to submit at all.")
    missing: list[GapOut]
    at_stake: Amount | None = Field(description="The price before caps; null if it has none.")
    submission_state: str | None = Field(
        description="Where the last submission stands: submitted, returned, rejected or verified.",
        examples=["returned"],
    )
    decide_by: DayOut | None = Field(
        description="The day by which the verifier should have decided, while it waits."
    )
    working: list[StepOut]

    @classmethod
    def of(cls, item: DueItem) -> Self:
        """From the service's item."""
        return cls(
            participant_id=item.participant_id,
            metric=item.milestone.metric,
            state=item.milestone.state,
            on=item.milestone.on,
            submit_by=item.submit_by,
            longstop_on=item.longstop_on,
            missing=[GapOut.of(gap) for gap in item.missing],
            at_stake=None if item.at_stake is None else Amount.of(item.at_stake),
            submission_state=item.submission_state,
            decide_by=item.decide_by,
            working=[StepOut.of(step) for step in item.milestone.working],
        )


class DuePage(Answered):
    """What is due, in order of pseudonym. A page may be short: people with nothing due are left
    out.
    """

    items: list[DueOut]
    next_cursor: NextCursor
