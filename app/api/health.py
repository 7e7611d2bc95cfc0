"""Whether the service lives, and whether it can work; and what each error code means."""

import logging
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from app.api.deps import EdgeDep, shown
from app.api.documented import FORM, answers
from app.api.errors import Problem, request_id_of
from app.api.fields import Answered
from app.api.problems import PROBLEMS
from app.api.request_faults import PlacedFault
from app.api.strict import StrictRoute
from app.domain.errors import NotFound

LOG = logging.getLogger("outcomes.health")

router = APIRouter(route_class=StrictRoute)


class HealthOut(Answered):
    """That the service answers."""

    status: str = Field(description="Always `ok`.", examples=["ok"])


class ProblemKindOut(Answered):
    """What a code means and what to do about it."""

    code: str = Field(description="The code.", examples=["stale-version"])
    status: int = Field(
        description="The HTTP status that it usually comes with; 200 for a warning.",
        examples=[412],
    )
    title: str = Field(
        description="The meaning.", examples=["The record has changed since it was read"]
    )
    remedy: str = Field(description="What to do.", examples=["Read it again, then decide."])


@router.get(
    "/health",
    operation_id="getHealth",
    tags=["Service"],
    summary="Whether the service lives",
    responses=answers(200, HealthOut, "It lives."),
)
async def get_health() -> Response:
    """Answer at once, without asking the database: for a supervisor that restarts what hangs."""
    return shown(HealthOut(status="ok"))


@router.get(
    "/ready",
    operation_id="getReadiness",
    tags=["Service"],
    summary="Whether the service can work",
    responses=answers(200, HealthOut, "It can work.", "not-ready"),
)
def get_readiness(request: Request, edge: EdgeDep) -> Response:
    """Answer 200 if the database can be reached and is at the version that this release needs."""
    try:
        edge.check_ready()
    except Exception as error:  # noqa: BLE001 - whatever it is, the service cannot work
        LOG.warning("not ready: %s", type(error).__name__)
        detail = "The database cannot be reached, or is not at the version this release needs."
        fault = PlacedFault("not-ready", "", detail)
        return Problem(503, "not-ready", detail, [fault]).answer(request_id_of(request))
    return shown(HealthOut(status="ok"))


@router.get(
    "/problems/{code}",
    operation_id="getProblem",
    tags=["Service"],
    summary="What an error code means",
    responses=answers(200, ProblemKindOut, "The meaning and the remedy.", FORM, "problem-unknown"),
)
async def get_problem(
    code: Annotated[str, Path(description="The code.", max_length=100, examples=["stale-version"])],
) -> Response:
    """Explain a code: the page that `type` of every problem document leads to."""
    kind = PROBLEMS.get(code)
    if kind is None:
        raise NotFound("problem-unknown", "No answer of this service has that code.")
    return shown(
        ProblemKindOut(code=code, status=kind.status, title=kind.title, remedy=kind.remedy)
    )
