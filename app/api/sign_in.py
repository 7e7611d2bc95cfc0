"""Who is asking. The only place that turns a request into a principal, before its body is read.

In this order: `Authorization: Bearer` (API key or access token); the session's cookie, with
CSRF-Token on whatever is not a mere read; the acting headers, where they are trusted. A credential
that does not count is refused, never passed over for the next kind.
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from app.api.edge import Edge, edge_of
from app.api.permit import READING, Asked, require_permitted, require_role_of_party
from app.api.request_faults import PlacedFault
from app.domain.access import AccessRole, Principal, PrincipalKind
from app.domain.errors import InputInvalid, NotPermitted, NotSignedIn, contract_unknown
from app.domain.parties import Actor
from app.identity.secret_text import csrf_token, same
from app.service.party_roles import roles_of_party
from app.service.reception import SignedIn
from app.service.sign_in import principal_of_bearer, principal_of_session

SESSION_COOKIE = "__Host-outcomes-session"
STATE_COOKIE = "__Host-outcomes-sign-in"
CSRF_HEADER = "CSRF-Token"

_OPEN = frozenset({"/health", "/ready", "/docs", "/openapi.json"})
_OPEN_UNDER = ("/problems/", "/sign-in/", "/v1/account/setup")
_OPEN_TO_POST = frozenset({"/v1/session"})
"""What anybody may ask. Every other address, also one that is added later, needs a principal."""

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_OF_CONTRACT = re.compile(r"/v1/contracts/([^/]+)(?:/|$)")
_TRUSTED = Principal("acting-headers", PrincipalKind.PERSON, "", (), trusted=True)


async def signed_in(request: Request) -> SignedIn | None:
    """Who is asking, or None at an address that is open to anybody. Raises NotSignedIn."""
    path, method = request.scope["path"], request.method
    if path in _OPEN or path.startswith(_OPEN_UNDER):
        return None
    if method == "POST" and path in _OPEN_TO_POST:
        return None
    return await _credential(request)


async def permitted(request: Request) -> None:
    """Ask the policy table. The operation is left in the scope as `asked`, with its rule, and the
    roles that count as `roles`.

    Raises NotPermitted as `require_permitted` says, for a contract at any address under it; and
    NotFound `contract-unknown` to an acting party that the contract's terms do not name.
    """
    scope = request.scope
    asked: Asked | None = scope["app"].state.operations.asked(request.method, scope["path"])
    scope["asked"], scope["roles"] = asked, frozenset()
    found: SignedIn | None = scope["signed_in"]
    if found is None:
        return
    contract = _OF_CONTRACT.match(scope["path"])
    contract_id = contract[1] if contract else None
    if contract_id is not None:
        require_contract(found.principal, contract_id)
    if asked is None:
        return
    party = request.headers.get("acting-party")
    scope["roles"] = require_permitted(asked, found.principal, contract_id, party, request.method)
    if found.principal.trusted:
        scope["roles"] = frozenset(AccessRole)  # whoever names no party could name any
    if found.principal.trusted and contract_id is not None and party is not None:
        context = edge_of(scope["app"]).context
        roles = await run_in_threadpool(roles_of_party, context, contract_id, party)
        if roles is not None and not roles:
            raise contract_unknown(contract_id)  # said as where there is none
        if roles is not None:
            require_role_of_party(asked, roles)
            scope["roles"] = roles


def require_contract(principal: Principal, contract_id: str) -> None:
    """Refuse a principal without a role on a contract, whether or not there is such a contract."""
    if not principal.trusted and not principal.on(contract_id):
        raise NotPermitted("access-not-granted", "You have no role on this contract.")


def require_party(principal: Principal, contract_id: str, party: str) -> None:
    """Refuse to write for a party for which the principal may not write on this contract."""
    if principal.trusted:
        return
    require_contract(principal, contract_id)
    held = [grant for grant in principal.on(contract_id) if grant.party == party]
    if not held:
        raise NotPermitted("party-not-yours", "You have no role for that party on this contract.")
    if not any(grant.writes for grant in held):
        raise NotPermitted("reading-only", "This key may only read.")


def reading(principal: Principal, contract_id: str | None, party: str | None) -> str | None:
    """As which party the principal reads: the one named, or the only one it has on the contract.

    None, where the service's own sight counts: a trusted principal that names no party, and an
    address of no contract, whose lists hold the principal's contracts only.
    """
    if principal.trusted:
        return party
    held = {grant.party for grant in principal.grants if grant.party}
    if contract_id is not None:
        held = set(principal.parties_on(contract_id))
    if party is not None:
        if party not in held:
            raise NotPermitted("party-not-yours", "You have no role for that party here.")
        return party
    if contract_id is None:
        return None
    if len(held) != 1:
        raise InputInvalid(_missing(["Acting-Party"]))
    return held.pop()


def acting(
    principal: Principal, contract_id: str | None, party: str | None, person: str | None
) -> Actor:
    """For which party the principal acts: the one named, or the only one it has.

    Acting headers are believed of a trusted principal only; everybody else acts as themselves.
    """
    if principal.trusted:
        missing = [("Acting-Party", party), ("Acting-Person", person)]
        if party is None or person is None:
            raise InputInvalid(_missing([name for name, value in missing if value is None]))
        return Actor(party, person)
    if person is not None and person != principal.id:
        raise NotPermitted("person-not-yours", "You cannot act as somebody else.")
    if party is None:
        everywhere = {grant.party for grant in principal.grants if grant.party}
        own = sorted(everywhere) if contract_id is None else principal.parties_on(contract_id)
        if len(own) != 1:
            raise InputInvalid(_missing(["Acting-Party"]))
        party = own[0]
    if contract_id is not None:
        require_party(principal, contract_id, party)
    return Actor(party, principal.id)


def set_session(response: Response, secret: str, absolute: timedelta) -> None:
    """Give the browser its session: for this host only, over TLS only, out of scripts' reach.

    Lax and not Strict: who comes back from their identity provider arrives from another site.
    """
    age = int(absolute.total_seconds())
    response.set_cookie(
        SESSION_COOKIE, secret, max_age=age, path="/", secure=True, httponly=True, samesite="lax"
    )


def forget(response: Response, cookie: str) -> None:
    """Take a cookie from the browser."""
    response.set_cookie(cookie, "", max_age=0, path="/", secure=True, httponly=True, samesite="lax")


async def _credential(request: Request) -> SignedIn:
    edge: Edge = edge_of(request.scope["app"])
    bearer = request.headers.getlist("authorization")
    if bearer:
        return await run_in_threadpool(principal_of_bearer, edge.reception, _token(bearer))
    secret = request.cookies.get(SESSION_COOKIE)
    if secret is not None:
        if request.method not in READING:
            _require_same_site(request, secret)
        return await run_in_threadpool(principal_of_session, edge.reception, secret)
    if edge.trusts_acting_headers and (edge.sandbox or not _was_forwarded(request)):
        return SignedIn(_TRUSTED)
    raise NotSignedIn(
        "not-signed-in",
        "Send Authorization: Bearer with an API key or an access token, or sign in.",
    )


def _token(headers: Sequence[str]) -> str:
    scheme, _, token = headers[0].partition(" ")
    if len(headers) > 1 or scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn("token-invalid", "Send one Authorization header, with Bearer and a key.")
    return token.strip()


def _require_same_site(request: Request, secret: str) -> None:
    """Another site can make a browser send its cookie, but cannot read what CSRF-Token must say."""
    sent = request.headers.get(CSRF_HEADER, "")
    from_elsewhere = request.headers.get("sec-fetch-site", "same-origin") != "same-origin"
    if from_elsewhere or not same(sent, csrf_token(secret)):
        raise NotPermitted(
            "csrf-token-wrong", "Send CSRF-Token as GET /v1/session gives it, from our own page."
        )


def _was_forwarded(request: Request) -> bool:
    """Whether a proxy passed the request on, so that it may come from another machine."""
    return any(name in request.headers for name in _FORWARDED)


def _missing(names: Sequence[str]) -> list[PlacedFault]:
    return [
        PlacedFault("missing-field", f"/{name}", "This is required.", "header") for name in names
    ]
