"""Who may act for whom on a contract: what the operator's grants are to its parties."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.access import GrantPath, changed
from app.api.deps import ActorDep, ContextDep, DryRunDep, PageDep, PrincipalDep, ReceptionDep
from app.api.documented import ACTING, CONTRACT, answers
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


@router.post(
    "/grants/{grant_id}/confirmation",
    operation_id="confirmGrant",
    summary="Confirm a grant",
    responses=answers(
        200, StandingOut, "The grant, which counts from now on.",
        CONTRACT, ACTING, "grant-unknown", "grant-ended", "grant-confirmed", "confirmation-own",
        "confirmation-of-a-person",
    ),
)  # fmt: skip
def confirm_grant(
    reception: ReceptionDep,
    principal: PrincipalDep,
    actor: ActorDep,
    contract_id: ContractPath,
    grant_id: GrantPath,
    dry_run: DryRunDep,
) -> Response:
    """Confirm, as a person of the party, that somebody whom an operator let in may act for it.

    A grant for a party that has people on the contract does not count before.
    """
    found = standing.confirm_grant(
        reception,
        contract_id,
        grant_id,
        by=actor,
        kind=principal.kind,
        groups=principal.groups,
        dry_run=dry_run,
    )
    return changed(StandingOut.of(found), dry_run)
