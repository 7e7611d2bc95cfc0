"""Corrections of approved claim lines: proposed by one person, decided by another."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.deps import ContextDep, PageDep, VersionedWriteDep, WriteDep, shown
from app.api.documented import CONTRACT, VERSIONED, WRITES, answers
from app.api.fields import ContractPath, RecordPath
from app.api.posting import POSTS, VersionedPostingWriteDep
from app.api.schemas_corrections import (
    CorrectionOut,
    CorrectionPage,
    NewCorrection,
    NewCorrectionDecision,
)
from app.api.strict import StrictRoute
from app.domain.correction import CorrectionState
from app.service import corrections

router = APIRouter(
    prefix="/v1/contracts/{contract_id}", tags=["Corrections"], route_class=StrictRoute
)

StateFilter = Annotated[
    CorrectionState | None,
    Query(description="Only corrections in this state.", examples=["proposed"]),
]
ClaimFilter = Annotated[
    int | None,
    Query(description="Only corrections of this claim.", ge=1, le=2**31 - 1, examples=[9]),
]

_RULES = (
    "adjustment-mixed",
    "adjustment-needs-shares",
    "adjustment-of-nothing",
    "adjustment-repeats-payer",
    "already-clawed-back",
    "already-reversed",
    "claim-line-unknown",
    "claim-not-approved",
    "claim-unknown",
    "correction-exceeds-line",
    "correction-over-cap",
    "correction-unknown-payer",
    "date-before-approval",
    "dispute-open",
    "nothing-to-reverse",
    "period-soft-closed",
    "reversal-exceeds-rest",
    "reversal-of-nothing",
    "reversal-of-reversal",
    "reversal-unknown-payer",
)
_DECIDES = (
    WRITES,
    VERSIONED,
    "correction-unknown",
    "party-not-permitted",
    "approver-is-proposer",
    "correction-already-decided",
    "date-in-future",
)


@router.post(
    "/corrections",
    operation_id="proposeCorrection",
    summary="Propose a correction",
    status_code=201,
    responses=answers(
        201, CorrectionOut, "The correction, proposed.",
        WRITES, "party-not-permitted", "date-in-future", *_RULES,
    ),
)  # fmt: skip
def propose_correction(
    write: WriteDep, context: ContextDep, contract_id: ContractPath, body: NewCorrection
) -> Response:
    """Propose a reversal or an adjustment of one line of an approved claim. Nothing is posted yet.

    A party that pays, is paid or claims acts. Another person, of the commissioner, decides.
    """
    return write.answer(
        contract_id,
        lambda command: corrections.propose_correction(
            context, command, body.asked(), proposed_on=body.proposed_on, note=body.note
        ),
        CorrectionOut.of,
        lambda made: f"/v1/contracts/{contract_id}/corrections/{made.correction.correction_id}",
    )


@router.get(
    "/corrections",
    operation_id="listCorrections",
    summary="List corrections",
    responses=answers(200, CorrectionPage, "Corrections in order of proposal.", CONTRACT),
)
def list_corrections(
    context: ContextDep,
    contract_id: ContractPath,
    page: PageDep,
    state: StateFilter = None,
    claim_number: ClaimFilter = None,
) -> Response:
    """List corrections in the order in which they were proposed."""
    found = corrections.list_corrections(
        context,
        contract_id,
        page.after((0, "")),
        page.limit + 1,
        claim_number=claim_number,
        state=state,
    )
    return page.answer(
        found,
        lambda one: (one.sequence, one.correction.correction_id),
        lambda items, following: CorrectionPage(
            items=[CorrectionOut.of(one) for one in items], next_cursor=following
        ),
    )


@router.get(
    "/corrections/{correction_id}",
    operation_id="getCorrection",
    summary="Show a correction",
    responses=answers(200, CorrectionOut, "The correction.", CONTRACT, "correction-unknown"),
)
def get_correction(
    context: ContextDep, contract_id: ContractPath, correction_id: RecordPath
) -> Response:
    """Show a correction, its entry and its documents; its ETag is for If-Match of the decision."""
    shape = CorrectionOut.of(corrections.get_correction(context, contract_id, correction_id))
    return shown(shape, shape.version)


@router.post(
    "/corrections/{correction_id}/approval",
    operation_id="approveCorrection",
    summary="Approve a correction",
    responses=answers(
        200, CorrectionOut, "The correction, posted; or approved first.",
        *_DECIDES, "second-approver-is-first", "above-your-limit", *_RULES, *POSTS,
    ),
)  # fmt: skip
def approve_correction(
    write: VersionedPostingWriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    correction_id: RecordPath,
    body: NewCorrectionDecision,
) -> Response:
    """Approve a correction as it was read (If-Match): its entry is posted to every book.

    The commissioner acts, by another person than the proposer. The line as it stands by then
    decides: what was reversed or capped meanwhile is refused. A correction above the limit of its
    terms (`second_approval_needed`) takes two persons: after the first approval its state is
    `first_approved` and nothing is posted; another person approves it here again.
    """
    return write.answer(
        contract_id,
        lambda command: corrections.approve_correction(
            context, command, correction_id, decided_on=body.decided_on, note=body.note
        ),
        CorrectionOut.of,
    )


@router.post(
    "/corrections/{correction_id}/refusal",
    operation_id="refuseCorrection",
    summary="Refuse a correction",
    responses=answers(200, CorrectionOut, "The correction, refused.", *_DECIDES),
)
def refuse_correction(
    write: VersionedWriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    correction_id: RecordPath,
    body: NewCorrectionDecision,
) -> Response:
    """Refuse a correction as it was read (If-Match). Nothing is posted.

    The commissioner acts, by another person than the proposer.
    """
    return write.answer(
        contract_id,
        lambda command: corrections.refuse_correction(
            context, command, correction_id, decided_on=body.decided_on, note=body.note
        ),
        CorrectionOut.of,
    )
