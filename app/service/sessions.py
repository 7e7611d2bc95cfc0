"""Sessions of people: how they begin, at an identity provider or here, and how they end."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.credential import is_live
from app.domain.errors import NotFound, NotSignedIn
from app.identity.code_flow import arrive, depart
from app.identity.issuer import Issuer
from app.identity.secret_text import hashed, new_secret
from app.service.reception import Reception
from app.service.sign_in import principal_of_token
from app.storage import sessions
from app.storage.engine import UnitOfWork
from app.storage.sessions import PendingSignIn, StoredSession

LOCAL = "local"
"""The issuer of sessions that began with a password of this service."""

_PENDING = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that has begun: its secret, for the cookie, and where the browser goes next."""

    secret: str
    return_to: str


def begin_at(reception: Reception, provider: str, return_to: str) -> tuple[str, str]:
    """Send a browser to its identity provider: the address, and the state to keep in a cookie.

    Raises NotFound `provider-unknown` for one that is not set up for people.
    """
    issuer, redirect_uri = _for_people(reception, provider)
    departure = depart(issuer, redirect_uri)
    pending = PendingSignIn(
        hashed(departure.state),
        provider,
        departure.nonce,
        departure.verifier,
        safe_return(return_to),
        reception.clock() + _PENDING,
    )
    reception.write(lambda uow: sessions.add_pending(uow.connection, pending))
    return departure.address, departure.state


def finish_at(
    reception: Reception,
    provider: str,
    *,
    code: str,
    state: str,
    state_cookie: str,
    named_issuer: str | None,
) -> Opened:
    """Begin the session of somebody who is back from their identity provider.

    The state counts once, for ten minutes, and only in the browser that left with it. Raises
    NotSignedIn `sign-in-refused`.
    """
    issuer, redirect_uri = _for_people(reception, provider)
    pending = reception.write(lambda uow: sessions.take_pending(uow.connection, hashed(state)))
    if (
        pending is None
        or pending.provider != provider
        or hashed(state_cookie) != hashed(state)
        or not is_live(reception.clock(), pending.expires_at)
    ):
        raise NotSignedIn("sign-in-refused", "The sign-in did not succeed. Begin it again.")
    bearer = arrive(
        issuer,
        code=code,
        named_issuer=named_issuer,
        nonce=pending.nonce,
        verifier=pending.verifier,
        redirect_uri=redirect_uri,
        now=reception.clock(),
    )
    principal = principal_of_token(reception, bearer)
    secret, now = new_secret(), reception.clock()
    session = StoredSession(
        hashed(secret), principal.id, bearer.issuer, bearer.groups, bearer.app_roles, now, now
    )
    reception.write(lambda uow: sessions.add(uow.connection, session))
    return Opened(secret, pending.return_to)


def add_local(uow: UnitOfWork, principal_id: str, now: datetime) -> str:
    """Begin the session of somebody who has signed in with a password; its secret."""
    secret = new_secret()
    session = StoredSession(hashed(secret), principal_id, LOCAL, (), (), now, now)
    sessions.add(uow.connection, session)
    return secret


def sign_out(reception: Reception, session_hash: str) -> None:
    """End one session."""
    now = reception.clock()
    reception.write(lambda uow: sessions.end(uow.connection, session_hash, now))


def sign_out_everywhere(reception: Reception, principal_id: str, *, dry_run: bool = False) -> int:
    """End every session of a principal, also in other browsers; how many there were."""
    now = reception.clock()
    return reception.write(
        lambda uow: sessions.end_all(uow.connection, principal_id, now), dry_run=dry_run
    )


def safe_return(address: str) -> str:
    """A path of this service; anything that could lead elsewhere becomes the start page."""
    plain = address.isascii() and address.isprintable() and "\\" not in address
    return address if plain and address.startswith("/") and address[1:2] != "/" else "/"


def _for_people(reception: Reception, provider: str) -> tuple[Issuer, str]:
    issuer = reception.issuers.get(provider)
    if issuer is None or issuer.provider.client_id is None or reception.public_url is None:
        raise NotFound("provider-unknown", "People cannot sign in at a provider of that name.")
    return issuer, f"{reception.public_url.rstrip('/')}/sign-in/{provider}/callback"
