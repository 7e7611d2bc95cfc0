"""People sign in at their organisation: authorization code (RFC 6749) with PKCE (RFC 7636).

The browser leaves with a state, a nonce and the hash of a verifier, and comes back with a code that
only we, with the verifier, can exchange. What comes back is believed through the ID token alone.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote_plus, urlencode

import httpx

from app.domain.errors import NotSignedIn
from app.identity.issuer import Issuer
from app.identity.providers import Provider
from app.identity.secret_text import new_secret
from app.identity.tokens import Bearer, check_id_token

_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Departure:
    """A sign-in that begins: where the browser goes, and what to remember until it is back."""

    address: str
    state: str
    nonce: str
    verifier: str


def depart(issuer: Issuer, redirect_uri: str) -> Departure:
    """Send a browser to the issuer."""
    state, nonce, verifier = new_secret(), new_secret(), new_secret()
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    asked = {
        "response_type": "code",
        "client_id": issuer.provider.client_id or "",
        "redirect_uri": redirect_uri,
        "scope": "openid",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge.decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    address = f"{issuer.metadata().authorization_endpoint}?{urlencode(asked)}"
    return Departure(address, state, nonce, verifier)


def arrive(
    issuer: Issuer,
    *,
    code: str,
    named_issuer: str | None,
    nonce: str,
    verifier: str,
    redirect_uri: str,
    now: datetime,
) -> Bearer:
    """Who has signed in, once the browser is back with a code.

    `named_issuer` is the parameter `iss` of RFC 9207, which keeps one issuer from passing its codes
    off as another's. Raises NotSignedIn `sign-in-refused`, or what is wrong with the ID token.
    """
    provider = issuer.provider
    expected = {provider.issuer} if issuer.metadata().names_itself else {provider.issuer, None}
    if named_issuer not in expected:
        raise _refused()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        "client_id": provider.client_id or "",
    }
    try:
        answer = httpx.post(
            issuer.metadata().token_endpoint,
            data=form,
            auth=_client_auth(provider),
            timeout=_TIMEOUT_SECONDS,
        )
        answer.raise_for_status()
        token = answer.json()["id_token"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise _refused() from error
    if not isinstance(token, str):
        raise _refused()
    return check_id_token(token, issuer, nonce, now)


def _client_auth(provider: Provider) -> httpx.BasicAuth | None:
    """client_secret_basic, which every issuer takes (RFC 6749, 2.3.1: both are quoted)."""
    secret = provider.client_secret
    if secret is None or provider.client_id is None:
        return None
    return httpx.BasicAuth(quote_plus(provider.client_id), quote_plus(secret.get_secret_value()))


def _refused() -> NotSignedIn:
    return NotSignedIn("sign-in-refused", "The sign-in did not succeed. Begin it again.")
