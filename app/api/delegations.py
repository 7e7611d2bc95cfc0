"""Cover for somebody on leave: people give a role to a colleague for some days, and take it back.

The door is open to everybody signed in, because any role may be delegated; whose grant it is, and
who may end it, the service asks.
"""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.access import GrantPath, changed
from app.api.deps import DryRunDep, PageDep, PrincipalDep, ReceptionDep
from app.api.documented import READS, answers
from app.api.schemas_delegations import DelegationIn, DelegationOut, DelegationPage
from app.api.strict import StrictRoute
from app.service import delegations

router = APIRouter(prefix="/v1/access/delegations", tags=["Access"], route_class=StrictRoute)


@router.post(
    "",
    operation_id="delegateRole",
    summary="Delegate a role",
    status_code=201,
    responses=answers(
        201, DelegationOut, "The delegation.",
        READS, "body-too-large", "content-type-not-json",
        "grant-unknown", "grant-ended", "grant-not-delegable",
        "principal-unknown", "delegation-to-self", "people-only", "delegate-elsewhere",
        "dates-out-of-order", "delegation-in-past", "delegation-too-long",
        "delegation-outside-grant",
        "limit-not-approver", "limit-not-positive", "limit-above-delegators",
    ),
)  # fmt: skip
def delegate_role(
    reception: ReceptionDep, by: PrincipalDep, body: DelegationIn, dry_run: DryRunDep
) -> Response:
    """Give one of your own roles to a colleague for some days. It counts while yours does.

    What your colleague does under it counts as done by you both, where duties stay apart.
    """
    stored = delegations.delegate(reception, body.asked(), by.id, own_only=True, dry_run=dry_run)
    return changed(DelegationOut.of(stored), dry_run, 201)


@router.get(
    "",
    operation_id="listDelegations",
    summary="List delegations",
    responses=answers(200, DelegationPage, "In order of their ids.", READS),
)
def list_delegations(reception: ReceptionDep, by: PrincipalDep, page: PageDep) -> Response:
    """List the delegations that you gave or have, ended ones too; operators are shown all."""
    of = None if by.is_operator else by.id
    found = delegations.list_delegations(reception, page.after(""), page.limit + 1, of=of)
    return page.answer(
        found,
        lambda stored: stored.grant.grant_id,
        lambda items, after: DelegationPage(
            items=[DelegationOut.of(one) for one in items], next_cursor=after
        ),
    )


@router.post(
    "/{grant_id}/end",
    operation_id="endDelegation",
    summary="End a delegation",
    responses=answers(
        200, DelegationOut, "The delegation.",
        READS, "delegation-unknown", "grant-ended", "reading-only",
    ),
)  # fmt: skip
def end_delegation(
    reception: ReceptionDep, by: PrincipalDep, grant_id: GrantPath, dry_run: DryRunDep
) -> Response:
    """Take a role back that you delegated, at once; operators end any delegation."""
    ended = delegations.end_delegation(reception, grant_id, by, dry_run=dry_run)
    return changed(DelegationOut.of(ended), dry_run)
