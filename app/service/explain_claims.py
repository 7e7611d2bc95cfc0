"""What the claim adds to the explanation of its lines: who submitted, approved or returned it."""

from app.domain.claim import ClaimStatus
from app.domain.working import Step
from app.service.explain_actors import told
from app.storage.acted_for import acted_for
from app.storage.claims import StoredClaim
from app.storage.engine import Connection
from app.storage.tables import claim_decisions, claim_first_approvals, claims


def decision_steps(
    connection: Connection, contract_id: str, stored: StoredClaim
) -> tuple[Step, ...]:
    """A step for the submission of a claim, each of its approvals, or its return."""
    acts = (claims, claim_first_approvals, claim_decisions)
    others = acted_for(connection, contract_id, acts, claim_number=stored.claim_number)
    steps = [
        Step(
            "claim",
            f"Claim {stored.claim_number} submitted on {stored.submitted_on.isoformat()} by "
            f"{told(stored.by, others.get(claims.name, ()))}.",
        )
    ]
    if first := stored.first_approval:
        because = (
            f"Approved first on {first.approved_on.isoformat()} by "
            f"{told(first.by, others.get(claim_first_approvals.name, ()))}; its total takes the "
            "approval of another person too."
        )
        steps.append(Step("claim.first_approval", because))
    if stored.decided_on and stored.decided_by:
        outcome = "Returned" if stored.status is ClaimStatus.RETURNED else "Approved"
        because = (
            f"{outcome} on {stored.decided_on.isoformat()} by "
            f"{told(stored.decided_by, others.get(claim_decisions.name, ()))}."
        )
        steps.append(Step("claim.decision", because))
    return tuple(steps)
