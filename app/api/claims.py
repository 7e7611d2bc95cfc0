"""Claims: what a period asks for, its submission, and the commissioner's decision."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.deps import ContextDep, PageDep, VersionedWriteDep, WriteDep, shown
from app.api.documented import CONTRACT, VERSIONED, WRITES, answers
from app.api.errors import RequestInvalid
from app.api.fields import ContractPath, Day, NumberPath
from app.api.posting import POSTS, VersionedPostingWriteDep
from app.api.schemas_claims import (
    ClaimOut,
    ClaimPage,
    ClaimPreview,
    ClaimWritten,
    NewApproval,
    NewClaim,
    NewReturn,
)
from app.api.strict import StrictRoute
from app.domain.claim import ClaimStatus
from app.domain.errors import Fault, InputInvalid
from app.domain.period import Period
from app.service import claims

router = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Claims"], route_class=StrictRoute)

_DECISION = (
    WRITES,
    VERSIONED,
    "claim-unknown",
    "party-not-permitted",
    "approver-is-claimant",
    "claim-already-decided",
    "date-in-future",
)


@router.get(
    "/claim-preview",
    operation_id="previewClaim",
    summary="Preview a claim",
    responses=answers(
        200, ClaimPreview, "The claim as it would be.",
        CONTRACT, "period-before-contract", "period-not-in-calendar",
    ),
)  # fmt: skip
def preview_claim(
    context: ContextDep,
    contract_id: ContractPath,
    start: Annotated[
        Day, Query(description="The first day of the period.", examples=["2021-07-01"])
    ],
    end: Annotated[Day, Query(description="The last day of the period.", examples=["2021-09-30"])],
) -> Response:
    """Show what a claim for a period would be if it were submitted now. Nothing is recorded."""
    if end < start:
        raise RequestInvalid(
            "query", "end", "dates-out-of-order", "The period ends before it starts."
        )
    return shown(ClaimPreview.of(claims.preview_claim(context, contract_id, Period(start, end))))


@router.post(
    "/claims",
    operation_id="submitClaim",
    summary="Submit a claim",
    status_code=201,
    responses=answers(
        201, ClaimWritten, "The claim as submitted.",
        WRITES, "party-not-permitted", "period-not-over", "nothing-to-claim",
        "supplementary-not-allowed", "period-before-contract", "period-not-in-calendar",
        "date-in-future",
    ),
)  # fmt: skip
def submit_claim(
    write: WriteDep, context: ContextDep, contract_id: ContractPath, body: NewClaim
) -> Response:
    """Submit a claim for everything verified by the period's end and not claimed yet.

    The SPV, investor or provider acts. What caps cut is recorded with the cap's name. A second
    claim for a period is supplementary, if the terms allow it.
    """
    if body.period.end < body.period.start:
        message = "The period ends before it starts."
        raise InputInvalid([Fault("dates-out-of-order", "/period/end", message)])
    period = Period(body.period.start, body.period.end)
    return write.answer(
        contract_id,
        lambda command: claims.submit_claim(
            context, command, period=period, submitted_on=body.submitted_on
        ),
        lambda view, version: ClaimWritten.after(ClaimStatus.SUBMITTED, view, version),
        lambda view: f"/v1/contracts/{contract_id}/claims/{view.claim.claim_number}",
    )


@router.get(
    "/claims",
    operation_id="listClaims",
    summary="List claims",
    responses=answers(200, ClaimPage, "Claims in order of their numbers.", CONTRACT),
)
def list_claims(context: ContextDep, contract_id: ContractPath, page: PageDep) -> Response:
    """List claims with their lines and totals, in order of their numbers."""
    found = claims.list_claims(context, contract_id, page.after(0), page.limit + 1)
    return page.answer(
        found,
        lambda view: view.claim.claim_number,
        lambda items, following: ClaimPage(
            items=[ClaimOut.of(view) for view in items], next_cursor=following
        ),
    )


@router.get(
    "/claims/{claim_number}",
    operation_id="getClaim",
    summary="Show a claim",
    responses=answers(200, ClaimOut, "The claim.", CONTRACT, "claim-unknown"),
)
def get_claim(context: ContextDep, contract_id: ContractPath, claim_number: NumberPath) -> Response:
    """Show a claim; its ETag is for the decision's If-Match."""
    shape = ClaimOut.of(claims.get_claim(context, contract_id, claim_number))
    return shown(shape, shape.version)


@router.post(
    "/claims/{claim_number}/approval",
    operation_id="approveClaim",
    summary="Approve a claim",
    responses=answers(
        200, ClaimWritten, "The claim, approved and posted to every book; or approved first.",
        *_DECISION, "approver-is-submitter", "approver-is-verifier", "second-approver-is-first",
        "above-your-limit",
        "claim-outdated", "earlier-claim-undecided", *POSTS, "claim-in-dispute",
    ),
)  # fmt: skip
def approve_claim(
    write: VersionedPostingWriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    claim_number: NumberPath,
    body: NewApproval,
) -> Response:
    """Approve a claim as it was read (If-Match): it is posted, and never changes again.

    The commissioner acts: neither who submitted the claim nor who verified an outcome in it. A
    claim above the limit of its terms (`second_approval_needed`) takes two persons: after the
    first approval its status is `first_approved` and nothing is posted; another person approves
    it here again.
    """
    return write.answer(
        contract_id,
        lambda command: claims.approve_claim(
            context, command, claim_number, decided_on=body.decided_on, note=body.note
        ),
        ClaimWritten.after_approval,
    )


@router.post(
    "/claims/{claim_number}/return",
    operation_id="returnClaim",
    summary="Return a claim",
    responses=answers(200, ClaimWritten, "The claim, returned.", *_DECISION),
)
def return_claim(
    write: VersionedWriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    claim_number: NumberPath,
    body: NewReturn,
) -> Response:
    """Return a claim as it was read (If-Match), with a reason; its lines may be claimed anew."""
    return write.answer(
        contract_id,
        lambda command: claims.return_claim(
            context,
            command,
            claim_number,
            reason_code=body.reason_code.value,
            note=body.note,
            decided_on=body.decided_on,
        ),
        lambda view, version: ClaimWritten.after(ClaimStatus.RETURNED, view, version),
    )
