"""Submissions, decisions on them, entitlements, clawbacks, and what is due."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.deps import AsOf, ContextDep, PageDep, VersionedWriteDep, WriteDep, shown
from app.api.documented import PERSONAL, VERSIONED, WRITES, answers
from app.api.fields import RECORD_PATTERN, ContractPath, RecordPath
from app.api.schemas_outcomes import (
    ClawbackOut,
    DecidedOut,
    DueOut,
    DuePage,
    EntitlementOut,
    EntitlementPage,
    NewClawback,
    NewDecision,
    NewSubmission,
    NewWaiver,
    SubmissionOut,
    SubmissionPage,
    SubmittedOut,
    WaiverOut,
)
from app.api.strict import StrictRoute
from app.service import clawbacks, due, outcomes, verification
from app.service.verification import Acceptances

router = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Outcomes"], route_class=StrictRoute)


@router.get(
    "/due",
    operation_id="listDue",
    summary="What is due for whom",
    responses=answers(200, DuePage, "The next milestone of each participant.", PERSONAL),
)
def list_due(
    context: ContextDep, contract_id: ContractPath, page: PageDep, as_of: AsOf = None
) -> Response:
    """List each participant's next milestone: its day, the evidence missing, and what it is worth.

    Participants with nothing to come are left out, so a page may hold fewer than `limit`.
    """
    items, following = due.due(context, contract_id, page.after(""), page.limit, as_of)
    shape = [DueOut.of(item) for item in items]
    return page.answer_with(following, lambda after: DuePage(items=shape, next_cursor=after))


@router.post(
    "/submissions",
    operation_id="submitOutcome",
    summary="Submit an achieved milestone",
    status_code=201,
    responses=answers(
        201, SubmittedOut, "The submission, and what its evidence still lacks.",
        WRITES, "terms-not-in-force", "participant-unknown", "party-not-permitted",
        "milestone-not-achieved", "already-submitted", "submitted-late", "after-longstop",
        "date-in-future",
    ),
)  # fmt: skip
def submit_outcome(
    write: WriteDep, context: ContextDep, contract_id: ContractPath, body: NewSubmission
) -> Response:
    """Submit a milestone for verification. The participant's own provider acts.

    The service itself assesses whether and when it was achieved. Gaps in the evidence do not stop
    a submission; they are answered, and shown to the verifier.
    """
    return write.answer(
        contract_id,
        lambda command: outcomes.submit_outcome(
            context,
            command,
            participant_id=body.participant_id,
            metric=body.metric,
            evidence_ids=body.evidence_ids,
            submitted_on=body.submitted_on,
        ),
        SubmittedOut.of,
        lambda made: f"/v1/contracts/{contract_id}/submissions/{made.submission.submission_id}",
    )


@router.get(
    "/submissions",
    operation_id="listSubmissions",
    summary="List submissions",
    responses=answers(200, SubmissionPage, "Submissions in order of recording.", PERSONAL),
)
def list_submissions(
    context: ContextDep,
    contract_id: ContractPath,
    page: PageDep,
    state: Annotated[
        Literal["submitted", "verified", "returned", "rejected"] | None,
        Query(description="Only submissions in this state.", examples=["submitted"]),
    ] = None,
    participant_id: Annotated[
        str | None,
        Query(
            description="Only submissions about this pseudonym.",
            pattern=RECORD_PATTERN,
            examples=["P-0042"],
        ),
    ] = None,
) -> Response:
    """List submissions with the decisions on them, in order of recording."""
    after = page.after((0, ""))
    found = outcomes.list_submissions(
        context, contract_id, after, page.limit + 1, state, participant_id
    )
    return page.answer(
        found,
        lambda view: (view.stored.sequence, view.stored.submission.submission_id),
        lambda items, following: SubmissionPage(
            items=[SubmissionOut.of(one) for one in items], next_cursor=following
        ),
    )


@router.get(
    "/submissions/{submission_id}",
    operation_id="getSubmission",
    summary="Show a submission",
    responses=answers(200, SubmissionOut, "The submission.", PERSONAL, "submission-unknown"),
)
def get_submission(
    context: ContextDep, contract_id: ContractPath, submission_id: RecordPath
) -> Response:
    """Show a submission with its waiver and decision; its ETag is for the decision's If-Match."""
    found = outcomes.get_submission(context, contract_id, submission_id)
    return shown(SubmissionOut.of(found), found.stored.version)


