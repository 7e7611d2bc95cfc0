"""Which claims count: a live claim is submitted or approved; a returned one holds nothing."""

from typing import Any

from sqlalchemy import Subquery, exists, select

from app.storage.tables import claim_decisions, claim_lines, claims


def live_claims(contract_id: str, before_claim: int) -> Subquery:
    """Numbers and period ends of the live claims numbered below `before_claim`."""
    return (
        select(claims.c.claim_number, claims.c.period_start, claims.c.period_end)
        .where(
            claims.c.contract_id == contract_id,
            claims.c.claim_number < before_claim,
            ~_returned(contract_id, claims.c.claim_number),
        )
        .subquery()
    )


def in_live_claim(contract_id: str, kind: str, source_id: Any, before_claim: int) -> Any:
    """Whether a live claim numbered below `before_claim` has a line of that kind and source."""
    return exists().where(
        claim_lines.c.contract_id == contract_id,
        claim_lines.c.kind == kind,
        claim_lines.c.source_id == source_id,
        claim_lines.c.claim_number < before_claim,
        ~_returned(contract_id, claim_lines.c.claim_number),
    )


def _returned(contract_id: str, claim_number: Any) -> Any:
    return exists().where(
        claim_decisions.c.contract_id == contract_id,
        claim_decisions.c.claim_number == claim_number,
        claim_decisions.c.decision == "returned",
    )
