"""Signed heads of the service's own chain of the access log, for operators and auditors."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.deps import ContextDep, PageDep, shown
from app.api.documented import READS, answers
from app.api.heads import HeadDay, attached, page_of_heads
from app.api.schemas_heads import HeadOut, HeadPage
from app.api.strict import StrictRoute
from app.domain.signed_head import SignedHead
from app.service import service_heads

router = APIRouter(prefix="/v1/access/heads", tags=["Access"], route_class=StrictRoute)

REFUSING = (*READS, "role-not-permitted")


@router.get(
    "",
    operation_id="listServiceHeads",
    summary="List signed heads of the service's own log",
    responses=answers(200, HeadPage, "Signed heads in the order of days.", REFUSING),
)
def list_service_heads(context: ContextDep, page: PageDep) -> Response:
    """List the signed heads of the access log's chain that is of no contract: what operators do,
    failures to sign in, refusals of strangers.
    """
    return page_of_heads(
        page, lambda after, limit: service_heads.list_service_heads(context, after, limit)
    )


@router.get(
    "/latest",
    operation_id="getLatestServiceHead",
    summary="Download the newest head of the service's own log",
    responses=answers(200, HeadOut, "The newest head.", REFUSING, "head-unknown"),
)
def latest_service_head(context: ContextDep) -> Response:
    """Download the newest signed head, to be kept where the operator cannot reach it."""
    return _file(service_heads.get_service_head(context))


@router.get(
    "/{day}",
    operation_id="getServiceHead",
    summary="Download the head of the service's own log of a day",
    responses=answers(200, HeadOut, "The head.", REFUSING, "head-unknown"),
)
def get_service_head(context: ContextDep, day: HeadDay) -> Response:
    """Download the signed head of a day, to be kept where the operator cannot reach it."""
    return _file(service_heads.get_service_head(context, day))


def _file(head: SignedHead) -> Response:
    return attached(shown(HeadOut.of(head)), f"head-of-service-{head.day.isoformat()}")
