"""Access tokens and ID tokens: who signed them, for whom, and whether they count now.

Checked in this order, each with its own code: form, type, algorithm, issuer, key, signature,
audience, times. A token counts while  nbf - leeway <= now  and  now < exp + leeway; with a leeway
of 30 seconds, one that expires at 12:00:00 is refused from 12:00:30 on.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError

from app.domain.errors import NotSignedIn
from app.identity.issuer import Issuer
from app.identity.providers import Profile, Provider

TOKEN_CHARACTERS_MAX = 16_384
_ACCESS_TYPES = frozenset({"at+jwt", "application/at+jwt"})
_ID_TOKEN_ONLY = frozenset({"nonce", "at_hash", "c_hash"})


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token stands for, in the issuer's own words.

    `subject` is None for a machine that acts for itself. Groups and app roles are those that the
    issuer names.
    """

    issuer: str
    subject: str | None
    client_id: str
    groups: tuple[str, ...]
    app_roles: tuple[str, ...]


def issuer_named(token: str) -> str:
    """The issuer that an unchecked token names, to choose who can check it."""
    try:
        claims = json.loads(_split(token).payload)
    except (ValueError, RecursionError) as error:
        raise _malformed() from error
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    if not isinstance(issuer, str):
        raise _malformed()
    return issuer


def check_access_token(token: str, issuer: Issuer, now: datetime) -> Bearer:
    """Whom an access token stands for (RFC 9068, or as Entra ID writes it). Raises NotSignedIn."""
    provider = issuer.provider
    header = dict(_split(token).headers())
    _require_type(header, provider)
    claims = _verified(token, header, issuer)
    _require_audience(claims, provider.audience)
    _require_time(claims, provider, now)
    reader = _entra_bearer if provider.profile is Profile.ENTRA else _rfc9068_bearer
    return reader(claims, provider)


def check_id_token(token: str, issuer: Issuer, nonce: str, now: datetime) -> Bearer:
    """Who has signed in, from the ID token that answers our own request (OpenID Connect Core
    3.1.3.7): signed by the issuer, for this client, with this request's nonce.
    """
    provider = issuer.provider
    header = dict(_split(token).headers())
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise _refused("token-invalid", "The token is not an ID token.")
    claims = _verified(token, header, issuer)
    _require_audience(claims, provider.client_id or "")
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise _refused("token-audience", "The token was issued to another client.")
    _require_time(claims, provider, now)
    if claims.get("nonce") != nonce:
        raise _refused("token-invalid", "The token answers another request to sign in.")
    subject = _text(claims, "sub")
    if provider.profile is Profile.ENTRA:
        subject = _entra_subject(claims, provider)
    return _bearer(claims, provider, subject, provider.client_id or "")


def _split(token: str) -> jws.CompactSignature:
    if len(token) > TOKEN_CHARACTERS_MAX:
        raise _malformed()
    try:
        return jws.extract_compact(token.encode("ascii"))
    except (JoseError, ValueError, RecursionError) as error:
        raise _malformed() from error


def _require_type(header: Mapping[str, Any], provider: Provider) -> None:
    """An ID token is no access token; RFC 9068 tells them apart by type, Entra ID does not."""
    kind = str(header.get("typ", "")).lower()
    allowed = {"jwt"} if provider.profile is Profile.ENTRA else _ACCESS_TYPES
    if kind not in allowed:
        raise _refused("token-invalid", "The token's type is not that of an access token.")


def _verified(token: str, header: Mapping[str, Any], issuer: Issuer) -> dict[str, Any]:
    provider = issuer.provider
    algorithm, key_id = header.get("alg"), header.get("kid")
    if algorithm not in provider.algorithms:
        raise _refused("token-invalid", "The token is signed in a way that is not accepted.")
    if issuer_named(token) != provider.issuer:
        raise _refused("token-issuer", "The token is of an issuer that is not accepted here.")
    key = issuer.key(key_id) if isinstance(key_id, str) else None
    if key is None:
        raise _refused("token-key-unknown", "The issuer has published no key of that id.")
    try:
        claims = jwt.decode(token, key, algorithms=list(provider.algorithms)).claims
    except (JoseError, ValueError) as error:
        raise _refused("token-invalid", "The token's signature is not the issuer's.") from error
    return dict(claims)


def _require_audience(claims: Mapping[str, Any], audience: str) -> None:
    named = claims.get("aud")
    listed = named if isinstance(named, list) else [named]
    if audience not in listed:
        raise _refused("token-audience", "The token was issued for another service.")


def _require_time(claims: Mapping[str, Any], provider: Provider, now: datetime) -> None:
    expires, issued = _instant(claims, "exp"), _instant(claims, "iat")
    not_before = _instant(claims, "nbf") if "nbf" in claims else issued
    present, leeway = now.timestamp(), provider.leeway_seconds
    if present >= expires + leeway:
        raise _refused("token-expired", "The token has expired; ask the issuer for a new one.")
    if present < max(not_before, issued) - leeway:
        raise _refused("token-not-yet-valid", "The token does not count yet; check the clocks.")
    if expires - issued > provider.token_seconds_max:
        raise _refused("token-invalid", "The token was issued for longer than is accepted here.")


def _rfc9068_bearer(claims: Mapping[str, Any], provider: Provider) -> Bearer:
    """RFC 9068: client_id is required, and equals the subject where a machine acts for itself."""
    client_id, subject = _text(claims, "client_id"), _text(claims, "sub")
    machine = subject == client_id
    if not machine:
        _require_scope(str(claims.get("scope", "")).split(), provider)
    return _bearer(claims, provider, None if machine else subject, client_id)


def _entra_bearer(claims: Mapping[str, Any], provider: Provider) -> Bearer:
    """Entra ID, version 2.0 tokens: `azp` is the client; `scp` is there when a person takes part.

    Its ID tokens have the same type and may have the same audience, and carry a nonce or no `azp`.
    """
    if claims.get("ver") != "2.0" or _ID_TOKEN_ONLY & claims.keys():
        raise _refused("token-invalid", "The token is not a version 2.0 access token.")
    client_id = _text(claims, "azp")
    subject = _entra_subject(claims, provider)
    if claims.get("idtyp") == "app" or "scp" not in claims:
        return _bearer(claims, provider, None, client_id)
    _require_scope(str(claims["scp"]).split(), provider)
    return _bearer(claims, provider, subject, client_id)


def _entra_subject(claims: Mapping[str, Any], provider: Provider) -> str:
    """`oid`, which is the same for every app of the tenant, where `sub` differs from app to app."""
    if claims.get("tid") != provider.tenant:
        raise _refused("token-issuer", "The token is of a tenant that is not accepted here.")
    return _text(claims, "oid")


def _require_scope(scopes: Iterable[str], provider: Provider) -> None:
    if provider.required_scope is not None and provider.required_scope not in scopes:
        raise _refused("token-audience", "The token's scope does not include this service.")


def _bearer(
    claims: Mapping[str, Any], provider: Provider, subject: str | None, client_id: str
) -> Bearer:
    return Bearer(
        provider.issuer,
        subject,
        client_id,
        _texts(claims.get(provider.groups_claim)),
        _texts(claims.get(provider.roles_claim)),
    )


def _instant(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**40:
        raise _malformed()
    return value


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= 255:
        raise _malformed()
    return value


def _texts(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else []
    return tuple(sorted({one for one in listed if isinstance(one, str) and 1 <= len(one) <= 255}))


def _malformed() -> NotSignedIn:
    return _refused("token-invalid", "The token is not one of this service's issuers.")


def _refused(code: str, message: str) -> NotSignedIn:
    return NotSignedIn(code, message)
