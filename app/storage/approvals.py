"""Who approved each claim, beside what it asks for: for checking that enough persons did."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select

from app.storage.tables import claim_decisions, claim_first_approvals, claim_lines, claims


@dataclass(frozen=True, slots=True)
class ClaimApprovals:
    """A claim's total and limit in minor units, and the persons who approved it so far.

    `approved_by` is who decided, None while it is undecided or where it was returned.
    """

    claim_number: int
    terms_version: int
    payable_minor: int
    above_minor: int | None
    first_approved_by: str | None
    approved_by: str | None


def of_claims(connection: Connection, contract_id: str) -> list[ClaimApprovals]:
    """Every claim of a contract with its approvals, in order of their numbers."""
    payable = (
        select(claim_lines.c.claim_number, func.sum(claim_lines.c.payable_minor).label("minor"))
        .where(claim_lines.c.contract_id == contract_id)
        .group_by(claim_lines.c.claim_number)
        .subquery()
    )
    first, decided = claim_first_approvals, claim_decisions
    rows = connection.execute(
        select(
            claims.c.claim_number,
            claims.c.terms_version,
            func.coalesce(payable.c.minor, 0).label("payable_minor"),
            claims.c.second_approval_above_minor,
            first.c.person.label("first_person"),
            decided.c.person.label("approver"),
        )
        .outerjoin(payable, payable.c.claim_number == claims.c.claim_number)
        .outerjoin(
            first,
            and_(
                first.c.contract_id == claims.c.contract_id,
                first.c.claim_number == claims.c.claim_number,
            ),
        )
        .outerjoin(
            decided,
            and_(
                decided.c.contract_id == claims.c.contract_id,
                decided.c.claim_number == claims.c.claim_number,
                decided.c.decision == "approved",
            ),
        )
        .where(claims.c.contract_id == contract_id)
        .order_by(claims.c.claim_number)
    )
    return [
        ClaimApprovals(
            row.claim_number,
            row.terms_version,
            int(row.payable_minor),
            row.second_approval_above_minor,
            row.first_person,
            row.approver,
        )
        for row in rows
    ]
