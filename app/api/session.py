"""Signing in and out, here or at an identity provider, and setting a local account up."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from app.api.access import changed
from app.api.deps import DryRunDep, ReceptionDep, SignedInDep, shown
from app.api.documented import FORM, READS, answers
from app.api.schemas_session import (
    NewAccountSecrets,
    NewPassword,
    NewSession,
    RecoveryCodesOut,
    SessionOut,
    SessionStarted,
    SetupIn,
    SetupOut,
    SignedOut,
)
from app.api.sign_in import SESSION_COOKIE, STATE_COOKIE, forget, set_session
from app.api.strict import StrictRoute
from app.domain.errors import NotSignedIn
from app.identity.secret_text import csrf_token
from app.service import accounts, sessions

router = APIRouter(prefix="/v1", tags=["Sign-in"], route_class=StrictRoute)
browsers = APIRouter(prefix="/sign-in", tags=["Sign-in"])

_BODY = ("body-too-large", "content-type-not-json")
_STATE_SECONDS = 600
ProviderPath = Annotated[
    str, Path(description="The provider's name.", max_length=31, examples=["council"])
]


@router.post(
    "/session",
    operation_id="signIn",
    summary="Sign in with a local account",
    status_code=201,
    responses=answers(
        201, SessionStarted, "The session has begun.",
        FORM, _BODY, "sign-in-refused", "too-many-attempts",
    ),
)  # fmt: skip
def sign_in(request: Request, reception: ReceptionDep, body: NewSession) -> Response:
    """Begin a session with name, password and a one-time or recovery code.

    Whatever is wrong, the answer is the same: it does not tell whether there is such an account.
    """
    secret = accounts.sign_in(
        reception, body.sign_in_name, body.password, body.code, _address(request)
    )
    answer = shown(SessionStarted(csrf_token=csrf_token(secret)))
    answer.status_code = 201
    set_session(answer, secret, reception.session_absolute)
    return answer


@router.get(
    "/session",
    operation_id="getSession",
    summary="Who is asking",
    responses=answers(200, SessionOut, "The caller and their roles.", READS),
)
async def get_session(request: Request, found: SignedInDep) -> Response:
    """Show who is asking and their roles in force now; for a session also its CSRF-Token."""
    secret = request.cookies.get(SESSION_COOKIE, "")
    token = csrf_token(secret) if found.session_hash is not None else None
    return shown(SessionOut.of(found.principal, token))


@router.delete(
    "/session",
    operation_id="signOut",
    summary="Sign out",
    responses=answers(200, SignedOut, "The session has ended.", READS),
)
def sign_out(reception: ReceptionDep, found: SignedInDep) -> Response:
    """End the session of this request."""
    if found.session_hash is None:
        raise NotSignedIn("not-signed-in", "The request belongs to no session.")
    sessions.sign_out(reception, found.session_hash)
    answer = shown(SignedOut(sessions_ended=1))
    forget(answer, SESSION_COOKIE)
    return answer


@router.delete(
    "/sessions",
    operation_id="signOutEverywhere",
    summary="Sign out everywhere",
    responses=answers(200, SignedOut, "Every session has ended.", READS),
)
def sign_out_everywhere(
    reception: ReceptionDep, found: SignedInDep, dry_run: DryRunDep
) -> Response:
    """End every session of the caller, in every browser."""
    count = sessions.sign_out_everywhere(reception, found.principal.id, dry_run=dry_run)
    answer = changed(SignedOut(sessions_ended=count), dry_run)
    if not dry_run:
        forget(answer, SESSION_COOKIE)
    return answer


@router.post(
    "/account/setup",
    operation_id="showSetup",
    summary="What an invitation asks for",
    responses=answers(
        200, SetupOut, "What to enter into an authenticator app.", FORM, _BODY, "setup-refused"
    ),
)
def show_setup(reception: ReceptionDep, body: SetupIn) -> Response:
    """Show what the owner of an account enters into an authenticator app. Nothing is recorded."""
    return shown(SetupOut.of(accounts.enrolment(reception, body.setup_token)))


@router.post(
    "/account/setup/completion",
    operation_id="completeSetup",
    summary="Set a local account up",
    responses=answers(
        200, RecoveryCodesOut, "The recovery codes, shown this once.",
        FORM, _BODY, "setup-refused", "password-too-weak", "password-of-names",
        "password-too-common", "code-wrong",
    ),
)  # fmt: skip
def complete_setup(
    reception: ReceptionDep, body: NewAccountSecrets, dry_run: DryRunDep
) -> Response:
    """Choose a password and confirm the app with a code. The account's sessions end."""
    codes = accounts.set_up(reception, body.setup_token, body.password, body.code, dry_run=dry_run)
    return changed(RecoveryCodesOut(recovery_codes=codes), dry_run)


