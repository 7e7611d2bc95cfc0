"""What operators do: principals, and the roles granted to them.

Answers of these writes are not kept for repetition, as some hold secrets that are shown once; a
request that is sent twice is refused or makes a second record, which its list shows.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from app.api.deps import DryRunDep, PageDep, PrincipalDep, ReceptionDep, shown
from app.api.documented import READS, answers
from app.api.fields import CONTRACT_PATTERN
from app.api.schemas_access import (
    GrantOut,
    GrantPage,
    IdentityIn,
    NewGrant,
    NewPrincipal,
    PrincipalOut,
    PrincipalPage,
)
from app.api.strict import StrictRoute
from app.domain.access import AccessRole, Principal, PrincipalKind
from app.domain.errors import NotPermitted
from app.service import access

router = APIRouter(prefix="/v1/access", tags=["Access"], route_class=StrictRoute)

OPERATES = (*READS, "operator-only")
CHANGES = (*OPERATES, "body-too-large", "content-type-not-json")


async def operator(principal: PrincipalDep) -> Principal:
    """Whoever asks, if an operator, by a credential of their own: trusted headers do not count."""
    if not principal.is_operator:
        raise NotPermitted("operator-only", "Only an operator of the service may do this.")
    return principal


OperatorDep = Annotated[Principal, Depends(operator)]
PrincipalPath = Annotated[
    str,
    Path(
        description="The principal's id.",
        max_length=64,
        examples=["0192f0c1-7e3a-7c55-9d0a-3b1f5a2c4d6e"],
    ),
]
GrantPath = Annotated[
    str, Path(description="The grant's id.", max_length=64, examples=["0192f0c1-7e3a-7c55-9d0a"])
]


def changed(body: BaseModel, dry_run: bool, status: int = 200) -> Response:  # noqa: FBT001
    """The answer to a change of access."""
    answer = shown(body)
    answer.status_code = 200 if dry_run else status
    if dry_run:
        answer.headers["dry-run"] = "true"
    return answer


@router.post(
    "/principals",
    operation_id="registerPrincipal",
    summary="Register a person, machine or group",
    status_code=201,
    responses=answers(
        201, PrincipalOut, "The principal.",
        CHANGES, "identity-kind", "issuer-unknown", "identity-taken",
    ),
)  # fmt: skip
def register_principal(
    reception: ReceptionDep, by: OperatorDep, body: NewPrincipal, dry_run: DryRunDep
) -> Response:
    """Register somebody, without any role yet. Groups and app roles stand for all their members."""
    known = access.register(
        reception,
        kind=PrincipalKind(body.kind),
        name=body.name,
        organisation=body.organisation,
        identity=None if body.identity is None else body.identity.identity(),
        by=by.id,
        dry_run=dry_run,
    )
    return changed(PrincipalOut.of(known), dry_run, 201)


@router.get(
    "/principals",
    operation_id="listPrincipals",
    summary="List principals",
    responses=answers(200, PrincipalPage, "In order of their ids.", OPERATES),
)
def list_principals(reception: ReceptionDep, _: OperatorDep, page: PageDep) -> Response:
    """List everybody who is registered, those who were shut out too."""
    found = access.list_principals(reception, page.after(""), page.limit + 1)
    return page.answer(
        found,
        lambda known: known.principal.principal_id,
        lambda items, after: PrincipalPage(
            items=[PrincipalOut.of(one) for one in items], next_cursor=after
        ),
    )


@router.get(
    "/principals/{principal_id}",
    operation_id="getPrincipal",
    summary="Show a principal",
    responses=answers(200, PrincipalOut, "The principal.", OPERATES, "principal-unknown"),
)
def get_principal(reception: ReceptionDep, _: OperatorDep, principal_id: PrincipalPath) -> Response:
    """Show a principal with its identities."""
    return shown(PrincipalOut.of(access.get_principal(reception, principal_id)))


@router.post(
    "/principals/{principal_id}/identities",
    operation_id="addIdentity",
    summary="Add an identity",
    responses=answers(
        200, PrincipalOut, "The principal.",
        CHANGES, "principal-unknown", "identity-kind", "issuer-unknown", "identity-taken",
    ),
)  # fmt: skip
def add_identity(
    reception: ReceptionDep,
    by: OperatorDep,
    principal_id: PrincipalPath,
    body: IdentityIn,
    dry_run: DryRunDep,
) -> Response:
    """Let a principal be known by one more identity, such as that of a new identity provider."""
    known = access.add_identity(reception, principal_id, body.identity(), by.id, dry_run=dry_run)
    return changed(PrincipalOut.of(known), dry_run)


@router.post(
    "/principals/{principal_id}/end",
    operation_id="endPrincipal",
    summary="Shut a principal out",
    responses=answers(
        200, PrincipalOut, "The principal.", OPERATES, "principal-unknown", "principal-ended"
    ),
)
def end_principal(
    reception: ReceptionDep, by: OperatorDep, principal_id: PrincipalPath, dry_run: DryRunDep
) -> Response:
    """Shut a principal out at once and for good: its tokens, keys and sessions stop counting."""
    known = access.end_principal(reception, principal_id, by.id, dry_run=dry_run)
    return changed(PrincipalOut.of(known), dry_run)


@router.post(
    "/grants",
    operation_id="grantRole",
    summary="Grant a role",
    status_code=201,
    responses=answers(
        201, GrantOut, "The grant.",
        CHANGES, "principal-unknown", "principal-ended", "grant-place", "party-not-in-terms",
        "dates-out-of-order", "grant-to-self", "limit-not-approver", "limit-not-positive",
    ),
)  # fmt: skip
def grant_role(
    reception: ReceptionDep, by: OperatorDep, body: NewGrant, dry_run: DryRunDep
) -> Response:
    """Grant a role for a party of a contract, with dates. Nobody grants anything to themselves."""
    stored = access.grant(
        reception,
        principal_id=body.principal_id,
        contract_id=body.contract_id,
        party=body.party,
        role=AccessRole(body.role),
        from_date=body.from_date,
        to_date=body.to_date,
        approval_limit=None if body.approval_limit is None else body.approval_limit.money(),
        by=by.id,
        dry_run=dry_run,
    )
    return changed(GrantOut.of(stored), dry_run, 201)


@router.get(
    "/grants",
    operation_id="listGrants",
    summary="List grants",
    responses=answers(200, GrantPage, "In order of their ids.", OPERATES),
)
def list_grants(
    reception: ReceptionDep,
    _: OperatorDep,
    page: PageDep,
    principal_id: Annotated[
        str | None,
        Query(description="Only of this principal.", max_length=64, examples=["0192f0c1-7e3a"]),
    ] = None,
    contract_id: Annotated[
        str | None,
        Query(
            description="Only on this contract.",
            pattern=CONTRACT_PATTERN,
            examples=["promoting-independence"],
        ),
    ] = None,
) -> Response:
    """List grants, ended ones too: who could do what on any day stays on record."""
    narrowed: dict[str, Any] = {"principal_id": principal_id, "contract_id": contract_id}
    found = access.list_grants(reception, page.after(""), page.limit + 1, **narrowed)
    return page.answer(
        found,
        lambda stored: stored.grant.grant_id,
        lambda items, after: GrantPage(
            items=[GrantOut.of(one) for one in items], next_cursor=after
        ),
    )


@router.post(
    "/grants/{grant_id}/end",
    operation_id="endGrant",
    summary="End a grant",
    responses=answers(200, GrantOut, "The grant.", OPERATES, "grant-unknown", "grant-ended"),
)
def end_grant(
    reception: ReceptionDep, by: OperatorDep, grant_id: GrantPath, dry_run: DryRunDep
) -> Response:
    """End a grant at once. For another last day, grant the role again."""
    return changed(
        GrantOut.of(access.end_grant(reception, grant_id, by.id, dry_run=dry_run)), dry_run
    )
