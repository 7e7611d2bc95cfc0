"""What the claim adds to the explanation of its lines: who submitted, approved or returned it."""

from app.domain.claim import ClaimStatus
from app.domain.working import Step
from app.storage.claims import StoredClaim


def decision_steps(stored: StoredClaim) -> tuple[Step, ...]:
    """A step for the submission of a claim, each of its approvals, or its return."""
    steps = [
        Step(
            "claim",
            f"Claim {stored.claim_number} submitted on {stored.submitted_on.isoformat()} by "
            f"{stored.by.party} ({stored.by.person}).",
        )
    ]
    if first := stored.first_approval:
        because = (
            f"Approved first on {first.approved_on.isoformat()} by {first.by.party} "
            f"({first.by.person}); its total takes the approval of another person too."
        )
        steps.append(Step("claim.first_approval", because))
    if stored.decided_on and stored.decided_by:
        outcome = "Returned" if stored.status is ClaimStatus.RETURNED else "Approved"
        because = (
            f"{outcome} on {stored.decided_on.isoformat()} by {stored.decided_by.party} "
            f"({stored.decided_by.person})."
        )
        steps.append(Step("claim.decision", because))
    return tuple(steps)
