"""What became of every outcome earned: claimed, capped, disputed or not yet claimed."""

from typing import Any

from sqlalchemy import Select, Subquery, and_, case, exists, func, select

from app.storage.tables import (
    claim_decisions,
    claim_line_cuts,
    claim_lines,
    clawbacks,
    dispute_outcomes,
    disputes,
    entitlements,
)


def entitlement_figures(contract_id: Any) -> dict[str, Select[Any]]:
    """Outcomes only: money for activity is owed without an entitlement.

    What a cap cut and a later claim carries forward is capped no longer. An entitlement taken back
    before it was claimed is void. What a dispute holds, or took, is disputed and not claimed.
    """
    live = _live_lines(contract_id)
    held = _held(contract_id)
    at_line = and_(
        held.c.claim_number == live.c.claim_number, held.c.line_number == live.c.line_number
    )
    place = func.concat("claim:", live.c.claim_number, "/line:", live.c.line_number)
    is_claimed = exists().where(
        live.c.kind == "outcome", live.c.source_id == entitlements.c.entitlement_id
    )
    is_void = exists().where(
        clawbacks.c.contract_id == contract_id,
        clawbacks.c.entitlement_id == entitlements.c.entitlement_id,
    )
    lost = _lost(held)
    entitled = select(
        entitlements.c.entitlement_id.label("key"),
        func.concat("entitlement:", entitlements.c.entitlement_id).label("ref"),
        entitlements.c.amount_minor.label("minor"),
    ).where(entitlements.c.contract_id == contract_id)
    cuts = (
        select(
            claim_line_cuts.c.claim_number,
            claim_line_cuts.c.line_number,
            func.sum(claim_line_cuts.c.amount_minor).label("minor"),
        )
        .where(claim_line_cuts.c.contract_id == contract_id)
        .group_by(claim_line_cuts.c.claim_number, claim_line_cuts.c.line_number)
        .subquery()
    )
    carried = case((live.c.kind == "carried_forward", live.c.gross_minor), else_=0)
    capped = (func.coalesce(cuts.c.minor, 0) - carried).label("minor")
    return {
        "entitlements": entitled.where(is_claimed | ~is_void),
        "not_yet_claimed": entitled.where(~is_claimed, ~is_void),
        "claimed": select(
            live.c.source_id.label("key"),
            place.label("ref"),
            (live.c.payable_minor - func.coalesce(lost.c.minor, 0)).label("minor"),
        )
        .outerjoin(
            lost,
            and_(
                lost.c.claim_number == live.c.claim_number,
                lost.c.line_number == live.c.line_number,
            ),
        )
        .where(live.c.origin == "outcome", live.c.kind != "clawback"),
        "disputed": select(
            live.c.source_id.label("key"),
            func.concat("dispute:", held.c.dispute_id).label("ref"),
            held.c.minor,
        )
        .join(held, at_line)
        .where(live.c.origin == "outcome", live.c.kind != "clawback"),
        "capped": select(live.c.source_id.label("key"), place.label("ref"), capped)
        .outerjoin(
            cuts,
            and_(
                cuts.c.claim_number == live.c.claim_number,
                cuts.c.line_number == live.c.line_number,
            ),
        )
        .where(live.c.origin == "outcome", live.c.kind != "clawback", capped != 0),
    }


def _held(contract_id: Any) -> Subquery:
    """What each dispute holds of its line while it is open, or its outcome found not to be due."""
    held = disputes.c.amount_minor - func.coalesce(dispute_outcomes.c.due_minor, 0)
    return (
        select(
            disputes.c.dispute_id,
            disputes.c.claim_number,
            disputes.c.line_number,
            held.label("minor"),
        )
        .outerjoin(
            dispute_outcomes,
            and_(
                dispute_outcomes.c.contract_id == disputes.c.contract_id,
                dispute_outcomes.c.dispute_id == disputes.c.dispute_id,
            ),
        )
        .where(disputes.c.contract_id == contract_id, held != 0)
        .subquery()
    )


def _lost(held: Subquery) -> Subquery:
    """What disputes hold or took of each line, added up."""
    return (
        select(held.c.claim_number, held.c.line_number, func.sum(held.c.minor).label("minor"))
        .group_by(held.c.claim_number, held.c.line_number)
        .subquery()
    )


def _live_lines(contract_id: Any) -> Subquery:
    """The lines of claims that were not returned."""
    return (
        select(claim_lines)
        .outerjoin(
            claim_decisions,
            and_(
                claim_decisions.c.contract_id == claim_lines.c.contract_id,
                claim_decisions.c.claim_number == claim_lines.c.claim_number,
            ),
        )
        .where(
            claim_lines.c.contract_id == contract_id,
            func.coalesce(claim_decisions.c.decision, "") != "returned",
        )
        .subquery()
    )
