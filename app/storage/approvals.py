"""Who approved each claim, beside what it asks for: for checking that enough persons did."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select, union_all

from app.storage.tables import (
    claim_decisions,
    claim_first_approvals,
    claim_lines,
    claims,
    delegated_acts,
)


@dataclass(frozen=True, slots=True)
class Approval:
    """One act on a claim: the record it stands in, the party, and every person behind it.

    `persons` are who did it and, under a delegation, for whom: B for A is B and A.
    """

    sequence: int
    party: str
    persons: frozenset[str]


@dataclass(frozen=True, slots=True)
class ClaimApprovals:
    """A claim's total and limit in minor units, and its approvals so far.

    `decided` is the decision, None while there is none; `approved` whether it approves.
    """

    claim_number: int
    terms_version: int
    payable_minor: int
    above_minor: int | None
    first: Approval | None
    decided: Approval | None
    approved: bool


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
            first.c.sequence.label("first_sequence"),
            first.c.party.label("first_party"),
            first.c.person.label("first_person"),
            decided.c.sequence.label("decided_sequence"),
            decided.c.party.label("decided_party"),
            decided.c.person.label("decided_person"),
            decided.c.decision,
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
            ),
        )
        .where(claims.c.contract_id == contract_id)
        .order_by(claims.c.claim_number)
    )
    delegators = _delegators(connection, contract_id)

    def approval(sequence: int | None, party: str, person: str) -> Approval | None:
        if sequence is None:
            return None
        return Approval(sequence, party, frozenset({person}) | delegators[sequence])

    return [
        ClaimApprovals(
            row.claim_number,
            row.terms_version,
            int(row.payable_minor),
            row.second_approval_above_minor,
            approval(row.first_sequence, row.first_party, row.first_person),
            approval(row.decided_sequence, row.decided_party, row.decided_person),
            row.decision == "approved",
        )
        for row in rows
    ]


def _delegators(connection: Connection, contract_id: str) -> defaultdict[int, frozenset[str]]:
    """For whom each record about a claim's approval was made under a delegation."""
    acts = (
        select(table.c.sequence).where(table.c.contract_id == contract_id)
        for table in (claim_first_approvals, claim_decisions)
    )
    rows = connection.execute(
        select(delegated_acts.c.sequence, delegated_acts.c.on_behalf_of).where(
            delegated_acts.c.contract_id == contract_id,
            delegated_acts.c.sequence.in_(union_all(*acts)),
        )
    )
    found: defaultdict[int, frozenset[str]] = defaultdict(frozenset)
    for row in rows:
        found[row.sequence] |= {row.on_behalf_of}
    return found
