"""From a credential to the principal that it stands for, with the grants in force now."""

from collections.abc import Iterable

from app.domain.access import Principal, PrincipalKind, narrowed, parse_scopes
from app.domain.credential import is_live, session_end
from app.domain.errors import NotPermitted, NotSignedIn, RuleRefused
from app.identity.secret_text import hashed, parse_api_key, same
from app.identity.tokens import Bearer, check_access_token, issuer_named
from app.service.reception import Reception, SignedIn
from app.storage import api_keys, grants, principals, sessions
from app.storage.engine import Connection, UnitOfWork
from app.storage.principals import Identity, StoredPrincipal

BY_GROUP = "(known by a group of the identity provider)"
"""The name of somebody who was registered because an operator had granted a role to their group."""


def principal_of_bearer(reception: Reception, credential: str) -> SignedIn:
    """The principal of an `Authorization: Bearer` value: an API key, or an access token.

    Raises NotSignedIn for what does not count, and NotPermitted `not-registered` for a good token
    of somebody whom no operator has registered.
    """
    if parse_api_key(credential) is not None:
        return SignedIn(_of_key(reception, credential))
    named = issuer_named(credential)
    for issuer in reception.issuers.values():
        if issuer.provider.issuer == named:
            bearer = check_access_token(credential, issuer, reception.clock())
            return SignedIn(principal_of_token(reception, bearer))
    raise NotSignedIn("token-issuer", "The token is of an issuer that is not accepted here.")


def principal_of_token(reception: Reception, bearer: Bearer) -> Principal:
    """The principal of a checked token: its own registration, and those of its groups and roles."""
    own, others = _identities(bearer)
    with reception.reading() as uow:
        known = dict(principals.known_as(uow.connection, [own, *others]))
        found, groups = _standing(known, own)
        if found is not None:
            return _principal(reception, uow.connection, found, groups)
    if not groups:
        raise NotPermitted(
            "not-registered",
            "The identity provider knows you, but no operator of this service has registered you.",
        )
    return _registered(reception, bearer, own, groups)


def principal_of_session(reception: Reception, secret: str) -> SignedIn:
    """The principal of a session's cookie. The session counts as used now.

    Raises NotSignedIn `session-over` for a session that is unknown, ended, idle or too old.
    """
    now, session_hash = reception.clock(), hashed(secret)

    def use(uow: UnitOfWork) -> Principal:
        session = sessions.find(uow.connection, session_hash)
        if session is None or not is_live(
            now,
            session.ended_at,
            session_end(
                session.started_at,
                session.last_used_at,
                reception.session_idle,
                reception.session_absolute,
            ),
        ):
            raise NotSignedIn("session-over", "The session is over. Sign in again.")
        sessions.touch(uow.connection, session_hash, now)
        others = [
            *_of_kind(session.issuer, "group", session.groups),
            *_of_kind(session.issuer, "app_role", session.app_roles),
        ]
        known = dict(principals.known_as(uow.connection, others))
        stored = _not_ended(principals.get(uow.connection, session.principal_id))
        return _principal(reception, uow.connection, stored, _groups(known))

    return SignedIn(reception.write(use), session_hash)


def _of_key(reception: Reception, credential: str) -> Principal:
    given, now = parse_api_key(credential), reception.clock()
    with reception.reading() as uow:
        key = None if given is None else api_keys.find(uow.connection, given.key_id)
        # The comparison is made in any case, so that time does not tell which ids there are.
        right = same(hashed(given.secret if given else ""), key.secret_hash if key else "")
        if key is None or not right:
            raise NotSignedIn("key-refused", "There is no such API key.")
        if not is_live(now, key.expires_at, key.ends_at):
            raise NotSignedIn("key-expired", "The API key has expired or was ended. Use a new one.")
        stored = _not_ended(principals.get(uow.connection, key.principal_id))
        held = grants.in_force(uow.connection, [stored.principal_id], now.date())
        usable = narrowed(held, parse_scopes(key.scopes))
        return Principal(stored.principal_id, stored.kind, stored.organisation, usable)


def _identities(bearer: Bearer) -> tuple[Identity, list[Identity]]:
    """Who a token stands for, and what else it names: its client, groups and app roles."""
    client = Identity(bearer.issuer, "client", bearer.client_id)
    others = [
        *_of_kind(bearer.issuer, "group", bearer.groups),
        *_of_kind(bearer.issuer, "app_role", bearer.app_roles),
    ]
    if bearer.subject is None:
        return client, others
    return Identity(bearer.issuer, "subject", bearer.subject), [client, *others]


def _standing(
    known: dict[Identity, StoredPrincipal], own: Identity
) -> tuple[StoredPrincipal | None, list[StoredPrincipal]]:
    """The principal itself, and the groups that count; refuses if it, or its client, was ended."""
    for identity, stored in known.items():
        if identity == own or identity.kind == "client":
            _not_ended(stored)
    return known.get(own), _groups(known)


def _groups(known: dict[Identity, StoredPrincipal]) -> list[StoredPrincipal]:
    return [
        stored
        for identity, stored in known.items()
        if identity.kind in {"group", "app_role"} and stored.ended_at is None
    ]


def _not_ended(stored: StoredPrincipal) -> StoredPrincipal:
    if stored.ended_at is not None:
        raise NotSignedIn("principal-ended", "An operator has ended this access.")
    return stored


def _registered(
    reception: Reception, bearer: Bearer, own: Identity, groups: list[StoredPrincipal]
) -> Principal:
    """Register somebody whom a group lets in, so that the journal can name them."""
    now = reception.clock()
    kind = PrincipalKind.CLIENT if bearer.subject is None else PrincipalKind.PERSON
    by = groups[0].principal_id
    stored = StoredPrincipal(reception.new_id(), kind, BY_GROUP, groups[0].organisation, by, now)

    def register(uow: UnitOfWork) -> Principal:
        principals.add(uow.connection, stored)
        principals.add_identity(uow.connection, own, stored.principal_id, by, now)
        return _principal(reception, uow.connection, stored, groups)

    try:
        return reception.write(register)
    except RuleRefused:  # another request of the same person was first
        return principal_of_token(reception, bearer)


def _principal(
    reception: Reception,
    connection: Connection,
    stored: StoredPrincipal,
    groups: Iterable[StoredPrincipal],
) -> Principal:
    through = frozenset(group.principal_id for group in groups)
    held = grants.in_force(connection, [stored.principal_id, *through], reception.today)
    return Principal(stored.principal_id, stored.kind, stored.organisation, held, groups=through)


def _of_kind(issuer: str, kind: str, values: Iterable[str]) -> list[Identity]:
    return [Identity(issuer, kind, value) for value in values]