@router.post(
    "/account/password",
    operation_id="changePassword",
    summary="Change one's own password",
    responses=answers(
        200, SignedOut, "The password is changed, and every session has ended.",
        READS, _BODY, "sign-in-refused", "too-many-attempts", "password-too-weak",
        "password-of-names", "password-too-common", "no-local-account",
    ),
)  # fmt: skip
def change_password(
    request: Request,
    reception: ReceptionDep,
    found: SignedInDep,
    body: NewPassword,
    dry_run: DryRunDep,
) -> Response:
    """Change the password of the caller's local account. Every session ends, this one too."""
    count = accounts.change_password(
        reception,
        found.principal.id,
        body.current_password,
        body.password,
        _address(request),
        dry_run=dry_run,
    )
    answer = changed(SignedOut(sessions_ended=count), dry_run)
    if not dry_run:
        forget(answer, SESSION_COOKIE)
    return answer


@browsers.get(
    "/{provider}",
    operation_id="beginSignIn",
    summary="Sign in at an organisation",
    status_code=303,
    response_class=RedirectResponse,
    responses={
        303: {"description": "On to the identity provider."},
        404: {"description": "`provider-unknown`: Nobody signs in at that provider."},
        422: {"description": "`invalid-input`: The input has faults."},
        429: {"description": "`too-many-requests`: More requests than the limit."},
        503: {"description": "`issuer-unavailable`: The identity provider does not answer."},
    },
)
def begin_sign_in(
    reception: ReceptionDep,
    provider: ProviderPath,
    return_to: Annotated[
        str,
        Query(description="The path to come back to.", max_length=500, examples=["/"]),
    ] = "/",
) -> Response:
    """Send a browser to its organisation's identity provider (authorization code with PKCE)."""
    address, state = sessions.begin_at(reception, provider, return_to)
    answer = RedirectResponse(address, 303)
    answer.set_cookie(
        STATE_COOKIE,
        state,
        max_age=_STATE_SECONDS,
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )
    return answer


@browsers.get(
    "/{provider}/callback",
    operation_id="finishSignIn",
    summary="Come back from an organisation",
    status_code=303,
    response_class=RedirectResponse,
    responses={
        303: {"description": "Signed in, and on to where the sign-in began."},
        401: {"description": "`sign-in-refused`: The sign-in did not succeed. Begin it again."},
        403: {"description": "`not-registered`: Nobody has registered you."},
        404: {"description": "`provider-unknown`: Nobody signs in at that provider."},
        422: {"description": "`invalid-input`: The input has faults."},
        429: {"description": "`too-many-requests`: More requests than the limit."},
        503: {"description": "`issuer-unavailable`: The identity provider does not answer."},
    },
)
async def finish_sign_in(
    request: Request, reception: ReceptionDep, provider: ProviderPath
) -> Response:
    """Begin a session from the code that the identity provider sent the browser back with.

    Identity providers add parameters of their own, so unknown ones are not refused here.
    """
    sent = request.query_params
    opened = await run_in_threadpool(
        sessions.finish_at,
        reception,
        provider,
        code=sent.get("code", ""),
        state=sent.get("state", ""),
        state_cookie=request.cookies.get(STATE_COOKIE, ""),
        named_issuer=sent.get("iss"),
    )
    answer = RedirectResponse(opened.return_to, 303)
    set_session(answer, opened.secret, reception.session_absolute)
    forget(answer, STATE_COOKIE)
    return answer


def _address(request: Request) -> str:
    """The network address that the request came from, as the server knows it."""
    return request.client.host if request.client else "unknown"
