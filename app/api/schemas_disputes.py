"""Shapes of disputes: the notice, where it stands, and its outcome."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints

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
    printable,
)
from app.domain.claim import PayerShare
from app.domain.dispute import DisputeReason, DisputeState, Escalation, OutcomeKind, StepDue
from app.domain.identity_check import IdentityChecked
from app.domain.journal import instant_text
from app.service.disputes import DisputeView

Subject = Annotated[
    str,
    StringConstraints(min_length=1, max_length=120),
    AfterValidator(printable),
    Field(
        description="The line: claim:<number>/line:<number>, or a line of a closed period's "
        "statement, statement:<party>/<number>/line:<number>.",
        examples=["claim:9/line:1"],
    ),
]
DecidedBy = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(printable),
    IdentityChecked,
    Field(
        description="Who decided: a body, never a participant. Left out: the step of the terms at "
        "which the dispute stood.",
        examples=["Project board"],
    ),
]


class NewDispute(Received):
    """A challenge to a line, whole or in part."""

    subject: Subject
    amount: AmountIn = Field(description="What of the line is disputed; the rest is paid.")
    reason: DisputeReason = Field(
        strict=False, description="On what ground.", examples=["evidence"]
    )
    note: Note | None = None
    raised_on: Day | None = Field(
        default=None, description="The day of the notice; left out: today."
    )


class NewEscalation(Received):
    """That a dispute is handed on to the next step before its deadline."""

    note: Note | None = None
    on: Day | None = Field(default=None, description="The day; left out: today.")


class NewOutcome(Received):
    """How a dispute was decided."""

    outcome: OutcomeKind = Field(
        strict=False,
        description="upheld: none of the amount is due; rejected: all of it; settled: a part.",
        examples=["settled"],
    )
    amount_due: AmountIn | None = Field(
        default=None, description="Only of a settlement: how much of the amount is due."
    )
    decided_by: DecidedBy | None = None
    note: Note | None = None
    decided_on: Day | None = Field(default=None, description="The day; left out: today.")


class DisputeShareOut(Answered):
    """What one payer bears of the disputed amount."""

    payer: Party
    amount: Amount

    @classmethod
    def of(cls, share: PayerShare) -> Self:
        """From a share."""
        return cls(payer=share.payer, amount=Amount.of(share.amount))


class DisputeStepOut(Answered):
    """The step at which an open dispute stands: who decides, since when and until when."""

    step: int = Field(description="From 1, in the order of the terms.", examples=[1])
    decided_by: str = Field(description="Who decides.", examples=["Contract managers"])
    since: DayOut
    deadline: DayOut
    overdue: bool = Field(description="Whether the deadline has passed.", examples=[False])

    @classmethod
    def of(cls, step: StepDue) -> Self:
        """From the step."""
        return cls(
            step=step.step,
            decided_by=step.decided_by,
            since=step.since,
            deadline=step.deadline,
            overdue=step.overdue,
        )


class DisputeEscalationOut(Answered):
    """That the dispute was handed on early."""

    step: int = Field(description="The step it was handed on to.", examples=[2])
    on: DayOut

    @classmethod
    def of(cls, escalation: Escalation) -> Self:
        """From the escalation."""
        return cls(step=escalation.step, on=escalation.on)


class DisputeOutcomeOut(Answered):
    """How the dispute ended, and what of its amount is due: due and not due add up to it."""

    outcome: OutcomeKind = Field(description="How it ended.", examples=["upheld"])
    decided_on: DayOut
    decided_by: str = Field(description="Who decided.", examples=["Project board"])
    due: Amount
    not_due: Amount
    party: Party
    person: Person


class DisputeOut(Answered):
    """A dispute and where it stands today."""

    dispute_id: RecordId
    subject: str = Field(description="The line as it was named.", examples=["claim:9/line:1"])
    claim_number: int = Field(description="The claim.", examples=[9])
    line_number: int = Field(description="Its line.", examples=[1])
    state: DisputeState = Field(
        description="open; upheld, rejected or settled by its outcome; lapsed when its claim was "
        "returned.",
        examples=["open"],
    )
    is_posted: bool = Field(
        description="Whether the line was approved when it was disputed. If not, approval keeps "
        "the amount back.",
        examples=[True],
    )
    challenged_on: DayOut
    raise_by: DayOut
    raised_on: DayOut
    reason: DisputeReason = Field(description="On what ground.", examples=["evidence"])
    amount: Amount
    shares: list[DisputeShareOut]
    step: DisputeStepOut | None
    escalations: list[DisputeEscalationOut]
    outcome: DisputeOutcomeOut | None
    party: Party
    person: Person
    recorded_at: Instant
    version: Version

    @classmethod
    def of(cls, view: DisputeView, version: int | None = None) -> Self:
        """From the service's view; `version` is that of the record just written."""
        stored, dispute = view.stored, view.stored.dispute
        return cls(
            dispute_id=dispute.dispute_id,
            subject=dispute.subject,
            claim_number=stored.claim_number,
            line_number=stored.line_number,
            state=stored.state,
            is_posted=stored.is_posted,
            challenged_on=dispute.decided_on,
            raise_by=view.raise_by,
            raised_on=dispute.raised_on,
            reason=dispute.reason,
            amount=Amount.of(dispute.amount),
            shares=[DisputeShareOut.of(share) for share in stored.shares],
            step=None if view.step is None else DisputeStepOut.of(view.step),
            escalations=[DisputeEscalationOut.of(one) for one in dispute.escalations],
            outcome=_outcome(view),
            party=stored.by.party,
            person=stored.by.person,
            recorded_at=instant_text(stored.recorded_at),
            version=stored.version if version is None else version,
        )


class DisputePage(Answered):
    """Disputes in order of recording, and where the next page starts."""

    items: list[DisputeOut]
    next_cursor: NextCursor


def _outcome(view: DisputeView) -> DisputeOutcomeOut | None:
    stored, outcome = view.stored, view.stored.dispute.outcome
    if outcome is None or stored.due is None or stored.decided is None:
        return None
    return DisputeOutcomeOut(
        outcome=outcome.kind,
        decided_on=outcome.decided_on,
        decided_by=outcome.decided_by,
        due=Amount.of(stored.due),
        not_due=Amount.of(stored.dispute.amount - stored.due),
        party=stored.decided.party,
        person=stored.decided.person,
    )
