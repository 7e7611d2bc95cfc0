"""What answers say of approvals that take two persons: of claims, corrections and fund claims."""

from pydantic import Field

from app.api.fields import Amount, Answered, DayOut, Party, Person
from app.domain.approval import FirstApproval
from app.payments.approvals import ToApprove


class SecondApprovalFacts(Answered):
    """How many persons an approval takes, and why."""

    approval_counts_for: Amount = Field(
        description="What its approval counts for, without a sign: its own amount, or what it "
        "comes to with what was approved before that belongs to it, if more. To a claim belong "
        "the claims for the same periods of the calendar; to a correction those of its claim, and "
        "the claim if one person approved it and the correction makes it more; to a claim to a "
        "fund those to that fund for the same periods of the calendar."
    )
    second_approval_above: Amount | None = Field(
        description="The limit of the terms that govern it: above it, paid or taken back, it takes "
        "the approval of two persons of the commissioner. Null: one is enough."
    )
    second_approval_needed: bool = Field(
        description="Whether it takes the approval of two persons.", examples=[False]
    )


class FirstApprovalFacts(Answered):
    """Who gave the first of the two approvals that a large amount takes."""

    first_approved_on: DayOut | None
    first_approved_by: Party | None
    first_approved_by_person: Person | None


def second_approval_facts(approval: ToApprove) -> dict[str, object]:
    """The fields of SecondApprovalFacts."""
    above = approval.above
    return {
        "approval_counts_for": Amount.of(approval.amount),
        "second_approval_above": None if above is None else Amount.of(above),
        "second_approval_needed": approval.takes_two,
    }


def first_approval_facts(first: FirstApproval | None) -> dict[str, object]:
    """The fields of FirstApprovalFacts; null where there is no first approval."""
    return {
        "first_approved_on": first.approved_on if first else None,
        "first_approved_by": first.by.party if first else None,
        "first_approved_by_person": first.by.person if first else None,
    }
