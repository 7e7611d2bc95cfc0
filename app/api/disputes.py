"""Disputes of lines: raised, handed on, decided."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.deps import ContextDep, PageDep, VersionedWriteDep, WriteDep, shown
from app.api.documented import CONTRACT, VERSIONED, WRITES, answers
from app.api.fields import ContractPath, RecordPath
from app.api.posting import POSTS, VersionedPostingWriteDep
from app.api.schemas_disputes import (
    DisputeOut,
    DisputePage,
    NewDispute,
    NewEscalation,
    NewOutcome,
)
from app.api.strict import StrictRoute
from app.domain.dispute import DisputeState
from app.service import disputes

router = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Disputes"], route_class=StrictRoute)

StateFilter = Annotated[
    DisputeState | None, Query(description="Only disputes in this state.", examples=["open"])
]
ClaimFilter = Annotated[
    int | None, Query(description="Only disputes of this claim.", ge=1, le=2**31 - 1, examples=[9])
]


@router.post(
    "/disputes",
    operation_id="raiseDispute",
    summary="Dispute a line",
    status_code=201,
    responses=answers(
        201, DisputeOut, "The dispute, open.",
        WRITES, "party-not-permitted", "dispute-subject-unknown", "claim-unknown",
        "claim-line-unknown", "statement-unknown", "dispute-claim-returned", "dispute-not-of-claim",
        "dispute-open", "dispute-before-decision", "dispute-window-closed", "dispute-amount",
        "already-clawed-back", "currency-not-of-contract", "date-in-future",
    ),
)  # fmt: skip
def raise_dispute(
    write: WriteDep, context: ContextDep, contract_id: ContractPath, body: NewDispute
) -> Response:
    """Dispute a line of a claim or of a closed period's statement, whole or in part.

    A party whose book the line touches acts, within the working days of the terms from the claim's
    submission or, once it is approved, from its approval. The rest of the line stays due.
    """
    return write.answer(
        contract_id,
        lambda command: disputes.raise_dispute(
            context,
            command,
            subject=body.subject,
            amount=body.amount.money(),
            reason=body.reason,
            note=body.note,
            raised_on=body.raised_on,
        ),
        DisputeOut.of,
        lambda made: f"/v1/contracts/{contract_id}/disputes/{made.stored.dispute.dispute_id}",
    )


@router.get(
    "/disputes",
    operation_id="listDisputes",
    summary="List disputes",
    responses=answers(200, DisputePage, "Disputes in order of recording.", CONTRACT),
)
def list_disputes(
    context: ContextDep,
    contract_id: ContractPath,
    page: PageDep,
    state: StateFilter = None,
    claim_number: ClaimFilter = None,
) -> Response:
    """List disputes with the step, deadline and outcome of each, of one state or claim if asked."""
    found = disputes.list_disputes(
        context,
        contract_id,
        page.after(0),
        page.limit + 1,
        state=state,
        claim_number=claim_number,
    )
    return page.answer(
        found,
        lambda view: view.stored.sequence,
        lambda items, following: DisputePage(
            items=[DisputeOut.of(one) for one in items], next_cursor=following
        ),
    )


@router.get(
    "/disputes/{dispute_id}",
    operation_id="getDispute",
    summary="Show a dispute",
    responses=answers(200, DisputeOut, "The dispute.", CONTRACT, "dispute-unknown"),
)
def get_dispute(context: ContextDep, contract_id: ContractPath, dispute_id: RecordPath) -> Response:
    """Show a dispute as it stands today. Its ETag is for If-Match of escalation and outcome."""
    shape = DisputeOut.of(disputes.get_dispute(context, contract_id, dispute_id))
    return shown(shape, shape.version)


@router.post(
    "/disputes/{dispute_id}/escalation",
    operation_id="escalateDispute",
    summary="Hand a dispute on",
    responses=answers(
        200, DisputeOut, "The dispute at its next step.",
        WRITES, VERSIONED, "party-not-permitted", "dispute-unknown", "dispute-not-open",
        "no-escalation-steps", "escalation-before-dispute", "dispute-last-step",
        "date-out-of-order", "date-in-future",
    ),
)  # fmt: skip
def escalate_dispute(
    write: VersionedWriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    dispute_id: RecordPath,
    body: NewEscalation,
) -> Response:
    """Hand an open dispute, as it was read (If-Match), on to the next step before its deadline.

    A party whose book the line touches acts. After the deadline the next step begins by itself.
    """
    return write.answer(
        contract_id,
        lambda command: disputes.escalate_dispute(
            context, command, dispute_id, note=body.note, on=body.on
        ),
        DisputeOut.of,
    )


@router.post(
    "/disputes/{dispute_id}/outcome",
    operation_id="decideDispute",
    summary="Record the outcome of a dispute",
    responses=answers(
        200, DisputeOut, "The dispute, decided.",
        WRITES, VERSIONED, "party-not-permitted", "decider-is-raiser", "dispute-unknown",
        "dispute-not-open", "outcome-before-dispute", "settlement-missing",
        "settlement-not-applicable", "settlement-amount", "decided-by-missing", *POSTS,
        "date-out-of-order", "date-in-future", "period-soft-closed", "correction-over-cap",
    ),
)  # fmt: skip
def decide_dispute(
    write: VersionedPostingWriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    dispute_id: RecordPath,
    body: NewOutcome,
) -> Response:
    """Record how an open dispute, as it was read (If-Match), was decided, and post what follows.

    Another party than the one that raised it acts. What is not due is taken back by a linked
    reversal, or stays withheld; what was withheld and is due is put back.
    """
    return write.answer(
        contract_id,
        lambda command: disputes.decide_dispute(
            context,
            command,
            dispute_id,
            kind=body.outcome,
            amount_due=None if body.amount_due is None else body.amount_due.money(),
            decided_by=body.decided_by,
            note=body.note,
            decided_on=body.decided_on,
        ),
        DisputeOut.of,
    )