@router.post(
    "/submissions/{submission_id}/waiver",
    operation_id="waiveLateness",
    summary="Waive a submission's lateness",
    responses=answers(
        200, WaiverOut, "The waiver.",
        WRITES, "submission-unknown", "party-not-permitted", "not-late", "waiver-not-in-terms",
        "already-waived", "already-decided", "date-in-future", "date-before-submission",
    ),
)  # fmt: skip
def waive_lateness(
    write: WriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    submission_id: RecordPath,
    body: NewWaiver,
) -> Response:
    """Waive the lateness of one submission, with a date. The commissioner acts."""
    return write.answer(
        contract_id,
        lambda command: verification.waive_lateness(
            context, command, submission_id, granted_on=body.granted_on, note=body.note
        ),
        WaiverOut.of,
    )


@router.post(
    "/submissions/{submission_id}/decision",
    operation_id="decideSubmission",
    summary="Verify, return or reject a submission",
    responses=answers(
        200, DecidedOut, "The decision, and the entitlement if the outcome was verified.",
        WRITES, VERSIONED, "submission-unknown", "party-not-permitted", "verifier-is-submitter",
        "already-decided", "milestone-no-longer-achieved", "late-without-waiver",
        "backdated-submission", "evidence-incomplete", "equivalent-evidence-not-in-terms",
        "note-required", "no-price-in-force", "date-in-future", "date-before-submission",
    ),
)  # fmt: skip
def decide_submission(
    write: VersionedWriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    submission_id: RecordPath,
    body: NewDecision,
) -> Response:
    """Decide once on a submission as it was read (If-Match). The commissioner acts, never the
    submitter. Verifying makes the entitlement: priced, before caps.
    """
    return write.answer(
        contract_id,
        lambda command: verification.decide_submission(
            context,
            command,
            submission_id,
            decision=body.decision,
            reason_code=body.reason_code,
            note=body.note,
            decided_on=body.decided_on,
            accepting=Acceptances(body.accept_equivalent_evidence, body.accept_backdated),
        ),
        DecidedOut.of,
    )


@router.get(
    "/entitlements",
    operation_id="listEntitlements",
    summary="List entitlements",
    responses=answers(200, EntitlementPage, "Entitlements in order of recording.", PERSONAL),
)
def list_entitlements(context: ContextDep, contract_id: ContractPath, page: PageDep) -> Response:
    """List entitlements, clawed back or not, in order of recording."""
    found = outcomes.list_entitlements(context, contract_id, page.after((0, "")), page.limit + 1)
    return page.answer(
        found,
        lambda pair: (pair[0], pair[1].entitlement_id),
        lambda items, following: EntitlementPage(
            items=[EntitlementOut.of(made) for _, made in items], next_cursor=following
        ),
    )


@router.get(
    "/entitlements/{entitlement_id}",
    operation_id="getEntitlement",
    summary="Show an entitlement",
    responses=answers(200, EntitlementOut, "The entitlement.", PERSONAL, "entitlement-unknown"),
)
def get_entitlement(
    context: ContextDep, contract_id: ContractPath, entitlement_id: RecordPath
) -> Response:
    """Show an entitlement with the working of its price."""
    return shown(EntitlementOut.of(outcomes.get_entitlement(context, contract_id, entitlement_id)))


@router.post(
    "/entitlements/{entitlement_id}/clawback",
    operation_id="clawBack",
    summary="Take an entitlement back",
    responses=answers(
        200, ClawbackOut, "The decision; the next claim has the line.",
        WRITES, "entitlement-unknown", "party-not-permitted", "already-clawed-back",
        "in-undecided-claim", "reversed-in-part", "dispute-open", "after-lookback",
        "no-early-return", "date-in-future",
    ),
)  # fmt: skip
def claw_back(
    write: WriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    entitlement_id: RecordPath,
    body: NewClawback,
) -> Response:
    """Decide to take an entitlement back whole. The commissioner acts.

    Not claimed yet, it is void; approved, a line of the next claim reverses it with its own split.
    """
    return write.answer(
        contract_id,
        lambda command: clawbacks.claw_back(
            context,
            command,
            entitlement_id,
            ground=body.ground,
            decided_on=body.decided_on,
            note=body.note,
        ),
        ClawbackOut.of,
    )
