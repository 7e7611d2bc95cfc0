"""Who may act for whom on a contract: what the operator's grants are to its parties."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.deps import ContextDep, PageDep
from app.api.documented import CONTRACT, answers
from app.api.fields import ContractPath
from app.api.schemas_standing import StandingOut, StandingPage
from app.api.strict import StrictRoute
from app.service import standing

router = APIRouter(prefix="/v1/contracts/{contract_id}", tags=["Trust"], route_class=StrictRoute)


@router.get(
    "/grants",
    operation_id="listStanding",
    summary="List who may act for whom",
    responses=answers(200, StandingPage, "In order of the grants' ids.", CONTRACT),
)
def list_standing(context: ContextDep, contract_id: ContractPath, page: PageDep) -> Response:
    """List everybody whom an operator has let in to this contract, for which party, ended ones too.

    Each is in the contract's access log as well, and thereby under its signed heads.
    """
    found = standing.list_standing(context, contract_id, page.after(""), page.limit + 1)
    return page.answer(
        found,
        lambda one: one.grant_id,
        lambda items, after: StandingPage(
            items=[StandingOut.of(one) for one in items], next_cursor=after
        ),
    )
