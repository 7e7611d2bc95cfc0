"""The fund's share: the commissioner's claims to an outcomes fund."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.deps import ContextDep, PageDep, VersionedWriteDep, WriteDep, shown
from app.api.documented import CONTRACT, VERSIONED, WRITES, answers
from app.api.fields import ContractPath, NumberPath
from app.api.schemas_fund_claims import (
    FundClaimOut,
    FundClaimPage,
    FundClaimWhole,
    NewFundClaim,
    NewFundQuery,
    NewFundSubmission,
)
from app.api.strict import StrictRoute
from app.domain.errors import Fault, InputInvalid
from app.domain.period import Period
from app.service import fund_claims

router = APIRouter(
    prefix="/v1/contracts/{contract_id}", tags=["Fund claims"], route_class=StrictRoute
)

_MOVES = (
    WRITES,
    VERSIONED,
    "fund-claim-unknown",
    "party-not-permitted",
    "fund-claim-state",
    "date-out-of-order",
    "date-in-future",
)


@router.post(
    "/fund-claims",
    operation_id="prepareFundClaim",
    summary="Prepare a claim to a fund",
    status_code=201,
    responses=answers(
        201, FundClaimOut, "The claim as prepared.",
        WRITES, "party-not-permitted", "period-not-over", "nothing-to-claim", "date-in-future",
    ),
)  # fmt: skip
def prepare_fund_claim(
    write: WriteDep, context: ContextDep, contract_id: ContractPath, body: NewFundClaim
) -> Response:
    """Prepare the claim to a fund: its part of every line approved by the period's end.

    The commissioner acts. What an earlier claim to the fund holds is not asked again; what was
    taken back since comes off. A fund that pays the SPV itself is invoiced instead.
    """
    if body.period.end < body.period.start:
        message = "The period ends before it starts."
        raise InputInvalid([Fault("dates-out-of-order", "/period/end", message)])
    period = Period(body.period.start, body.period.end)
    return write.answer(
        contract_id,
        lambda command: fund_claims.prepare_fund_claim(
            context, command, fund=body.fund, period=period, prepared_on=body.prepared_on
        ),
        FundClaimOut.of,
        lambda made: f"/v1/contracts/{contract_id}/fund-claims/{made.claim.fund_claim_number}",
    )


@router.get(
    "/fund-claims",
    operation_id="listFundClaims",
    summary="List claims to funds",
    responses=answers(200, FundClaimPage, "Claims in order of their numbers.", CONTRACT),
)
def list_fund_claims(context: ContextDep, contract_id: ContractPath, page: PageDep) -> Response:
    """List claims to funds with their lines, in order of their numbers."""
    found = fund_claims.list_fund_claims(context, contract_id, page.after(0), page.limit + 1)
    return page.answer(
        found,
        lambda stored: stored.claim.fund_claim_number,
        lambda items, following: FundClaimPage(
            items=[FundClaimOut.of(one) for one in items], next_cursor=following
        ),
    )


@router.get(
    "/fund-claims/{fund_claim_number}",
    operation_id="getFundClaim",
    summary="Show a claim to a fund",
    responses=answers(200, FundClaimWhole, "The claim.", CONTRACT, "fund-claim-unknown"),
)
def get_fund_claim(
    context: ContextDep, contract_id: ContractPath, fund_claim_number: NumberPath
) -> Response:
    """Show a claim by metric, cumulative against the award, and who bore the fund's shortfalls.

    Its ETag is for If-Match of submission and query.
    """
    shape = FundClaimWhole.whole(
        fund_claims.get_fund_claim(context, contract_id, fund_claim_number)
    )
    return shown(shape, shape.version)


@router.post(
    "/fund-claims/{fund_claim_number}/submission",
    operation_id="submitFundClaim",
    summary="Submit a claim to the fund",
    responses=answers(
        200, FundClaimOut, "The claim, submitted; or approved first.",
        *_MOVES, "second-approver-is-first", "above-your-limit",
    ),
)  # fmt: skip
def submit_fund_claim(
    write: VersionedWriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    fund_claim_number: NumberPath,
    body: NewFundSubmission,
) -> Response:
    """Submit a prepared claim as it was read (If-Match), or again after the fund's query.

    The commissioner acts. A claim above the limit of its terms (`second_approval_needed`) takes two
    persons: after the first its state is `first_approved` and nothing is asked of the fund; another
    person submits it here again. Once payments settle a submitted claim it is paid.
    """
    return write.answer(
        contract_id,
        lambda command: fund_claims.submit_fund_claim(
            context, command, fund_claim_number, on=body.on
        ),
        FundClaimOut.of,
    )


@router.post(
    "/fund-claims/{fund_claim_number}/query",
    operation_id="queryFundClaim",
    summary="Query a claim to the fund",
    responses=answers(200, FundClaimOut, "The claim, queried.", *_MOVES),
)
def query_fund_claim(
    write: VersionedWriteDep,
    context: ContextDep,
    contract_id: ContractPath,
    fund_claim_number: NumberPath,
    body: NewFundQuery,
) -> Response:
    """Record the fund's query on a submitted claim as it was read (If-Match).

    The fund or the commissioner acts.
    """
    return write.answer(
        contract_id,
        lambda command: fund_claims.query_fund_claim(
            context, command, fund_claim_number, note=body.note, on=body.on
        ),
        FundClaimOut.of,
    )
