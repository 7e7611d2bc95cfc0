"""What operators do: API keys of machines, and local accounts of people."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from app.api.access import CHANGES, OPERATES, OperatorDep, PrincipalPath, changed
from app.api.deps import DryRunDep, ReceptionDep, shown
from app.api.documented import answers
from app.api.schemas_access import (
    SIGN_IN_NAME_PATTERN,
    ApiKeyList,
    ApiKeyMade,
    ApiKeyOut,
    InvitationOut,
    NewAccount,
    NewApiKey,
    NewRotation,
    UnlockedOut,
)
from app.api.strict import StrictRoute
from app.service import accounts, api_keys

router = APIRouter(prefix="/v1/access", tags=["Access"], route_class=StrictRoute)

KeyPath = Annotated[
    str, Path(description="The key's id.", max_length=64, examples=["9f86d081884c7d65"])
]
NamePath = Annotated[
    str,
    Path(
        description="The name of a local account.",
        pattern=SIGN_IN_NAME_PATTERN,
        examples=["officer-2"],
    ),
]


@router.post(
    "/principals/{principal_id}/keys",
    operation_id="makeApiKey",
    summary="Make an API key",
    status_code=201,
    responses=answers(
        201, ApiKeyMade, "The key, whose secret is shown this once.",
        CHANGES, "principal-unknown", "principal-ended", "not-a-client", "scope-unknown",
    ),
)  # fmt: skip
def make_api_key(
    reception: ReceptionDep,
    by: OperatorDep,
    principal_id: PrincipalPath,
    body: NewApiKey,
    dry_run: DryRunDep,
) -> Response:
    """Make a named key of a machine that expires. Its scopes narrow the machine's grants."""
    made = api_keys.make_key(
        reception,
        principal_id,
        name=body.name,
        scopes=body.scopes,
        days=body.days,
        by=by.id,
        dry_run=dry_run,
    )
    return changed(ApiKeyMade.of(made), dry_run, 201)


@router.get(
    "/principals/{principal_id}/keys",
    operation_id="listApiKeys",
    summary="List a machine's API keys",
    responses=answers(200, ApiKeyList, "In order of making.", OPERATES, "principal-unknown"),
)
def list_api_keys(reception: ReceptionDep, _: OperatorDep, principal_id: PrincipalPath) -> Response:
    """List a machine's keys, those that are over too, without their secrets."""
    found = api_keys.list_keys(reception, principal_id)
    return shown(ApiKeyList(items=[ApiKeyOut.of(one) for one in found]))


@router.post(
    "/keys/{key_id}/rotation",
    operation_id="rotateApiKey",
    summary="Rotate an API key",
    status_code=201,
    responses=answers(
        201, ApiKeyMade, "The successor, whose secret is shown this once.",
        CHANGES, "key-unknown", "key-over", "key-replaced", "principal-ended", "not-a-client",
    ),
)  # fmt: skip
def rotate_api_key(
    reception: ReceptionDep,
    by: OperatorDep,
    key_id: KeyPath,
    body: NewRotation,
    dry_run: DryRunDep,
) -> Response:
    """Make a key's successor, with its name and scopes. Both count for the overlap."""
    made = api_keys.rotate_key(
        reception,
        key_id,
        overlap_hours=body.overlap_hours,
        days=body.days,
        by=by.id,
        dry_run=dry_run,
    )
    return changed(ApiKeyMade.of(made), dry_run, 201)


@router.post(
    "/keys/{key_id}/end",
    operation_id="endApiKey",
    summary="End an API key",
    responses=answers(200, ApiKeyOut, "The key.", OPERATES, "key-unknown", "key-over"),
)
def end_api_key(
    reception: ReceptionDep, by: OperatorDep, key_id: KeyPath, dry_run: DryRunDep
) -> Response:
    """End a key at once."""
    ended = api_keys.end_key(reception, key_id, by.id, dry_run=dry_run)
    return changed(ApiKeyOut.of(ended), dry_run)


@router.post(
    "/accounts",
    operation_id="openAccount",
    summary="Open a local account",
    status_code=201,
    responses=answers(
        201, InvitationOut, "The invitation, whose token is shown this once.",
        CHANGES, "principal-unknown", "not-a-person", "sign-in-name-taken",
    ),
)  # fmt: skip
def open_account(
    reception: ReceptionDep, by: OperatorDep, body: NewAccount, dry_run: DryRunDep
) -> Response:
    """Open an account for a person whose organisation has no identity provider, and invite them."""
    invitation = accounts.open_account(
        reception, body.principal_id, body.sign_in_name, by.id, dry_run=dry_run
    )
    return changed(InvitationOut.of(invitation), dry_run, 201)


@router.post(
    "/accounts/{sign_in_name}/invitation",
    operation_id="inviteAgain",
    summary="Invite to set an account up anew",
    status_code=201,
    responses=answers(
        201, InvitationOut, "The invitation, whose token is shown this once.",
        OPERATES, "account-unknown",
    ),
)  # fmt: skip
def invite_again(
    reception: ReceptionDep, by: OperatorDep, sign_in_name: NamePath, dry_run: DryRunDep
) -> Response:
    """Invite again: the password is forgotten, or the device with the app is lost.

    The former password and app count until the invitation is used.
    """
    invitation = accounts.invite_again(reception, sign_in_name, by.id, dry_run=dry_run)
    return changed(InvitationOut.of(invitation), dry_run, 201)


@router.post(
    "/accounts/{sign_in_name}/unlock",
    operation_id="unlockAccount",
    summary="Unlock an account",
    responses=answers(200, UnlockedOut, "The account.", OPERATES, "account-unknown"),
)
def unlock_account(
    reception: ReceptionDep, _: OperatorDep, sign_in_name: NamePath, dry_run: DryRunDep
) -> Response:
    """Forget an account's failures, so that its owner need not wait."""
    accounts.unlock(reception, sign_in_name, dry_run=dry_run)
    return changed(UnlockedOut(sign_in_name=sign_in_name), dry_run)
